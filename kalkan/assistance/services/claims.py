"""Legal aid, compensation, money and case conferences of a programme."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from kalkan.access import concurrency
from kalkan.access.models import Institution, User
from kalkan.assistance.lifecycle.programmes import refusal
from kalkan.assistance.models import (
    CashSupport,
    Compensation,
    Conference,
    ConferenceDecision,
    ConferenceSeat,
    LegalAid,
    LegalStep,
)
from kalkan.assistance.policy import programmes as policy
from kalkan.assistance.services.duties import ask_for, settled
from kalkan.assistance.services.programmes import changed, check_within, running, seal
from kalkan.assistance.services.promises import drop, end_of, keep, promise
from kalkan.cases.services.steps import check_codes, check_past, check_province


@transaction.atomic
def ask_legal_aid(
    reference: UUID, *, by: User, bar: str, on: date, lawyer: str = "", request_key: UUID | None = None
) -> LegalAid:
    """Ask the bar association of a province for a lawyer."""
    programme = running(reference, by)
    made = concurrency.already_made(LegalAid.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    check_past("ask_legal_aid", on)
    check_province("ask_legal_aid", bar)

    aid = LegalAid.objects.create(
        programme=programme, bar_id=bar, asked_on=on, lawyer=seal(programme, "lawyer", lawyer, by), recorded_by=by,
        request_key=request_key,
    )  # fmt: skip
    changed(programme, "legal_aid", aid.reference, by=by)
    return aid


@transaction.atomic
def record_legal_step(reference: UUID, *, by: User, step: str, on: date) -> LegalStep:
    """Record one step of legal aid. The same step of the same day twice is one."""
    aid = policy.legal_aid.fetch(by, lock=True, reference=reference)
    programme = running(aid.programme.reference, by)
    check_past("record_legal_step", on)
    check_codes("record_legal_step", "legal_step", [step])
    if on < aid.asked_on:
        raise refusal("record_legal_step", "order")

    taken, is_new = LegalStep.objects.get_or_create(legal_aid=aid, step=step, taken_on=on)
    if is_new:
        changed(programme, "legal_aid", aid.reference, by=by, step=step)
    return taken


@transaction.atomic
def claim_compensation(
    reference: UUID,
    *,
    by: User,
    on: date,
    claimed: Decimal,
    currency: str,
    court: str = "",
    request_key: UUID | None = None,
) -> Compensation:
    """Record a claim for compensation."""
    programme = running(reference, by)
    made = concurrency.already_made(Compensation.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    check_past("claim_compensation", on)
    check_codes("claim_compensation", "currency", [currency])
    if claimed <= 0:
        raise refusal("claim_compensation", "amount")

    claim = Compensation.objects.create(
        programme=programme, claimed_on=on, claimed=claimed, currency=currency,
        court=seal(programme, "court", court, by), recorded_by=by, request_key=request_key,
    )  # fmt: skip
    changed(programme, "compensation", claim.reference, by=by)
    return claim


@transaction.atomic
def decide_compensation(
    reference: UUID, *, by: User, on: date, outcome: str, awarded: Decimal, version: int
) -> Compensation:
    """Record what a court or a settlement gave: nothing is an amount too."""
    claim = policy.compensations.fetch(by, lock=True, reference=reference)
    programme = running(claim.programme.reference, by)
    check_past("decide_compensation", on)
    check_codes("decide_compensation", "compensation_outcome", [outcome])
    if claim.outcome:
        raise refusal("decide_compensation", "done")
    if on < claim.claimed_on:
        raise refusal("decide_compensation", "order")
    if awarded < 0:
        raise refusal("decide_compensation", "amount")
    concurrency.claim(claim, version)

    claim.outcome, claim.awarded, claim.decided_on = outcome, awarded, on
    claim.save()
    changed(programme, "compensation", claim.reference, by=by)
    return claim


@transaction.atomic
def grant_cash(
    reference: UUID,
    *,
    by: User,
    kind: str,
    amount: Decimal,
    currency: str,
    begins_on: date,
    ends_on: date | None = None,
    conditions: str = "",
    request_key: UUID | None = None,
) -> CashSupport:
    """Record money given, the amount of one payment, and the conditions that were explained."""
    programme = running(reference, by)
    made = concurrency.already_made(CashSupport.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    check_codes("grant_cash", "cash_kind", [kind])
    check_codes("grant_cash", "currency", [currency])
    if amount <= 0:
        raise refusal("grant_cash", "amount")
    if begins_on < programme.begun_on:
        raise refusal("grant_cash", "before")
    if ends_on is not None and ends_on < begins_on:
        raise refusal("grant_cash", "order")

    cash = CashSupport.objects.create(
        programme=programme, kind=kind, amount=amount, currency=currency, begins_on=begins_on, ends_on=ends_on,
        conditions=seal(programme, "conditions", conditions, by), recorded_by=by, request_key=request_key,
    )  # fmt: skip
    changed(programme, "cash", cash.reference, by=by)
    return cash


class Decided(NamedTuple):
    """What a conference decided: the words, who does it, and by when."""

    wording: str
    institution: Institution
    due_on: date


@transaction.atomic
def hold_conference(
    reference: UUID,
    *,
    by: User,
    on: date,
    institutions: Collection[Institution],
    decisions: Sequence[Decided] = (),
    note: str = "",
    request_key: UUID | None = None,
) -> Conference:
    """Record a conference with those who took part; each decision is owed by its institution."""
    programme = running(reference, by)
    made = concurrency.already_made(Conference.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    check_within("hold_conference", programme, on)
    if not institutions:
        raise refusal("hold_conference", "participants")
    if any(decided.due_on < on for decided in decisions):
        raise refusal("hold_conference", "ahead")

    conference = Conference.objects.create(
        programme=programme, held_on=on, note=seal(programme, "conference", note, by), recorded_by=by,
        request_key=request_key,
    )  # fmt: skip
    ConferenceSeat.objects.bulk_create(
        ConferenceSeat(conference=conference, institution=institution) for institution in institutions
    )
    for decided in decisions:
        decision = ConferenceDecision.objects.create(
            conference=conference, wording=seal(programme, "conference", decided.wording, by),
            institution=decided.institution, due_on=decided.due_on, recorded_by=by,
        )  # fmt: skip
        owed = promise(
            programme.case, "conference_decision", subject=decision.reference, institution=decided.institution,
            due_at=end_of(decided.due_on),
        )  # fmt: skip
        ask_for(owed, decision, asked_by=programme.officer)
    changed(programme, "conference", conference.reference, by=by)
    return conference


@transaction.atomic
def do_decision(reference: UUID, *, by: User, on: date) -> ConferenceDecision:
    """Say when what a conference decided was done. Saying it again changes nothing."""
    decision = policy.decisions.fetch(by, lock=True, reference=reference)
    programme = running(decision.conference.programme.reference, by)
    check_past("do_decision", on)
    if on < decision.conference.held_on:
        raise refusal("do_decision", "order")
    if decision.dropped_on is not None:
        raise refusal("do_decision", "done")
    if decision.done_on is None:
        decision.done_on = on
        decision.save(update_fields=["done_on"])
        keep(decision.reference, "conference_decision")
        settled(decision)
        changed(programme, "conference", decision.reference, by=by)
    return decision


@transaction.atomic
def drop_decision(reference: UUID, *, by: User, on: date, reason: str) -> ConferenceDecision:
    """Say that what a conference decided will not be done, and why. Saying it again changes nothing."""
    decision = policy.decisions.fetch(by, lock=True, reference=reference)
    programme = running(decision.conference.programme.reference, by)
    check_past("drop_decision", on)
    if on < decision.conference.held_on:
        raise refusal("drop_decision", "order")
    if decision.done_on is not None:
        raise refusal("drop_decision", "done")
    if not reason.strip():
        raise refusal("drop_decision", "reason")
    if decision.dropped_on is None:
        decision.dropped_on = on
        decision.reason = seal(programme, "conference", reason, by)
        decision.save(update_fields=["dropped_on", "reason"])
        drop(decision.reference, "conference_decision")
        settled(decision)
        changed(programme, "conference", decision.reference, by=by)
    return decision
