"""What happens while somebody stays: absences, incidents, reviews."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kalkan.access.concurrency import already_made, claim
from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.lifecycle.shelters import Severity, Status, not_possible
from kalkan.assistance.lifecycle.shelters import check as check_move
from kalkan.assistance.models import Absence, Incident, Stay
from kalkan.assistance.policy import shelters as policy
from kalkan.assistance.services.promises import end_of, keep
from kalkan.assistance.services.shelters.steps import case_of, check_past, owe, owe_review, refusing
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.services.steps import check_codes
from kalkan.persons import services as persons


@transaction.atomic
def record_absence(
    reference: UUID,
    *,
    by: User,
    is_planned: bool,
    reason: str,
    since_on: date,
    expected_on: date | None = None,
    request_key: UUID | None = None,
) -> Absence:
    """The resident is away; the bed stays theirs. Where nobody knew of it, the shelter has hours to find out where
    the person is; where it was known, hours from the end of the day on which the person was expected back.
    """
    stay = _resident(reference, by=by)
    made = already_made(stay.absences.all(), request_key)
    if made is not None:
        return made
    check_codes("record_absence", "absence_reason", [reason])
    check_past("record_absence", since_on)
    if stay.admitted_on is None or since_on < stay.admitted_on:
        raise not_possible("record_absence", "order")
    if expected_on is not None and expected_on < since_on:
        raise not_possible("record_absence", "before_it_began")

    with refusing("record_absence"):
        absence = Absence.objects.create(
            stay=stay, by=by, is_planned=is_planned, reason=reason, since_on=since_on, expected_on=expected_on,
            request_key=request_key,
        )  # fmt: skip
    if not is_planned or expected_on is not None:
        after = end_of(expected_on) if is_planned and expected_on is not None else None
        house = stay.shelter.institution
        owe(stay, "absence_follow_up", institution=house, hours="absence_follow_up", after=after)
    facts = {"is_planned": is_planned, "reason": reason}
    record(Event.ABSENCE_RECORDED, stay, absence, case_of(stay), by=by, facts=facts)
    return absence


@transaction.atomic
def end_absence(reference: UUID, *, by: User, returned_on: date) -> Absence:
    """The resident is back."""
    absence = policy.absences.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.STAYS_MANAGE)
    check_past("end_absence", returned_on)
    if absence.returned_on is not None:
        return absence
    with refusing("end_absence"):
        absence.returned_on = returned_on
        absence.save(update_fields=["returned_on"])
    with beyond_reach(Task.OVERSIGHT):
        keep(absence.stay.reference, "absence_follow_up")
    record(Event.ABSENCE_ENDED, absence.stay, absence, case_of(absence.stay), by=by)
    return absence


@transaction.atomic
def review_stay(reference: UUID, *, by: User, version: int) -> Stay:
    """The staff went over the stay: is the house still right and safe? The next review is owed from today."""
    stay = _resident(reference, by=by)
    claim(stay, version)

    stay.save(update_fields=["version"])
    with beyond_reach(Task.OVERSIGHT):
        keep(stay.reference, "stay_review")
    owe_review(stay, on=timezone.localdate())
    record(Event.STAY_REVIEWED, stay, case_of(stay), by=by)
    return stay


@transaction.atomic
def report_incident(
    *,
    by: User,
    kind: str,
    severity: str,
    happened_on: date,
    police_informed: bool,
    stay: UUID | None = None,
    request_key: UUID | None = None,
) -> Incident:
    """Report in codes what happened in or around the own house, to a resident if to one. A severe one of a resident
    is owed a follow-up by the institution that asked for the place, whose protection officer sees it.
    """
    policy.require(by, Permission.STAYS_MANAGE)
    made = already_made(policy.incidents.visible(by), request_key)
    if made is not None:
        return made
    shelter = policy.shelters.fetch(by, institution=by.institution_id)
    concerned = policy.stays.fetch(by, lock=True, reference=stay, shelter=shelter) if stay is not None else None
    check_codes("report_incident", "incident_kind", [kind])
    check_past("report_incident", happened_on)
    if concerned is not None and (concerned.admitted_on is None or happened_on < concerned.admitted_on):
        raise not_possible("report_incident", "order")

    incident = Incident.objects.create(
        shelter=shelter, stay=concerned, kind=kind, severity=Severity(severity), happened_on=happened_on,
        police_informed=police_informed, by=by, request_key=request_key,
    )  # fmt: skip
    facts = {"kind": kind, "severity": severity, "police_informed": police_informed}
    if concerned is None:
        record(Event.INCIDENT_REPORTED, incident, shelter, by=by, facts=facts)
        return incident
    if severity == Severity.SEVERE:
        owing = concerned.requested_by.institution
        owe(concerned, "incident_follow_up", subject=incident, institution=owing, hours="incident_follow_up")
    record(Event.INCIDENT_REPORTED, incident, concerned, case_of(concerned), by=by, facts=facts)
    return incident


@transaction.atomic
def follow_up_incident(reference: UUID, *, by: User, on: date, account: str = "") -> Incident:
    """The protection officer has looked into it. What was found is sealed under the person's key."""
    incident = policy.incidents.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.STAYS_REQUEST)
    check_past("follow_up_incident", on)
    stay = incident.stay
    if incident.followed_up_on is not None or stay is None:
        return incident

    person, words = stay.case.person, account.strip()
    with refusing("follow_up_incident"):
        incident.followed_up_by, incident.followed_up_on = by, on
        incident.account = persons.seal_text(person, "incident", words, by=by) if words else None
        incident.save(update_fields=["followed_up_by", "followed_up_on", "account"])
    keep(incident.reference, "incident_follow_up")
    record(Event.INCIDENT_FOLLOWED_UP, incident, stay, stay.case, person, by=by)
    return incident


def _resident(reference: UUID, *, by: User) -> Stay:
    stay = policy.stays.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.STAYS_MANAGE)
    if stay.status != Status.ADMITTED:
        check_move("leave", status=stay.status, facts={})
    return stay
