"""What has been spent: an append-only file with one line a release, each sealed with the hash of the one before.

A line cannot be changed, removed or moved without breaking the chain from there on, and the head (the last hash) can
be kept elsewhere to prove that nothing was cut off the end. The ledger adds up what every release on overlapping
people costs, by OpenDP's composition, and refuses one that would go over the budget.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tally.synthesis.privacy import epsilon_of, rho_of

_START = "0" * 64


class LedgerError(ValueError):
    """The ledger is damaged, is spent, or is asked for something that it does not hold."""


@dataclass(frozen=True)
class Entry:
    """One line. `opened` sets the budget; `released` spends some of it.

    `lookup_delta` is the part of delta that a private look-up of values used; it adds up over releases.

    `data` is the SHA-256 of the data version, `rho` what the release costs in zero-concentrated privacy, `about` says
    what was released, `at` is an ISO moment given by the caller (the arithmetic has no clock).
    """

    number: int
    kind: str
    at: str
    by: str
    about: str
    epsilon: float
    delta: float
    rho: float
    lookup_delta: float
    data: str
    previous: str
    seal: str

    def sealed(self) -> str:
        """The hash that this line must carry."""
        content = {key: value for key, value in asdict(self).items() if key != "seal"}
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Balance:
    """Where a ledger stands. Epsilons are at the ledger's delta; `head` is the seal of the last line."""

    budget: float
    delta: float
    spent: float
    left: float
    releases: int
    head: str


def data_hash(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


class Ledger:
    """A ledger file. Reading verifies it; every write happens under a lock, whole, and reaches the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, *, epsilon: float, delta: float, by: str, at: datetime) -> Balance:
        """Start the ledger with the budget for all releases together.

        Raises LedgerError if it exists already; PrivacyError for no budget.
        """
        rho = rho_of(epsilon, delta)
        if self.path.exists():
            raise LedgerError(f"{self.path.name} exists: a budget is set once")
        self._append(_person(by), "opened", "budget for all releases", epsilon, delta, rho, "", at, 0.0)
        return self.balance()

    def entries(self) -> list[Entry]:
        """All lines, verified.

        Raises LedgerError, naming the line, at the first one that was changed, removed, added or moved.
        """
        if not self.path.exists():
            raise LedgerError(f"there is no ledger {self.path.name}: start one with `tally ledger open`")
        entries: list[Entry] = []
        previous = _START
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                entry = Entry(**json.loads(line))
            except (ValueError, TypeError) as error:
                raise LedgerError(f"{self.path.name}, line {number} is no ledger line: the file was edited") from error
            if entry.number != number or entry.previous != previous or entry.seal != entry.sealed():
                raise LedgerError(f"{self.path.name}, line {number} does not fit its seal: the file was edited")
            if (entry.kind == "opened") != (number == 1):
                raise LedgerError(f"{self.path.name}, line {number}: a ledger is opened once, at its start")
            entries.append(entry)
            previous = entry.seal
        if not entries:
            raise LedgerError(f"{self.path.name} is empty: the file was edited")
        return entries

    def verify(self, head: str | None = None) -> Balance:
        """Check every line, and that the head kept elsewhere is still in the chain.

        Raises LedgerError if not.
        """
        entries = self.entries()
        if head is not None and head not in {entry.seal for entry in entries}:
            raise LedgerError("the head kept elsewhere is not in this ledger: lines were cut off or rewritten")
        return self._balance(entries)

    def balance(self) -> Balance:
        """What is spent and what is left. Raises LedgerError if the file does not verify."""
        return self._balance(self.entries())

    def _balance(self, entries: Sequence[Entry]) -> Balance:
        first, releases = entries[0], entries[1:]
        spent = sum(entry.rho for entry in releases)
        return Balance(
            budget=first.epsilon,
            delta=first.delta + sum(entry.lookup_delta for entry in releases),
            spent=epsilon_of(spent, first.delta),
            left=max(first.epsilon - epsilon_of(spent, first.delta), 0.0),
            releases=len(releases),
            head=entries[-1].seal,
        )

    def require(self, rho: float) -> None:
        """Raise LedgerError unless a release of this rho still fits the budget."""
        entries = self.entries()
        self._require(entries, rho)

    def _require(self, entries: Sequence[Entry], rho: float) -> None:
        spent = sum(entry.rho for entry in entries[1:])
        if spent + rho > entries[0].rho * (1 + 1e-9):
            balance = self._balance(entries)
            after = epsilon_of(spent + rho, balance.delta)
            raise LedgerError(
                f"the budget is spent: epsilon {balance.spent:.3f} of {balance.budget:g} is gone, "
                f"and with this release it would be {after:.3f}"
            )

    def record(
        self,
        *,
        rho: float,
        epsilon: float,
        delta: float,
        data: str,
        about: str,
        by: str,
        at: datetime,
        lookup_delta: float = 0.0,
    ) -> Entry:
        """Write down a release; refused if the budget does not hold it.

        Raises LedgerError where it is spent, where nobody is named, or where the file does not verify.
        """
        self.entries()
        return self._append(_person(by), "released", about, epsilon, delta, rho, data, at, lookup_delta)

    def _append(
        self, by: str, kind: str, about: str, epsilon: float, delta: float, rho: float, data: str, at: datetime,
        lookup_delta: float,
    ) -> Entry:  # fmt: skip
        with self.path.open("a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            known = self.entries() if kind == "released" else []
            if known:
                self._require(known, rho)
            previous = known[-1].seal if known else _START
            draft = Entry(
                len(known) + 1, kind, at.isoformat(), by, about, epsilon, delta, rho, lookup_delta, data, previous, ""
            )
            entry = Entry(**{**asdict(draft), "seal": draft.sealed()})
            file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return entry

    def as_json(self) -> dict[str, Any]:
        """Balance and lines as plain data."""
        return {**asdict(self.balance()), "entries": [asdict(entry) for entry in self.entries()]}


def _person(by: str) -> str:
    if not by.strip():
        raise LedgerError("who approved the release must be named")
    return by.strip()
