"""What remains of the support of an erased person: days, codes and counts, for figures and for accountability.

Its words lie in the vault and go with the person's key. See `kalkan.persons.erasing`.
"""

from kalkan.assistance.models import Promise, Stay
from kalkan.persons.erasing import Part
from kalkan.persons.models import Person

TABLES = frozenset(
    {
        *("assistance_promise", "assistance_reminder"),
        # shelters
        *("assistance_stay", "assistance_beduse", "assistance_absence", "assistance_incident"),
        "assistance_censusrow",
    }
)


def hindrance(person: Person) -> str:
    """None: an open case stands in the way already, and support ends with its case."""
    return ""


def erase(person: Person) -> Part:
    """The promises stay, kept or dropped: they say when, by whom and under which provision, and nothing else."""
    kept = {"promises": Promise.objects.filter(case__person=person).count()}
    # shelters: nights and codes for figures; what tells of the person goes
    stays = Stay.objects.filter(case__person=person)
    stays.update(languages=[], needs=[], risks=[], answers={}, request_key=None)
    kept["stays"] = stays.count()
    return Part({}, {kind: number for kind, number in kept.items() if number})
