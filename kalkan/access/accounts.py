"""How django-allauth behaves here: no open registration, every sign-in and failure in the log."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from kalkan.access.models import User
from kalkan.audit.events import Event
from kalkan.audit.services import record


class ClosedAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators; sign-ins, failures and changes of password are recorded."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "too_many_login_attempts": _(
            "Too many failed sign-ins. The account is locked for a quarter of an hour; then try again, "
            "or ask your administrator for a new password."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        record(Event.SIGNED_IN, user, by=user)

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

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        record(Event.SIGN_IN_FAILED, user, by=None, facts={"reason": "closed"})
        return super().respond_user_inactive(request, user)

    def set_password(self, user: Any, password: str) -> None:
        super().set_password(user, password)
        record(Event.ACCOUNT_CHANGED, user, by=user, facts={"change": "password"})


def _record_failure(credentials: dict[str, Any], reason: str) -> None:
    """Which account was tried, if there is one; what was typed is never kept."""
    tried = User.objects.filter(email=str(credentials.get("email", "")).lower()).first()
    record(Event.SIGN_IN_FAILED, *([tried] if tried else []), by=None, facts={"reason": reason})
