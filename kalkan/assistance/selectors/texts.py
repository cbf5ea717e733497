"""Which sealed texts belong to a programme."""

from django.db.models import Q

from kalkan.assistance.models import Programme
from kalkan.persons.models import SealedText


def keeps(programme: Programme, sealed: SealedText) -> bool:
    """True for a text of this programme that is no care note: those have a door of their own."""
    return (
        programme.needsassessment_set.filter(note=sealed).exists()
        or programme.goal_set.filter(wording=sealed).exists()
        or programme.goal_set.filter(reason=sealed).exists()
        or programme.programmereview_set.filter(note=sealed).exists()
        or programme.evaluationreport_set.filter(reasoning=sealed).exists()
        or programme.evaluationreport_set.filter(remark=sealed).exists()
        or programme.legalaid_set.filter(lawyer=sealed).exists()
        or programme.compensation_set.filter(court=sealed).exists()
        or programme.cashsupport_set.filter(conditions=sealed).exists()
        or programme.conference_set.filter(note=sealed).exists()
        or programme.conference_set.filter(Q(decisions__wording=sealed) | Q(decisions__reason=sealed)).exists()
    )
