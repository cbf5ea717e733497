"""What remains of the support of an erased person: days, codes and counts, for figures and for accountability.

Its words lie in the vault and go with the person's key. See `kalkan.persons.erasing`.
"""

from kalkan.assistance.models import Promise, Referral, ReferralMessage, ReferralPackage
from kalkan.persons.erasing import Part
from kalkan.persons.models import Person

TABLES = frozenset(
    {
        *("assistance_promise", "assistance_reminder"),
        # referrals
        *("assistance_referral", "assistance_referralmove", "assistance_referralpackage"),
        *("assistance_referralmessage", "assistance_referralcode"),
    }
)


def hindrance(person: Person) -> str:
    """None: an open case stands in the way already, and support ends with its case."""
    return ""


def erase(person: Person) -> Part:
    """Promises and referrals stay: when, between whom and under which provision. What was said in them goes."""
    kept = {
        "promises": Promise.objects.filter(case__person=person).count(),
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
