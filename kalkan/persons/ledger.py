"""The ledger of erasures: a file outside the database, so that a restored backup forgets again whom it had to forget.

One line for each erasure, in JSON: references, codes and counts, never an identity. Each line carries the hash of the
line before it and of itself; a line altered, removed or exchanged is noticed. Lines are only ever added.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from io import BufferedRandom
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

FIRST = "0" * 64


class LedgerDamaged(Exception):
    """The ledger is not as it was written. Carries a sentence with the line."""


class Entry(NamedTuple):
    """One erasure as the ledger holds it."""

    erasure: UUID
    person: UUID
    at: str
    ground: str
    rule: str
    requested_by: str
    carried_out_by: str
    removed: dict[str, int]
    kept: dict[str, Any]
    previous: str
    proof: str


def add(said: Mapping[str, Any]) -> Entry:
    """Write an erasure and return it with its proof. On the disk when this returns.

    Written before the database commits: an erasure that only the ledger knows is carried out again (`reapply`), one
    that only the database knows would come back with a backup.
    """
    path = Path(settings.LEDGER)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(path) as file:
        whole = file.read().rpartition(b"\n")
        file.truncate(len(whole[0] + whole[1]))  # half a line is one that a crash kept from being committed
        file.seek(0)
        content = {**said, "previous": head(_read(file))}
        content["proof"] = _proof(content)
        file.seek(0, os.SEEK_END)
        file.write(_canonical(content) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return _entry(content)


def entries(path: Path | None = None) -> list[Entry]:
    """Every erasure, the first first; none where there is no ledger yet. Raises LedgerDamaged."""
    try:
        with (path or Path(settings.LEDGER)).open("rb") as file:
            return _read(file)
    except FileNotFoundError:
        return []


def head(known: list[Entry]) -> str:
    """What the ledger ended with: a later ledger of the same installation contains it."""
    return known[-1].proof if known else FIRST


@contextmanager
def _alone(path: Path) -> Iterator[BufferedRandom]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # freed when the file is closed
        yield file


def _read(file: Any) -> list[Entry]:
    found: list[Entry] = []
    previous = FIRST
    lines = file.read().split(b"\n")
    if lines.pop():
        raise LedgerDamaged(f"Line {len(lines) + 1} of the ledger of erasures was cut short.")
    for number, line in enumerate(lines, 1):
        try:
            content = json.loads(line)
            is_genuine = content["previous"] == previous and content["proof"] == _proof(content)
            entry = _entry(content)
        except (ValueError, KeyError, TypeError):
            is_genuine = False
        if not is_genuine:
            raise LedgerDamaged(f"Line {number} of the ledger of erasures is not as it was written.")
        previous = entry.proof
        found.append(entry)
    return found


def _entry(content: Mapping[str, Any]) -> Entry:
    values = {name: content[name] for name in Entry._fields}
    return Entry(**values | {"erasure": UUID(content["erasure"]), "person": UUID(content["person"])})


def _proof(content: Mapping[str, Any]) -> str:
    return sha256(_canonical({name: value for name, value in content.items() if name != "proof"})).hexdigest()


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
