"""Which checked documents exist for whom: those of one's cases; for a document expert, those sent to the own unit.

The expert sees the row of the document alone: neither the person nor the case exists for that role.
"""

from django.db.models import Q

from kalkan.access.models import User
from kalkan.access.policy import Rows
from kalkan.access.policy import require as require
from kalkan.access.roles import Permission
from kalkan.assistance.models import PaperCheck
from kalkan.cases import policy as cases


def _of_cases(user: User) -> Q:
    return Q(case__in=cases.cases.visible(user))


def _sent(user: User) -> Q:
    return Q(sent_to=user.institution_id)


papers = Rows(PaperCheck, scope=_of_cases, needs=Permission.CASES_VIEW)
sent = Rows(PaperCheck, scope=_sent, needs=Permission.PAPERS_EXAMINE)
