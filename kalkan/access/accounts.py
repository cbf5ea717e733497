"""How django-allauth behaves here: no open registration, every sign-in and failure in the log."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from kalkan.audit.events import Event
from kalkan.audit.services import record


class ClosedAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators; sign-ins and failures are recorded."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        record(Event.SIGNED_IN, user, by=user)

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            record(Event.SIGNED_OUT, request.user, by=request.user)
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        record(Event.SIGN_IN_FAILED, by=None)
