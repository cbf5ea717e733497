"""Which returns exist for whom: those of visible cases, for whoever plans or approves them.

Where a person goes is nobody else's matter, not even of the officers who first met them.
"""

from django.db.models import Q

from kalkan.access.models import User
from kalkan.access.policy import Rows, has
from kalkan.access.roles import Permission
from kalkan.assistance.models import ReturnPlan
from kalkan.cases import policy as cases

WORKING = (Permission.RETURNS_PLAN, Permission.RETURNS_APPROVE)


def _scope(user: User) -> Q:
    if not any(has(user, permission) for permission in WORKING):
        return Q(pk__in=[])
    return Q(case__in=cases.cases.visible(user))


returns = Rows(ReturnPlan, scope=_scope, needs=Permission.CASES_VIEW)
