"""Which permits exist for whom: those of visible cases, for whoever asks for permits or decides on them."""

from django.db.models import Q

from kalkan.access.models import User
from kalkan.access.policy import Rows, has
from kalkan.access.roles import Permission
from kalkan.assistance.models import Permit
from kalkan.cases import policy as cases

WORKING = (Permission.PERMITS_REQUEST, Permission.PERMITS_DECIDE)


def _scope(user: User) -> Q:
    if not any(has(user, permission) for permission in WORKING):
        return Q(pk__in=[])
    return Q(case__in=cases.cases.visible(user))


permits = Rows(Permit, scope=_scope, needs=Permission.CASES_VIEW)
