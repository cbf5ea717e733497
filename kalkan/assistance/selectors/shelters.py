"""Looking into the own shelter, at a stay, and at how full all of them are."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Case as Choose
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access.models import User
from kalkan.access.policy import has
from kalkan.access.policy import require as require
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.lifecycle.shelters import ASKED, MISFITS, URGENCIES, Part, Status
from kalkan.assistance.lifecycle.shelters import OPEN as LIVING
from kalkan.assistance.models import (
    Absence,
    Bed,
    BedClosure,
    BedUse,
    CensusRow,
    Incident,
    Promise,
    Shelter,
    Shift,
    Stay,
)
from kalkan.assistance.policy import shelters as policy
from kalkan.assistance.selectors.section import Section
from kalkan.cases import policy as cases
from kalkan.cases.lifecycle import OPEN
from kalkan.cases.models import Case

INCIDENT_DAYS = 30


class Duty(NamedTuple):
    """One shift of today: how many are on duty, how many there must be."""

    label: str
    staff: int | None
    needed: int

    @property
    def is_short(self) -> bool:
        return (self.staff or 0) < self.needed


class Occupancy(NamedTuple):
    """How full one shelter is, spoken of by its code."""

    shelter: Shelter
    beds: int
    closed: int
    taken: int
    waiting: int

    @property
    def free(self) -> int:
        return self.beds - self.closed - self.taken

    @property
    def percent(self) -> int:
        """Of the beds in service, how many are taken."""
        in_service = self.beds - self.closed
        return round(100 * self.taken / in_service) if in_service else 0


class Night(NamedTuple):
    """What the census counted in one shelter in one night."""

    day: date
    shelter: Shelter
    residents: int
    away: int


class Place(NamedTuple):
    """One bed of the board: who is in it today, or why nobody can be."""

    bed: Bed
    stay: Stay | None
    closure: BedClosure | None


def own_shelter(user: User) -> Shelter | None:
    """The shelter in which the user works, once somebody said what it offers."""
    rows = policy.shelters.visible(user).filter(institution=user.institution_id)
    return rows.select_related("institution").first()


def in_order(stays: QuerySet[Stay]) -> QuerySet[Stay]:
    """The waiting list: by urgency, then by the moment of the request."""
    ranks = [When(urgency=urgency, then=Value(rank)) for rank, urgency in enumerate(URGENCIES)]
    return stays.order_by(Choose(*ranks, default=Value(len(ranks))), "requested_at", "pk")


def residents(user: User, shelter: Shelter) -> QuerySet[Stay]:
    """Who stays there now, with the bed, the open absence and the day of the next review."""
    uses = BedUse.objects.filter(stay=OuterRef("pk"), until_on=None)
    away = Absence.objects.filter(stay=OuterRef("pk"), returned_on=None)
    review = Promise.objects.filter(subject=OuterRef("reference"), kind="stay_review", kept_at=None, dropped_at=None)
    return (
        policy.stays.own(user)
        .filter(shelter=shelter, status=Status.ADMITTED)
        .annotate(
            room=Subquery(uses.values("bed__room")[:1]),
            bed_number=Subquery(uses.values("bed__number")[:1]),
            away_since=Subquery(away.values("since_on")[:1]),
            is_away_planned=Subquery(away.values("is_planned")[:1]),
            review_at=Subquery(review.values("due_at")[:1]),
        )
        .order_by("room", "bed_number", "pk")
    )


def review_due(stay: Stay) -> datetime | None:
    """By when the staff go over the stay again."""
    owed = Promise.objects.filter(subject=stay.reference, kind="stay_review", kept_at=None, dropped_at=None)
    return owed.values_list("due_at", flat=True).first()


def home(user: User, shelter: Shelter) -> dict[str, Any]:
    """What the staff need to see first today."""
    today = timezone.localdate()
    stays = policy.stays.own(user).filter(shelter=shelter)
    here = list(residents(user, shelter))
    asked = list(in_order(stays.filter(status__in=ASKED)))
    return {
        "shelter": shelter,
        "residents": here,
        "away": [stay for stay in here if stay.away_since],  # type: ignore[attr-defined]
        "requests": [stay for stay in asked if stay.status == Status.REQUESTED],
        "waiting": [stay for stay in asked if stay.status == Status.WAITING],
        "incidents": list(
            policy.incidents.own(user)
            .filter(shelter=shelter, happened_on__gte=today - timedelta(days=INCIDENT_DAYS))
            .select_related("stay")
        ),
        "free": len(free_beds(user, shelter, today)),
        "duty": duty(user, shelter, today, residents=len(here)),
    }


def duty(user: User, shelter: Shelter, day: date, *, residents: int) -> list[Duty]:
    """The shifts of one day beside the smallest number that the house asks of itself."""
    planned = dict(policy.shifts.visible(user).filter(shelter=shelter, day=day).values_list("part", "staff"))
    needed = max(1, -(-residents // shelter.residents_per_staff))
    return [Duty(str(part.label), planned.get(part.value), needed) for part in Part]


def board(user: User, shelter: Shelter, day: date) -> list[Place]:
    """Every bed of the house on a day."""
    beds = list(policy.beds.visible(user).filter(shelter=shelter, retired_on=None))
    uses = _on(policy.bed_uses.visible(user).filter(bed__shelter=shelter), day).select_related("stay")
    closures = _on(policy.closures.visible(user).filter(bed__shelter=shelter), day)
    taken, closed = {use.bed_id: use.stay for use in uses}, {one.bed_id: one for one in closures}
    return [Place(bed, taken.get(bed.pk), closed.get(bed.pk)) for bed in beds]


def free_beds(user: User, shelter: Shelter, day: date) -> list[Bed]:
    """The beds of the house that somebody can be given on that day."""
    return [one.bed for one in board(user, shelter, day) if one.stay is None and one.closure is None]


def occupancy(user: User) -> list[Occupancy]:
    """How full every shelter is: counts by code and profile, neither name nor place.

    Counts beyond the reach of the user: beds and stays of other houses exist for nobody but their staff.
    """
    require(user, Permission.OCCUPANCY_VIEW)
    today = timezone.localdate()
    shelters = list(policy.shelters.visible(user).filter(institution__is_active=True).select_related("institution"))
    with beyond_reach(Task.OVERSIGHT):
        beds = _counted(Bed.objects.filter(retired_on=None), "shelter")
        closed = _counted(_on(BedClosure.objects.filter(bed__retired_on=None), today), "bed__shelter")
        taken = _counted(_on(BedUse.objects.all(), today), "bed__shelter")
        waiting = _counted(Stay.objects.filter(status__in=ASKED), "shelter")
    return [Occupancy(one, beds[one.pk], closed[one.pk], taken[one.pk], waiting[one.pk]) for one in shelters]


def census(user: User, *, first: date, last: date) -> list[Night]:
    """How many stayed in each shelter in each night that was counted, the last night first; counts by code alone.

    Counts beyond the reach of the user, like `occupancy`. Nobody was in where a night was counted and no row is there.
    """
    require(user, Permission.OCCUPANCY_VIEW)
    shelters = list(policy.shelters.visible(user).select_related("institution"))
    days = policy.census_days.visible(user).filter(day__gte=first, day__lte=last).order_by("-day")
    nights: list[Any] = list(days.values_list("day", flat=True))
    with beyond_reach(Task.OVERSIGHT):
        rows = CensusRow.objects.filter(day__in=days).order_by().values_list("day_id", "shelter")
        counts = rows.annotate(residents=Count("pk"), away=Count("pk", filter=Q(is_away=True)))
        found = {(day, shelter): (residents, away) for day, shelter, residents, away in counts}
    return [Night(day, one, *found.get((day, one.pk), (0, 0))) for day in nights for one in shelters]


def misfit_words(stay: Stay) -> list[str]:
    """Where the house does not fit, in words."""
    return [str(MISFITS[code]) for code in stay.misfits if code in MISFITS]


def is_place_owed(stay: Stay) -> bool:
    """Whether whoever asked for this place still owes the person another one, as far as the user sees."""
    owed = Promise.objects.filter(subject=stay.reference, kind="stay_elsewhere", kept_at=None, dropped_at=None)
    return owed.exists()


def hindrance(case: Case) -> str:
    """Why a bed or a request for one keeps the case from being closed; empty where none does.

    Asked beyond the reach of whoever closes: not everybody who closes a case sees stays.
    """
    with beyond_reach(Task.OVERSIGHT):
        is_open = Stay.objects.filter(case=case, status__in=sorted(LIVING)).exists()
    if is_open:
        return _(
            "The person stays in a shelter, or a place is asked for: let the shelter end the stay, or take the "
            "request back, before closing the case."
        )
    return ""


def hub_section(case: Case, user: User) -> Section | None:
    """The stays of a case for those who ask for them."""
    if not has(user, Permission.STAYS_REQUEST):
        return None
    stays = list(policy.stays.visible(user).filter(case=case).select_related("shelter__institution").order_by("-pk"))
    incidents = Incident.objects.filter(stay__in=stays, followed_up_on=None, severity="severe")
    context = {
        "case": case,
        "stays": stays,
        "incidents": list(incidents.select_related("stay")),
        "can_ask": case.stage in OPEN and cases.cases.is_own(user, case),
    }
    return Section("shelter", _("Shelter"), "assistance/hub/shelters.html", context)


def shifts_of(user: User, shelter: Shelter, day: date) -> dict[str, int]:
    """Part of the day → how many are on duty, as far as anybody said."""
    rows: QuerySet[Shift] = policy.shifts.visible(user).filter(shelter=shelter, day=day)
    return dict(rows.values_list("part", "staff"))


def _on(rows: QuerySet[Any], day: date) -> QuerySet[Any]:
    return rows.filter(Q(until_on=None) | Q(until_on__gt=day), first_on__lte=day)


def _counted(rows: QuerySet[Any], shelter: str) -> Counter[int]:
    return Counter(dict(rows.order_by().values_list(shelter).annotate(number=Count("pk"))))
