"""Voluntary and safe return: offered, assessed, decided by the person, approved by another officer, followed up."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kalkan.access import concurrency
from kalkan.access.models import Institution, User
from kalkan.access.policy import institutions, require
from kalkan.access.roles import Permission
from kalkan.assistance.lifecycle import returns as lifecycle
from kalkan.assistance.lifecycle.returns import ARRANGEABLE, FOLLOW_UP_MONTHS, GRAVE, OPEN, Risk, refuse, risk_of
from kalkan.assistance.models import ReturnFollowUp, ReturnPlan
from kalkan.assistance.policy.permits import permits
from kalkan.assistance.policy.returns import returns
from kalkan.assistance.selectors.returns import months_left
from kalkan.assistance.services.promises import drop, end_of, keep, promise
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy as cases
from kalkan.cases.lifecycle import Stage as CaseStage
from kalkan.cases.models import Case
from kalkan.cases.services.steps import check_codes, check_past
from kalkan.persons import selectors as persons_selectors
from kalkan.persons import services as persons
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary

RECOGNISED = frozenset({CaseStage.RECOGNISED, CaseStage.PROTECTION})
PURPOSE = "return"  # of code list `consent_purpose`


@transaction.atomic
def offer_return(
    reference: UUID, *, by: User, moment: str, on: date, destination: str = "", request_key: UUID | None = None
) -> ReturnPlan:
    """Offer the return at one of the three moments that the Regulation names. Raises NotPossible."""
    require(by, Permission.RETURNS_PLAN)
    made = concurrency.already_made(ReturnPlan.objects.filter(offered_by=by), request_key)
    if made is not None:
        return made
    case = cases.cases.fetch(by, lock=True, reference=reference)
    check_codes("offer", "return_moment", [moment])
    check_codes("offer", "country", [destination] if destination else [])
    check_past("offer", on)
    if case.stage not in RECOGNISED:
        raise refuse("offer", "undecided")
    if moment != "after_identification" and case.stage != CaseStage.PROTECTION:
        raise refuse("offer", "moment")
    if ReturnPlan.objects.filter(case=case, stage__in=sorted(OPEN)).exists():
        raise refuse("offer", "open_plan")

    plan = ReturnPlan.objects.create(
        case=case,
        moment=moment,
        provision=vocabulary.provision("voluntary_return", on=on),
        offered_on=on,
        offered_by=by,
        destination=destination,
        request_key=request_key,
    )
    _record(plan, "offer", by=by)
    return plan


@transaction.atomic
def assess_return(
    reference: UUID,
    *,
    by: User,
    on: date,
    destination: str,
    risks: Iterable[str],
    unknown: Iterable[str],
    note: str,
    version: int,
) -> ReturnPlan:
    """Record what threatens the person there: what was found, what nobody knows yet, and how it is met."""
    plan = _begin(reference, by=by, move="assess", version=version, on=on)
    found, open_questions = list(dict.fromkeys(risks)), list(dict.fromkeys(unknown))
    check_codes("assess", "return_risk", [*found, *open_questions])
    check_codes("assess", "country", [destination] if destination else [])
    grave = {code.code for code in vocabulary.codes("return_risk", retired=True) if code.parent == GRAVE}
    _check("assess", plan, {"destination": destination})

    plan.destination, plan.risks = destination, found
    plan.risks_unknown = [code for code in open_questions if code not in found]
    plan.risk = risk_of(
        grave=[code for code in found if code in grave],
        other=[code for code in found if code not in grave],
        unknown=plan.risks_unknown,
    )
    plan.risk_note = _sealed(plan, "return_risk", note, by=by)
    plan.assessed_on, plan.assessed_by = on, by
    return _go(plan, "assess", by=by)


@transaction.atomic
def decide_return(reference: UUID, *, by: User, on: date, language: str, informed: bool, version: int) -> ReturnPlan:
    """Record that the informed person decided to return, with live consent. The days of thinking over begin."""
    plan = _begin(reference, by=by, move="decide", version=version, on=on)
    check_codes("decide", "language", [language])
    _check("decide", plan, _standing(plan) | {"informed": informed})
    rule = vocabulary.provision("return_cooling_off", on=on)

    plan.language, plan.decided_on, plan.decision_recorded_by = language, on, by
    plan.cooling_off, plan.cooling_off_until = rule, calendar.due_on(rule, on)
    promise(
        plan.case,
        "return_cooling_off",
        subject=plan.reference,
        institution=by.institution,
        owner=by,
        due_at=end_of(plan.cooling_off_until),
        provision=rule,
    )
    return _go(plan, "decide", by=by)


@transaction.atomic
def arrange_return(
    reference: UUID,
    *,
    by: User,
    papers: str,
    escort: str,
    receiver: Institution | None = None,
    receiver_words: str = "",
    version: int,
) -> ReturnPlan:
    """Record travel papers, escort and who receives the person: an institution of the list, or words."""
    plan = _fetch(reference, by=by, permission=Permission.RETURNS_PLAN)
    check_arrangeable(plan)
    concurrency.claim(plan, version)
    check_codes("arrange", "return_papers", [papers])
    check_codes("arrange", "return_escort", [escort])
    if receiver is not None and not institutions.visible(by).filter(pk=receiver.pk).exists():
        raise refuse("arrange", "arranged")
    if receiver is None and not receiver_words.strip():
        raise refuse("arrange", "arranged")

    plan.papers, plan.escort, plan.receiver, plan.arranged_by = papers, escort, receiver, by
    plan.receiver_words = _sealed(plan, "return_receiver", receiver_words, by=by)
    plan.save()
    _record(plan, "arrange", by=by)
    return plan


def check_arrangeable(plan: ReturnPlan) -> None:
    """Raises NotPossible unless the risks were assessed and the return is not approved yet."""
    if plan.stage not in ARRANGEABLE:
        raise refuse("arrange", "arrangeable")


@transaction.atomic
def approve_return(reference: UUID, *, by: User, ground: str = "", version: int) -> ReturnPlan:
    """Approve what another officer planned, after the days of thinking over; a high risk only with a ground."""
    plan = _begin(reference, by=by, move="approve", version=version, on=timezone.localdate())
    today = timezone.localdate()
    hands = {plan.offered_by_id, plan.assessed_by_id, plan.decision_recorded_by_id, plan.arranged_by_id}
    _check(
        "approve",
        plan,
        _standing(plan)
        | {
            "another_hand": by.pk not in hands,
            "cooled_off": plan.cooling_off_until is not None and today > plan.cooling_off_until,
            "arranged": plan.is_arranged,
            "ground": plan.risk != Risk.HIGH or ground.strip(),
        },
    )

    plan.approved_on, plan.approved_by = today, by
    plan.approval_ground = _sealed(plan, "return_approval", ground, by=by)
    keep(plan.reference, "return_cooling_off")
    return _go(plan, "approve", by=by)


@transaction.atomic
def record_departure(reference: UUID, *, by: User, on: date, version: int) -> ReturnPlan:
    """The person has left. From here the follow-ups are owed, each after its term."""
    plan = _begin(reference, by=by, move="depart", version=version, on=on)
    _check("depart", plan, _standing(plan))

    plan.departed_on = on
    for months in FOLLOW_UP_MONTHS:
        rule = vocabulary.provision(f"return_follow_up_{months}", on=on)
        promise(
            plan.case,
            f"return_follow_up_{months}",
            subject=plan.reference,
            institution=by.institution,
            owner=by,
            due_at=end_of(calendar.due_on(rule, on)),
            provision=rule,
        )
    for permit in permits.visible(by).filter(person=plan.case.person_id).values_list("reference", flat=True):
        drop(permit, "permit_expiry", "reflection_end")  # who has left needs no extension
    return _go(plan, "depart", by=by)


@transaction.atomic
def confirm_arrival(reference: UUID, *, by: User, on: date, version: int) -> ReturnPlan:
    """The receiving side confirmed that the person arrived."""
    plan = _fetch(reference, by=by, permission=Permission.RETURNS_PLAN)
    concurrency.claim(plan, version)
    check_past("arrive", on)
    if plan.departed_on is None or plan.arrived_on is not None:
        raise refuse("arrive", "arrived")
    if on < plan.departed_on:
        raise refuse("arrive", "departed")

    plan.arrived_on = on
    plan.save()
    _record(plan, "arrive", by=by)
    return plan


@transaction.atomic
def record_follow_up(
    reference: UUID, *, by: User, months: int, on: date, contact: str, outcome: str, note: str = "", version: int
) -> ReturnFollowUp:
    """Record how the person fares after so many months. Each of them once, also when the case is closed meanwhile."""
    plan = _begin(reference, by=by, move="follow_up", version=version, on=on)
    check_codes("follow_up", "return_contact", [contact])
    check_codes("follow_up", "return_outcome", [outcome])
    if months not in months_left(plan):
        raise refuse("follow_up", "month")
    _check("follow_up", plan, {"departed": plan.departed_on is not None and on >= plan.departed_on})

    follow_up = ReturnFollowUp.objects.create(
        plan=plan,
        months=months,
        held_on=on,
        contact=contact,
        outcome=outcome,
        note=_sealed(plan, "return_follow_up", note, by=by),
        by=by,
    )
    keep(plan.reference, f"return_follow_up_{months}")
    _go(plan, "follow_up", by=by, months=months, outcome=outcome)
    return follow_up


@transaction.atomic
def complete_return(reference: UUID, *, by: User, on: date, version: int) -> ReturnPlan:
    """Nothing is owed any more: every follow-up was held."""
    plan = _begin(reference, by=by, move="complete", version=version, on=on)
    _check("complete", plan, {"all_followed_up": not months_left(plan)})
    plan.ended_on = on
    return _go(plan, "complete", by=by)


@transaction.atomic
def decline_return(reference: UUID, *, by: User, on: date, version: int) -> ReturnPlan:
    """The person does not want to return."""
    return _end(reference, "decline", by=by, on=on, version=version)


@transaction.atomic
def withdraw_return(reference: UUID, *, by: User, on: date, version: int) -> ReturnPlan:
    """The person thought again, at any time before the departure and for no reason at all."""
    return _end(reference, "withdraw", by=by, on=on, version=version)


def _end(reference: UUID, move: str, *, by: User, on: date, version: int) -> ReturnPlan:
    plan = _begin(reference, by=by, move=move, version=version, on=on)
    _check(move, plan, {})
    plan.ended_on = on
    drop(plan.reference)
    return _go(plan, move, by=by)


def _fetch(reference: UUID, *, by: User, permission: Permission) -> ReturnPlan:
    found = returns.fetch(by, reference=reference)
    require(by, permission)
    cases.cases.fetch(by, lock=True, pk=found.case_id)
    return returns.fetch(by, lock=True, reference=reference)


def _begin(reference: UUID, *, by: User, move: str, version: int, on: date) -> ReturnPlan:
    plan = _fetch(reference, by=by, permission=lifecycle.BY_NAME[move].permission)
    concurrency.claim(plan, version)
    check_past(move, on)
    return plan


def _check(move: str, plan: ReturnPlan, facts: dict[str, Any]) -> None:
    lifecycle.check(move, stage=plan.stage, facts=facts)


def _standing(plan: ReturnPlan) -> dict[str, Any]:
    """What must hold from the decision to the departure: a recognised victim, and consent that was not taken back."""
    case: Case = plan.case
    consent = persons_selectors.live_consents(case.person, purpose=PURPOSE)
    return {"recognised": case.stage in RECOGNISED, "consent": consent.exists()}


def _go(plan: ReturnPlan, move: str, *, by: User, **facts: Any) -> ReturnPlan:
    plan.stage = lifecycle.BY_NAME[move].target
    plan.save()
    _record(plan, move, by=by, **facts)
    return plan


def _sealed(plan: ReturnPlan, topic: str, text: str, *, by: User) -> Any:
    return persons.seal_text(plan.case.person, topic, text.strip(), by=by) if text.strip() else None


def _record(plan: ReturnPlan, move: str, *, by: User, **facts: Any) -> None:
    told = {"return": str(plan.reference), "move": move, "stage": str(plan.stage), **facts}
    record(Event.RETURN_MOVED, plan.case, plan.case.person, by=by, facts=told)
