"""Whose duties a user sees: those that the own institution owes, and those of programmes that the user reads.

Whoever merely sees the case learns from the promise that something is owed, and not what.
"""

from collections.abc import Sequence

from django.db.models import Q

from kalkan.access.models import Emergency, User
from kalkan.access.policy import Rows
from kalkan.access.policy import require as require
from kalkan.access.roles import Permission, Scope
from kalkan.assistance.models import Duty
from kalkan.assistance.policy.programmes import reads_programmes
from kalkan.cases import policy as cases


def _scope(user: User) -> Q:
    if user.scope is Scope.NONE:
        return Q(pk__in=[])
    owed = Q(promise__institution=user.institution_id)
    return owed | Q(promise__case__in=cases.cases.own(user)) if reads_programmes(user) else owed


def _shown(emergencies: Sequence[Emergency]) -> Q:
    opened = [one.case for one in emergencies if one.case and reads_programmes(one.user)]
    return Q(promise__case__reference__in=opened)


duties = Rows(Duty, scope=_scope, needs=Permission.CASES_VIEW, shown=_shown)


def is_owed_by(user: User, duty: Duty) -> bool:
    """True for officers of the institution that owes it."""
    return user.institution_id == duty.promise.institution_id
