"""Signing on through the institution: to its provider and back. A provider that does not answer is a sentence."""

from collections.abc import Callable
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from requests import RequestException

from kalkan.access.openid import Adapter
from kalkan.access.single_sign_on import ClosedSocialAdapter


@login_not_required
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _or_sentence(OAuth2LoginView.adapter_view, request, provider_id)


@login_not_required
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _or_sentence(OAuth2CallbackView.adapter_view, request, provider_id)


def _or_sentence(view: Callable[[Any], Any], request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        return view(Adapter(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except (OAuth2Error, RequestException, KeyError, ValueError) as refused:  # away, or does not speak OpenID Connect
        try:
            ClosedSocialAdapter().on_authentication_error(request, provider_id, exception=refused)
        except ImmediateHttpResponse as answer:
            return answer.response
        raise
