"""What the shared pages change: verbs that need several rooms, in one transaction each."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kalkan.access import absences, policy, services
from kalkan.access.models import Leave, User
from kalkan.access.roles import Permission
from kalkan.access.selectors import colleagues
from kalkan.access.services import AccountRefused
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.services import hand_over_cases, held_by


def choose_language(user: User, language: str) -> None:
    """Remember the language in the account, so that it follows its owner to another computer."""
    User.objects.filter(pk=user.pk).update(language=language)


@transaction.atomic
def hand_over(reference: UUID, *, to: User | None, by: User) -> int:
    """Give the open work of an account to a colleague of the same institution and role; returns how many cases.

    Raises AccountRefused for anybody else, or where there is work and nobody was named.
    """
    owner = policy.accounts.fetch(by, lock=True, reference=reference)
    policy.accounts.require(by, Permission.ACCOUNTS_MANAGE)
    if owner.pk == by.pk:
        raise AccountRefused("", _("Nobody changes or closes their own account: ask another administrator."))
    if not held_by(owner, by=by):
        return 0
    if to is None:
        raise AccountRefused("to", _("This account still holds open work. Say who takes it over."))
    if not colleagues(owner).filter(pk=to.pk).exists():
        raise AccountRefused("to", _("Choose a colleague of the same institution and role who is not away."))

    count = hand_over_cases(owner, to=to, by=by)
    record(Event.WORK_HANDED_OVER, owner, to, by=by, facts={"cases": count})
    return count


@transaction.atomic
def close_account(reference: UUID, *, to: User | None, by: User, version: int) -> int:
    """Hand over what the account holds, and close it: both or neither. Returns how many cases went over.

    Raises AccountRefused and Changed.
    """
    count = hand_over(reference, to=to, by=by)
    services.close_account(reference, by=by, version=version)
    return count


@transaction.atomic
def mark_leave(
    reference: UUID, *, first: date, last: date, to: User | None, by: User, request_key: UUID | None = None
) -> Leave:
    """Hand over what the account holds, and mark its leave: both or neither. Raises AccountRefused."""
    hand_over(reference, to=to, by=by)
    return absences.mark_leave(reference, first=first, last=last, by=by, request_key=request_key)
