"""The file of a backup: a tar archive, encrypted with age, written and read as a stream.

`age -d -i KEY FILE | tar x` opens it without Kalkan; the parts of `database/` put together are what `pg_restore`
reads. The manifest comes last, so that a file without one is an unfinished file.
"""

import os
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from errno import EPIPE
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import IO, Any

import pyrage

from kalkan.exchange.backup import Refused

MAGIC = b"age-encryption.org/v1\n"
PART = 4 * 1024 * 1024  # bytes of a member of database/
Told = Callable[[int], None]
"""Called with the bytes that went through."""


def recipients(given: Sequence[str]) -> list[Any]:
    """The public keys that were named, or that stand in the files that were named. Raises Refused."""
    found = []
    for one in _lines(given):
        try:
            found.append(pyrage.x25519.Recipient.from_str(one))
        except pyrage.RecipientError:
            raise Refused("A public key begins with age1 and is copied whole; this one is not one.") from None
    if not found:
        raise Refused("Say to which public key the backup is encrypted: --to KEY, or the setting BACKUP_RECIPIENTS.")
    return found


def identities(paths: Sequence[Path]) -> list[Any]:
    """The private keys in these files. Raises Refused."""
    found = []
    for one in _lines([str(path) for path in paths]):
        try:
            found.append(pyrage.x25519.Identity.from_str(one))
        except pyrage.IdentityError:
            raise Refused("A private key begins with AGE-SECRET-KEY-1; the file holds something else.") from None
    if not found:
        raise Refused("Name the file with the private key: --key FILE.")
    return found


class Writer:
    """Puts members into the archive and remembers their digests."""

    def __init__(self, archive: tarfile.TarFile):
        self._archive = archive
        self.digests: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        """A member whose content is at hand."""
        self.add_file(name, BytesIO(content), len(content))

    def add_file(self, name: str, file: IO[bytes], size: int) -> None:
        """A member read from a file, never whole in memory. Raises OSError where the file ends too early."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        held = _Digesting(file)
        self._archive.addfile(info, held)
        self.digests[name] = held.digest.hexdigest()


def write(path: Path, fill: Callable[[Writer], None], *, to: Sequence[Any], told: Told) -> tuple[str, int]:
    """Write a new file with what `fill` adds; its SHA-256 and size. Whatever `fill` raises is raised here."""
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def produce() -> None:
        try:
            with (
                os.fdopen(writing, "wb") as pipe,
                tarfile.open(fileobj=pipe, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                fill(Writer(tar))
        except BaseException as wrong:
            failed.append(wrong)  # told by whoever waits for the thread

    thread = Thread(target=produce, daemon=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        out = _Hashed(file, told)
        thread.start()
        with os.fdopen(reading, "rb") as pipe:
            try:
                pyrage.encrypt_io(pipe, out, list(to))
            finally:
                pipe.close()  # whoever still writes into it is woken by that
                thread.join()
        if failed:
            raise failed[0]
        file.flush()
        os.fsync(file.fileno())
    return out.digest.hexdigest(), out.size


@contextmanager
def opened(path: Path, *, keys: Sequence[Any]) -> Iterator[tarfile.TarFile]:
    """The archive, to be read once from its beginning to its end. Raises Refused for a wrong key or a damaged file."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise Refused("This is not a backup of Kalkan.")
        file.seek(0)
        reading, writing = os.pipe()
        failed: list[BaseException] = []

        def decrypt() -> None:
            try:
                with os.fdopen(writing, "wb") as pipe:
                    pyrage.decrypt_io(file, pipe, list(keys))
            except BaseException as wrong:
                failed.append(wrong)  # told by whoever waits for the thread

        thread = Thread(target=decrypt, daemon=True)
        thread.start()
        try:
            with os.fdopen(reading, "rb") as pipe, tarfile.open(fileobj=pipe, mode="r|") as tar:
                yield tar
                while pipe.read(PART):  # to the very end: a cut shows there
                    pass
        except BaseException as wrong:
            thread.join()
            if failed and not _is_our_own_end(failed[0]):
                raise _reason(failed[0]) from None
            if isinstance(wrong, tarfile.TarError | EOFError):
                raise Refused("The backup is damaged inside.") from None
            raise
        thread.join()
        if failed:
            raise _reason(failed[0]) from None


def _is_our_own_end(wrong: BaseException) -> bool:
    """Whether the other side only noticed that nobody reads any more."""
    return isinstance(wrong, OSError) and (wrong.errno == EPIPE or "Broken pipe" in str(wrong))


def _reason(wrong: BaseException) -> BaseException:
    if isinstance(wrong, pyrage.DecryptError):
        return Refused("This private key does not open the backup: it was encrypted to another public key.")
    if isinstance(wrong, OSError):
        return Refused("The backup was altered, or is not complete: it cannot be opened to its end.")
    return wrong


def _lines(given: Sequence[str]) -> list[str]:
    found: list[str] = []
    for one in given:
        try:
            text = one if one.startswith("age1") else Path(one).read_text()
        except (OSError, UnicodeDecodeError):
            raise Refused(f"{one} is neither a key nor a file that can be read.") from None
        found += [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return found


class _Digesting:
    """A file that remembers the digest of what was read from it."""

    def __init__(self, file: IO[bytes]):
        self._file, self.digest = file, sha256()

    def read(self, size: int = -1) -> bytes:
        held = self._file.read(size)
        self.digest.update(held)
        return held


class _Hashed:
    """A file that remembers the digest of what was written to it."""

    def __init__(self, file: IO[bytes], told: Told):
        self._file, self._told, self.digest, self.size = file, told, sha256(), 0

    def write(self, held: bytes) -> int:
        self.digest.update(held)
        self.size += len(held)
        self._told(self.size)
        return self._file.write(held)

    def flush(self) -> None:
        self._file.flush()
