"""The bytes of an event that are hashed: one row of PostgreSQL's binary COPY format, with the columns of `COLUMNS`.

That format is documented, the same on every version, and comes from the server as it is hashed: nothing is turned into
text and back. `docs/audit.md` says how another program reads it.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from struct import unpack_from
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from kalkan.audit.merkle import leaf_hash
from kalkan.audit.models import AuditEvent

COLUMNS = ("id", "reference", "at", "action", "actor_id", "subjects", "facts", "channel", "request")
LOWEST = -(2**63)  # the smallest id that a row can have: an event put before the first one is found too
_HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = b"\xff\xff"
_START = len(COLUMNS).to_bytes(2, "big") + (8).to_bytes(4, "big")  # nine columns, the first of eight bytes
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_TABLE = AuditEvent._meta.db_table


class NotCanonical(ValueError):
    """The bytes are no row of the log."""


class Entry(NamedTuple):
    """One event as a batch remembers it: number, reference, hash. The hash is empty where only the names are kept."""

    id: int
    reference: bytes
    digest: bytes


def entries(first: int, last: int, *, most: int | None = None) -> Iterator[Entry]:
    """Number, reference and leaf hash of the events numbered `first` to `last`, both included, in order."""
    for data in rows(first, last, most=most):
        yield Entry(int.from_bytes(data[6:14], "big", signed=True), data[18:34], leaf_hash(data))


def rows(first: int, last: int, *, most: int | None = None) -> Iterator[bytes]:
    """The canonical bytes of these events, in order, as a stream that holds one row at a time."""
    query = (
        f"COPY (SELECT {', '.join(COLUMNS)} FROM {_TABLE} WHERE id BETWEEN %s AND %s ORDER BY id LIMIT %s) "
        "TO STDOUT (FORMAT binary)"
    )
    with connection.cursor() as cursor, cursor.copy(query, [first, last, most]) as copy:
        for piece in copy:  # the server sends one row a piece; the head comes with the first one
            data = bytes(piece).removeprefix(_HEAD)
            if data == _END or not data:
                continue
            if not data.startswith(_START):
                raise NotCanonical("The log does not have the columns that are sealed.")
            yield data


def read(data: bytes) -> dict[str, Any]:
    """The columns of canonical bytes as plain values, for people. Raises NotCanonical."""
    try:
        fields = _fields(data)
        number, reference, at, action, actor, subjects, facts, channel, request = fields
        return {
            "id": int.from_bytes(_given(number), "big", signed=True),
            "reference": str(UUID(bytes=_given(reference))),
            "at": (_EPOCH + timedelta(microseconds=int.from_bytes(_given(at), "big", signed=True))).isoformat(),
            "action": _given(action).decode(),
            "actor": None if actor is None else int.from_bytes(actor, "big", signed=True),
            "subjects": _uuids(_given(subjects)),
            "facts": json.loads(_given(facts)[1:]),  # after the version of the binary form, which is 1
            "channel": _given(channel).decode(),
            "request": None if request is None else str(UUID(bytes=request)),
        }
    except (ValueError, OverflowError, IndexError) as error:
        raise NotCanonical("These bytes are not one row of the log.") from error


def _fields(data: bytes) -> list[bytes | None]:
    if not data.startswith(_START):
        raise ValueError("columns")
    found: list[bytes | None] = []
    place = 2
    for _column in COLUMNS:
        if place + 4 > len(data):
            raise ValueError("short")
        (length,) = unpack_from(">i", data, place)
        place += 4
        if length < 0:
            found.append(None)
            continue
        if place + length > len(data):
            raise ValueError("short")
        found.append(data[place : place + length])
        place += length
    if place != len(data):
        raise ValueError("long")
    return found


def _given(value: bytes | None) -> bytes:
    if value is None:
        raise ValueError("missing")
    return value


def _uuids(data: bytes) -> list[str]:
    """An array of uuid: dimensions, flags, type, then per dimension its size and lower bound, then the elements."""
    if len(data) < 12:
        raise ValueError("short")
    if unpack_from(">i", data) == (0,):
        return []
    (count,) = unpack_from(">i", data, 12)
    if len(data) != 20 + 20 * count:
        raise ValueError("length")
    return [str(UUID(bytes=data[place + 4 : place + 20])) for place in range(20, len(data), 20)]
