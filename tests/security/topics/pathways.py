"""The needs of a person, those that lie elsewhere among them."""

from collections.abc import Callable
from datetime import date
from typing import Any

from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.roles import Role
from kalkan.assistance.models import Pathway, PathwayStep
from kalkan.assistance.policy.pathways import pathways
from kalkan.cases.models import Case
from kalkan.persons.services import seal_text
from kalkan.web.doors import Kind, Page
from tests.factories import make_user

DAY = date(2026, 3, 2)


def _pathway(case: Case, need: str, by: User, institution: Institution) -> Pathway:
    found, is_new = Pathway.objects.get_or_create(
        case=case, person=case.person, need=need, status="handed_over",
        defaults={"institution": institution, "opened_on": DAY, "by": by},
    )  # fmt: skip
    if is_new:
        PathwayStep.objects.create(
            pathway=found, move="open_elsewhere", target="handed_over", institution=institution, on=DAY, by=by
        )
    return found


def fill(case: Case, by: User) -> None:
    """One need that lies with the case's institution, and one that lies with the first police unit there is."""
    _pathway(case, "medical", by, case.institution)
    _pathway(case, "asylum", by, Institution.objects.filter(kind=InstitutionKind.POLICE).order_by("pk")[0])


def allowed(user: User) -> dict[type[Any], set[int]]:
    """Those of the own institution and of the cases that exist, with their steps."""
    seen = set(pathways.visible(user).values_list("pk", flat=True))
    steps = PathwayStep.objects.filter(pathway__in=seen).values_list("pk", flat=True)
    return {Pathway: seen, PathwayStep: set(steps)}


def _named(case: Case, page: Page) -> dict[str, Any]:
    officer = make_user(Role.FRONTLINE_OFFICER, case.institution)
    found = _pathway(case, "medical", officer, case.institution)
    if page.name != "assistance:need_note":
        return {"reference": found.reference}
    note = seal_text(case.person, "pathway", "Uydurma söz", by=officer)
    PathwayStep.objects.create(
        pathway=found, move="hand_over", source="handed_over", target="handed_over", institution=case.institution,
        on=DAY, note=note, by=officer,
    )  # fmt: skip
    return {"reference": found.reference, "text": note.reference}


named: dict[Kind, Callable[[Case, Page], dict[str, Any]]] = {Kind.PATHWAY: _named}
reaches: dict[Kind, Callable[[User, Page, bool], bool]] = {}
