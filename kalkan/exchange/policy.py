"""Which imports exist for whom: those of the own institution; for those who see the nation, all."""

from django.db.models import Q

from kalkan.access.models import User
from kalkan.access.policy import Rows
from kalkan.access.policy import require as require
from kalkan.access.roles import Permission, Scope
from kalkan.exchange.models import ImportRun


def _scope(user: User) -> Q:
    return Q() if user.scope is Scope.NATION else Q(institution=user.institution_id)


runs = Rows(ImportRun, scope=_scope, needs=Permission.IMPORT_RUN)
