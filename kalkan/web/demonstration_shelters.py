"""Invented shelters with beds, and some invented residents."""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from kalkan.access.models import Institution, User
from kalkan.access.roles import InstitutionKind, Role
from kalkan.assistance.models import Shelter
from kalkan.assistance.services import shelters
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from kalkan.vocabulary import selectors as vocabulary

PROFILES = {"shelter-d": ["children", "families"], "shelter-c": ["men"], "shelter-b": ["families", "women"]}
ROOMS = {"1": "single", "2": "bunk", "3": "accessible"}


def furnish(staff: Callable[[Institution], User]) -> None:
    """Each invented shelter gets what it offers and six beds, the first of them residents and a request besides.

    What is there already stays as it is. `staff` gives an account of the shelter.
    """
    houses = Institution.objects.filter(kind=InstitutionKind.SHELTER, is_invented=True).order_by("code")
    for house in houses.exclude(pk__in=Shelter.objects.values("institution")):
        _open(house, staff(house), is_first=house == houses.first())


@transaction.atomic
def _open(house: Institution, by: User, *, is_first: bool) -> None:
    shelter = shelters.keep_shelter(
        by=by, profiles=PROFILES.get(house.code, ["women", "families"]), is_accessible=True, residents_per_staff=4
    )
    for room, kind in ROOMS.items():
        for _number in range(2):
            shelters.add_bed(by=by, room=room, kind=kind)
    if is_first:
        _move_in(shelter, by)


def _move_in(shelter: Shelter, by: User) -> None:
    """Some of the persons in protection stay there; one asks."""
    officer = User.objects.filter(role=Role.PROTECTION_OFFICER, is_invented=True).order_by("pk").first()
    if officer is None:
        return
    today = timezone.localdate()
    answers = {question.code: "no" for question in vocabulary.codes("stay_safety")}
    cases = Case.objects.filter(
        stage=Stage.PROTECTION, province=officer.institution.province_id, is_child=False, person__sex="female"
    )
    for number, case in enumerate(cases.order_by("pk")[:4]):
        stay = shelters.request_stay(
            case.reference, by=officer, shelter=shelter, urgency="soon" if number else "now", wanted_on=today,
            needs=["interpreter"],
        )  # fmt: skip
        if number:
            stay = shelters.assess_stay(stay.reference, by=by, version=stay.version, answers=answers)
            bed = shelter.beds.all()[number]
            shelters.admit(
                stay.reference, by=by, version=stay.version, bed=bed.reference, on=today - timedelta(days=9 * number)
            )
