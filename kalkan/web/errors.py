"""Pages for what went wrong: what happened, whether anything was saved, and what to do next. Never more than that."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

_PATIENCE = 30  # seconds after which it is worth trying again


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what arrived cannot be read."""
    return render(request, "errors/400.html", status=400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the row is visible, the act is not this role's."""
    return render(request, "errors/403.html", status=403)


@login_not_required
def expired_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's security token is missing or old."""
    return render(request, "errors/csrf.html", status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the same page whether nothing is there or it is not for this reader."""
    return render(request, "errors/404.html", status=404)


@login_not_required
def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """429: too many attempts."""
    response = render(request, "errors/429.html", status=429)
    response["Retry-After"] = str(_PATIENCE * 2)
    return response


@login_not_required
def too_large(request: HttpRequest) -> HttpResponse:
    """413: more was announced than any form here takes; nothing of it was read."""
    return render(request, "errors/413.html", status=413)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database does not answer. Uses no database, no session and no user."""
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    response = HttpResponse(
        render_to_string("errors/quiet.html", {"is_away": is_away}), status=503 if is_away else 500
    )
    response["Cache-Control"] = "no-store"
    if is_away:
        response["Retry-After"] = str(_PATIENCE)
    return response


def not_possible(request: HttpRequest, sentence: str) -> HttpResponse:
    """409: the table of moves does not have this step from where the case stands now."""
    return render(request, "errors/409.html", {"sentence": sentence}, status=409)


def changed(request: HttpRequest) -> HttpResponse:
    """409: somebody saved the row since the page was shown."""
    return render(request, "errors/changed.html", status=409)
