"""Language and theme: a plain form post each, for anyone, signed in or not."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from kalkan.web.preferences import THEMES
from kalkan.web.services import choose_language

_YEAR = 60 * 60 * 24 * 365


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language of the pages, for this browser and, when signed in, for the account."""
    language = request.POST.get("language")
    response = _back(request)
    if language in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            choose_language(request.user, language)
        _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Switch between light, dark and what the system says."""
    theme = request.POST.get("theme")
    response = _back(request)
    if theme in {value for value, _name in THEMES}:
        _keep(response, settings.THEME_COOKIE_NAME, theme)
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=_YEAR, secure=settings.LANGUAGE_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


def _back(request: HttpRequest) -> HttpResponseRedirect:
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if is_ours else reverse("web:home"))
