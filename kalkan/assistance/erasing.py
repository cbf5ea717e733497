"""What remains of the support of an erased person: days, codes and counts, for figures and for accountability.

Its words lie in the vault and go with the person's key. See `kalkan.persons.erasing`.
"""

from kalkan.assistance.models import OfficialDocument, PaperCheck, Promise
from kalkan.persons.erasing import Part
from kalkan.persons.models import Person

TABLES = frozenset(
    {"assistance_officialdocument", "assistance_papercheck", "assistance_promise", "assistance_reminder"}
)


def hindrance(person: Person) -> str:
    """None: an open case stands in the way already, and support ends with its case."""
    return ""


def erase(person: Person) -> Part:
    """The promises stay, kept or dropped: they say when, by whom and under which provision, and nothing else.

    Of a checked document stay its kind, state and finding, of an official document its kind, day and digests: the
    zone, the expert's note and the file went with the person's key.
    """
    kept = {
        "promises": Promise.objects.filter(case__person=person).count(),
        "papers": PaperCheck.objects.filter(case__person=person).count(),
        "official_documents": OfficialDocument.objects.filter(case__person=person).count(),
    }
    return Part({}, {kind: number for kind, number in kept.items() if number})
