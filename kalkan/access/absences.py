"""Leave: days on which nobody signs in to an account."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kalkan.access import policy, signed_in
from kalkan.access.concurrency import already_made
from kalkan.access.models import Leave, User
from kalkan.access.roles import Permission
from kalkan.access.services import AccountRefused
from kalkan.audit.events import Event
from kalkan.audit.services import record


def on_leave(user: User) -> Leave | None:
    """The leave that the owner of an account is on today."""
    today = timezone.localdate()
    return user.leaves.filter(ended_at=None, first_on__lte=today, last_on__gte=today).first()


def running_or_ahead(user: User) -> Leave | None:
    """The leave that an account is on or has ahead; one at a time."""
    return user.leaves.filter(ended_at=None, last_on__gte=timezone.localdate()).order_by("first_on").first()


@transaction.atomic
def mark_leave(reference: UUID, *, first: date, last: date, by: User, request_key: UUID | None = None) -> Leave:
    """Note from when to when the owner is away. A leave that begins today ends the sessions at once.

    Raises AccountRefused for days that make no sense, the own account, or where a leave is marked already.
    """
    user = policy.accounts.fetch(by, lock=True, reference=reference)
    policy.accounts.require(by, Permission.ACCOUNTS_MANAGE)
    made = already_made(Leave.objects.filter(user=user), request_key)
    if made is not None:
        return made
    if user.pk == by.pk:
        raise AccountRefused("", _("Nobody changes or closes their own account: ask another administrator."))
    if last < first:
        raise AccountRefused("last", _("This day lies before the first one."))
    if last < timezone.localdate():
        raise AccountRefused("last", _("This leave is over already."))
    if running_or_ahead(user) is not None:
        raise AccountRefused("first", _("A leave is marked already. End it first."))

    leave = Leave.objects.create(user=user, first_on=first, last_on=last, made_by=by, request_key=request_key)
    record(Event.LEAVE_MARKED, user, by=by, facts={"first": first.isoformat(), "last": last.isoformat()})
    if first <= timezone.localdate():
        signed_in.end_all(user, reason="leave", by=by)
    return leave


@transaction.atomic
def end_leave(reference: UUID, *, by: User) -> None:
    """The owner is back, or the leave was marked in error. Ending it twice changes nothing."""
    user = policy.accounts.fetch(by, lock=True, reference=reference)
    policy.accounts.require(by, Permission.ACCOUNTS_MANAGE)
    leave = running_or_ahead(user)
    if leave is not None:
        leave.ended_at = timezone.now()
        leave.save(update_fields=["ended_at"])
        record(Event.LEAVE_ENDED, user, by=by)
