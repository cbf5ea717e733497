"""What remains of the support of an erased person: days, codes and counts, for figures and for accountability.

Its words lie in the vault and go with the person's key. See `kalkan.persons.erasing`.
"""

from django.utils.translation import gettext as _

from kalkan.assistance.lifecycle.pathways import LIVE
from kalkan.assistance.models import (
    OfficialDocument,
    PaperCheck,
    Pathway,
    PathwayStep,
    Promise,
    Referral,
    ReferralMessage,
    ReferralPackage,
)
from kalkan.persons.erasing import Part
from kalkan.persons.models import Person

TABLES = frozenset(
    {
        *("assistance_promise", "assistance_reminder"),
        # pathways
        *("assistance_pathway", "assistance_pathwaystep"),
        # travel documents and official ones: the zone, the note and the file went with the person's key
        *("assistance_papercheck", "assistance_officialdocument"),
        # referrals
        *("assistance_referral", "assistance_referralmove", "assistance_referralpackage"),
        *("assistance_referralmessage", "assistance_referralcode"),
    }
)


def hindrance(person: Person) -> str:
    """A need outlives its case, and needs the person: it is closed first."""
    if Pathway.objects.filter(person=person, status__in=LIVE).exists():
        return _("A need of this person is still open: close it first.")
    return ""


def erase(person: Person) -> Part:
    """What was done stays: when, between whom and under which provision. What was said in it goes."""
    kept = {
        "promises": Promise.objects.filter(case__person=person).count(),
        "needs": Pathway.objects.filter(person=person).count(),
        "steps for needs": PathwayStep.objects.filter(pathway__person=person).count(),
        "papers": PaperCheck.objects.filter(case__person=person).count(),
        "official_documents": OfficialDocument.objects.filter(case__person=person).count(),
        "referrals": Referral.objects.filter(case__person=person).count(),
    }
    removed = {
        "packages": ReferralPackage.objects.filter(referral__case__person=person).update(sealed=b""),
        "messages": ReferralMessage.objects.filter(referral__case__person=person).update(sealed=b""),
    }
    return Part(
        {kind: number for kind, number in removed.items() if number},
        {kind: number for kind, number in kept.items() if number},
    )
