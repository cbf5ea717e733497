"""Overdue work by province: counts, never names."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Min, Q
from django.utils import timezone

from kalkan.access.models import User
from kalkan.access.policy import Refused, has
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.cases.lifecycle import OPEN, TERM_LABELS
from kalkan.cases.models import Case, Deadline
from kalkan.vocabulary.models import Province


class ProvinceLoad(NamedTuple):
    """What is open and overdue in one province; `province` is None for cases without one."""

    province: Province | None
    open_cases: int
    overdue: int
    by_term: dict[str, int]
    oldest_due_on: date | None
    oldest_days: int

    @property
    def name(self) -> str:
        return "" if self.province is None else self.province.name


ORDERS = ("overdue", "oldest", "open", "name")


@beyond_reach(Task.OVERSIGHT)
def overdue_by_province(user: User, *, order: str = "overdue") -> list[ProvinceLoad]:
    """One row for every province, and one for cases without: for the centre all, for a province its own.

    Raises Refused for everybody else.
    """
    rows = _within_reach(user)
    today = timezone.localdate()
    late = Q(next_due_on__lt=today)
    loads = {
        row["province"]: row
        for row in rows.filter(stage__in=OPEN)
        .values("province")
        .annotate(open_cases=Count("id"), overdue=Count("id", filter=late), oldest=Min("next_due_on", filter=late))
        .order_by()
    }
    terms = _terms(rows, today)
    provinces: Iterable[Province | None] = Province.objects.all()
    if not has(user, Permission.CASES_OVERSEE) and user.institution.province_id:
        provinces = Province.objects.filter(code=user.institution.province_id)
    found = [
        _load(province, loads.get(province.code if province else None), terms, today)
        for province in [*provinces, *([None] if None in loads else [])]
    ]
    return sorted(found, key=_key(order))


def _within_reach(user: User) -> Any:
    # Oversight counts; it is not a way to rows, so it does not go through the rows that exist for the user.
    if has(user, Permission.CASES_OVERSEE):
        return Case.objects.all()
    if has(user, Permission.CASES_ASSIGN):
        home = user.institution.province_id
        return Case.objects.filter(province=home) if home else Case.objects.all()
    raise Refused(Permission.CASES_OVERSEE)


def _terms(rows: Any, today: date) -> dict[str | None, dict[str, int]]:
    terms: dict[str | None, dict[str, int]] = {}
    late = Deadline.objects.filter(met_on=None, due_on__lt=today, case__in=rows.filter(next_due_on__lt=today))
    counted = late.values("case__province", "kind").annotate(count=Count("id")).order_by()
    for row in counted:
        terms.setdefault(row["case__province"], {})[row["kind"]] = row["count"]
    return terms


def _load(province: Province | None, row: Any, terms: Any, today: date) -> ProvinceLoad:
    by_term = {kind: terms.get(province.code if province else None, {}).get(kind, 0) for kind in TERM_LABELS}
    if row is None:
        return ProvinceLoad(province, 0, 0, by_term, None, 0)
    oldest = row["oldest"]
    days = (today - oldest).days if oldest else 0
    return ProvinceLoad(province, row["open_cases"], row["overdue"], by_term, oldest, days)


def _key(order: str) -> Any:
    match order:
        case "oldest":
            return lambda load: (-load.oldest_days, load.name)
        case "open":
            return lambda load: (-load.open_cases, load.name)
        case "name":
            return lambda load: load.name
    return lambda load: (-load.overdue, -load.oldest_days, load.name)
