"""Invitations: the one-time link with which the owner of an account sets password and second factor.

The link carries a signed secret of 256 bits and is good for 72 hours; the database keeps a digest of the secret. A new
invitation withdraws the one before it.
"""

import secrets
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kalkan.access import mail, policy, second_factor, signed_in
from kalkan.access.models import Invitation, User
from kalkan.access.roles import Permission
from kalkan.access.services import AccountRefused
from kalkan.audit.events import Event
from kalkan.audit.services import record

LASTS = timedelta(hours=72)
_SALT = "kalkan.access.invitation"
_SENTENCES: dict[str, Promise] = {
    "forged": _("This is not an invitation of ours: part of the link is missing or was changed."),
    "used": _("This invitation has been used. If that was not you, tell your account administrator at once."),
    "withdrawn": _("A newer invitation took the place of this one. Use the newer one."),
    "expired": _("This invitation is older than 72 hours. Ask your account administrator for a new one."),
    "closed": _("The account of this invitation is closed. Ask your account administrator."),
}


class InvitationRefused(Exception):
    """An invitation is not good any more, or never was one. Carries the reason as a code and as a sentence."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason, self.message = reason, str(_SENTENCES[reason])


@transaction.atomic
def invite(reference: UUID, *, by: User | None) -> str:
    """A new invitation for an account; returns its address, which is shown once. `by` is None for the system itself.

    Raises AccountRefused for a closed account or the own one.
    """
    if by is None:
        user = User.objects.select_for_update().get(reference=reference)
    else:
        user = policy.accounts.fetch(by, lock=True, reference=reference)
        policy.accounts.require(by, Permission.ACCOUNTS_MANAGE)
        if by.pk == user.pk:
            raise AccountRefused("", _("Nobody changes or closes their own account: ask another administrator."))
    if not user.is_active:
        raise AccountRefused("", _("The account is closed. Open it first."))
    now = timezone.now()
    user.invitations.filter(used_at=None, withdrawn_at=None).update(withdrawn_at=now)

    secret = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        user=user, secret=_digest(secret), made_by=by, made_at=now, expires_at=now + LASTS
    )
    record(Event.INVITATION_MADE, user, by=by, facts={"invitation": str(made.reference)})
    token = signing.Signer(salt=_SALT).sign(f"{made.reference.hex}.{secret}")
    return reverse("access:invitation", kwargs={"token": token})


@transaction.atomic
def renew(reference: UUID, *, by: User) -> str:
    """For an owner who lost the second factor or the password: both are forgotten, with the tie to the institution's
    sign-on; every session ends, and a new invitation is returned.
    """
    user = policy.accounts.fetch(by, lock=True, reference=reference)
    policy.accounts.require(by, Permission.ACCOUNTS_MANAGE)
    address = invite(reference, by=by)
    if second_factor.forget_factors(user):
        record(Event.FACTOR_REMOVED, user, by=by, facts={"factor": "all"})
    SocialAccount.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    signed_in.end_all(user, reason="renewed", by=by)
    mail.tell_owner_later(user)
    return address


def read(token: str) -> Invitation:
    """The invitation of a link. Raises InvitationRefused, recorded, unless it can be used now."""
    try:
        return _usable(token)
    except InvitationRefused as refused:
        invitation = _find(token)
        subjects = [] if invitation is None else [invitation.user]
        record(Event.INVITATION_REFUSED, *subjects, by=None, facts={"reason": refused.reason})
        raise


@transaction.atomic
def accept(token: str, *, password: str) -> User:
    """The owner sets a password; the invitation is used up. Raises InvitationRefused.

    The password has been checked by the form. Of two requests at once the second finds the invitation used.
    """
    invitation = _usable(token, lock=True)
    user = invitation.user
    invitation.used_at = timezone.now()
    invitation.save(update_fields=["used_at"])
    user.set_password(password)
    user.save(update_fields=["password"])
    signed_in.end_all(user, reason="password", by=user)
    mail.tell_owner_later(user)
    record(Event.INVITATION_USED, user, by=user, facts={"invitation": str(invitation.reference)})
    return user


def _usable(token: str, *, lock: bool = False) -> Invitation:
    invitation = _find(token, lock=lock)
    if invitation is None:
        raise InvitationRefused("forged")
    if invitation.used_at is not None:
        raise InvitationRefused("used")
    if invitation.withdrawn_at is not None:
        raise InvitationRefused("withdrawn")
    if invitation.expires_at <= timezone.now():
        raise InvitationRefused("expired")
    if not invitation.user.is_active:
        raise InvitationRefused("closed")
    return invitation


def _find(token: str, *, lock: bool = False) -> Invitation | None:
    try:
        reference, _dot, secret = signing.Signer(salt=_SALT).unsign(token).partition(".")
        rows = Invitation.objects.select_related("user__institution")
        rows = rows.select_for_update(of=("self",)) if lock else rows
        invitation = rows.filter(reference=UUID(reference)).first()
    except (signing.BadSignature, ValueError, ValidationError):
        return None
    is_ours = invitation is not None and compare_digest(invitation.secret, _digest(secret))
    return invitation if is_ours else None


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
