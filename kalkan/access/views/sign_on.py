"""Signing on through the institution: to its provider and back. A provider that does not answer is a sentence."""

from collections.abc import Callable

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.providers.openid_connect import views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from requests import RequestException

from kalkan.access.single_sign_on import ClosedSocialAdapter


@login_not_required
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _or_sentence(views.login, request, provider_id)


@login_not_required
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _or_sentence(views.callback, request, provider_id)


def _or_sentence(act: Callable[..., HttpResponse], request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        return act(request, provider_id)
    except (RequestException, KeyError, ValueError):  # it is away, or does not speak OpenID Connect
        try:
            ClosedSocialAdapter().on_authentication_error(request, provider_id)
        except ImmediateHttpResponse as refused:
            return refused.response
        raise
