"""What holds for every request of somebody signed in: the session is still theirs, and a second factor was proved."""

import time
from collections.abc import Callable
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from kalkan.access import browsers, second_factor, sessions, signed_in
from kalkan.access.models import User
from kalkan.audit.events import Event
from kalkan.audit.services import record

Respond = Callable[[HttpRequest], HttpResponse]
# What is open to somebody who signed in and has no second factor yet: setting one up, confirming who it is, leaving.
SET_UP = frozenset({"mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate", "account_logout"})
_MINUTE = 60
_SENTENCES = {
    "rest": _("You were signed out because nothing happened for half an hour. Sign in again to go on."),
    "length": _("You were signed out because ten hours passed since you signed in. Sign in again to go on."),
    "browser": _("You were signed out because another browser used your session. Sign in again to go on."),
    "second_factor": _("A second factor was set up elsewhere. Sign in again with it to go on."),
}


class SignedInMiddleware:
    """Ends sessions that changed hands or ran out, with a sentence and an event; asks all for a second factor."""

    def __init__(self, respond: Respond):
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._check(request)
        else:
            self._explain(request)
        return self.respond(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated or not getattr(view, "login_required", True):
            return None
        if signed_in.is_confirmed(request.session) or second_factor.is_exempt(user):
            return None
        if second_factor.has_factor(user):  # set up elsewhere since: this session never proved it
            self._end(request, "second_factor")
            return redirect(settings.LOGIN_URL)
        match = request.resolver_match
        return None if match and match.view_name in SET_UP else redirect("mfa_index")

    def _check(self, request: HttpRequest) -> None:
        bound = request.session.get(sessions.BROWSER)
        if bound is not None and bound != browsers.family(request.headers.get("User-Agent", "")):
            self._end(request, "browser")
        elif time.time() - request.session.get(sessions.SEEN, 0) > _MINUTE:
            request.session[sessions.SEEN] = time.time()

    def _end(self, request: HttpRequest, reason: str) -> None:
        session = signed_in.reference_of(request.session)
        record(Event.SESSION_ENDED, request.user, by=None, facts={"session": str(session), "reason": reason})
        request.session.flush()
        request.user = AnonymousUser()
        messages.error(request, str(_SENTENCES[reason]))

    def _explain(self, request: HttpRequest) -> None:
        """Why somebody with a cookie is not signed in: it ran out, or there is no such session."""
        ended = getattr(request.session, "ended", None)
        if ended is not None:
            user = User.objects.get(pk=ended.user_id)
            facts = {"session": str(ended.reference), "reason": ended.reason}
            record(Event.SESSION_ENDED, user, by=None, facts=facts)
            messages.warning(request, str(_SENTENCES[ended.reason]))
            return
        is_unknown = request.COOKIES.get(settings.SESSION_COOKIE_NAME) and request.session.session_key is None
        # The cookie goes with this answer. Somebody who sends another one each time does not fill the log.
        if is_unknown and ratelimit.consume(request, app="allauth.account", action="unknown_session", limit_get=True):
            record(Event.COOKIE_REFUSED, by=None)
