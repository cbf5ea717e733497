"""Which official documents exist for whom: those of the cases that do, and of what is narrower those who work with it.

A return agreement says where a person goes, which not even the officers know who first met them.
"""

from collections.abc import Iterable

from django.db.models import Q

from kalkan.access.models import User
from kalkan.access.policy import Rows, has
from kalkan.access.policy import require as require
from kalkan.access.roles import Permission
from kalkan.assistance.lifecycle.documents import DocumentKind
from kalkan.assistance.models import OfficialDocument
from kalkan.assistance.policy import permits, programmes, returns
from kalkan.cases import policy as cases

# The row policy of migration 0073 says the same.
NARROW: dict[DocumentKind, Iterable[Permission]] = {
    DocumentKind.EVALUATION_REPORT: programmes.READING,
    DocumentKind.PERMIT_REQUEST: permits.WORKING,
    DocumentKind.RETURN_AGREEMENT: returns.WORKING,
}


def _of_cases(user: User) -> Q:
    closed = [kind for kind, working in NARROW.items() if not any(has(user, one) for one in working)]
    return Q(case__in=cases.cases.visible(user)) & ~Q(kind__in=closed)


documents = Rows(OfficialDocument, scope=_of_cases, needs=Permission.CASES_VIEW)
