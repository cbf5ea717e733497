"""Signing on with the institution's own OpenID Connect provider, for accounts that exist already.

The provider says who somebody is (a verified e-mail address, the first time; its own identifier from then on), never
that an account is made. If it also says that it asked for a second factor, ours is not asked again.
"""

import logging
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kalkan.access.accounts import SIGNED_ON
from kalkan.access.models import User
from kalkan.access.openid import Untrusted
from kalkan.audit.events import Event
from kalkan.audit.services import record

_SENTENCES: dict[str, Promise] = {
    "address": _("The sign-on of your institution gave no confirmed e-mail address. Tell its administrator."),
    "unknown": _("No account here has this e-mail address. Accounts are made by your account administrator."),
    "closed": _("This account is closed. Ask your account administrator."),
    "another": _("This account belongs to somebody else at the sign-on of your institution. Tell your administrator."),
    "connect": _("Accounts are not joined here: sign in through your institution, and it is done."),
    "provider": _(
        "The sign-on of your institution did not work. Nothing was changed; try again, or use your password."
    ),
}


class ClosedSocialAdapter(DefaultSocialAccountAdapter):
    """No account comes from outside; who comes from outside must have one (`SOCIALACCOUNT_ADAPTER`)."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find the account, or refuse with a sentence."""
        request.session.pop(SIGNED_ON, None)
        if sociallogin.state.get("process", AuthProcess.LOGIN) != AuthProcess.LOGIN:
            self._refuse(request, "connect")
        claims = sociallogin.account.extra_data
        said = {**claims.get("userinfo", {}), **claims.get("id_token", {})}
        address = str(said.get("email", "")).lower()
        if not address or said.get("email_verified") is not True:
            self._refuse(request, "address")
        user = User.objects.filter(email=address).first()
        if user is None:
            self._refuse(request, "unknown")
        if not user.is_active:
            self._refuse(request, "closed", user)
        if sociallogin.is_existing:
            # The identifier is the provider's word; if the address moved to another account, somebody must look.
            if sociallogin.user.pk != user.pk:
                self._refuse(request, "another", user)
        elif SocialAccount.objects.filter(user=user, provider=sociallogin.account.provider).exists():
            self._refuse(request, "another", user)
        else:
            sociallogin.user = sociallogin.account.user = user
            sociallogin.account.save()
        if asked_for_two(claims.get("id_token", {})):
            request.session[SIGNED_ON] = "provider"

    def get_requests_session(self) -> Any:
        """The addresses that were checked are asked, and none that they lead on to."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, *, exception: Exception | None = None, **details: Any
    ) -> None:
        if isinstance(exception, Untrusted):
            logging.getLogger(__name__).warning("Single sign-on refused: %s", exception)
        self._refuse(request, "provider")

    def _refuse(self, request: HttpRequest, reason: str, user: User | None = None) -> NoReturn:
        facts = {"reason": f"sign_on_{reason}"}
        record(Event.SIGN_IN_FAILED, *([user] if user else []), by=None, facts=facts)
        messages.error(request, str(_SENTENCES[reason]))
        raise ImmediateHttpResponse(redirect("account_login"))


def asked_for_two(claims: dict[str, Any]) -> bool:
    """True if the ID token says that more than one factor was used: `amr` has `mfa` (RFC 8176), or `acr` is one that
    this installation trusts (`OIDC_ACR`).
    """
    methods = claims.get("amr")
    return (isinstance(methods, list) and "mfa" in methods) or claims.get("acr") in settings.OIDC_ACR


class SecondFactorStage(AuthenticateStage):
    """Ours is asked, unless the provider said that it asked for one."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return SIGNED_ON not in request.session and super()._should_handle(request)
