"""Asking an institution for what a plan needs of it, and its answer. Whoever asked settles the answer in the plan."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.lifecycle.duties import TO_SETTLE, Answer, refusal
from kalkan.assistance.models import ConferenceDecision, Duty, Goal, Programme, Promise
from kalkan.assistance.policy import duties as policy
from kalkan.assistance.selectors.duties import duty_about
from kalkan.assistance.services.promises import drop, end_of, keep, promise
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.models import Case
from kalkan.cases.services.steps import check_codes, check_past
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary


def ask_for(owed: Promise, part: Goal | ConferenceDecision, *, asked_by: User) -> Duty:
    """Show the institution that owes a part of a plan what it must know of it. Inside the verb that promises it."""
    if isinstance(part, Goal):
        return Duty.objects.create(promise=owed, goal=part, area=part.area, asked_by=asked_by)
    return Duty.objects.create(promise=owed, decision=part, asked_by=asked_by)


@transaction.atomic
def answer_duty(subject: UUID, *, by: User, answer: str, on: date | None = None, reason: str = "") -> Duty:
    """Say that the own institution did what a plan asks of it, or why it cannot. The asker owes the next step.

    `subject` is the reference of the goal or decision. The same answer again changes nothing; another is not taken.
    Raises Http404, Refused and NotPossible.
    """
    policy.require(by, Permission.CASES_VIEW)
    duty = policy.duties.fetch(by, lock=True, pk=duty_about(subject, by).pk)
    if not policy.is_owed_by(by, duty):
        raise refusal("owes")
    said = (answer, on if answer == Answer.DONE else None, reason if answer == Answer.CANNOT else "")
    if duty.answer and said == (duty.answer, duty.done_on, duty.reason):
        return duty
    _check(duty, answer=answer, on=on, reason=reason)

    duty.answer, duty.done_on, duty.reason = said
    duty.answered_by, duty.answered_at = by, timezone.now()
    duty.save()
    owed = duty.promise
    if answer == Answer.DONE:
        keep(owed.subject, owed.kind)
    else:
        drop(owed.subject, owed.kind)
    _owe_settlement(duty)
    record(Event.DUTY_ANSWERED, owed, by=by, facts={"answer": answer, "reason": duty.reason})
    return duty


def settled(part: Goal | ConferenceDecision) -> None:
    """Whoever asked has settled it in the plan: of its answer nothing is owed any more."""
    keep(part.reference, TO_SETTLE)


def hand_duties(programme: Programme, *, to: User) -> None:
    """Another officer asks for what the plan of this programme needs, and settles what was answered."""
    waiting = {"kept_at": None, "dropped_at": None}
    open_ones = Promise.objects.filter(case=programme.case_id, **waiting)
    Duty.objects.filter(promise__in=open_ones).update(asked_by=to)
    open_ones.filter(kind=TO_SETTLE).update(owner=to, institution=to.institution)


def _check(duty: Duty, *, answer: str, on: date | None, reason: str) -> None:
    if duty.answer:
        raise refusal("answered")
    if not duty.is_owed:
        raise refusal("settled")
    match answer:
        case Answer.DONE:
            if on is None:
                raise refusal("day")
            check_past("answer_duty", on)
        case Answer.CANNOT:
            if not reason:
                raise refusal("reason")
            check_codes("answer_duty", "duty_refusal", [reason])
        case _:
            raise refusal("answer")


def _owe_settlement(duty: Duty) -> None:
    owed, today = duty.promise, timezone.localdate()
    term = vocabulary.provision(TO_SETTLE, on=today)
    # Whoever answers sees neither the case nor what the other institution owes.
    with beyond_reach(Task.RECEIVING):
        promise(
            Case(pk=owed.case_id, province_id=owed.province_id),
            TO_SETTLE,
            subject=owed.subject,
            institution=duty.asked_by.institution,
            owner=duty.asked_by,
            due_at=end_of(calendar.due_on(term, today)),
            provision=term,
        )
