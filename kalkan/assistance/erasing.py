"""What remains of the support of an erased person: days, codes and counts, for figures and for accountability.

Its words lie in the vault and go with the person's key. See `kalkan.persons.erasing`.
"""

from django.utils.translation import gettext as _

from kalkan.assistance import models
from kalkan.assistance.lifecycle.pathways import LIVE
from kalkan.persons.erasing import Part
from kalkan.persons.models import Person

TABLES = frozenset(
    {
        *("assistance_promise", "assistance_reminder", "assistance_duty"),
        # pathways
        *("assistance_pathway", "assistance_pathwaystep"),
        # travel documents and official ones: the zone, the note and the file went with the person's key
        *("assistance_papercheck", "assistance_officialdocument"),
        # referrals
        *("assistance_referral", "assistance_referralmove", "assistance_referralpackage"),
        *("assistance_referralmessage", "assistance_referralcode"),
        # support programme
        *("assistance_programme", "assistance_informationgiven", "assistance_needsassessment", "assistance_needscore"),
        *("assistance_goal", "assistance_servicedelivered", "assistance_programmereview"),
        *("assistance_evaluationreport", "assistance_carenote", "assistance_companion", "assistance_booking"),
        *("assistance_legalaid", "assistance_legalstep", "assistance_compensation", "assistance_cashsupport"),
        *("assistance_conference", "assistance_conferenceseat", "assistance_conferencedecision"),
        # shelters
        *("assistance_stay", "assistance_beduse", "assistance_absence", "assistance_incident"),
        "assistance_censusrow",
        # permits, returns and the gate
        *("assistance_permit", "assistance_returnplan", "assistance_returnfollowup", "assistance_gatecheck"),
    }
)


def hindrance(person: Person) -> str:
    """A need outlives its case, and needs the person: it is closed first."""
    if models.Pathway.objects.filter(person=person, status__in=LIVE).exists():
        return _("A need of this person is still open: close it first.")
    return ""


def erase(person: Person) -> Part:
    """What was done stays: when, between whom and under which provision. What was said in it goes."""
    case, programme = {"case__person": person}, {"programme__case__person": person}
    stays = models.Stay.objects.filter(**case)
    stays.update(languages=[], needs=[], risks=[], answers={}, request_key=None)  # nights and codes stay, for figures
    removed = {
        "packages": models.ReferralPackage.objects.filter(referral__case__person=person).update(sealed=b""),
        "messages": models.ReferralMessage.objects.filter(referral__case__person=person).update(sealed=b""),
        "care_notes": models.CareNote.objects.filter(**programme).delete()[0],
        "companions": models.Companion.objects.filter(**programme).delete()[0],
        "bookings": models.Booking.objects.filter(**programme).delete()[0],
        "need_scores": models.NeedScore.objects.filter(assessment__programme__case__person=person).delete()[0],
    }
    kept = {
        "promises": models.Promise.objects.filter(**case).count(),
        "duties": models.Duty.objects.filter(promise__case__person=person).count(),
        "needs": models.Pathway.objects.filter(person=person).count(),
        "steps for needs": models.PathwayStep.objects.filter(pathway__person=person).count(),
        "papers": models.PaperCheck.objects.filter(**case).count(),
        "official_documents": models.OfficialDocument.objects.filter(**case).count(),
        "referrals": models.Referral.objects.filter(**case).count(),
        "programmes": models.Programme.objects.filter(**case).count(),
        "information": models.InformationGiven.objects.filter(**case).count(),
        "assessments": models.NeedsAssessment.objects.filter(**programme).count(),
        "goals": models.Goal.objects.filter(**programme).count(),
        "services": models.ServiceDelivered.objects.filter(**programme).count(),
        "reviews": models.ProgrammeReview.objects.filter(**programme).count(),
        "reports": models.EvaluationReport.objects.filter(**programme).count(),
        "legal_aid": models.LegalAid.objects.filter(**programme).count(),
        "compensations": models.Compensation.objects.filter(**programme).count(),
        "cash": models.CashSupport.objects.filter(**programme).count(),
        "stays": stays.count(),
        "permits": models.Permit.objects.filter(person=person).count(),
        "returns": models.ReturnPlan.objects.filter(**case).count(),
        "follow_ups": models.ReturnFollowUp.objects.filter(plan__case__person=person).count(),
        "conferences": models.Conference.objects.filter(**programme).count(),
    }
    return Part(_some(removed), _some(kept))


def _some(counts: dict[str, int]) -> dict[str, int]:
    return {kind: number for kind, number in counts.items() if number}
