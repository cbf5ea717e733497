"""The keys that are not in the database: read from files, checked against the database they belong to.

A key-encryption key (`vault-1.key`, later `vault-2.key` …) wraps the data keys of persons; `blind.key` (later
`blind-2.key` …) is the root of all blind keys; `files.key` seals uploads, `accounts.key` sessions and second factors.
A lost or exchanged file must be noticed
before its first use and not by a search that finds nobody, so the database remembers a fingerprint of each.
"""

import re
import time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from kalkan.persons.keyfiles import SIZE
from kalkan.persons.models import KeyFingerprint

_TICK = 100_000_000  # nanoseconds; file systems keep the time of a change more coarsely than they show it
_VAULT = re.compile(r"vault-(\d+)\.key")
ALONE = ("accounts.key", "files.key")  # of which there is one version at a time
_BLIND = re.compile(r"blind(?:-(\d+))?\.key")


class VaultError(Exception):
    """The vault cannot do what was asked. The message names keys and what to do, never a person."""


class KeyMissing(VaultError):
    """A key file is not there."""


class KeyWrong(VaultError):
    """A key file is there, but it is not the key that this database was filled with."""


class Trouble(NamedTuple):
    """Why this installation cannot work: a code, the file it is about, and what to do."""

    code: str  # key_missing, key_wrong
    name: str
    sentence: str


def vault_name(version: int) -> str:
    """The file of a version of the key-encryption key."""
    return f"vault-{version}.key"


def blind_name(version: int) -> str:
    """The file of a version of the blind key; the first has no number in its name."""
    return "blind.key" if version == 1 else f"blind-{version}.key"


def current_version() -> int:
    """The version of the key-encryption key that wraps new data keys: the highest there is."""
    versions = _listed(*_folder_now())[0]
    if not versions:
        raise KeyMissing(f"There is no key-encryption key in {_folder()}. Put the kept copy of vault-1.key back.")
    return versions[-1]


def blind_versions() -> tuple[int, ...]:
    """The versions of the blind key whose files are here, the oldest first. More than one while they are rebuilt."""
    versions = _listed(*_folder_now())[1]
    if not versions:
        raise KeyMissing(f"blind.key is not in {_folder()}. Put the kept copy of this key file back.")
    return versions


def key_encryption_key(version: int) -> bytes:
    """The key-encryption key of this version. Raises KeyMissing or KeyWrong."""
    return _checked(_folder(), vault_name(version))


@lru_cache(maxsize=64)
def _subkey(folder: str, kind: str, version: int) -> bytes:
    return derive(_checked(folder, blind_name(version)), f"kalkan blind {kind}")


def blind_subkey(kind: str, version: int | None = None) -> bytes:
    """The key for blind keys of one kind (name, phone …), so that equal values of two kinds never look alike."""
    return _subkey(_folder(), kind, version or blind_versions()[-1])


def derive(secret: bytes, purpose: str) -> bytes:
    """A key of its own for a purpose, from which neither the secret nor the key of another purpose follows."""
    return HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=purpose.encode()).derive(secret)


def fingerprint(secret: bytes) -> str:
    """What the database remembers of a key: enough to tell another file from it, nothing to find it by."""
    return derive(secret[:SIZE], "kalkan fingerprint")[:8].hex()


def register() -> None:
    """Have the database remember every key file that is here. For a database that was just prepared."""
    if trouble() is not None:
        return
    for name in names():
        secret = (Path(_folder()) / name).read_bytes()
        KeyFingerprint.objects.get_or_create(name=name, defaults={"fingerprint": fingerprint(secret)})


def names() -> list[str]:
    """The key files of the vault, of the blind keys, of accounts and of uploads that lie in the folder."""
    vaults, blinds = _listed(*_folder_now())
    alone = [name for name in ALONE if (Path(_folder()) / name).exists()]
    return [*map(vault_name, vaults), *map(blind_name, blinds), *alone]


def trouble() -> Trouble | None:
    """What is wrong with the key files, asked of the files and the database anew; None where all is well."""
    known = dict(KeyFingerprint.objects.filter(retired_at=None).order_by("name").values_list("name", "fingerprint"))
    wanted = known or ("blind.key", "vault-1.key")
    for name in dict.fromkeys((*wanted, *ALONE)):
        try:
            secret = (Path(_folder()) / name).read_bytes()
        except OSError:
            return Trouble("key_missing", name, f"The key file {name} is not here. Put its kept copy back.")
        if len(secret) < SIZE or fingerprint(secret) != known.get(name, fingerprint(secret)):
            sentence = f"{name} is not the key that this database was filled with. Put its kept copy back."
            return Trouble("key_wrong", name, sentence)
    return None


def _folder() -> str:
    return str(settings.KEYS)  # as text: a path is slow to hash, and one person has sixty blind keys


def _folder_now() -> tuple[str, int]:
    """The folder and when its list of files changed last: a rotation in another process is seen at once."""
    folder = _folder()
    try:
        changed = Path(folder).stat().st_mtime_ns
    except FileNotFoundError:
        return folder, 0
    now = time.time_ns()
    return folder, changed if now - changed > _TICK else now  # two changes of one tick bear the same time


@lru_cache(maxsize=4)
def _listed(folder: str, changed: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The versions of the key-encryption key and of the blind key in the folder."""
    found = [path.name for path in Path(folder).iterdir()] if changed else []
    vaults = sorted(int(match[1]) for match in map(_VAULT.fullmatch, found) if match)
    blinds = sorted(int(match[1] or 1) for match in map(_BLIND.fullmatch, found) if match)
    return tuple(vaults), tuple(blinds)


@lru_cache(maxsize=16)
def _checked(folder: str, name: str) -> bytes:
    try:
        secret = (Path(folder) / name).read_bytes()
    except FileNotFoundError as absent:
        raise KeyMissing(f"{name} is not in {folder}. Put the kept copy of this key file back.") from absent
    if len(secret) < SIZE:
        raise KeyWrong(f"{name} is damaged: it holds {len(secret)} bytes, {SIZE} are needed.")
    secret = secret[:SIZE]
    defaults = {"fingerprint": fingerprint(secret)}
    known, _is_new = KeyFingerprint.objects.get_or_create(name=name, defaults=defaults)
    if known.fingerprint != defaults["fingerprint"]:
        raise KeyWrong(f"{name} is not the key that this database was filled with. Put the kept copy of it back.")
    if known.retired_at is not None:
        raise KeyWrong(f"{name} was retired: nothing may be sealed or opened with it any more.")
    return secret
