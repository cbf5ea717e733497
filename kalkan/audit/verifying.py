"""Checking the log against its seals: which is the first event that is not as it was sealed, and what was done to it.

Streams: one batch at a time in memory, whatever the size of the log.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import connection
from django.db.models import Max

from kalkan.audit import signing
from kalkan.audit.canonical import LOWEST, Entry, NotCanonical, entries
from kalkan.audit.merkle import root_of
from kalkan.audit.models import AuditEvent, Batch
from kalkan.audit.sealing import packed, unpacked
from kalkan.audit.signing import BEGINNING, Head, Keys, Line, NotAHead


class Kind(StrEnum):
    """What was done to the log."""

    ALTERED = "altered"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    HEAD_ALTERED = "head_altered"
    HEAD_REMOVED = "head_removed"
    ENTRIES_ALTERED = "entries_altered"


_SAID = {
    Kind.ALTERED: "was altered after it was sealed",
    Kind.REMOVED: "was removed",
    Kind.INSERTED: "was inserted among sealed events",
    Kind.REORDERED: "does not stand in the place in which it was sealed",
    Kind.HEAD_ALTERED: "the head is not the one that was signed",
    Kind.HEAD_REMOVED: "the head was removed",
    Kind.ENTRIES_ALTERED: "the events are whole, but the stored list of their hashes was altered",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong: in which batch, what, and which event where it is one."""

    kind: Kind
    batch: int
    event: UUID | None = None
    number: int | None = None

    @property
    def sentence(self) -> str:
        if self.event is None and self.kind in {Kind.ALTERED, Kind.REMOVED}:
            return f"Batch {self.batch}: an event {_SAID[self.kind]}; the stored list of hashes was altered too."
        if self.event is None:
            return f"Batch {self.batch}: {_SAID[self.kind]}."
        return f"Event {self.event} (number {self.number}, batch {self.batch}) {_SAID[self.kind]}."


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. Sealed events are those before the finding, or all of them; the rest is not sealed yet."""

    batches: int
    sealed: int
    unsealed: int
    finding: Finding | None

    @property
    def is_whole(self) -> bool:
        return self.finding is None


def verify(keys: Keys, *, kept: Iterable[Line] = ()) -> Report:
    """Check every sealed event, every head and their chain; with heads `kept` elsewhere, also that none is missing.

    Raises NotAHead for kept heads that are not signed by one of `keys` or are not in order.
    """
    lines = _Kept(kept, keys)
    highest = Batch.objects.aggregate(highest=Max("number"))["highest"] or 0
    previous: Head | None = None
    number = 1
    while True:
        line = lines.at(number)
        batch = Batch.objects.filter(number=number).first()
        if batch is None and line is None and number > highest and lines.is_done:
            break
        first = LOWEST if previous is None else previous.last + 1
        finding, head = _check(number, batch, line, lines, first, previous, keys)
        if finding is not None or head is None:
            return _report(previous, finding)
        previous = head
        number += 1
    return _report(previous, None)


def _report(previous: Head | None, finding: Finding | None) -> Report:
    sealed, batches, first = (
        (0, 0, LOWEST) if previous is None else (previous.total, previous.batch, previous.last + 1)
    )
    unsealed = AuditEvent.objects.filter(pk__gte=first).count() if finding is None else 0
    return Report(batches, sealed, unsealed, finding)


def _check(
    number: int,
    batch: Batch | None,
    line: Line | None,
    lines: "_Kept",
    first: int,
    previous: Head | None,
    keys: Keys,
) -> tuple[Finding | None, Head | None]:
    if batch is None:
        return _against(line, lines, first, Finding(Kind.HEAD_REMOVED, number)), None
    try:
        head = signing.read_head_text(batch.head)
    except NotAHead:
        return Finding(Kind.HEAD_ALTERED, number), None
    chained = BEGINNING if previous is None else previous.digest
    total = head.count + (0 if previous is None else previous.total)
    is_ours = signing.is_signed(head, bytes(batch.signature), keys)
    is_next = (head.batch, head.previous, head.total) == (number, chained, total) and head.last == batch.last
    if line is not None and (not is_ours or line.head != head):
        # Whoever signs anew after a change cannot sign anew what was kept elsewhere: that says what the events were.
        return _against(line, lines, first, Finding(Kind.HEAD_ALTERED, number)), None
    if not is_ours or not is_next:
        return Finding(Kind.HEAD_ALTERED, number), None
    try:
        current = list(entries(first, head.last))
    except NotCanonical:
        return Finding(Kind.ALTERED, number), None
    is_whole = len(current) == head.count and root_of([one.digest for one in current]).hex() == head.root
    stored = bytes(batch.entries)
    if is_whole:
        finding = None if packed(current) == stored else Finding(Kind.ENTRIES_ALTERED, number)
        return finding, head
    then = unpacked(stored)
    if len(then) == head.count and root_of([one.digest for one in then]).hex() == head.root:
        return _first_difference(then, current, number), None
    named = _named(line.events, iter(current), number) if line is not None else None
    return named or Finding(Kind.ALTERED, number), None


def _against(line: Line | None, lines: "_Kept", first: int, otherwise: Finding) -> Finding:
    """The first event that is not as this kept head, or one that follows it without a gap, names it."""
    while line is not None:
        found = _named(line.events, entries(first, line.head.last), line.head.batch)
        if found is not None:
            return found
        first, line = line.head.last + 1, lines.at(line.head.batch + 1)
    return otherwise


def _named(then: Iterable[Entry], current: Iterator[Entry], number: int) -> Finding | None:
    """The first difference in the names of events, for heads that were kept without hashes."""
    try:
        now = [one._replace(digest=b"") for one in current]
    except NotCanonical:
        return None
    return _first_difference(list(then), now, number)


def _first_difference(then: list[Entry], now: list[Entry], batch: int) -> Finding | None:
    """What was done to the first event by number that differs; both lists are in order of numbers."""
    sealed = {one.reference for one in then}
    left, right = 0, 0
    while left < len(then) or right < len(now):
        old = then[left] if left < len(then) else None
        new = now[right] if right < len(now) else None
        if old is not None and new is not None and old == new:
            left, right = left + 1, right + 1
            continue
        if new is None or (old is not None and old.id < new.id):
            assert old is not None  # noqa: S101 - the loop ends where both are out
            return _finding(Kind.REORDERED if _is_there(old.reference) else Kind.REMOVED, batch, old)
        if old is None or new.id < old.id:
            was_sealed = new.reference in sealed or _was_sealed(new.reference)
            return _finding(Kind.REORDERED if was_sealed else Kind.INSERTED, batch, new)
        if old.reference == new.reference:
            return _finding(Kind.ALTERED, batch, old)
        if not _is_there(old.reference):
            return _finding(Kind.ALTERED, batch, old)
        if new.reference not in sealed and not _was_sealed(new.reference):
            return _finding(Kind.INSERTED, batch, new)
        return _finding(Kind.REORDERED, batch, old)
    return None


def _finding(kind: Kind, batch: int, one: Entry) -> Finding:
    return Finding(kind, batch, UUID(bytes=one.reference), one.id)


def _is_there(reference: bytes) -> bool:
    return AuditEvent.objects.filter(reference=UUID(bytes=reference)).exists()


def _was_sealed(reference: bytes) -> bool:
    """True if any batch names the event. Looks through all of them, which happens once, at the first difference."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM {Batch._meta.db_table} WHERE position(%s::bytea IN entries) > 0)", [reference]
        )
        return bool(cursor.fetchone()[0])


class _Kept:
    """Heads kept elsewhere, read once in order and checked on the way."""

    def __init__(self, lines: Iterable[Line], keys: Keys):
        self._lines, self._keys = iter(lines), keys
        self._before: Line | None = None
        self._next = self._read()

    @property
    def is_done(self) -> bool:
        return self._next is None

    def at(self, number: int) -> Line | None:
        """The kept head of this batch, if it was kept; ask in order."""
        line = self._next
        if line is None or line.head.batch != number:
            return None
        self._next = self._read()
        return line

    def _read(self) -> Line | None:
        line = next(self._lines, None)
        if line is None:
            return None
        if not signing.is_signed(line.head, line.signature, self._keys):
            raise NotAHead(f"Kept head {line.head.batch} is not signed by a known key.")
        before = self._before
        if before is not None:
            follows = line.head.batch == before.head.batch + 1
            if line.head.batch <= before.head.batch or (follows and line.head.previous != before.head.digest):
                raise NotAHead(f"Kept head {line.head.batch} does not follow the one before it.")
        self._before = line
        return line
