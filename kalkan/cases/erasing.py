"""What the cases of an erased person keep: stage, days, outcome, provisions and the coded facts that figures count.

Their words lie in the vault and go with the person's key. See `kalkan.persons.erasing`.
"""

from django.db.models import Q
from django.utils.translation import ngettext

from kalkan.cases.lifecycle import OPEN
from kalkan.cases.models import (
    AllegedPerpetrator,
    Case,
    CaseLink,
    Deadline,
    Decision,
    Episode,
    Interview,
    Screening,
    StageChange,
)
from kalkan.persons.erasing import Part
from kalkan.persons.models import Person

TABLES = frozenset(
    {
        *("cases_case", "cases_stagechange", "cases_screening", "cases_interview", "cases_decision"),
        *("cases_episode", "cases_allegedperpetrator", "cases_caselink", "cases_deadline", "cases_answer"),
        "cases_caseattachment",
    }
)


def hindrance(person: Person) -> str:
    """An open case needs the person: it is closed first."""
    count = Case.objects.filter(person=person, stage__in=sorted(OPEN)).count()
    if not count:
        return ""
    return ngettext(
        "A case of this person is still open: close it first.",
        "%(count)d cases of this person are still open: close them first.",
        count,
    ) % {"count": count}


def erase(person: Person) -> Part:
    """Ties to other cases go, and what an interview tells of the person; the rest is the skeleton."""
    cases = Case.objects.filter(person=person)
    references = tuple(cases.values_list("reference", flat=True))
    if not references:
        return Part({}, {})
    links = CaseLink.objects.filter(Q(case__in=cases) | Q(other__in=cases)).delete()[0]
    Interview.objects.filter(case__in=cases).update(language="", interpreter="", guardian="", request_key=None)
    kept = {
        "cases": len(references),
        "moves": StageChange.objects.filter(case__in=cases).count(),
        "screenings": Screening.objects.filter(case__in=cases).count(),
        "interviews": Interview.objects.filter(case__in=cases).count(),
        "decisions": Decision.objects.filter(case__in=cases).count(),
        "deadlines": Deadline.objects.filter(case__in=cases).count(),
        "episodes": Episode.objects.filter(case__in=cases).count(),
        "perpetrators": AllegedPerpetrator.objects.filter(case__in=cases).count(),
    }
    return Part({"case_links": links}, {kind: number for kind, number in kept.items() if number}, references)
