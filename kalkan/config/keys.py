"""The key files of this installation: made once, before its database holds anything, and never again by themselves.

A file that is missing later was lost or taken. Making another would open nothing and hide the loss, so the server
then starts locked (`kalkan.web.locked`) and says which file is wanted.
"""

import os
from pathlib import Path

from kalkan.config import database
from kalkan.persons.keyfiles import SIZE, read_or_make

MADE_AT_FIRST = ("vault-1.key", "blind.key", "files.key", "accounts.key", "audit.key")


def folder() -> Path:
    """Where the key files of this installation lie."""
    return Path(os.environ.get("KALKAN_KEYS", database.var() / "keys"))


def make_for_an_empty_database() -> None:
    """The first start makes every key. With anything in the database, a missing file stays missing."""
    if database.is_empty():
        for name in MADE_AT_FIRST:
            read_or_make(folder() / name)


def read(path: Path) -> bytes:
    """The secret in `path`; empty where there is none or only a part of one. The server then starts locked."""
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        return b""
    return secret if len(secret) >= SIZE else b""
