"""Opening a person in an emergency, by the exact reference."""

from uuid import UUID

from kalkan.access import emergencies
from kalkan.access.emergencies import Subject
from kalkan.access.models import Emergency, User
from kalkan.persons import policy
from kalkan.persons.models import Person


def open_person_in_emergency(reference: UUID, *, by: User, ground: str, request_key: UUID | None = None) -> Emergency:
    """Show `by` this person, without the person's cases, to be read for a short time. Raises NotOpened."""

    def find() -> Subject | None:
        # Beyond the reach of `by` on purpose: a reference cannot be guessed, and a miss is counted.
        person = Person.objects.filter(reference=reference).first()
        if person is None:
            return None
        is_visible = policy.persons.visible(by).filter(pk=person.pk).exists()
        return Subject(person.reference, None, person.short_reference, is_visible)

    return emergencies.open_emergency(find, by=by, ground=ground, request_key=request_key)
