"""The work lists of promises, and how old they grow."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from kalkan.access.policy import require
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission
from kalkan.assistance.lifecycle.promises import BY_CODE, KINDS
from kalkan.assistance.selectors import promises as selectors
from kalkan.audit.events import Event
from kalkan.audit.services import record

PAGE = 20


def promises(request: SignedInRequest) -> HttpResponse:
    """What is owed by the officer, the institution, or in the cases that exist for the officer."""
    require(request.user, Permission.CASES_VIEW)
    asked = request.GET.get("view", "institution")
    shown = asked if asked in selectors.WHOSE else "institution"
    kind = request.GET.get("kind", "")
    kind = kind if kind in BY_CODE else ""
    rows = {whose: selectors.open_promises(request.user, whose, kind=kind) for whose in selectors.WHOSE}
    page = Paginator(rows[shown], PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    record(Event.PROMISES_LISTED, *found, by=request.user, facts={"shown": len(found)})
    context = {
        "tabs": [(whose, found.order_by().count()) for whose, found in rows.items()],
        "shown": shown,
        "kinds": KINDS,
        "kind": kind,
        "page_obj": page,
        "lines": selectors.lines(found),
    }
    return render(request, "assistance/promises/list.html", context)


def ageing(request: SignedInRequest) -> HttpResponse:
    """Median, ninth decile and oldest age of what is owed, by province and by institution: no person, no case."""
    context = {
        "provinces": selectors.ages_by_province(request.user),
        "institutions": selectors.ages_by_institution(request.user),
    }
    record(Event.PROMISES_LISTED, by=request.user, facts={"list": "ageing"})
    return render(request, "assistance/promises/ageing.html", context)
