"""Travel documents that were checked: seen beside the case, and by the document experts of the unit they went to."""

from collections.abc import Callable
from typing import Any

from kalkan.access.models import InstitutionKind, User
from kalkan.access.roles import MATRIX, Permission, Role, Scope
from kalkan.assistance.lifecycle.papers import Verdict
from kalkan.assistance.models import PaperCheck
from kalkan.assistance.policy.papers import papers, sent
from kalkan.cases.models import Case
from kalkan.web.doors import Kind, Page
from tests.factories import make_institution, make_user


def fill(case: Case, by: User) -> None:
    """A document without doubt, and one that was sent to the police unit of the case, or to another."""
    PaperCheck.objects.create(case=case, kind="passport", verdict=Verdict.CLEAR, checked_by=by)
    _sent(case, by)


def _sent(case: Case, by: User) -> PaperCheck:
    is_police = case.institution.kind == InstitutionKind.POLICE
    unit = case.institution if is_police else make_institution(InstitutionKind.POLICE, "TR-01")
    return PaperCheck.objects.create(case=case, kind="visa", verdict=Verdict.DOUBT, checked_by=by, sent_to=unit)


def allowed(user: User) -> dict[type[Any], set[int]]:
    """Those of one's cases, and those that one's unit examines."""
    return {PaperCheck: {row.pk for rows in (papers, sent) for row in rows.visible(user)}}


def _named(case: Case, page: Page) -> dict[str, Any]:
    paper = _sent(case, make_user(Role.FRONTLINE_OFFICER, case.institution))
    if page.name == "assistance:examine_paper":
        return {"paper": paper.reference}
    return {"reference": case.reference, "paper": paper.reference}


def _reaches(user: User, page: Page, is_own: bool) -> bool:
    scope = MATRIX[Role(user.role)][0]
    if page.name == "assistance:examine_paper":
        return is_own and Permission.PAPERS_EXAMINE in user.permissions
    return scope is Scope.NATION or (is_own and scope is not Scope.NONE)


named: dict[Kind, Callable[[Case, Page], dict[str, Any]]] = {Kind.PAPER: _named}
reaches: dict[Kind, Callable[[User, Page, bool], bool]] = {Kind.PAPER: _reaches}
