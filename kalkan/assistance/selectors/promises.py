"""What is owed: the work lists of an officer, an institution and a province, and how old it grows, without names."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from kalkan.access.models import Institution, User
from kalkan.access.policy import Refused, has
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.lifecycle.promises import BY_CODE, Words
from kalkan.assistance.models import Promise
from kalkan.assistance.policy.promises import owed, promises
from kalkan.cases.models import Case
from kalkan.vocabulary.models import Province

WHOSE = ("mine", "institution", "all")


class Work(NamedTuple):
    """One promise as a line of a work list."""

    promise: Promise
    label: Words
    url: str
    is_overdue: bool


class Age(NamedTuple):
    """How old the open promises of one institution, or of one province, have grown. Days since they were made."""

    institution: Institution | None
    province: Province | None
    open: int
    overdue: int
    median: float
    ninth: float
    oldest: int


def open_promises(user: User, whose: str = "all", *, kind: str = "") -> QuerySet[Promise]:
    """What is still owed, the earliest first, so that the overdue stand on top.

    `mine`: given to this officer; `institution`: owed by the own institution; `all`: everything that exists for the
    user, for an authority what is owed in its province.
    """
    match whose:
        case "mine":
            rows = promises.visible(user).filter(kept_at=None, dropped_at=None, owner=user)
        case "institution":
            rows = promises.visible(user).filter(kept_at=None, dropped_at=None, institution=user.institution_id)
        case _:
            rows = owed(user)
    if kind:
        rows = rows.filter(kind=kind)
    # Who owes an answer to a referral does not see its case: joined, the promise would be gone with it.
    number = Case.objects.filter(pk=OuterRef("case_id")).values("number")[:1]
    rows = rows.annotate(case_number=Subquery(number)).order_by("due_at", "pk")
    return rows.select_related("institution", "province", "owner", "provision")


def lines(found: list[Promise]) -> list[Work]:
    """Each promise with what it is called and the page on which it is kept."""
    now = timezone.now()
    return [
        Work(one, BY_CODE[one.kind].label, reverse(BY_CODE[one.kind].page, args=[one.subject]), one.due_at < now)
        for one in found
    ]


class Owed(NamedTuple):
    """How many promises an institution must keep within a week, and how many are overdue."""

    soon: int
    late: int


def due_soon(user: User) -> Owed:
    """What the user's institution owes within a week or owes already. One query."""
    now = timezone.now()
    rows = open_promises(user, "institution").order_by().filter(due_at__lt=now + timedelta(days=7))
    return Owed(
        **rows.aggregate(soon=Count("pk", filter=Q(due_at__gte=now)), late=Count("pk", filter=Q(due_at__lt=now)))
    )


_AGES = """
SELECT {key}, count(*), count(*) FILTER (WHERE due_at < now()),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY age), percentile_cont(0.9) WITHIN GROUP (ORDER BY age), max(age)
FROM (
    SELECT institution_id, province_id, due_at, extract(epoch FROM now() - made_at) / 86400 AS age
    FROM assistance_promise WHERE kept_at IS NULL AND dropped_at IS NULL
) p GROUP BY {key}
"""


@beyond_reach(Task.OVERSIGHT)
def ages_by_province(user: User) -> list[Age]:
    """Every province with open promises, the oldest first. Raises Refused for those who do not oversee."""
    _require_oversight(user)
    known = {province.code: province for province in Province.objects.all()}
    return _sorted([Age(None, known.get(key), *_round(rest)) for key, *rest in _rows("province_id")])


@beyond_reach(Task.OVERSIGHT)
def ages_by_institution(user: User) -> list[Age]:
    """Every institution with open promises, the oldest first. Raises Refused for those who do not oversee."""
    _require_oversight(user)
    rows = _rows("institution_id")
    known = Institution.objects.in_bulk([key for key, *_rest in rows])
    return _sorted([Age(known[key], None, *_round(rest)) for key, *rest in rows])


def _require_oversight(user: User) -> None:
    # Oversight counts; it is not a way to rows, so it does not go through the rows that exist for the user.
    if not has(user, Permission.CASES_OVERSEE):
        raise Refused(Permission.CASES_OVERSEE)


def _rows(key: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_AGES.format(key=key))
        return cursor.fetchall()


def _round(found: list[Any]) -> tuple[int, int, float, float, int]:
    count, overdue, median, ninth, oldest = found
    return count, overdue, round(median, 1), round(ninth, 1), int(oldest)


def _sorted(ages: list[Age]) -> list[Age]:
    return sorted(ages, key=lambda age: (-age.overdue, -age.oldest, -age.open))
