"""Who read what: of one person, by one account, and what is unusual about it. References only, never an identity."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.audit.selectors import account
from kalkan.vocabulary.calendar import is_working_day
from kalkan.vocabulary.limits import Limit, limit

# What shows something of a person or a case; and of these what opens one, rather than naming it in a list.
OPENS = (Event.PERSON_VIEWED, Event.IDENTITY_REVEALED, Event.TEXT_READ, Event.CASE_VIEWED)
READS = (*OPENS, Event.PERSONS_LISTED, Event.PERSONS_SEARCHED, Event.CASES_LISTED, Event.EMERGENCY_OPENED)
_MOST = 200  # rows of one kind of unusual reading: more would not be read
_TABLE = AuditEvent._meta.db_table


class Reader(NamedTuple):
    """One account that read something of somebody: how often, how often who it is, and when."""

    user: Any
    times: int
    revealed: int
    first: datetime
    last: datetime


class Oddity(StrEnum):
    """What can be unusual about reading."""

    BULK = "bulk"
    OUTSIDE_HOURS = "outside_hours"
    ELSEWHERE = "elsewhere"
    IN_VAIN = "in_vain"
    GATE_IN_VAIN = "gate_in_vain"


LIMITS = {
    Oddity.BULK: "reading_per_hour",
    Oddity.OUTSIDE_HOURS: "reading_outside_hours",
    Oddity.ELSEWHERE: "reading_elsewhere",
    Oddity.IN_VAIN: "searches_in_vain",
    Oddity.GATE_IN_VAIN: "gate_in_vain",
}


class Unusual(NamedTuple):
    """One account that reached a limit: how far, and in which hour or on which day; None for the whole time asked."""

    oddity: Oddity
    user: Any
    times: int
    when: datetime | date | None

    @property
    def limit(self) -> Limit:
        return limit(LIMITS[self.oddity])


def readers(subjects: Collection[UUID]) -> list[Reader]:
    """The accounts that read anything of `subjects`, the last one first. Two queries, whatever their number."""
    rows = (
        reads_of(subjects)
        .filter(actor__isnull=False)
        .values("actor")
        .annotate(
            times=Count("id"),
            revealed=Count("id", filter=Q(action__in=[Event.IDENTITY_REVEALED, Event.TEXT_READ])),
            first=Min("at"),
            last=Max("at"),
        )
        .order_by("-last")
    )
    found = list(rows)
    users = accounts(row["actor"] for row in found)
    return [Reader(users[row["actor"]], row["times"], row["revealed"], row["first"], row["last"]) for row in found]


def reads_of(subjects: Collection[UUID]) -> QuerySet[AuditEvent]:
    """What was read of these persons and cases, in no order."""
    return AuditEvent.objects.filter(subjects__overlap=list(subjects), action__in=READS)


def reads_by(user: UUID) -> QuerySet[AuditEvent]:
    """What this account read, in no order."""
    return AuditEvent.objects.filter(actor=account(user), action__in=READS)


def access_to(subjects: Collection[UUID]) -> QuerySet[AuditEvent]:
    """Everything done with the data of these persons and cases, the newest first; checks of the log are not of it."""
    rows = AuditEvent.objects.filter(subjects__overlap=list(subjects)).exclude(action__startswith="audit:")
    return rows.select_related("actor__institution").order_by("-id")


def reads_in(emergency: UUID, subjects: Collection[UUID], *, by: int) -> QuerySet[AuditEvent]:
    """What was read through one emergency, in the order of reading."""
    named = reads_of(subjects).filter(actor=by, facts__emergency__contains=[str(emergency)])
    return named.order_by("id")


def bulk(since: datetime) -> list[Unusual]:
    """Accounts that opened at least so many different records within one hour of the clock."""
    return _hourly(
        Oddity.BULK,
        f"SELECT actor_id, date_trunc('hour', at), count(DISTINCT subjects[1]) AS found FROM {_TABLE} "
        "WHERE at >= %s AND action = ANY(%s) AND actor_id IS NOT NULL "
        "GROUP BY 1, 2 HAVING count(DISTINCT subjects[1]) >= %s ORDER BY found DESC, 2 DESC LIMIT %s",
        [since, [str(event) for event in OPENS], limit("reading_per_hour").value, _MOST],
    )


def in_vain(since: datetime) -> list[Unusual]:
    """Accounts that searched in vain, or gave wrong numbers in an emergency, at least so often within one hour."""
    return _hourly(
        Oddity.IN_VAIN,
        f"SELECT actor_id, date_trunc('hour', at), count(*) AS found FROM {_TABLE} "
        "WHERE at >= %s AND actor_id IS NOT NULL AND (action = %s OR action = %s AND facts @> '{\"shown\": 0}') "
        "GROUP BY 1, 2 HAVING count(*) >= %s ORDER BY found DESC, 2 DESC LIMIT %s",
        [since, Event.EMERGENCY_MISSED, Event.PERSONS_SEARCHED, limit("searches_in_vain").value, _MOST],
    )


def gate_in_vain(since: datetime) -> list[Unusual]:
    """Accounts that asked the gate about persons whom nobody knows, or were stopped there, so often within one hour.

    A limit of its own: most of those on a list of removals are truly unknown.
    """
    return _hourly(
        Oddity.GATE_IN_VAIN,
        f"SELECT actor_id, date_trunc('hour', at), count(*) AS found FROM {_TABLE} "
        "WHERE at >= %s AND actor_id IS NOT NULL AND (action = %s OR action = %s AND facts @> '{\"found\": false}') "
        "GROUP BY 1, 2 HAVING count(*) >= %s ORDER BY found DESC, 2 DESC LIMIT %s",
        [since, Event.GATE_REFUSED, Event.GATE_ASKED, limit("gate_in_vain").value, _MOST],
    )


def outside_hours(since: datetime, *, except_roles: Collection[str]) -> list[Unusual]:
    """Accounts that opened at least so many records on one day outside working hours, or on a day off.

    Duties that work round the clock (`except_roles`) are left out. The day is that of the country.
    """
    zone = timezone.get_default_timezone_name()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT actor_id, (at AT TIME ZONE %s)::date, extract(hour FROM at AT TIME ZONE %s)::int, count(*) "
            f"FROM {_TABLE} WHERE at >= %s AND action = ANY(%s) AND actor_id IS NOT NULL GROUP BY 1, 2, 3",
            [zone, zone, since, [str(event) for event in OPENS]],
        )
        rows = cursor.fetchall()
    begins, ends = limit("day_begins").value, limit("day_ends").value
    found: dict[tuple[int, date], int] = {}
    for actor, day, hour, count in rows:
        if not (begins <= hour < ends and is_working_day(day)):
            found[actor, day] = found.get((actor, day), 0) + count
    least = limit("reading_outside_hours").value
    many = {key: count for key, count in found.items() if count >= least}
    users = accounts(actor for actor, _day in many)
    ordered = sorted(many.items(), key=lambda one: (-one[1], -one[0][1].toordinal(), one[0][0]))
    return [
        Unusual(Oddity.OUTSIDE_HOURS, users[actor], count, day)
        for (actor, day), count in ordered
        if users[actor].role not in except_roles
    ][:_MOST]


def accounts(numbers: Iterable[int]) -> dict[int, Any]:
    """The accounts with these numbers and their institutions, in one query."""
    return get_user_model()._default_manager.select_related("institution").in_bulk(set(numbers))


def days_back(days: int) -> datetime:
    """The beginning of the day in the country that many days ago; 0 is today."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)


def _hourly(oddity: Oddity, statement: str, values: list[Any]) -> list[Unusual]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    users = accounts(actor for actor, _hour, _count in rows)
    return [Unusual(oddity, users[actor], count, hour) for actor, hour, count in rows]
