"""Whose promises a user sees: what the own institution owes, and what is owed in the cases that exist for the user."""

from django.db.models import Q, QuerySet

from kalkan.access.models import User
from kalkan.access.policy import Rows, has
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


def owed(user: User) -> QuerySet[Promise]:
    """The open ones among `promises.visible(user)`, for lists: of each branch of the condition its index finds them.

    The condition itself, with its `or`, would be tried on every open promise of the nation.
    """
    if user.scope not in {Scope.PROVINCE, Scope.INSTITUTION} or not has(user, Permission.CASES_VIEW):
        return promises.visible(user).filter(kept_at=None, dropped_at=None)
    rows = Promise.objects.filter(kept_at=None, dropped_at=None)
    keys = rows.values("pk")
    by_case = keys.filter(case__in=cases.cases.visible(user))
    return rows.filter(pk__in=keys.filter(institution=user.institution_id).union(by_case))
