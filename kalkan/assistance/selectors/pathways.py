"""The needs of a person: who takes care of each, and until when the next step is taken."""

from datetime import date
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access.models import Institution, User
from kalkan.access.policy import has, institutions
from kalkan.access.roles import Permission
from kalkan.assistance.models import Pathway, Promise
from kalkan.assistance.policy import pathways as policy
from kalkan.assistance.selectors.needs import Suggestion, suggestions
from kalkan.assistance.selectors.section import Section
from kalkan.cases import policy as cases
from kalkan.cases.models import Case


class Row(NamedTuple):
    """One need as a list shows it."""

    pathway: Pathway
    due_on: date | None


def of_person(case: Case, user: User) -> list[Row]:
    """The needs of the case's person that the user may see, in whichever case, those still open first."""
    rows = policy.pathways.visible(user).filter(person=case.person_id)
    found = list(rows.select_related("case", "institution", "owner"))
    return _with_clock(sorted(found, key=lambda one: (not one.is_live, one.pk)))


def clock(pathway: Pathway) -> date | None:
    """The last day on which the next step is owed; None where nothing is."""
    return _with_clock([pathway])[0].due_on


def still_to_open(case: Case, user: User) -> list[Suggestion]:
    """The needs that can be opened, those that something suggests first."""
    live = {row.pathway.need for row in of_person(case, user) if row.pathway.is_live}
    return [one for one in suggestions(case) if one.need.code not in live]


def nearby(user: User, province: str | None) -> QuerySet[Institution]:
    """The institutions that take care of needs in a province or in the whole country, and one's own."""
    near = Q(province=province) | Q(province=None) | Q(pk=user.institution_id)
    return everywhere(user).filter(near)


def everywhere(user: User) -> QuerySet[Institution]:
    """The institutions that take care of needs."""
    rows = institutions.visible(user).filter(kind__in=sorted(policy.KINDS))
    return rows.select_related("province").order_by("name_tr", "code")


def section(case: Case, user: User) -> Section:
    """The needs on the page of support."""
    rows = of_person(case, user)
    live = {row.pathway.need for row in rows if row.pathway.is_live}
    context = {
        "case": case,
        "rows": rows,
        "suggested": [one for one in suggestions(case) if one.reasons and one.need.code not in live],
        "can_open": has(user, Permission.PATHWAYS_WORK) and cases.cases.is_own(user, case),
    }
    return Section("needs", _("Needs"), "assistance/hub/needs.html", context)


def _with_clock(pathways: list[Pathway]) -> list[Row]:
    owed = Promise.objects.filter(
        subject__in=[one.reference for one in pathways], kind="pathway_step", kept_at=None, dropped_at=None
    )
    due = {subject: timezone.localdate(moment) for subject, moment in owed.values_list("subject", "due_at")}
    return [Row(one, due.get(one.reference)) for one in pathways]
