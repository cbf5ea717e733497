"""Where browsers say that a page tried what the Content-Security-Policy forbids: somebody tampered, or we erred.

A report holds addresses, and an address may name a person. Only the directive and the kind of page are kept.
"""

import json
import logging
from typing import Any
from urllib.parse import urlsplit

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

_MOST = 16 * 1024  # bytes of a report
_PARTS = ("script-src-elem", "script-src-attr", "style-src-elem", "style-src-attr")


@login_not_required
@csrf_exempt
@require_POST
def policy_report(request: HttpRequest) -> HttpResponse:
    """Note one violation. Whatever is sent, the answer is the same."""
    if ratelimit.consume(request, app="allauth.account", action="policy_report"):
        said = _said(request)
        if said is not None:
            directive, page = _directive(said), _page(said)
            logging.getLogger(__name__).warning("Content-Security-Policy violated: %s on %s", directive, page)
    return HttpResponse(status=204)


def _said(request: HttpRequest) -> dict[str, Any] | None:
    """The report; None where this is none."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > _MOST:
        return None
    try:
        said = json.loads(request.body)["csp-report"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _directive(said: dict[str, Any]) -> str:
    words = str(said.get("effective-directive") or said.get("violated-directive") or "").split()
    known = {*settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], *_PARTS}
    return words[0] if words and words[0] in known else "other"


def _page(said: dict[str, Any]) -> str:
    """The name of the address, without what it names."""
    try:
        return resolve(urlsplit(str(said.get("document-uri", ""))).path).view_name
    except (Resolver404, ValueError):
        return "other"
