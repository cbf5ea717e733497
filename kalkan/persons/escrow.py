"""A copy of the keys for the day on which the server is gone: sealed, and its secret split among officers.

The key files go into one sealed file under a secret of its own; the secret becomes shares of words (SLIP-39), any few
of which bring it back and fewer of which tell nothing. The sealed file may lie beside the backups: without the shares
it is noise.
"""

import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics

from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.persons import keyring
from kalkan.persons.keyfiles import sync_folder

MAGIC = b"KALKAN KEYS 1\n"
SEALED = "keys.sealed"
NONCE = 12
MOST = 16  # SLIP-39 knows no more shares


class Refused(Exception):
    """The keys cannot be split or brought back like this. Carries a sentence."""


class Split(NamedTuple):
    """What was made: the sealed file, and the shares, each for one officer."""

    sealed: Path
    shares: list[str]


def split(folder: Path, *, shares: int, threshold: int) -> Split:
    """Seal the key files into `folder` and split the secret. Nothing of the shares is written anywhere.

    Raises Refused.
    """
    if not 2 <= threshold <= shares <= MOST:
        raise Refused(f"Between 2 and {MOST} shares, and a threshold of at least 2 and at most all of them.")
    wrong = keyring.trouble()
    if wrong is not None:
        raise Refused(wrong.sentence)
    secret = secrets.token_bytes(keyring.SIZE)
    held = {name: b64encode((Path(settings.KEYS) / name).read_bytes()).decode() for name in _copied()}
    nonce = secrets.token_bytes(NONCE)
    sealed = MAGIC + nonce + AESGCM(secret).encrypt(nonce, json.dumps(held).encode(), MAGIC)
    _write_new(folder / SEALED, sealed)
    words = generate_mnemonics(1, [(threshold, shares)], secret)[0]
    if sorted(bring_back(sealed, words[:threshold])) != sorted(held):
        raise Refused("The shares do not bring the keys back. Keep none of them and split again.")
    facts = {"shares": shares, "threshold": threshold, "files": sorted(held), "sealed": sha256(sealed).hexdigest()}
    record(Event.KEYS_SPLIT, by=None, facts=facts)
    return Split(folder / SEALED, words)


def combine(sealed: Path, shares: Sequence[str], *, into: Path) -> list[str]:
    """Bring the key files back into a folder and return their names. A file that is there is never overwritten.

    Raises Refused; then nothing is written.
    """
    found = bring_back(sealed.read_bytes(), shares)
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, secret in found.items():
        path = into / name
        if path.exists() and path.read_bytes() != secret:
            raise Refused(f"{name} is in {into} already and is another key. Move it away first.")
    written = []
    for name, secret in found.items():
        if not (into / name).exists():
            _write_new(into / name, secret)
            written.append(name)
    return written


def bring_back(sealed: bytes, shares: Sequence[str]) -> dict[str, bytes]:
    """The key files by name. Raises Refused."""
    if not sealed.startswith(MAGIC):
        raise Refused("This is not a sealed copy of Kalkan's keys.")
    secret = _secret([" ".join(share.lower().split()) for share in shares])
    nonce, body = sealed[len(MAGIC) :][:NONCE], sealed[len(MAGIC) + NONCE :]
    try:
        held = json.loads(AESGCM(secret).decrypt(nonce, body, MAGIC))
    except InvalidTag:
        raise Refused("The shares belong to another copy of the keys, or the sealed file was changed.") from None
    return {name: b64decode(secret) for name, secret in held.items()}


def _secret(shares: Sequence[str]) -> bytes:
    """The secret that the shares make. Says which share has a slip and how many are missing, never a word of one."""
    found: dict[int, str] = {}
    threshold = 0
    for number, words in enumerate(shares, 1):
        try:
            share = Share.from_mnemonic(words)
        except (MnemonicError, ValueError):
            raise Refused(f"Share {number} was copied wrongly: its words do not fit together.") from None
        found[share.index] = words
        threshold = share.member_threshold
    if not found or len(found) < threshold:
        raise Refused(f"{threshold or 'More'} different shares are needed, {len(found)} were given.")
    try:
        return combine_mnemonics(list(found.values())[:threshold])
    except (MnemonicError, ValueError):
        raise Refused("The shares are not of one split.") from None


def _write_new(path: Path, content: bytes) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"{path} is there already. Choose an empty folder.") from None
    except FileNotFoundError:
        raise Refused(f"There is no folder {path.parent}.") from None
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def _copied() -> list[str]:
    """Every key file but that of forms and invitations, which is exchanged freely."""
    signing = ["audit.key"] if (Path(settings.KEYS) / "audit.key").exists() else []
    return [*keyring.names(), *signing]
