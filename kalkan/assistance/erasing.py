"""What remains of the support of an erased person: days, codes and counts, for figures and for accountability.

Its words lie in the vault and go with the person's key. See `kalkan.persons.erasing`.
"""

from kalkan.assistance.models import Permit, Promise, ReturnFollowUp, ReturnPlan
from kalkan.persons.erasing import Part
from kalkan.persons.models import Person

TABLES = frozenset(
    {
        *("assistance_promise", "assistance_reminder"),
        *("assistance_permit", "assistance_returnplan", "assistance_returnfollowup", "assistance_gatecheck"),
    }
)


def hindrance(person: Person) -> str:
    """None: an open case stands in the way already, and support ends with its case."""
    return ""


def erase(person: Person) -> Part:
    """The promises stay, kept or dropped: they say when, by whom and under which provision, and nothing else."""
    kept = {
        "promises": Promise.objects.filter(case__person=person).count(),
        "permits": Permit.objects.filter(person=person).count(),
        "returns": ReturnPlan.objects.filter(case__person=person).count(),
        "follow_ups": ReturnFollowUp.objects.filter(plan__case__person=person).count(),
    }
    return Part({}, {kind: number for kind, number in kept.items() if number})
