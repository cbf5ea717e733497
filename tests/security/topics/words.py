"""Sealed words for the rows of the topics: they open as real ones do."""

from kalkan.access.models import User
from kalkan.cases.models import Case
from kalkan.persons import sealing
from kalkan.persons.models import SealedText


def sealed_words(case: Case, topic: str, by: User) -> SealedText:
    """Invented words under the key of the case's person."""
    text = SealedText(person=case.person, topic=topic, written_by=by)
    sealing.seal(text, "Uydurma söz")
    case.person.save(update_fields=["wrapped_key", "key_version"])
    text.save(force_insert=True)
    return text
