"""Shelters, beds, stays and what happens during them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from kalkan.access.models import Institution, InstitutionKind, ShelterPlace, User
from kalkan.access.roles import MATRIX, Permission, Role, Scope
from kalkan.access.sensitivity import place_for
from kalkan.assistance.models import (
    Absence,
    Bed,
    BedClosure,
    BedUse,
    CensusDay,
    CensusRow,
    Incident,
    Shelter,
    Shift,
    Stay,
)
from kalkan.assistance.policy import shelters as policy
from kalkan.cases.models import Case
from kalkan.persons.services import seal_text
from kalkan.web.doors import Kind, Page
from tests.factories import make_institution, make_user

_DAY = date(2026, 3, 2)


def _shelter(case: Case) -> Shelter:
    """The shelter of the case: the one that leads it, or else one in a province of its own."""
    own = case.institution
    house = own if own.kind == InstitutionKind.SHELTER else make_institution("shelter", case.province_id)
    return Shelter.objects.get_or_create(institution=house, defaults={"profiles": ["women"]})[0]


def _stay(case: Case) -> Stay:
    by = make_user(Role.SHELTER_STAFF, (shelter := _shelter(case)).institution)
    stay: Stay = Stay.objects.create(
        case=case, shelter=shelter, urgency="soon", wanted_on=_DAY, sex="female", age_band="24-26", requested_by=by,
        assessed_by=by, admitted_by=by, admitted_on=_DAY, status="admitted",
    )  # fmt: skip
    bed = Bed.objects.create(shelter=shelter, room=f"R{stay.pk % 100_000}", number=1, kind="single")
    BedUse.objects.create(stay=stay, bed=bed, person=case.person, first_on=_DAY)
    return stay


def fill(case: Case, by: User) -> None:
    """A stay of the case with a row of everything."""
    stay = _stay(case)
    bed = Bed.objects.create(shelter=stay.shelter, room=f"K{stay.pk % 100_000}", number=1, kind="cot")
    BedClosure.objects.create(bed=bed, first_on=_DAY, reason="repair", by=by)
    Absence.objects.create(stay=stay, is_planned=True, reason="visit", since_on=_DAY, by=by)
    for concerned in (stay, None):
        Incident.objects.create(
            shelter=stay.shelter, stay=concerned, kind="threat", severity="minor", happened_on=_DAY,
            police_informed=False, by=by,
        )  # fmt: skip
    Shift.objects.create(shelter=stay.shelter, day=_DAY + timedelta(days=stay.pk), part="night", staff=1)
    day, _is_new = CensusDay.objects.get_or_create(day=_DAY, defaults={"residents": 1})
    CensusRow.objects.create(day=day, shelter=stay.shelter, stay=stay, bed=stay.bed_uses.get().bed, is_away=True)


def allowed(user: User) -> dict[type[Any], set[Any]]:
    """What the first wall shows of each table, and the places of shelters."""
    rows = (
        (Shelter, policy.shelters),
        (Bed, policy.beds),
        (BedClosure, policy.closures),
        (BedUse, policy.bed_uses),
        (Stay, policy.stays),
        (Absence, policy.absences),
        (Incident, policy.incidents),
        (Shift, policy.shifts),
        (CensusDay, policy.census_days),
        (CensusRow, policy.census_rows),
    )
    shelters = Institution.objects.filter(kind=InstitutionKind.SHELTER).select_related("place")
    places = [place_for(user, one) for one in shelters]
    return {
        **{model: set(those.visible(user).values_list("pk", flat=True)) for model, those in rows},
        ShelterPlace: {place.pk for place in places if place is not None},
    }


def _of_a_stay(case: Case, page: Page) -> dict[str, Any]:
    stay = case.stays.first() or _stay(case)
    if page.name == "assistance:end_absence":
        found = stay.absences.first() or Absence.objects.create(
            stay=stay, is_planned=True, reason="visit", since_on=_DAY, by=stay.admitted_by
        )
        return {"reference": found.reference}
    if page.name.startswith("assistance:incident"):
        incident = stay.incidents.first() or Incident.objects.create(
            shelter=stay.shelter, stay=stay, kind="threat", severity="severe", happened_on=timezone.localdate(),
            police_informed=False, by=stay.admitted_by,
        )  # fmt: skip
        if incident.account is None:
            writer = make_user(Role.IDENTIFICATION_EXPERT, case.institution)
            incident.account = seal_text(case.person, "incident", "Uydurma söz", by=writer)
            incident.save(update_fields=["account"])
        return {"reference": incident.reference}
    return {"reference": stay.reference}


def _of_a_house(case: Case, page: Page) -> dict[str, Any]:
    bed = Bed.objects.filter(shelter=_shelter(case)).first()
    bed = bed or Bed.objects.create(shelter=_shelter(case), room="1", number=1, kind="single")
    return {"reference": bed.reference}


def _sees_the_stay(user: User, page: Page, is_own: bool) -> bool:
    """The stay of an own case is in the own house where one works in a house."""
    is_staff = Permission.STAYS_MANAGE in user.permissions
    asks = Permission.STAYS_REQUEST in user.permissions
    return is_own and (is_staff or (asks and MATRIX[Role(user.role)][0] is not Scope.NONE))


named: dict[Kind, Callable[[Case, Page], dict[str, Any]]] = {Kind.STAY: _of_a_stay, Kind.PLACE: _of_a_house}
reaches: dict[Kind, Callable[[User, Page, bool], bool]] = {
    Kind.STAY: _sees_the_stay,
    Kind.PLACE: lambda user, page, is_own: is_own and Permission.STAYS_MANAGE in user.permissions,
}
