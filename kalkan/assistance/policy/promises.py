"""Whose promises a user sees: what the own institution owes, and what is owed in the cases that exist for the user."""

from django.db.models import Q

from kalkan.access.models import User
from kalkan.access.policy import Rows
from kalkan.access.roles import Permission, Scope
from kalkan.assistance.models import Promise
from kalkan.cases import policy as cases


def _scope(user: User) -> Q:
    match user.scope:
        case Scope.NATION:
            return Q()
        case Scope.NONE:
            return Q(pk__in=[])
    return Q(institution=user.institution_id) | Q(case__in=cases.cases.visible(user))


promises = Rows(Promise, scope=_scope, needs=Permission.CASES_VIEW)
