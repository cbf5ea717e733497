"""The directory of services: no row is about a person; what is withdrawn is seen by who keeps it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from kalkan.access.models import InstitutionKind, User
from kalkan.access.roles import Scope
from kalkan.assistance.models import Service
from kalkan.assistance.policy.directory import services
from kalkan.cases.models import Case
from kalkan.web.doors import Kind, Page


def _service(case: Case, *, is_active: bool) -> Service:
    is_shelter = case.institution.kind == InstitutionKind.SHELTER
    name = "" if is_shelter else "Deneme"
    return Service.objects.create(
        institution=case.institution, category="health", name_tr=name, name_en=name, verified_on=date(2026, 3, 2),
        is_active=is_active,
    )  # fmt: skip


def fill(case: Case, by: User) -> None:
    """A service offered and one withdrawn, of the case's institution."""
    for is_active in (True, False):
        _service(case, is_active=is_active)


def allowed(user: User) -> dict[type[Any], set[int]]:
    """What is offered, and of what the user keeps everything."""
    return {Service: set(services.visible(user).values_list("pk", flat=True))}


def _named(case: Case, _page: Page) -> dict[str, Any]:
    return {"reference": _service(case, is_active=True).reference}


def _reaches(user: User, page: Page, is_own: bool) -> bool:
    return page.name == "assistance:service" or is_own or user.scope is Scope.NATION


named: dict[Kind, Callable[[Case, Page], dict[str, Any]]] = {Kind.SERVICE: _named}
reaches: dict[Kind, Callable[[User, Page, bool], bool]] = {Kind.SERVICE: _reaches}
