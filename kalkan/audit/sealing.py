"""Sealing the log: batches of events in order of their numbers, each under a signed head that names the one before.

A number is taken before its transaction commits, so a higher one can be there before a lower one. An event is sealed
only once no lower number can still appear, see `decided`.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedRandom

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from kalkan.audit import signing
from kalkan.audit.canonical import LOWEST, Entry, entries
from kalkan.audit.merkle import root_of
from kalkan.audit.models import AuditEvent, Batch
from kalkan.audit.signing import BEGINNING, Head, Line

SIZE = 16_384  # events of one batch at most: what a check holds in memory
ENTRY = 56
_LOCK = 0x5EA1_A0D1  # any number that nothing else of Kalkan locks


class HeadsDiffer(Exception):
    """The file of heads and the database tell different stories. Says what to do; nothing was sealed."""


def post_later(number: int) -> None:
    """Have the worker post a head to the address of the settings."""
    jobs.configure_task("audit.publish", allow_unknown=True).defer(number=number)


def seal(*, patience: float = 20.0, post: Callable[[int], None] = post_later) -> list[Head]:
    """Seal every event that is decided, and add the new heads to the file. Returns them, oldest first.

    Where a webhook is set, `post` is called with each head's number, in the transaction of the seal.
    Waits up to `patience` seconds for writers that hold a lower number; what they hold up waits for the next time.
    Raises signing.KeyMissing, and HeadsDiffer where the file knows heads that the database does not have.
    """
    export()  # heads of a run that was cut off, and: is this the database that the file is about?
    bound = decided(patience=patience)
    made = []
    while bound is not None and (head := _seal_next(bound, post)) is not None:
        made.append(head)
    export()
    return made


def decided(*, patience: float) -> int | None:
    """The number up to which every event is there for good; None if there is none, or writers keep us waiting.

    A writer locks the table before it takes a number and lets go after its commit is visible. So whoever took a number
    below the highest that we see, and is not done, holds the lock at this moment: once those have let go, no lower
    number can appear. Writers are never kept waiting, and new ones need not be waited for: their numbers are higher.
    """
    bound = AuditEvent.objects.aggregate(highest=Max("pk"))["highest"]
    waiting = _writers()
    until = time.monotonic() + patience
    while bound is not None and waiting:
        if time.monotonic() >= until:
            return None
        time.sleep(0.02)
        waiting &= _writers()
    return bound


def packed(kept: list[Entry]) -> bytes:
    """Entries as a batch stores them."""
    return b"".join(one.id.to_bytes(8, "big", signed=True) + one.reference + one.digest for one in kept)


def unpacked(stored: bytes) -> list[Entry]:
    """The entries that a batch stores; what is left over at the end counts as an entry that fits nothing."""
    pieces = (bytes(stored[at : at + ENTRY]) for at in range(0, len(stored), ENTRY))
    return [Entry(int.from_bytes(one[:8], "big", signed=True), one[8:24], one[24:]) for one in pieces]


def line_of(batch: Batch) -> Line:
    """A batch as it is kept elsewhere."""
    head = signing.read_head_text(batch.head)
    named = tuple(one._replace(digest=b"") for one in unpacked(bytes(batch.entries)))
    return Line(head, bytes(batch.signature), named)


def export() -> int:
    """Add the heads that the file does not have yet; returns how many. Raises HeadsDiffer."""
    with _heads() as file:
        last = _last_line(file)
        number = 0
        if last is not None:
            number = last.head.batch
            ours = Batch.objects.filter(number=number).values_list("head", flat=True).first()
            if ours != last.head.text:
                raise HeadsDiffer(
                    f"{settings.AUDIT_HEADS.name} ends with head {number}, which this database does not have: it is "
                    "an older copy, or was changed. Run `kalkan audit verify --head` with the file. If the database "
                    "was restored from a backup, move the file to where it is kept, and seal again."
                )
        added = 0
        while (batch := Batch.objects.filter(number__gt=number).order_by("number").first()) is not None:
            file.write(line_of(batch).text.encode() + b"\n")
            number, added = batch.number, added + 1
        file.flush()
        os.fsync(file.fileno())
    return added


def _seal_next(bound: int, post: Callable[[int], None]) -> Head | None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        before = Batch.objects.order_by("-number").values_list("head", flat=True).first()
        previous = None if before is None else signing.read_head_text(before)
        first = LOWEST if previous is None else previous.last + 1
        found = list(entries(first, bound, most=SIZE))
        if not found:
            return None
        key = signing.own_key()
        name = signing.name_of(key.public_key())
        if previous is not None and previous.key not in signing.known_keys():
            raise signing.KeyMissing(
                "audit.key is not the key that sealed the log so far. Put the kept copy back; or, to go on with a new "
                f"key, keep the public half of the old one beside it as audit-{previous.key}.pub."
            )
        head = Head(
            batch=1 if previous is None else previous.batch + 1,
            count=len(found),
            first=found[0].id,
            last=found[-1].id,
            total=len(found) + (0 if previous is None else previous.total),
            root=root_of([one.digest for one in found]).hex(),
            previous=BEGINNING if previous is None else previous.digest,
            sealed_at=timezone.now().isoformat(),
            key=name,
        )
        batch = Batch(number=head.batch, last=head.last, head=head.text, entries=packed(found))
        batch.signature = key.sign(head.text.encode())
        batch.save(force_insert=True)
        if settings.AUDIT_WEBHOOK:  # the job lies in this transaction: the head leaves once it is committed
            post(head.batch)
    return head


def _writers() -> set[str]:
    """The transactions of others that have written to the log and are not done."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "AND relation = %s::regclass AND pid IS DISTINCT FROM pg_backend_pid()",
            [AuditEvent._meta.db_table],
        )
        return {writer for (writer,) in cursor.fetchall()}


@contextmanager
def _heads() -> Iterator[BufferedRandom]:
    """The file of heads, for one process at a time; a line that a crash cut short is taken off."""
    path = settings.AUDIT_HEADS
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = file.seek(0, os.SEEK_END)
        whole = _after_last_newline(file, end)
        if whole != end:
            file.truncate(whole)
        yield file


def _last_line(file: BufferedRandom) -> Line | None:
    end = file.seek(0, os.SEEK_END)
    if end == 0:
        return None
    begin = _after_last_newline(file, end - 1)
    file.seek(begin)
    return signing.read_line(file.read(end - begin).decode())


def _after_last_newline(file: BufferedRandom, end: int) -> int:
    """The place after the last newline before `end`, read backwards: the file may be large."""
    step = 1 << 16
    while end > 0:
        begin = max(0, end - step)
        file.seek(begin)
        place = file.read(end - begin).rfind(b"\n")
        if place >= 0:
            return begin + place + 1
        end = begin
    return 0
