"""Secrets live in files outside the database and outside the repository, readable by their owner only.

Imports no model, because the settings read their secrets through it.
"""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SIZE = 32


def read_or_make(path: Path, *, size: int = SIZE) -> bytes:
    """The secret in `path`; made there with `size` random bytes when the file does not exist yet.

    The file is created with O_EXCL and mode 0600, so two processes starting at once agree on one secret.

    Raises ImproperlyConfigured if the file exists and is shorter than `size` bytes.
    """
    if not path.exists():
        written = draft(path, secrets.token_bytes(size))
        try:
            os.link(written, path)  # fails where another process was first: theirs is then the secret
        except FileExistsError:
            pass
        finally:
            written.unlink()
        sync_folder(path.parent)
    secret = path.read_bytes()
    if len(secret) < size:
        raise ImproperlyConfigured(f"{path.name} is damaged: it holds {len(secret)} bytes, {size} are needed.")
    return secret


def draft(path: Path, secret: bytes) -> Path:
    """The secret in a file beside `path`, on the disk, readable by its owner only; to be linked or renamed to it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    return beside


def sync_folder(folder: Path) -> None:
    """Have the disk remember which files the folder holds: no key is lost to a power cut after its first use."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
