"""Asking for a residence permit, deciding on it by another hand, and cancelling it."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kalkan.access import concurrency
from kalkan.access.models import User
from kalkan.access.policy import require
from kalkan.access.roles import Permission
from kalkan.assistance.lifecycle import permits as arithmetic
from kalkan.assistance.lifecycle.permit_moves import WHY_NOT, State, check, refuse
from kalkan.assistance.lifecycle.permits import EXTENSION, FIRST, Period
from kalkan.assistance.models import Permit
from kalkan.assistance.policy.permits import permits
from kalkan.assistance.selectors.permits import (
    HELD,
    PERMITTED,
    days_of,
    has_programme,
    maximum,
    outlook,
    report_to_cancel,
    report_to_extend,
    rule,
    terms,
)
from kalkan.assistance.services.promises import drop, end_of, keep, promise
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy as cases
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case
from kalkan.cases.services.interviews import directorate
from kalkan.cases.services.steps import check_codes, check_past
from kalkan.persons import services as persons
from kalkan.persons.models import Person
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary


@transaction.atomic
def request_permit(
    reference: UUID,
    *,
    by: User,
    kind: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
    ground: str = "",
    request_key: UUID | None = None,
) -> Permit:
    """Ask for a first permit from a day on (today), or for an extension of the last one until a day.

    Without `ends_on` the longest that the law allows. Raises NotPossible, with a sentence, where the law does not.
    """
    require(by, Permission.PERMITS_REQUEST)
    made = concurrency.already_made(Permit.objects.filter(requested_by=by), request_key)
    if made is not None:
        return made
    case = cases.cases.fetch(by, lock=True, reference=reference)
    _lock(case.person_id)
    today = timezone.localdate()
    look = outlook(case, by)
    if look.hindrance:
        raise NotPossible("request", look.hindrance, missing="kind")
    if kind == EXTENSION:
        check_codes("request", "permit_ground", [ground])
        starts_on = look.extension_starts_on
        if starts_on is None:
            raise refuse("request", "over" if arithmetic.next_start(look.granted) else "nothing_to_extend")
    elif look.kind == EXTENSION:
        raise refuse("request", "first_given")
    starts_on = starts_on or today
    check_past("request", starts_on if kind == FIRST else today)
    if kind == FIRST and case.decided_on is not None and starts_on < case.decided_on:
        raise refuse("request", "before_decision")
    period = _lawful("request", kind, look.granted, starts_on, ends_on)
    if period.ends_on <= today:
        raise refuse("request", "over")

    permit = Permit.objects.create(
        case=case,
        person=case.person,
        kind=kind,
        ground=ground if kind == EXTENSION else "",
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        provision=rule(kind, period.starts_on),
        total_provision=maximum(look.granted, period.starts_on),
        requested_on=today,
        requested_by=by,
        request_key=request_key,
    )
    _owe_decision(permit, case, look.until, by=by)
    for earlier in look.permits:  # whoever asks to stay longer has thought it over
        keep(earlier.reference, "reflection_end")
    facts = {"permit": str(permit.reference), "kind": kind, "until": permit.ends_on.isoformat()}
    record(Event.PERMIT_REQUESTED, case, case.person, by=by, facts=facts)
    return permit


@transaction.atomic
def grant_permit(reference: UUID, *, by: User, number: str, version: int) -> Permit:
    """Grant what another officer asked for, with the number of the permit. Raises NotPossible, Changed.

    Where support has begun an extension rests on an approved evaluation report (Regulation 29656).
    """
    permit = _open(reference, by=by, move="grant", version=version)
    if not number.strip():
        raise refuse("grant", "number")
    granted = days_of(permit.person).granted
    if permit.case.stage not in PERMITTED:
        raise refuse("grant", "stage")
    _lawful("grant", permit.kind, granted, permit.starts_on, permit.ends_on)
    if permit.kind == EXTENSION:
        permit.report = report_to_extend(permit.case, granted, permit.starts_on)
        if permit.report is None and has_programme(permit.case):
            raise refuse("grant", "report")

    permit.state, permit.decided_by, permit.decided_on = State.GRANTED, by, timezone.localdate()
    permit.number = persons.seal_text(permit.person, "permit_number", number.strip(), by=by)
    permit.save()
    keep(permit.reference, "permit_decision")
    for earlier in permits.visible(by).filter(person=permit.person, state__in=HELD).exclude(pk=permit.pk):
        keep(earlier.reference, "permit_expiry")
    _owe_what_follows(permit, by=by)
    _record(Event.PERMIT_DECIDED, permit, by=by)
    return permit


@transaction.atomic
def refuse_permit(reference: UUID, *, by: User, reasons: str, version: int) -> Permit:
    """Refuse what another officer asked for, with reasons. Raises NotPossible, Changed."""
    permit = _open(reference, by=by, move="refuse", version=version)
    if not reasons.strip():
        raise refuse("refuse", "reason")

    permit.state, permit.decided_by, permit.decided_on = State.REFUSED, by, timezone.localdate()
    permit.reasons = persons.seal_text(permit.person, "permit_reasons", reasons.strip(), by=by)
    permit.save()
    keep(permit.reference, "permit_decision")
    _record(Event.PERMIT_DECIDED, permit, by=by)
    return permit


@transaction.atomic
def cancel_permit(reference: UUID, *, by: User, ground: str, was_forced: bool, version: int) -> list[Permit]:
    """End a permit today, and with it those that were to follow. Raises NotPossible, Changed.

    Where support has begun an approved evaluation report with the same ground stands behind it.

    What was done under force, threat, violence or intimidation is no ground (Law 6458 art. 49): refused, with the
    provision.
    """
    permit = _fetch(reference, by=by)
    check("cancel", permit.state)
    concurrency.claim(permit, version)
    check_codes("cancel", "permit_cancellation", [ground])
    today = timezone.localdate()
    if permit.until < today:
        raise refuse("cancel", "not_held")
    provision = vocabulary.provision("permit_cancellation", on=today)
    if was_forced:
        sentence = f"{WHY_NOT['forced']} {provision.citation}: {provision.text}"
        raise NotPossible("cancel", sentence, missing="was_forced")
    report = report_to_cancel(permit.case, ground)
    if report is None and has_programme(permit.case):
        raise refuse("cancel", "cancel_report")

    later = permits.visible(by).filter(person=permit.person, state=State.GRANTED, starts_on__gte=permit.starts_on)
    ended = []
    for one in later.exclude(pk=permit.pk).select_for_update(of=("self",)):
        one.version += 1
        ended.append(one)
    for one in [permit, *ended]:
        one.state, one.cancelled_on, one.cancelled_by = State.CANCELLED, today, by
        one.cancel_ground, one.cancel_provision, one.was_forced = ground, provision, was_forced
        one.cancel_report = report
        one.save()
        drop(one.reference)
        _record(Event.PERMIT_CANCELLED, one, by=by)
    return [permit, *ended]


@transaction.atomic
def leave_permit(reference: UUID, *, by: User, reason: str, version: int) -> Permit:
    """Say why nobody extends a permit: it holds until its last day, and nothing is owed about it any more.

    It bars nothing: who thinks again asks for an extension. Raises NotPossible, Changed.
    """
    permit = _fetch(reference, by=by, permission=Permission.PERMITS_REQUEST)
    check("leave", permit.state)
    concurrency.claim(permit, version)
    check_codes("leave", "permit_left", [reason])
    if permit.left_on is not None:
        raise refuse("leave", "left")
    known = days_of(permit.person)
    if known.is_request_open or any(period.starts_on > permit.starts_on for period in known.granted):
        raise refuse("leave", "next_given")

    permit.left_on, permit.left_by, permit.left_reason = timezone.localdate(), by, reason
    permit.save()
    keep(permit.reference, "permit_expiry")
    keep(permit.reference, "reflection_end")
    _record(Event.PERMIT_LEFT, permit, by=by)
    return permit


def _fetch(reference: UUID, *, by: User, permission: Permission = Permission.PERMITS_DECIDE) -> Permit:
    """The permit, locked, with its person: two officers cannot change one person's permits at one moment."""
    found = permits.fetch(by, reference=reference)
    require(by, permission)
    cases.cases.fetch(by, lock=True, pk=found.case_id)
    _lock(found.person_id)
    return permits.fetch(by, lock=True, reference=reference)


def _open(reference: UUID, *, by: User, move: str, version: int) -> Permit:
    permit = _fetch(reference, by=by)
    check(move, permit.state)
    concurrency.claim(permit, version)
    if permit.requested_by_id == by.pk:
        raise refuse(move, "another_hand")
    return permit


def _lock(person: int) -> None:
    Person.objects.select_for_update(no_key=True).get(pk=person)


def _lawful(move: str, kind: str, granted: list[Period], starts_on: date, ends_on: date | None) -> Period:
    """The period wanted, or the longest one. Raises NotPossible with the sentence of the first rule it breaks."""
    try:
        rules = terms(granted, starts_on)
        last = ends_on or arithmetic.longest(kind, granted, starts_on, rules)
        wanted = Period(starts_on, last)
        broken = arithmetic.broken_rule(kind, granted, wanted, rules)
    except vocabulary.NoProvision:
        raise refuse(move, "no_rule") from None
    if broken == "ends_before_it_begins" and arithmetic.last_day(granted, starts_on, rules.total) <= starts_on:
        broken = "total_reached"
    if broken:
        raise refuse(move, broken)
    return wanted


def _owe_decision(permit: Permit, case: Case, until: date | None, *, by: User) -> None:
    """The directorate decides within its term, and before the last permit ends: nobody is left without one."""
    try:
        provision = vocabulary.provision("permit_decision", on=permit.requested_on)
    except vocabulary.NoProvision:
        return
    days = [calendar.due_on(provision, permit.requested_on)]
    if until is not None:
        days.append(arithmetic.office_day(until, calendar.is_working_day))
    promise(
        case,
        "permit_decision",
        subject=permit.reference,
        institution=directorate(case, by=by),
        due_at=end_of(min(days)),
        provision=provision,
    )


def _owe_what_follows(permit: Permit, *, by: User) -> None:
    """Before the permit ends somebody extends it or says why not; after the first, the person has thought it over."""
    case = permit.case
    promise(
        case,
        "permit_expiry",
        subject=permit.reference,
        institution=permit.requested_by.institution,
        owner=permit.requested_by,
        due_at=end_of(arithmetic.office_day(permit.ends_on, calendar.is_working_day)),
        provision=permit.provision,
    )
    if permit.kind == FIRST:
        try:
            reflection = vocabulary.provision("reflection_period", on=permit.starts_on)
        except vocabulary.NoProvision:
            return
        promise(
            case,
            "reflection_end",
            subject=permit.reference,
            institution=permit.requested_by.institution,
            owner=permit.requested_by,
            due_at=end_of(calendar.due_on(reflection, permit.starts_on)),
            provision=reflection,
        )


def _record(event: Event, permit: Permit, *, by: User) -> None:
    facts = {"permit": str(permit.reference), "kind": permit.kind, "state": str(permit.state)}
    record(event, permit.case, permit.person, by=by, facts=facts)
