"""Reading the log, newest first."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone

from kalkan.audit.models import AuditEvent


class Filter(NamedTuple):
    """Which events to show; days are whole days of the country, both included."""

    actor: UUID | None = None
    subject: UUID | None = None
    action: str = ""
    first: date | None = None
    last: date | None = None


class Slice(NamedTuple):
    """Some events and, where there are older ones, the number of the last: the next slice is `before` it."""

    events: list[AuditEvent]
    next_before: int | None


def events(asked: Filter, *, before: int | None = None, size: int = 50) -> Slice:
    """The newest `size` events that fit, older than event number `before`. One query, whatever the page."""
    rows = fitting(asked)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("actor", "actor__institution").order_by("-pk")[: size + 1])
    return Slice(found[:size], found[size - 1].pk if len(found) > size else None)


def fitting(asked: Filter) -> QuerySet[AuditEvent]:
    """All events that fit, in no order."""
    rows = AuditEvent.objects.all()
    if asked.actor is not None:
        rows = rows.filter(actor=account(asked.actor))
    if asked.subject is not None:
        rows = rows.filter(subjects__contains=[asked.subject])
    if asked.action:
        rows = rows.filter(action=asked.action)
    if asked.first is not None:
        rows = rows.filter(at__gte=_midnight(asked.first))
    if asked.last is not None:
        rows = rows.filter(at__lt=_midnight(asked.last + timedelta(days=1)))
    return rows


def account(reference: UUID) -> int:
    """The number of the account of that reference, 0 if there is none: with it the database knows how often it acts,
    and walks through the events of that account only."""
    return get_user_model()._default_manager.filter(reference=reference).values_list("pk", flat=True).first() or 0


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
