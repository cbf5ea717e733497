"""The directory: looking for a service, and keeping those of the own institution up to date."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kalkan.access.concurrency import Changed
from kalkan.access.models import User
from kalkan.access.policy import has
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission
from kalkan.assistance.forms.directory import SearchForm, ServiceForm, VersionForm
from kalkan.assistance.models import Service
from kalkan.assistance.policy import directory as policy
from kalkan.assistance.selectors import directory as selectors
from kalkan.assistance.selectors import hsds
from kalkan.assistance.selectors.referrals import case_to_refer
from kalkan.assistance.services import directory as services
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.forms.fields import shown
from kalkan.cases.lifecycle import NotPossible

PAGE = 20
ABOUT_THE_PERSON = ("sex", "age", "citizenship")


@require_GET
def directory(request: SignedInRequest) -> HttpResponse:
    """Services by what the person needs, the nearest first. Works without any script, one page of it at a time."""
    user = request.user
    policy.require(user, Permission.DIRECTORY_VIEW)
    is_asked = any(request.GET.get(name) for name in SearchForm.base_fields)
    form = SearchForm(request.GET if is_asked else None, initial={"province": user.institution.province_id})
    form.is_valid()
    wanted = form.wanted if is_asked else selectors.Wanted(province=user.institution.province_id or "")
    page = Paginator(selectors.search(user, wanted), PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "main_fields": [form[name] for name in ("category", "province", "language")],
        "person_fields": [form[name] for name in ABOUT_THE_PERSON],
        "is_asked": is_asked,
        "case": case_to_refer(user, request.GET.get("case", "")),
        "is_narrowed": any(request.GET.get(name) for name in (*ABOUT_THE_PERSON, "accessibility")),
        "found": selectors.found(list(page.object_list), wanted.province),
        "page_obj": page,
        "near": wanted.province,
        "can_keep": has(user, Permission.DIRECTORY_MANAGE),
        "can_export": has(user, Permission.EXPORT_RUN),
    }
    return render(request, "assistance/directory/search.html", context, status=422 if form.errors else 200)


@require_GET
def service(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """All that the directory says of one service."""
    found = policy.services.fetch(request.user, reference=reference)
    can_keep = policy.kept.visible(request.user).filter(pk=found.pk).exists()
    context = {
        "service": found,
        "unverified_since": selectors.unverified_since(found),
        "can_keep": can_keep,
        "version_form": VersionForm(initial={"version": found.version}),
    }
    return render(request, "assistance/directory/service.html", context)


@require_GET
def own_services(request: SignedInRequest) -> HttpResponse:
    """The services that the user keeps, those to be verified first."""
    policy.require(request.user, Permission.DIRECTORY_MANAGE)
    page = Paginator(selectors.kept(request.user), PAGE).get_page(request.GET.get("page"))
    context = {"found": selectors.found(list(page.object_list), ""), "page_obj": page}
    return render(request, "assistance/directory/own.html", context)


@require_http_methods(["GET", "POST"])
def add_service(request: SignedInRequest) -> HttpResponse:
    """Offer a service."""
    user = request.user
    policy.require(user, Permission.DIRECTORY_MANAGE)
    form = ServiceForm(request.POST or None, by=user)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        institution = said.get("institution") or user.institution
        try:
            made = services.record_service(institution, form.offer, by=user, request_key=said["request_key"])
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The service is in the directory."))
            return redirect("assistance:service", made.reference)
    context = {"form": form, "title": _("Offer a service"), "submit_label": _("Put it into the directory")}
    return _form(request, context, back=reverse("assistance:own_services"))


@require_http_methods(["GET", "POST"])
def change_service(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """Say anew what is offered; that verifies it."""
    found = policy.kept.fetch(request.user, reference=reference)
    form = ServiceForm(request.POST or None, by=request.user, service=found)
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            services.change_service(reference, form.offer, by=request.user, version=form.cleaned_data["version"])
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        except Changed as changed:
            context = {"changed": True, "differences": _differences(changed.current, form, request.user)}
            form.data = request.POST.copy()
            form.data["version"] = str(changed.current.version)
        else:
            messages.success(request, _("The service is changed, and verified today."))
            return redirect("assistance:service", found.reference)
    context |= {"form": form, "title": _("Change the service"), "submit_label": _("Save and verify")}
    return _form(request, context, back=reverse("assistance:service", args=[reference]))


@require_POST
def verify_service(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """Say that everything is still so."""
    return _act(request, reference, services.verify_service, _("Verified today."))


@require_POST
def withdraw_service(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """Take the service out of the search."""
    return _act(request, reference, services.offer_service, _("The service is withdrawn."), is_active=False)


@require_POST
def offer_again(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """Put a withdrawn service back into the search."""
    return _act(request, reference, services.offer_service, _("The service is offered again."), is_active=True)


@require_GET
def export_directory(request: SignedInRequest) -> HttpResponse:
    """The directory as a file that others can read."""
    policy.require(request.user, Permission.EXPORT_RUN)
    document = hsds.document(request.user)
    facts = {"services": document["total_items"], "format": "hsds"}
    record(Event.DIRECTORY_EXPORTED, by=request.user, facts=facts)
    name = f"kalkan-hsds-{timezone.localdate():%Y-%m-%d}.json"
    return HttpResponse(
        json.dumps(document, ensure_ascii=False, indent=1),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _act(request: SignedInRequest, reference: UUID, verb: Any, done: str, **options: Any) -> HttpResponse:
    policy.kept.fetch(request.user, reference=reference)
    form = VersionForm(request.POST)
    if not form.is_valid():
        return redirect("assistance:service", reference)
    try:
        verb(reference, by=request.user, version=form.cleaned_data["version"], **options)
    except Changed:
        messages.warning(request, _("Somebody else saved this in the meantime. Look at it once more."))
    else:
        messages.success(request, done)
    return redirect("assistance:service", reference)


def _form(request: SignedInRequest, context: dict[str, Any], *, back: str) -> HttpResponse:
    status = 409 if context.get("changed") else 422 if context["form"].errors else 200
    context |= {"back_url": back, "cancel_url": back}
    return render(request, "assistance/directory/form.html", context, status=status)


def _differences(current: Service, form: ServiceForm, by: User) -> list[dict[str, Any]]:
    """What the other one saved beside what was typed, where the two say something else."""
    saved = ServiceForm(ServiceForm.typed(current), by=by, service=current)
    saved.is_valid()
    theirs, yours = ({one["label"]: one["value"] for one in shown(one_form)} for one_form in (saved, form))
    return [
        {"label": label, "theirs": theirs.get(label, ""), "yours": yours.get(label, "")}
        for label in {**theirs, **yours}
        if theirs.get(label) != yours.get(label)
    ]
