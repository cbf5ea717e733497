"""Which official documents exist for whom: those of the cases that do."""

from django.db.models import Q

from kalkan.access.models import User
from kalkan.access.policy import Rows
from kalkan.access.policy import require as require
from kalkan.access.roles import Permission
from kalkan.assistance.models import OfficialDocument
from kalkan.cases import policy as cases


def _of_cases(user: User) -> Q:
    return Q(case__in=cases.cases.visible(user))


documents = Rows(OfficialDocument, scope=_of_cases, needs=Permission.CASES_VIEW)
