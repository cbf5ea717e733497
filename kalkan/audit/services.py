"""Writing to the log."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from math import isfinite
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connection

from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent, Channel

# A fact is a code, a number, a day or a reference: words with spaces between them are not.
_CODE = re.compile(r"[^\s\x00-\x1f]{0,80}")
_MOST = 20_000  # characters of all facts of one event
_FEW = 20
_DEEPEST = 3
_BATCH = 10_000
_INSERT = """
INSERT INTO audit_auditevent (reference, at, action, actor_id, subjects, facts, channel, request)
SELECT reference, at, action, actor, subjects::uuid[], facts::jsonb, channel, request
FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::uuid[])
    WITH ORDINALITY AS event (reference, at, action, actor, subjects, facts, channel, request, place)
ORDER BY place
"""


class NotAFact(ValueError):
    """What should go into the log is, or could be, free text. Names the fact, never its value."""


class Context(NamedTuple):
    """Where the events of the current request, command or job come from."""

    channel: Channel
    request: UUID


_context: ContextVar[Context | None] = ContextVar("audit_context", default=None)


@contextmanager
def acting_through(channel: Channel) -> Iterator[Context]:
    """Everything recorded inside carries this channel and one request reference."""
    token = _context.set(Context(channel, uuid4()))
    try:
        yield _context.get()  # type: ignore[misc]
    finally:
        _context.reset(token)


def build(event: Event, *subjects: Any, by: Any | None, facts: Mapping[str, Any] | None = None) -> AuditEvent:
    """An event not yet written, for writers of many rows at once. See `record`."""
    context = _context.get() or Context(Channel.COMMAND, uuid4())
    references = [_reference(subject) for subject in subjects]
    return AuditEvent(
        action=event,
        actor=by,
        subjects=references,
        facts=_checked({**(facts or {}), **_emergencies(by, references)}),
        channel=context.channel,
        request=context.request,
    )


def record(event: Event, *subjects: Any, by: Any | None, facts: Mapping[str, Any] | None = None) -> AuditEvent:
    """Write that `by` (a user, or None for the system itself) did or saw `event` on `subjects`.

    Subjects are rows with a `reference`, or references. `facts` are codes, numbers and references:
    never a name, a phone or document number, or free text.
    """
    written = build(event, *subjects, by=by, facts=facts)
    record_many([written])
    return written


def record_many(events: Sequence[AuditEvent]) -> None:
    """Write events made with `build`, in the same transaction.

    By hand, because whoever writes an event may not read it: the ORM would ask for the new row's number back, and
    COPY refuses a table that row-level security protects.
    """
    with connection.cursor() as cursor:
        for start in range(0, len(events), _BATCH):
            batch = events[start : start + _BATCH]
            cursor.execute(
                _INSERT,
                [
                    [event.reference for event in batch],
                    [event.at for event in batch],
                    [str(event.action) for event in batch],
                    [event.actor_id for event in batch],
                    ["{" + ",".join(map(str, event.subjects)) + "}" for event in batch],
                    [json.dumps(event.facts) for event in batch],
                    [str(event.channel) for event in batch],
                    [event.request for event in batch],
                ],
            )


def _checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`, if every one is a code, a number, yes or no, or a list or mapping of these. Raises NotAFact."""
    for name, value in facts.items():
        _check(name, value, depth=1)
    kept = dict(facts)
    # Few scalars cannot be long: only the others are worth spelling out.
    may_be_long = len(kept) > _FEW or any(isinstance(value, list | tuple | Mapping) for value in kept.values())
    if may_be_long and len(json.dumps(kept)) > _MOST:
        raise NotAFact(f"the facts of one event are longer than {_MOST} characters")
    return kept


def _check(name: str, value: Any, *, depth: int) -> None:
    if not isinstance(name, str) or not _CODE.fullmatch(name):
        raise NotAFact("the name of a fact is not a code")
    if value is None or isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return
    if isinstance(value, str) and _CODE.fullmatch(value):
        return
    if depth < _DEEPEST and isinstance(value, list | tuple):
        for inner in value:
            _check(name, inner, depth=depth + 1)
        return
    if depth < _DEEPEST and isinstance(value, Mapping):
        for key, inner in value.items():
            _check(key, inner, depth=depth + 1)
        return
    raise NotAFact(f"fact {name} is not a code, a number or a reference")


def _emergencies(by: Any, subjects: Sequence[UUID]) -> dict[str, list[str]]:
    """What shows the actor a subject for a short time only is named in every event on it."""
    named = by.emergencies_on(subjects) if getattr(by, "open_emergencies", ()) else ()
    return {"emergency": [str(reference) for reference in named]} if named else {}


def _reference(subject: Any) -> UUID:
    return subject if isinstance(subject, UUID) else subject.reference
