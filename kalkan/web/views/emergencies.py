"""Opening a record in an emergency, seeing who did, reviewing it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kalkan.access import emergencies as services
from kalkan.access import policy
from kalkan.access.emergencies import NotOpened
from kalkan.access.models import Emergency
from kalkan.access.policy import Refused, has
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.audit import reading
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.emergencies import open_case_in_emergency
from kalkan.exchange.oversight import purpose_of
from kalkan.persons.emergencies import open_person_in_emergency
from kalkan.vocabulary.limits import limit
from kalkan.web.forms import EmergencyForm, ReviewForm

PAGE = 20
_SHOWN = 200
_DOORS = (Permission.EMERGENCY_OPEN, Permission.EMERGENCY_WATCH, Permission.EMERGENCY_REVIEW)


@require_safe
def emergencies(request: SignedInRequest) -> HttpResponse:
    """One's own, those one watches over, or all: the newest first."""
    if not any(has(request.user, permission) for permission in _DOORS):
        raise Refused(Permission.EMERGENCY_WATCH)
    rows = policy.emergencies.visible(request.user).select_related("user__institution")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": list(page.object_list),
        "can_open": has(request.user, Permission.EMERGENCY_OPEN),
        "can_review": has(request.user, Permission.EMERGENCY_REVIEW),
    }
    return render(request, "web/emergencies/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def open_emergency(request: SignedInRequest) -> HttpResponse:
    """Asks for the exact number and a ground, then shows the record."""
    policy.require(request.user, Permission.EMERGENCY_OPEN)
    form = EmergencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = _open(request, **form.cleaned_data)
        except NotOpened as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("web:case", opened.case) if opened.case else redirect("persons:person", opened.person)
    context = {"form": form, "minutes": limit("emergency_minutes").value}
    return render(request, "web/emergencies/open.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """One emergency with what was read through it; whoever reviews says here what it was."""
    one = policy.emergencies.fetch(request.user, reference=reference)
    can_review = has(request.user, Permission.EMERGENCY_REVIEW) and not one.verdict and not one.is_open
    form = ReviewForm(request.POST or None) if can_review or request.method == "POST" else None
    if request.method == "POST" and form is not None:
        policy.require(request.user, Permission.EMERGENCY_REVIEW)
        if form.is_valid():
            try:
                services.review_emergency(reference, by=request.user, finding=form.cleaned_data["finding"])
            except NotOpened as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, _("The review is recorded."))
                return redirect("web:emergency", reference)
    return _show(request, one, form)


@require_POST
def end_emergency(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """Closes it at once."""
    services.end_emergency(reference, by=request.user)
    messages.success(request, _("The emergency is over. The record is closed to you."))
    return redirect("web:emergency", reference)


def _show(request: SignedInRequest, one: Emergency, form: ReviewForm | None) -> HttpResponse:
    subjects = [subject for subject in (one.person, one.case) if subject is not None]
    with beyond_reach(Task.CHECKING):  # also for the officer and the supervisor, who do not read the log
        events: list[Any] = list(reading.reads_in(one.reference, subjects, by=one.user_id)[: _SHOWN + 1])
    for event in events:
        event.purpose = purpose_of(event)
    record(Event.READING_VIEWED, one, by=request.user, facts={"list": "emergency", "shown": len(events)})
    context = {
        "one": one,
        "events": events[:_SHOWN],
        "is_cut": len(events) > _SHOWN,
        "is_mine": one.user_id == request.user.pk,
        "form": form,
    }
    return render(request, "web/emergencies/one.html", context, status=422 if form and form.errors else 200)


def _open(request: SignedInRequest, record: str, ground: str, request_key: UUID) -> Emergency:
    named = record.strip()
    try:
        person = UUID(named)
    except ValueError:
        return open_case_in_emergency(named, by=request.user, ground=ground, request_key=request_key)
    return open_person_in_emergency(person, by=request.user, ground=ground, request_key=request_key)
