"""Who read what: pages of the data protection officer, who sees no identity and no case."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kalkan.access import policy
from kalkan.access.models import User
from kalkan.access.policy import has
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission
from kalkan.audit import reading as selectors
from kalkan.audit.events import Event
from kalkan.audit.reading import LIMITS, Oddity
from kalkan.audit.services import record
from kalkan.cases.selectors import whom
from kalkan.exchange import oversight
from kalkan.vocabulary.limits import limit
from kalkan.web.forms import FindReadersForm, FindReadingForm

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def reading(request: SignedInRequest) -> HttpResponse:
    """Asks of whom, or by whom. Posted, so that no number or address stands in the address of a page."""
    policy.require(request.user, Permission.AUDIT_VIEW)
    asked = request.POST.get("find", "")
    of = FindReadersForm(request.POST if asked == "of" else None)
    by = FindReadingForm(request.POST if asked == "by" else None)
    if of.is_valid():
        return redirect("web:readers", of.cleaned_data["record"])
    if by.is_valid():
        return redirect("web:reads", by.cleaned_data["who"])
    wrong = next((form for form in (of, by) if form.errors), None)
    parts = [
        {"name": "of", "title": _("Who saw this person?"), "form": of},
        {"name": "by", "title": _("What did this account see?"), "form": by},
    ]
    context = {"parts": parts, "wrong": wrong, "form": wrong}
    return render(request, "web/reading/begin.html", context, status=422 if wrong else 200)


@require_safe
def readers(request: SignedInRequest, person: UUID) -> HttpResponse:
    """The accounts that read anything of the person or the person's cases."""
    policy.require(request.user, Permission.AUDIT_VIEW)
    found = selectors.readers(_records(person))
    record(Event.READING_VIEWED, person, by=request.user, facts={"list": "readers", "shown": len(found)})
    context = {
        "person": person,
        "numbers": whom.numbers_of(person) or ["–"],
        "readers": found,
        "can_report": has(request.user, Permission.ACCESS_REPORT),
    }
    return render(request, "web/reading/readers.html", context)


@require_safe
def reads(request: SignedInRequest, who: UUID) -> HttpResponse:
    """What one account read, the newest first."""
    policy.require(request.user, Permission.AUDIT_VIEW)
    account = get_object_or_404(User.objects.select_related("institution"), reference=who)
    before = request.GET.get("before", "")
    rows = selectors.reads_by(who).order_by("-pk")
    if before.isascii() and before.isdigit() and len(before) <= 18:
        rows = rows.filter(pk__lt=int(before))
    found = _with_purposes(rows[: PAGE + 1])
    record(Event.READING_VIEWED, account, by=request.user, facts={"list": "reads", "shown": len(found[:PAGE])})
    context = {
        "account": account,
        "events": found[:PAGE],
        "before": before,
        "next_before": found[PAGE - 1].pk if len(found) > PAGE else None,
    }
    return render(request, "web/reading/reads.html", context)


@require_safe
def unusual(request: SignedInRequest) -> HttpResponse:
    """What reached a limit, with the limit and the reason for it beside it."""
    policy.require(request.user, Permission.AUDIT_VIEW)
    days = oversight.period(request.GET.get("days"))
    found = oversight.unusual(days)
    count = sum(len(rows) for _name, rows in found)
    record(Event.READING_VIEWED, by=request.user, facts={"list": "unusual", "days": days, "shown": count})
    hours = _("Hours from %(first)s to %(last)s on working days count as working hours.") % {
        "first": limit("day_begins").value,
        "last": limit("day_ends").value,
    }
    parts = [
        (name, limit(LIMITS[oddity]), hours if oddity is Oddity.OUTSIDE_HOURS else "", rows)
        for oddity, (name, rows) in zip(Oddity, found, strict=True)
    ]
    context = {"days": days, "periods": oversight.PERIODS, "parts": parts}
    return render(request, "web/reading/unusual.html", context)


@require_safe
def access_report(request: SignedInRequest, person: UUID) -> HttpResponse:
    """What the person concerned is told when they ask who had access to their data. Making it is an event."""
    policy.require(request.user, Permission.ACCESS_REPORT)
    rows = selectors.access_to(_records(person))
    page = Paginator(rows, PAGE * 4).get_page(request.GET.get("page"))
    record(Event.ACCESS_REPORTED, person, by=request.user, facts={"count": page.paginator.count})
    context = {
        "person": person,
        "numbers": whom.numbers_of(person) or ["–"],
        "page_obj": page,
        "events": _with_purposes(page.object_list),
        "made_at": timezone.now(),
    }
    return render(request, "web/reading/report.html", context)


def _records(person: UUID) -> list[UUID]:
    if whom.person_named(str(person)) != person:
        raise Http404("No person here")
    return whom.records_of(person)


def _with_purposes(rows: Any) -> list[Any]:
    found = list(rows)
    for event in found:
        event.purpose = oversight.purpose_of(event)
    return found
