from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from kalkan.access import policy
from kalkan.access.forms import FindEventsForm
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission
from kalkan.audit import selectors
from kalkan.audit.events import Event
from kalkan.audit.services import record

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def events(request: SignedInRequest) -> HttpResponse:
    """The form is posted, so that no e-mail address stands in the address of a page: there are references only."""
    policy.require(request.user, Permission.AUDIT_VIEW)
    if request.method == "POST":
        form = FindEventsForm(request.POST)
        if form.is_valid():
            return HttpResponseRedirect(f"{reverse('audit:events')}?{_spell(form.cleaned_data)}")
        return render(request, "audit/events.html", {"form": form, "events": []})
    asked = _read(request.GET)
    before = request.GET.get("before", "")
    found = selectors.events(asked, before=_number(before), size=PER_PAGE)
    named = {key: str(value) for key, value in asked._asdict().items() if value}
    record(Event.LOG_VIEWED, by=request.user, facts={"shown": len(found.events), **named})
    older = {**_words(asked), "before": found.next_before} if found.next_before else None
    context = {
        "form": FindEventsForm(initial=_words(asked)),
        "events": found.events,
        "is_first": not before,
        "newest_url": f"?{urlencode(_words(asked))}",
        "older_url": f"?{urlencode(older)}" if older else None,
    }
    return render(request, "audit/events.html", context)


def _spell(values: dict[str, Any]) -> str:
    return urlencode({name: str(value) for name, value in values.items() if value})


def _words(asked: selectors.Filter) -> dict[str, str]:
    names = {"actor": "who"}
    return {names.get(name, name): str(value) for name, value in asked._asdict().items() if value}


def _read(query: QueryDict) -> selectors.Filter:
    """The filter in the address; a part that cannot be read is left out."""
    action = query.get("action", "")
    return selectors.Filter(
        actor=_reference(query.get("who", "")),
        subject=_reference(query.get("subject", "")),
        action=action if action in Event.values else "",
        first=_day(query.get("first", "")),
        last=_day(query.get("last", "")),
    )


def _reference(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year < 9999 else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
