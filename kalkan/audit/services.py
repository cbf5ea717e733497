"""Writing to the log."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent, Channel


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
    return AuditEvent(
        action=event,
        actor=by,
        subjects=[_reference(subject) for subject in subjects],
        facts=dict(facts or {}),
        channel=context.channel,
        request=context.request,
    )


def record(event: Event, *subjects: Any, by: Any | None, facts: Mapping[str, Any] | None = None) -> AuditEvent:
    """Write that `by` (a user, or None for the system itself) did or saw `event` on `subjects`.

    Subjects are rows with a `reference`, or references. `facts` are codes, numbers and references:
    never a name, a phone or document number, or free text.
    """
    written = build(event, *subjects, by=by, facts=facts)
    written.save(force_insert=True)
    return written


def record_many(events: Sequence[AuditEvent]) -> None:
    """Write events made with `build` in batches."""
    AuditEvent.objects.bulk_create(events, batch_size=5000)


def _reference(subject: Any) -> UUID:
    return subject if isinstance(subject, UUID) else subject.reference
