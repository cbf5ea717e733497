"""Opening a case in an emergency, by its exact number."""

from uuid import UUID

from kalkan.access import emergencies
from kalkan.access.emergencies import Subject
from kalkan.access.models import Emergency, User
from kalkan.cases import policy
from kalkan.cases.models import Case


def open_case_in_emergency(number: str, *, by: User, ground: str, request_key: UUID | None = None) -> Emergency:
    """Show `by` the case of that number and its person, to be read for a short time. Raises NotOpened."""

    def find() -> Subject | None:
        # Beyond the reach of `by` on purpose: the number must be known whole, and a miss is counted.
        case = Case.objects.select_related("person").filter(number=number).first()
        if case is None:
            return None
        is_visible = policy.cases.visible(by).filter(pk=case.pk).exists()
        return Subject(case.person.reference, case.reference, case.number, is_visible)

    return emergencies.open_emergency(find, by=by, ground=ground, request_key=request_key)
