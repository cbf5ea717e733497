"""What remains of the support of an erased person: days, codes and counts, for figures and for accountability.

Its words lie in the vault and go with the person's key. See `kalkan.persons.erasing`.
"""

from kalkan.assistance import models
from kalkan.persons.erasing import Part
from kalkan.persons.models import Person

TABLES = frozenset(
    {
        *("assistance_promise", "assistance_reminder"),
        # pathways and travel documents
        #
        # directory
        #
        # referrals
        #
        # support programme
        *("assistance_programme", "assistance_informationgiven", "assistance_needsassessment", "assistance_needscore"),
        *("assistance_goal", "assistance_servicedelivered", "assistance_programmereview"),
        *("assistance_evaluationreport", "assistance_carenote", "assistance_companion", "assistance_booking"),
        *("assistance_legalaid", "assistance_legalstep", "assistance_compensation", "assistance_cashsupport"),
        *("assistance_conference", "assistance_conferenceseat", "assistance_conferencedecision"),
    }
)


def hindrance(person: Person) -> str:
    """None: an open case stands in the way already, and support ends with its case."""
    return ""


def erase(person: Person) -> Part:
    """The skeleton stays: it says when, by whom and under which provision, and nothing else."""
    removed: dict[str, int] = {}
    kept = {"promises": models.Promise.objects.filter(case__person=person).count()}
    # support programme
    programme = {"programme__case__person": person}
    removed |= {
        "care_notes": models.CareNote.objects.filter(**programme).delete()[0],
        "companions": models.Companion.objects.filter(**programme).delete()[0],
        "bookings": models.Booking.objects.filter(**programme).delete()[0],
        "need_scores": models.NeedScore.objects.filter(assessment__programme__case__person=person).delete()[0],
    }
    kept |= {
        "programmes": models.Programme.objects.filter(case__person=person).count(),
        "information": models.InformationGiven.objects.filter(case__person=person).count(),
        "assessments": models.NeedsAssessment.objects.filter(**programme).count(),
        "goals": models.Goal.objects.filter(**programme).count(),
        "services": models.ServiceDelivered.objects.filter(**programme).count(),
        "reviews": models.ProgrammeReview.objects.filter(**programme).count(),
        "reports": models.EvaluationReport.objects.filter(**programme).count(),
        "legal_aid": models.LegalAid.objects.filter(**programme).count(),
        "compensations": models.Compensation.objects.filter(**programme).count(),
        "cash": models.CashSupport.objects.filter(**programme).count(),
        "conferences": models.Conference.objects.filter(**programme).count(),
    }
    return Part(_some(removed), _some(kept))


def _some(counts: dict[str, int]) -> dict[str, int]:
    return {kind: number for kind, number in counts.items() if number}
