"""The way of a stay: asked for, assessed, admitted to a bed, moved, ended."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kalkan.access.concurrency import already_made, claim
from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.lifecycle import shelters as lifecycle
from kalkan.assistance.lifecycle.shelters import Status, not_possible
from kalkan.assistance.models import Absence, Bed, BedUse, Shelter, Stay
from kalkan.assistance.policy import shelters as policy
from kalkan.assistance.selectors.shelters import is_place_owed
from kalkan.assistance.services.promises import drop, keep
from kalkan.assistance.services.shelters.steps import (
    case_of,
    check_past,
    found_a_place,
    owe,
    owe_a_place,
    owe_review,
    refusing,
)
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy as cases
from kalkan.cases.lifecycle import OPEN, NotPossible
from kalkan.cases.services.steps import check_codes
from kalkan.vocabulary import selectors as vocabulary


@transaction.atomic
def request_stay(
    reference: UUID,
    *,
    by: User,
    shelter: Shelter,
    urgency: str,
    wanted_on: date,
    needs: Collection[str] = (),
    risks: Collection[str] = (),
    children: int = 0,
    request_key: UUID | None = None,
) -> Stay:
    """Ask a shelter for a place for the person of this case. Where the person stays in another one, that stay ends on
    the day on which the new one begins. The shelter sees codes, and neither case nor person.

    Raises NotPossible where the shelter was asked already or the case is closed.
    """
    case = cases.cases.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.STAYS_REQUEST)
    made = already_made(case.stays.filter(requested_by=by), request_key)
    if made is not None:
        return made
    act = "request_stay"
    if case.stage not in OPEN:
        raise NotPossible(act, lifecycle.CLOSED_CASE, missing="stage")
    policy.shelters.fetch(by, pk=shelter.pk, institution__is_active=True)
    check_codes(act, "stay_urgency", [urgency])
    check_codes(act, "stay_need", needs)
    check_codes(act, "stay_risk", risks)
    current = case.stays.filter(status=Status.ADMITTED).first()
    if current is not None and current.shelter_id == shelter.pk:
        raise not_possible(act, "here_already")

    person = case.person
    with refusing(act):
        stay = Stay.objects.create(
            case=case,
            shelter=shelter,
            replaces=current,
            urgency=urgency,
            wanted_on=wanted_on,
            sex=person.sex,
            age_band=person.age_band,
            is_child=case.is_child or person.is_child,
            languages=person.languages,
            children=children,
            needs=sorted(needs),
            risks=sorted(risks),
            requested_by=by,
            request_key=request_key,
        )
    found_a_place(case.pk)
    owe(stay, "stay_answer", institution=shelter.institution, hours=f"stay_answer_{urgency}")
    facts = {"shelter": shelter.institution.code, "urgency": urgency, "is_transfer": current is not None}
    record(Event.STAY_REQUESTED, stay, case, person, by=by, facts=facts)
    return stay


@transaction.atomic
def keep_waiting(reference: UUID, *, by: User, version: int) -> Stay:
    """Answer that there is no bed now: the person goes on the waiting list, and whoever asked looks further."""
    stay = _fetch(reference, by=by, move="keep_waiting", version=version)
    _go(stay, "keep_waiting", by=by, facts={})
    owe_a_place(stay)
    return stay


@transaction.atomic
def decline_stay(reference: UUID, *, by: User, version: int, reason: str) -> Stay:
    """Answer that the person cannot stay here: whoever asked finds another place."""
    stay = _fetch(reference, by=by, move="decline", version=version)
    check_codes("decline", "stay_decline", [reason])
    stay.reason = reason
    _go(stay, "decline", by=by, facts={"reason": reason})
    owe_a_place(stay)
    return stay


@transaction.atomic
def withdraw_stay(reference: UUID, *, by: User, version: int, reason: str) -> Stay:
    """The protection officer takes the request back."""
    stay = _fetch(reference, by=by, move="withdraw", version=version)
    check_codes("withdraw", "stay_withdrawal", [reason])
    stay.reason = reason
    _go(stay, "withdraw", by=by, facts={"reason": reason})
    return stay


@transaction.atomic
def see_to_stay(reference: UUID, *, by: User) -> Stay:
    """The protection officer has found another place for the person, or none is needed any more.

    Raises NotPossible where nobody waits for a place.
    """
    stay = policy.stays.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.STAYS_REQUEST)
    if not is_place_owed(stay):
        raise not_possible("see_to", "nothing_owed")

    keep(stay.reference, "stay_elsewhere")
    record(Event.STAY_MOVED, stay, case_of(stay), by=by, facts={"move": "see_to", "status": stay.status})
    return stay


@transaction.atomic
def assess_stay(reference: UUID, *, by: User, version: int, answers: Mapping[str, str], ground: str = "") -> Stay:
    """Answer every question on safety and see whether the house fits. A ground may be given on which the person is to
    be admitted nevertheless: then another officer admits.
    """
    stay = policy.stays.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.STAYS_MANAGE)
    claim(stay, version)
    if stay.status not in lifecycle.OPEN:
        lifecycle.check("admit", status=stay.status, facts={})
    check_codes("assess", "stay_safety", answers)
    asked = {question.code for question in vocabulary.codes("stay_safety")}
    if set(answers) != asked or set(answers.values()) - set(lifecycle.Said.values):
        raise not_possible("assess", "assessed")
    if ground:
        check_codes("assess", "stay_exception", [ground])

    house = stay.shelter
    stay.answers = dict(answers)
    stay.is_high_risk = lifecycle.is_high_risk(answers)
    if stay.status != Status.ADMITTED:
        stay.misfits = lifecycle.misfits(
            house.profiles, is_accessible=house.is_accessible, sex=stay.sex, is_child=stay.is_child,
            children=stay.children, needs=stay.needs,
        )  # fmt: skip
    stay.ground, stay.assessed_by, stay.assessed_at = ground, by, timezone.now()
    _check_hands(stay)
    stay.save()
    facts = {"is_high_risk": stay.is_high_risk, "misfits": stay.misfits, "ground": ground}
    record(Event.STAY_ASSESSED, stay, case_of(stay), by=by, facts=facts)
    return stay


@transaction.atomic
def admit(reference: UUID, *, by: User, version: int, bed: UUID, on: date) -> Stay:
    """Give the person a bed from the night of `on`. Against the assessment only on a ground, and by another officer.

    A stay in another shelter, which the request said it replaces, ends on that day in the same transaction; that is
    done beyond the reach of the staff, who do not see it.
    """
    stay = _fetch(reference, by=by, move="admit", version=version)
    given = _bed(stay, bed, by=by)
    facts = {
        "assessed": stay.assessed_by_id,
        "ground": not stay.is_exception or stay.ground,
        "another_hand": not stay.is_exception or stay.assessed_by_id != by.pk,
        "bed": given,
    }
    lifecycle.check("admit", status=stay.status, facts=facts)
    check_past("admit", on)

    stay.admitted_by, stay.admitted_on = by, on
    with refusing("admit"):
        if stay.replaces_id is not None:
            _leave_the_other(stay.replaces_id, successor=stay, on=on, by=by)
        _go(stay, "admit", by=by, facts=facts | {"bed": given.reference.hex, "ground": stay.ground or "fits"})
        BedUse.objects.create(stay=stay, bed=given, person_id=case_of(stay).person_id, first_on=on)
    found_a_place(stay.case_id)
    owe_review(stay, on=on)
    return stay


@transaction.atomic
def move_bed(reference: UUID, *, by: User, version: int, bed: UUID, on: date) -> Stay:
    """From the night of `on` in another bed of the same house."""
    stay = _fetch(reference, by=by, move="move_bed", version=version)
    given = _bed(stay, bed, by=by)
    check_past("move_bed", on)

    with refusing("move_bed"):
        person = case_of(stay).person_id
        _leave_bed(stay, on=on, act="move_bed")
        BedUse.objects.create(stay=stay, bed=given, person_id=person, first_on=on)
        _go(stay, "move_bed", by=by, facts={"bed": given.reference.hex})
    return stay


@transaction.atomic
def end_stay(reference: UUID, *, by: User, version: int, reason: str, on: date) -> Stay:
    """The person leaves; the bed is free from the night of `on`."""
    stay = _fetch(reference, by=by, move="leave", version=version)
    check_codes("leave", "stay_leaving", [reason])
    check_past("leave", on)
    with refusing("leave"):
        _end(stay, reason=reason, on=on, by=by)
    return stay


def _end(stay: Stay, *, reason: str, on: date, by: User) -> None:
    _leave_bed(stay, on=on, act="leave")
    Absence.objects.filter(stay=stay, returned_on=None, since_on__lte=on).update(returned_on=on)
    stay.left_on, stay.reason = on, reason
    _go(stay, "leave", by=by, facts={"reason": reason})


def _leave_the_other(replaced: int, *, successor: Stay, on: date, by: User) -> None:
    with beyond_reach(Task.HANDING_ON):
        other = Stay.objects.select_for_update().get(pk=replaced)
        if other.status != Status.ADMITTED:
            return
        other.version += 1
        _leave_bed(other, on=on, act="admit")
        Absence.objects.filter(stay=other, returned_on=None, since_on__lte=on).update(returned_on=on)
        other.status, other.left_on, other.reason = Status.LEFT, on, "transfer"
        other.save()
    with beyond_reach(Task.OVERSIGHT):
        drop(other.reference)
    record(Event.STAY_MOVED, other, case_of(successor), by=by, facts={"move": "leave", "reason": "transfer"})


def _leave_bed(stay: Stay, *, on: date, act: str) -> None:
    """The use of the bed ends. Uses that began on a later day cannot: `on` lies in the last one."""
    use = stay.bed_uses.select_for_update().get(until_on=None)
    if on < use.first_on:
        raise not_possible(act, "order")
    use.until_on = on
    use.save(update_fields=["until_on"])


def _fetch(reference: UUID, *, by: User, move: str, version: int) -> Stay:
    found = lifecycle.BY_NAME[move]
    stay = policy.stays.fetch(by, lock=True, reference=reference)
    policy.require(by, found.permission)
    claim(stay, version)
    if stay.status not in found.sources:
        lifecycle.check(move, status=stay.status, facts={})
    return stay


def _bed(stay: Stay, reference: UUID, *, by: User) -> Bed:
    """A bed of the house, locked: of two officers who choose it at once the second waits for the first."""
    bed = policy.beds.fetch(by, lock=True, reference=reference)
    if bed.shelter_id != stay.shelter_id:
        raise not_possible("admit", "other_house")
    return bed


def _check_hands(stay: Stay) -> None:
    """A resident's new assessment keeps what the admission stood on: a ground, and two officers."""
    if stay.status == Status.ADMITTED and stay.is_exception:
        if not stay.ground:
            raise not_possible("assess", "ground")
        if stay.assessed_by_id == stay.admitted_by_id:
            raise not_possible("assess", "another_hand_again")


def _go(stay: Stay, name: str, *, by: User, facts: Mapping[str, object]) -> None:
    needed = dict.fromkeys(lifecycle.BY_NAME[name].needs, True) | dict(facts)
    move = lifecycle.check(name, status=stay.status, facts=needed)
    was_asked = stay.status == Status.REQUESTED
    stay.status = move.target
    if was_asked and move.name != "withdraw":
        stay.answered_at = timezone.now()
        with beyond_reach(Task.OVERSIGHT):
            keep(stay.reference, "stay_answer")
    stay.save()
    if stay.status not in lifecycle.OPEN:
        with beyond_reach(Task.OVERSIGHT):
            drop(stay.reference)
    kept = {key: value for key, value in facts.items() if isinstance(value, str)}
    record(Event.STAY_MOVED, stay, case_of(stay), by=by, facts={"move": name, "status": stay.status, **kept})
