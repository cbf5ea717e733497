"""The keys that are not in the database: read from files, checked against the database they belong to.

A key-encryption key (`vault-1.key`, later `vault-2.key` …) wraps the data keys of persons; `blind.key` is the root of
all blind keys. A lost or exchanged file must be noticed at the first use and not by a search that finds nobody, so
the database remembers a fingerprint of each.
"""

import re
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from kalkan.persons.models import KeyFingerprint

SIZE = 32


class VaultError(Exception):
    """The vault cannot do what was asked. The message names keys and what to do, never a person."""


class KeyMissing(VaultError):
    """A key file is not there."""


class KeyWrong(VaultError):
    """A key file is there, but it is not the key that this database was filled with."""


def current_version() -> int:
    """The version of the key-encryption key that wraps new data keys: the highest there is."""
    found = [re.fullmatch(r"vault-(\d+)\.key", path.name) for path in Path(_folder()).iterdir()]
    versions = [int(match[1]) for match in found if match]
    if not versions:
        raise KeyMissing(f"There is no key-encryption key in {_folder()}. Put the kept copy of vault-1.key back.")
    return max(versions)


def key_encryption_key(version: int) -> bytes:
    """The key-encryption key of this version. Raises KeyMissing or KeyWrong."""
    return _checked(_folder(), f"vault-{version}.key")


@lru_cache(maxsize=64)
def _subkey(folder: str, kind: str) -> bytes:
    return derive(_checked(folder, "blind.key"), f"kalkan blind {kind}")


def blind_subkey(kind: str) -> bytes:
    """The key for blind keys of one kind (name, phone …), so that equal values of two kinds never look alike."""
    return _subkey(_folder(), kind)


def derive(secret: bytes, purpose: str) -> bytes:
    """A key of its own for a purpose, from which neither the secret nor the key of another purpose follows."""
    return HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=purpose.encode()).derive(secret)


def _folder() -> str:
    return str(settings.KEYS)  # as text: a path is slow to hash, and one person has sixty blind keys


@lru_cache(maxsize=16)
def _checked(folder: str, name: str) -> bytes:
    try:
        secret = (Path(folder) / name).read_bytes()
    except FileNotFoundError as absent:
        raise KeyMissing(f"{name} is not in {folder}. Put the kept copy of this key file back.") from absent
    if len(secret) < SIZE:
        raise KeyWrong(f"{name} is damaged: it holds {len(secret)} bytes, {SIZE} are needed.")
    secret = secret[:SIZE]
    fingerprint = derive(secret, "kalkan fingerprint")[:8].hex()
    known, _is_new = KeyFingerprint.objects.get_or_create(name=name, defaults={"fingerprint": fingerprint})
    if known.fingerprint != fingerprint:
        raise KeyWrong(f"{name} is not the key that this database was filled with. Put the kept copy of it back.")
    return secret
