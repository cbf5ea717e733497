"""Whose needs a user sees: those that lie with the own institution, and those of the cases that exist for the user."""

from collections.abc import Sequence

from django.db.models import Q

from kalkan.access.models import Emergency, Institution, User
from kalkan.access.policy import Rows, require
from kalkan.access.roles import MATRIX, SEATS, InstitutionKind, Permission, Role, Scope
from kalkan.assistance.models import Pathway
from kalkan.cases import policy as cases

__all__ = ["KINDS", "pathways", "require", "takes_needs"]

# The kinds of institution at which somebody may take care of a need.
KINDS = frozenset(kind for role in Role if Permission.PATHWAYS_WORK in MATRIX[role][1] for kind in SEATS[role])


def _scope(user: User) -> Q:
    match user.scope:
        case Scope.NATION:
            return Q()
        case Scope.NONE:
            return Q(pk__in=[])
    return Q(institution=user.institution_id) | Q(case__in=cases.cases.own(user))


def _shown(emergencies: Sequence[Emergency]) -> Q:
    return Q(case__reference__in=[one.case for one in emergencies if one.case])


pathways = Rows(Pathway, scope=_scope, needs=Permission.CASES_VIEW, shown=_shown)


def takes_needs(institution: Institution) -> bool:
    """True where somebody may sit who takes care of needs."""
    return institution.is_active and InstitutionKind(institution.kind) in KINDS
