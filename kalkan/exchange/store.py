"""Uploaded files, sealed on disk while they wait: they hold identities until the vault has taken them.

A file is cut into pieces, each sealed with AES-256-GCM under a key of its own file, so that it can be read at any
place without ever lying open. The nonce of a piece is its number and whether it is the last: pieces can be neither
swapped nor cut off. The secret is a file outside the database (`settings.FILES_KEY`).
"""

import os
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from io import SEEK_CUR, SEEK_END, SEEK_SET, BufferedReader, RawIOBase
from pathlib import Path
from secrets import token_bytes, token_hex
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from kalkan.exchange.reading import Source

_MAGIC = b"KALKAN1\n"
_SALT, _TAG, _PIECE = 16, 16, 1024 * 1024
_HEAD = len(_MAGIC) + _SALT


class FileDamaged(OSError):
    """A sealed file is not what was stored."""


def keep(chunks: Iterable[bytes]) -> tuple[str, int]:
    """Seal the bytes into a new file; its random name and the size of what it holds."""
    name, salt = token_hex(16), token_bytes(_SALT)
    cipher, size, number, held = AESGCM(_key(salt)), 0, 0, b""
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_MAGIC + salt)
            for chunk in chunks:
                size += len(chunk)
                held += chunk
                while len(held) > _PIECE:
                    file.write(cipher.encrypt(_nonce(number, is_last=False), held[:_PIECE], None))
                    number, held = number + 1, held[_PIECE:]
            file.write(cipher.encrypt(_nonce(number, is_last=True), held, None))
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return name, size


def source(name: str) -> Source:
    """The kept file, readable as often as needed. Raises FileNotFoundError."""
    path = _path(name)
    body = path.stat().st_size - _HEAD
    pieces = -(-body // (_PIECE + _TAG))
    return Source(lambda: BufferedReader(_Sealed(path)), body - pieces * _TAG)


def forget(name: str) -> None:
    """Delete a kept file. Deleting it again changes nothing."""
    if name:
        _path(name).unlink(missing_ok=True)


def names() -> list[tuple[str, float]]:
    """Each kept file and when it was written."""
    return [(path.stem, path.stat().st_mtime) for path in _folder().glob("*.sealed")]


def seal(text: str) -> bytes:
    """A short text sealed for the database."""
    nonce = token_bytes(12)
    return nonce + AESGCM(_derived("values")).encrypt(nonce, text.encode(), None)


def unseal(sealed: bytes | memoryview) -> str:
    """The short text. Raises FileDamaged."""
    sealed = bytes(sealed)
    try:
        return AESGCM(_derived("values")).decrypt(sealed[:12], sealed[12:], None).decode()
    except InvalidTag:
        raise FileDamaged("A sealed value cannot be opened with this key") from None


def fingerprint(text: str) -> UUID:
    """A keyed digest: equal for equal texts, and useless without the key to find out what the text was."""
    return UUID(bytes=blake2b(text.encode(), digest_size=16, key=_derived("fingerprints")).digest())


class _Sealed(RawIOBase):
    """The bytes of a sealed file, opened piece by piece."""

    def __init__(self, path: Path):
        self._file = path.open("rb")
        head = self._file.read(_HEAD)
        if len(head) != _HEAD or not head.startswith(_MAGIC):
            self._file.close()
            raise FileDamaged("Not a sealed file")
        self._cipher = AESGCM(_key(head[len(_MAGIC) :]))
        body = path.stat().st_size - _HEAD
        self._pieces = -(-body // (_PIECE + _TAG))
        self._size = body - self._pieces * _TAG
        self._at = 0
        self._number, self._piece = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        start = {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("negative seek position")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer) -> int:
        if self._at >= self._size:
            return 0
        number, within = divmod(self._at, _PIECE)
        if number != self._number:
            self._file.seek(_HEAD + number * (_PIECE + _TAG))
            sealed = self._file.read(_PIECE + _TAG)
            try:
                self._piece = self._cipher.decrypt(_nonce(number, is_last=number == self._pieces - 1), sealed, None)
            except InvalidTag:
                raise FileDamaged("A sealed file was changed") from None
            self._number = number
        found = self._piece[within : within + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def close(self) -> None:
        self._file.close()
        super().close()


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "imports"


def _path(name: str) -> Path:
    if not name.isalnum():
        raise FileNotFoundError("No such file is kept")
    return _folder() / f"{name}.sealed"


def _key(salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"kalkan imported file").derive(settings.FILES_KEY)


@lru_cache
def _derived(purpose: str) -> bytes:
    info = f"kalkan imports {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(settings.FILES_KEY)
