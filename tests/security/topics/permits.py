"""Permits, returns and questions to the gate."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from kalkan.access.models import User
from kalkan.access.roles import MATRIX, Permission, Role, Scope
from kalkan.assistance.models import GateCheck, Permit, ReturnFollowUp, ReturnPlan
from kalkan.assistance.policy.gate import checks
from kalkan.assistance.policy.permits import WORKING as PERMIT_WORK
from kalkan.assistance.policy.permits import permits
from kalkan.assistance.policy.returns import WORKING as RETURN_WORK
from kalkan.assistance.policy.returns import returns
from kalkan.cases.models import Case
from kalkan.vocabulary.models import Provision
from kalkan.web.doors import Kind, Page
from tests.factories import make_user
from tests.security.topics.words import sealed_words

DAY = date(2026, 3, 2)


def fill(case: Case, by: User) -> None:
    """A request, a return that was declined and followed up all the same, and a question of the case's institution."""
    _permit(case, by)
    plan = _return(case, by)
    ReturnFollowUp.objects.create(plan=plan, months=1, held_on=DAY, contact="phone", outcome="settled", by=by)
    _check(case)


def allowed(user: User) -> dict[type[Any], set[int]]:
    """Permits and returns of visible cases for those who work on them; questions of the own place."""
    plans = set(returns.visible(user).values_list("pk", flat=True))
    return {
        Permit: set(permits.visible(user).values_list("pk", flat=True)),
        ReturnPlan: plans,
        ReturnFollowUp: set(ReturnFollowUp.objects.filter(plan__in=plans).values_list("pk", flat=True)),
        GateCheck: set(checks.visible(user).values_list("pk", flat=True)),
    }


def _permit(case: Case, by: User) -> Permit:
    found = Permit.objects.filter(case=case).first()
    return found or Permit.objects.create(
        case=case, person=case.person, kind="first", starts_on=DAY, ends_on=DAY + timedelta(days=30),
        provision=Provision.objects.get(code="permit_first"), requested_on=DAY, requested_by=by,
        total_provision=Provision.objects.get(code="permit_total"),
    )  # fmt: skip


def _return(case: Case, by: User) -> ReturnPlan:
    words = sealed_words(case, "return_risk", by)
    return ReturnPlan.objects.create(
        case=case, stage="declined", moment="after_identification", offered_on=DAY, offered_by=by, departed_on=DAY,
        approved_on=DAY, cooling_off_until=DAY - timedelta(days=1), risk_note=words,
        provision=Provision.objects.get(code="voluntary_return"),
    )  # fmt: skip


def _check(case: Case) -> GateCheck:
    asker = make_user(Role.FRONTLINE_OFFICER, case.institution)
    return GateCheck.objects.create(
        asked_by=asker, institution=case.institution, province_id=case.institution.province_id, verdict="stop",
        reasons=["in_programme"], is_found=True,
    )  # fmt: skip


def _named_return(case: Case, page: Page) -> dict[str, Any]:
    plan = _return(case, make_user(Role.PROTECTION_OFFICER))
    assert plan.risk_note is not None
    named = {"text": plan.risk_note.reference} if page.name == "assistance:return_text" else {}
    return {"reference": plan.reference, **named}


def _of_the_case(*work: Permission) -> Callable[[User, Page, bool], bool]:
    def reaches(user: User, _page: Page, is_own: bool) -> bool:
        scope = MATRIX[Role(user.role)][0]
        return bool(set(work) & user.permissions) and (
            user.scope is Scope.NATION or (is_own and scope is not Scope.NONE)
        )

    return reaches


named: dict[Kind, Callable[[Case, Page], dict[str, Any]]] = {
    Kind.PERMIT: lambda case, _page: {"reference": _permit(case, make_user(Role.PROTECTION_OFFICER)).reference},
    Kind.RETURN: _named_return,
    Kind.GATE: lambda case, _page: {"reference": _check(case).reference},
}
reaches: dict[Kind, Callable[[User, Page, bool], bool]] = {
    Kind.PERMIT: _of_the_case(*PERMIT_WORK),
    Kind.RETURN: _of_the_case(*RETURN_WORK),
    Kind.GATE: _of_the_case(Permission.GATE_ASK),
}
