"""Moving a case along its table, and what every move brings: the log, the terms, the next deadline.

Other rooms may still work for the person when a case is to end: each module named in `settings.CASE_CLOSERS` has
`hindrance(case)`, a sentence that says what must end first, or nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import lifecycle, policy
from kalkan.cases.lifecycle import NotPossible, Stage
from kalkan.cases.models import Case, Deadline, Interview, Screening, StageChange
from kalkan.cases.selectors.hands import has_identification_interview
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary


def move_case(case: Case, name: str, *, by: User, on: date, facts: Mapping[str, Any]) -> StageChange:
    """Go the move `name` of the table with a locked case that `by` may see.

    `facts` answer what the move needs; of them codes and references are kept with the log.
    Raises Refused without the move's permission, NotPossible where the table does not have it.
    """
    policy.require(by, lifecycle.BY_NAME[name].permission)
    found = lifecycle.check(name, stage=case.stage, facts=facts)
    check_day(case, name, on)

    kept = {key: value for key, value in facts.items() if isinstance(value, str | list)}
    change = StageChange.objects.create(
        case=case, move=name, source=case.stage, target=found.target, by=by, on=on, facts=kept
    )
    case.stage = found.target
    case.version += 1
    follow_terms(case, on)
    case.save()
    record(Event.CASE_MOVED, case, case.person, by=by, facts={"move": name, "stage": case.stage})
    return change


def check_day(case: Case, act: str, on: date) -> None:
    """Raises NotPossible if `on` is yet to come, or lies before the last step of the case."""
    check_past(act, on)
    latest = case.stage_changes.order_by("-id").values_list("on", flat=True).first() or case.opened_on
    if on < latest:
        message = _("This day lies before the last step of the case. Give that day or a later one.")
        raise NotPossible(act, message, missing="on")


def check_past(act: str, on: date) -> None:
    """Raises NotPossible for a day to come."""
    if on > timezone.localdate():
        raise NotPossible(act, _("This day has not come yet. Give the day on which it happened."), missing="on")


def check_codes(act: str, code_list: str, codes: Iterable[str]) -> None:
    """Raises NotPossible if one of `codes` is not in the list."""
    if not all(vocabulary.is_known(code_list, code) for code in codes):
        raise NotPossible(act, _("Choose from the list."), missing=code_list)


def check_province(act: str, province: str | None) -> None:
    """Raises NotPossible for a code that is no province of the list."""
    if province is not None and province not in {row.code for row in vocabulary.provinces()}:
        raise NotPossible(act, _("Choose from the list."), missing="province")


def follow_terms(case: Case, on: date) -> None:
    """End the terms that do not run at the case's stage, start the one that does, and keep `next_due_on` right."""
    wanted = lifecycle.term(case.stage, is_heard=has_identification_interview(case))
    running = []
    for deadline in case.deadlines.filter(met_on=None):
        if deadline.kind == wanted:
            running.append(deadline.due_on)
        else:
            deadline.met_on = max(on, deadline.starts_on)
            deadline.save(update_fields=["met_on"])
    if wanted and not running:
        running += _start_term(case, wanted, on)
    case.next_due_on = min(running, default=None)


def _start_term(case: Case, code: str, on: date) -> list[date]:
    try:
        provision = vocabulary.provision(code, on=on)
    except vocabulary.NoProvision:  # the law of that day knew no such term
        return []
    due_on = calendar.due_on(provision, on)
    Deadline.objects.create(case=case, kind=code, provision=provision, starts_on=on, due_on=due_on)
    return [due_on]


@transaction.atomic
def close_without_signs(reference: UUID, *, by: User, on: date, reason: str) -> Case:
    """End a case in which the screening or the preliminary interview found no signs of trafficking."""
    case = policy.cases.fetch(by, lock=True, reference=reference)
    last = case.screenings.exclude(conclusion="").order_by("-id").first()
    was_heard = case.interviews.filter(kind=Interview.Kind.PRELIMINARY).exists()
    found_none = last is not None and last.conclusion == Screening.Conclusion.NO_SIGNS
    facts = {"no_signs": found_none or (case.stage == Stage.PRELIMINARY and was_heard)}
    return _end(case, "close_without_signs", by=by, on=on, reason=reason, facts=facts)


@transaction.atomic
def break_off(reference: UUID, *, by: User, on: date, reason: str) -> Case:
    """End a case whose person has left, gone missing or died, or that was opened in error."""
    case = policy.cases.fetch(by, lock=True, reference=reference)
    name = "break_off" if case.stage in lifecycle.WITH_FRONTLINE else "break_off_identification"
    return _end(case, name, by=by, on=on, reason=reason, facts={})


@transaction.atomic
def close_case(reference: UUID, *, by: User, on: date, reason: str) -> Case:
    """End the case of a recognised victim."""
    case = policy.cases.fetch(by, lock=True, reference=reference)
    return _end(case, "close", by=by, on=on, reason=reason, facts={})


def _end(case: Case, name: str, *, by: User, on: date, reason: str, facts: dict[str, Any]) -> Case:
    policy.require(by, lifecycle.BY_NAME[name].permission)
    facts |= {"reason": reason, "migration_authority": policy.is_of_the_authority(by)}
    lifecycle.check(name, stage=case.stage, facts=facts)
    check_codes(name, "closing_reason", [reason])
    for room in settings.CASE_CLOSERS:
        hindrance = import_module(room).hindrance(case)
        if hindrance:
            raise NotPossible(name, hindrance, missing="ended")

    case.closed_on, case.closing_reason = on, reason
    move_case(case, name, by=by, on=on, facts=facts)
    return case


def take(case: Case, *, by: User, permission: Permission) -> None:
    """The officer who takes the next step looks after the case, unless somebody of the same duty already does."""
    if case.assigned_to is None or permission not in case.assigned_to.permissions:
        case.assigned_to = by
