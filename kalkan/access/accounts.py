"""How django-allauth behaves here: no open registration, every sign-in and failure in the log."""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kalkan.access import absences, mail, second_factor, sessions, signed_in
from kalkan.access.models import User
from kalkan.audit.events import Event
from kalkan.audit.services import record

SIGNED_ON = "single_sign_on_factor"  # in the session: the provider said that it asked for a second factor
# What allauth tells the owner of an account, and what of it is a change of second factors.
_FACTOR_CHANGES = {
    "mfa/email/totp_activated": (Event.FACTOR_SET, "totp"),
    "mfa/email/totp_deactivated": (Event.FACTOR_REMOVED, "totp"),
    "mfa/email/webauthn_added": (Event.FACTOR_SET, "webauthn"),
    "mfa/email/webauthn_removed": (Event.FACTOR_REMOVED, "webauthn"),
    "mfa/email/recovery_codes_generated": (Event.FACTOR_SET, "recovery_codes"),
}


class ClosedAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators; sign-ins, failures and changes of password are recorded."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "incorrect_password": _("The password is not right."),
        "too_many_login_attempts": _(
            "Too many failed sign-ins. The account is locked for a quarter of an hour; then try again, "
            "or ask your administrator for a new password."
        ),
        "rate_limited": _("Too many attempts. Wait a quarter of an hour, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        stage = "allauth.mfa.stages.AuthenticateStage"
        ours = "kalkan.access.single_sign_on.SecondFactorStage"
        return [ours if one == stage else one for one in super().get_login_stages()]

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        refused = super().pre_login(request, user, **kwargs)
        if refused is None and (leave := absences.on_leave(user)) is not None:
            record(Event.SIGN_IN_FAILED, user, by=None, facts={"reason": "leave"})
            return render(request, "account/on_leave.html", {"leave": leave})
        return refused

    def login(self, request: HttpRequest, user: Any) -> None:
        factor = _factor_used(request, user)
        for name in sessions.ABOUT:  # a session begins anew with each sign-in
            request.session.pop(name, None)
        super().login(request, user)
        signed_in.begin(request.session, user_agent=self.get_http_user_agent(request), factor=factor)
        others = signed_in.live(user).count()
        record(Event.SIGNED_IN, user, by=user, facts={"second_factor": factor or "none", "others": others})
        if others:
            sentence = ngettext(
                "You are signed in at %(count)d other place too. If that is not you, end it under My sessions.",
                "You are signed in at %(count)d other places too. If that is not you, end them under My sessions.",
                others,
            )
            messages.warning(request, sentence % {"count": others})

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            record(Event.SIGNED_OUT, request.user, by=request.user)
        super().logout(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse while too many attempts failed, even with the right password."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            _record_failure(credentials, "locked")
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        _record_failure(credentials, "password")

    def reauthenticate(self, user: Any, password: str) -> bool:
        """The password again, under the same lock as at sign-in."""
        found: Any = self.authenticate(self.request, email=user.email, password=password)
        is_owner = found is not None and found.pk == user.pk
        if is_owner:
            record(Event.CONFIRMED, user, by=user, facts={"by": "password"})
        return is_owner

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not for what shows no real person, and not to set up the first second factor just after signing in."""
        user: Any = self.request.user
        if second_factor.is_exempt(user):
            return False
        if not second_factor.has_factor(user):
            records = get_authentication_records(self.request, user)
            latest = max((one["at"] for one in records), default=0)
            return time.time() - latest > app_settings.REAUTHENTICATION_TIMEOUT
        return super().is_reauthentication_required(app=app, **kwargs)

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        record(Event.SIGN_IN_FAILED, user, by=None, facts={"reason": "closed"})
        return super().respond_user_inactive(request, user)

    def set_password(self, user: Any, password: str) -> None:
        super().set_password(user, password)
        with transaction.atomic():
            record(Event.ACCOUNT_CHANGED, user, by=user, facts={"change": "password"})
            signed_in.end_all(user, reason="password", by=user, keep=self._session_of(user))
            mail.tell_owner_later(user)

    def send_notification_mail(self, template_prefix: str, user: Any, *args: Any, **kwargs: Any) -> None:
        """Called after each change of a second factor: it is recorded, other sessions end, the owner is told."""
        if template_prefix in _FACTOR_CHANGES:
            event, kind = _FACTOR_CHANGES[template_prefix]
            session = self.request.session
            with transaction.atomic():
                record(event, user, by=user, facts={"factor": kind})
                if kind == "totp":
                    second_factor.keep_step(user, session)
                if event is Event.FACTOR_SET and kind != "recovery_codes":
                    signed_in.confirm(session, kind)
                    # Proving a new factor confirms who it is: its recovery codes are shown without asking again.
                    record_authentication(self.request, user, "mfa", type=kind, reauthenticated=True)
                elif not second_factor.has_factor(user):
                    signed_in.confirm(session, "")
                signed_in.end_all(user, reason="second_factor", by=user, keep=signed_in.reference_of(session))
                mail.tell_owner_later(user)
        super().send_notification_mail(template_prefix, user, *args, **kwargs)

    def _session_of(self, user: Any) -> Any:
        """The session in use, if it is the user's own."""
        is_own = self.request.user.is_authenticated and self.request.user.pk == user.pk
        return signed_in.reference_of(self.request.session) if is_own else None


def _factor_used(request: HttpRequest, user: Any) -> str:
    """How the second factor was proved on the way in: the kind, `provider`, or empty where it was not."""
    used = [one["type"] for one in get_authentication_records(request, user) if one["method"] == "mfa"]
    return used[-1] if used else request.session.pop(SIGNED_ON, "")


def _record_failure(credentials: dict[str, Any], reason: str) -> None:
    """Which account was tried, if there is one; what was typed is never kept."""
    tried = User.objects.filter(email=str(credentials.get("email", "")).lower()).first()
    record(Event.SIGN_IN_FAILED, *([tried] if tried else []), by=None, facts={"reason": reason})
