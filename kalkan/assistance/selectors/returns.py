"""What is known of a return: its steps, what comes next, and what stands in the way of closing the case."""

from typing import NamedTuple

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access.models import User
from kalkan.access.policy import has
from kalkan.access.roles import Permission
from kalkan.assistance.lifecycle.promises import Words
from kalkan.assistance.lifecycle.returns import ARRANGEABLE, BEFORE_DEPARTURE, FOLLOW_UP_MONTHS, OPEN, next_moves
from kalkan.assistance.models import Programme, ReturnFollowUp, ReturnPlan
from kalkan.assistance.policy.returns import WORKING, returns
from kalkan.assistance.selectors.removal import PROTECTED
from kalkan.assistance.selectors.section import Section
from kalkan.cases import policy as cases
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case

PAGES = {
    "decline": "assistance:decline_return",
    "assess": "assistance:assess_return",
    "decide": "assistance:decide_return",
    "approve": "assistance:approve_return",
    "depart": "assistance:depart_return",
    "follow_up": "assistance:follow_up_return",
    "complete": "assistance:complete_return",
    "withdraw": "assistance:withdraw_return",
}
_ENDINGS = frozenset({"decline", "withdraw"})


class Step(NamedTuple):
    """One thing that this user can do with the plan now."""

    title: Words
    url: str
    is_aside: bool
    """True for what ends the return or goes back over a step: never what comes next."""


def plans(case: Case, user: User) -> list[ReturnPlan]:
    """The returns of a case as this user sees them, the newest first, with their follow-ups. Two queries."""
    follow_ups = ReturnFollowUp.objects.select_related("note", "by").order_by("months")
    found = returns.visible(user).filter(case=case).select_related("receiver", "provision", "cooling_off")
    return list(found.prefetch_related(Prefetch("follow_ups", queryset=follow_ups)).order_by("-id"))


def steps(plan: ReturnPlan, user: User) -> list[Step]:
    """What the user can do with the plan now: what comes next, then what is aside."""
    found = []
    for move in next_moves(plan.stage):
        if move.name == "approve" and not plan.is_arranged:
            continue
        if move.name == "follow_up" and not months_left(plan):
            continue
        if move.name == "complete" and months_left(plan):
            continue
        if has(user, move.permission):
            found.append(Step(move.title, reverse(PAGES[move.name], args=[plan.reference]), move.name in _ENDINGS))
    if plan.stage in ARRANGEABLE and has(user, Permission.RETURNS_PLAN):
        found.append(
            Step(
                _("Arrange the journey"), reverse("assistance:arrange_return", args=[plan.reference]), plan.is_arranged
            )
        )
    if plan.departed_on and plan.arrived_on is None and has(user, Permission.RETURNS_PLAN):
        url = reverse("assistance:confirm_arrival", args=[plan.reference])
        found.append(Step(_("Confirm the arrival"), url, False))
    return sorted(found, key=lambda step: step.is_aside)


def months_left(plan: ReturnPlan) -> list[int]:
    """After how many months a follow-up is still to be recorded."""
    held = {follow_up.months for follow_up in plan.follow_ups.all()}
    return [months for months in FOLLOW_UP_MONTHS if months not in held]


def hindrance(case: Case) -> str:
    """Why an open return keeps the case from being closed; empty where none does.

    After the departure the case may be closed: the follow-ups go on. A permit that holds never keeps a case open.
    """
    if ReturnPlan.objects.filter(case=case, stage__in=sorted(BEFORE_DEPARTURE)).exists():
        return _("A return is being planned: record the departure, or withdraw the return, before closing the case.")
    return ""


def moment_now(case: Case) -> str:
    """At which of the three moments of the Regulation the case stands: code of `return_moment`. One query at most."""
    if case.stage != Stage.PROTECTION:
        return "after_identification"
    ends = list(Programme.objects.filter(case=case).values_list("ended_on", flat=True))
    return "end_of_support" if ends and all(ends) else "during_support"


def section(case: Case, user: User) -> Section | None:
    """The part of the page of support that tells of the return."""
    if not any(has(user, permission) for permission in WORKING):
        return None
    found = plans(case, user)
    may_offer = (
        cases.cases.is_own(user, case)
        and has(user, Permission.RETURNS_PLAN)
        and case.stage in PROTECTED
        and not any(plan.stage in OPEN for plan in found)
    )
    moment = moment_now(case) if may_offer else ""
    shown = {
        "case": case,
        "plans": found,
        "may_offer": may_offer,
        "moment": "" if any(plan.moment == moment for plan in found) else moment,
        "today": timezone.localdate(),
    }
    return Section("returns", _("Voluntary and safe return"), "assistance/hub/returns.html", shown)
