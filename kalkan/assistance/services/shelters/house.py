"""The house itself: what it offers, its beds, and who is on duty."""

import re
from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kalkan.access.concurrency import already_made, claim
from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.assistance.lifecycle.shelters import Part, not_possible
from kalkan.assistance.models import Bed, BedClosure, Shelter, Shift
from kalkan.assistance.policy import shelters as policy
from kalkan.assistance.services.shelters.steps import refusing
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.services.steps import check_codes


@transaction.atomic
def keep_shelter(
    *, by: User, profiles: Collection[str], is_accessible: bool, residents_per_staff: int, version: int = 0
) -> Shelter:
    """Say what the own shelter offers; the first time makes it known. Raises Changed if somebody was faster."""
    policy.require(by, Permission.STAYS_MANAGE)
    check_codes("keep_shelter", "shelter_profile", profiles)
    if not profiles:
        raise NotPossible("keep_shelter", _("Say whom the house takes."), missing="profiles")
    shelter = Shelter.objects.select_for_update().filter(institution=by.institution_id).first()
    if shelter is None:
        shelter = Shelter(institution=by.institution)
    else:
        claim(shelter, version)

    shelter.profiles, shelter.is_accessible = sorted(profiles), is_accessible
    shelter.residents_per_staff = residents_per_staff
    shelter.save()
    record(Event.SHELTER_CHANGED, shelter, by=by, facts={"profiles": shelter.profiles})
    return shelter


@transaction.atomic
def add_bed(*, by: User, room: str, kind: str, request_key: UUID | None = None) -> Bed:
    """One more bed in a room; it takes the next number there."""
    shelter = _own(by)
    made = already_made(shelter.beds.all(), request_key)
    if made is not None:
        return made
    check_codes("add_bed", "bed_kind", [kind])
    if not re.fullmatch(r"[0-9A-Z]{1,6}(-[0-9A-Z]{1,4})?", room):
        message = _("Write the room as the house counts it, with capital letters and digits: 3, 2A or B-12.")
        raise NotPossible("add_bed", message, missing="room")

    last = shelter.beds.filter(room=room).order_by("-number").values_list("number", flat=True).first() or 0
    bed = Bed.objects.create(shelter=shelter, room=room, number=last + 1, kind=kind, request_key=request_key)
    record(Event.SHELTER_CHANGED, shelter, bed, by=by, facts={"change": "add_bed", "kind": kind})
    return bed


@transaction.atomic
def close_bed(reference: UUID, *, by: User, reason: str, first_on: date, until_on: date | None = None) -> BedClosure:
    """Take a bed out of service for some days. Raises NotPossible while somebody sleeps in it."""
    bed = policy.beds.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.STAYS_MANAGE)
    check_codes("close_bed", "bed_closure", [reason])
    if until_on is not None and until_on <= first_on:
        raise not_possible("close_bed", "before_it_began")
    with refusing("close_bed"):
        closure = BedClosure.objects.create(bed=bed, first_on=first_on, until_on=until_on, reason=reason, by=by)
    record(Event.SHELTER_CHANGED, bed.shelter, bed, by=by, facts={"change": "close_bed", "reason": reason})
    return closure


@transaction.atomic
def open_bed(reference: UUID, *, by: User) -> Bed:
    """Put a bed back into service today; days out of service that are still to come fall away."""
    bed = policy.beds.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.STAYS_MANAGE)
    today = timezone.localdate()

    bed.closures.filter(first_on__gte=today).delete()
    for closure in bed.closures.all():
        if closure.until_on is None or closure.until_on > today:
            closure.until_on = today
            closure.save(update_fields=["until_on"])
    record(Event.SHELTER_CHANGED, bed.shelter, bed, by=by, facts={"change": "open_bed"})
    return bed


@transaction.atomic
def plan_shift(*, by: User, day: date, staff: dict[str, int]) -> None:
    """How many are on duty on each shift of a day: part of `Part` → number. Said again, the newer number holds."""
    shelter = _own(by)
    for part, number in staff.items():
        Shift.objects.update_or_create(
            shelter=shelter, day=day, part=Part(part), defaults={"staff": number}, create_defaults={"staff": number}
        )
    record(Event.SHELTER_CHANGED, shelter, by=by, facts={"change": "shift", "day": day.isoformat()})


def _own(by: User) -> Shelter:
    """The own shelter, locked. Raises NotPossible before anybody said what it offers."""
    policy.require(by, Permission.STAYS_MANAGE)
    shelter = Shelter.objects.select_for_update().filter(institution=by.institution_id).first()
    if shelter is None:
        raise NotPossible("shelter", _("Say first what the house offers and whom it takes."), missing="shelter")
    return shelter
