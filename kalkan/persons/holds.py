"""Legal holds: while one stands, nobody erases the person, whatever was asked or a rule says."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access.concurrency import already_made
from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.persons import codes, policy
from kalkan.persons.details import NotValid, Problem
from kalkan.persons.models import LegalHold, Person
from kalkan.vocabulary import selectors as vocabulary


@beyond_reach(Task.ERASURE)
@transaction.atomic
def set_hold(reference: UUID, *, by: User, reason: str, request_key: UUID | None = None) -> LegalHold:
    """Forbid that what is recorded of this person is destroyed; once for a reason is enough. Raises NotValid."""
    policy.holds.require(by, Permission.HOLDS_SET)
    made = already_made(LegalHold.objects.filter(set_by=by), request_key)
    if made is not None:
        return made
    if not vocabulary.is_known("hold_reason", reason):
        raise NotValid([codes.unknown("reason", "hold_reason", reason)])
    # The row is locked: an erasure under way is finished first, and then there is nobody left to hold.
    person = Person.objects.select_for_update().filter(reference=reference, erased_at=None).first()
    if person is None:
        raise NotValid([Problem("person", _("Nobody with this reference is recorded."))])

    values = {"set_by": by, "request_key": request_key}
    hold, is_new = LegalHold.objects.get_or_create(person=reference, reason=reason, lifted_at=None, defaults=values)
    if is_new:
        record(Event.HOLD_SET, reference, by=by, facts={"hold": str(hold.reference), "reason": reason})
    return hold


@transaction.atomic
def lift_hold(reference: UUID, *, by: User) -> LegalHold:
    """The reason has ended. Lifting again changes nothing."""
    hold = policy.holds.fetch(by, lock=True, reference=reference)
    policy.holds.require(by, Permission.HOLDS_SET)
    if hold.lifted_at is None:
        hold.lifted_at, hold.lifted_by = timezone.now(), by
        hold.save(update_fields=["lifted_at", "lifted_by"])
        record(Event.HOLD_LIFTED, hold.person, by=by, facts={"hold": str(reference), "reason": hold.reason})
    return hold
