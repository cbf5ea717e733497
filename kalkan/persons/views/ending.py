"""For the data protection officer: requests to erase and their proofs, legal holds. No identity on any page."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kalkan.access.policy import has
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.persons import erasing, holds, policy, selectors, wording
from kalkan.persons.details import NotValid
from kalkan.persons.forms.ending import ErasureForm, HoldForm
from kalkan.persons.views import SignedInRequest

A_PAGE = 20


@require_safe
def erasures(request: SignedInRequest) -> HttpResponse:
    policy.erasures.require(request.user, Permission.PERSONS_ERASE)
    page = Paginator(selectors.erasures(request.user), A_PAGE).get_page(request.GET.get("page"))
    record(Event.ERASURES_LISTED, *(row.person for row in page), by=request.user, facts={"list": "erasures"})
    context = {"page_obj": page, "can_hold": has(request.user, Permission.HOLDS_SET)}
    return render(request, "persons/erasures.html", context)


@require_http_methods(["GET", "POST"])
def ask_erasure(request: SignedInRequest) -> HttpResponse:
    """Ask to erase: what would go is shown on the request's own page, before anybody carries it out."""
    policy.erasures.require(request.user, Permission.PERSONS_ERASE)
    grounds = [(row.code, f"{row.text} ({row.citation})") for row in erasing.grounds()]
    form = ErasureForm(request.POST or None, grounds=grounds)
    if form.is_valid():
        said = form.cleaned_data
        try:
            erasure = erasing.ask(
                said["person"], by=request.user, ground=said["ground"], request_key=said["request_key"]
            )
        except erasing.NotErasable as refused:
            form.add_error(None, str(refused))
        except Http404:
            form.add_error("person", _("Nobody with this reference is recorded."))
        else:
            messages.success(request, _("Asked for. Another officer carries it out."))
            return redirect("persons:erasure", erasure.reference)
    return render(request, "persons/ask_erasure.html", {"form": form, "cancel_url": reverse("persons:erasures")})


@require_safe
def erasure(request: SignedInRequest, reference: UUID) -> HttpResponse:
    found = policy.erasures.fetch(request.user, reference=reference)
    return _erasure(request, found)


@require_POST
def carry_out(request: SignedInRequest, reference: UUID) -> HttpResponse:
    found = policy.erasures.fetch(request.user, reference=reference)
    try:
        erasing.carry_out(reference, by=request.user)
    except erasing.NotErasable as refused:
        return _erasure(request, found, sentence=str(refused), status=409)
    messages.success(request, _("Erased. The proof is kept."))
    return redirect("persons:erasure", reference)


@require_POST
def withdraw_erasure(request: SignedInRequest, reference: UUID) -> HttpResponse:
    found = policy.erasures.fetch(request.user, reference=reference)
    try:
        erasing.withdraw(reference, by=request.user)
    except erasing.NotErasable as refused:
        return _erasure(request, found, sentence=str(refused), status=409)
    messages.success(request, _("The person is not erased."))
    return redirect("persons:erasures")


def _erasure(request: SignedInRequest, found: Any, *, sentence: str = "", status: int = 200) -> HttpResponse:
    """A request: before it is carried out, what would go and what stands in the way; afterwards the proof."""
    context: dict[str, Any] = {"erasure": found, "ground": selectors.provision_of(found), "sentence": sentence}
    is_open = found.carried_out_at is None and found.withdrawn_at is None
    if is_open:
        outlook = erasing.foresee(found.person, by=request.user)
        is_other = found.requested_by_id != request.user.pk
        context |= {
            "hindrances": outlook.hindrances,
            "same_persons": outlook.same_persons,
            "can_carry_out": is_other and not outlook.hindrances,
            "is_own": not is_other,
        }
        removed, kept = outlook.removed, outlook.kept
    else:
        record(Event.ERASURES_LISTED, found.person, by=request.user, facts={"erasure": str(found.reference)})
        removed, kept = found.removed, found.kept
    context |= {
        "is_open": is_open,
        "removed": [(wording.kind(kind), number) for kind, number in removed.items()],
        "kept": [(wording.kind(kind), one["number"]) for kind, one in kept.items()],
        "kept_under": selectors.kept_under(kept),
    }
    return render(request, "persons/erasure.html", context, status=status)


@require_http_methods(["GET", "POST"])
def legal_holds(request: SignedInRequest) -> HttpResponse:
    policy.holds.require(request.user, Permission.HOLDS_SET)
    form = HoldForm(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            holds.set_hold(said["person"], by=request.user, reason=said["reason"], request_key=said["request_key"])
        except NotValid as refused:
            for problem in refused.problems:
                form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        else:
            messages.success(request, _("The hold stands."))
            return redirect("persons:holds")
    page = Paginator(selectors.holds(request.user), A_PAGE).get_page(request.GET.get("page"))
    record(Event.ERASURES_LISTED, *(row.person for row in page), by=request.user, facts={"list": "holds"})
    return render(request, "persons/holds.html", {"form": form, "page_obj": page})


@require_POST
def lift_hold(request: SignedInRequest, reference: UUID) -> HttpResponse:
    holds.lift_hold(reference, by=request.user)
    messages.success(request, _("The hold is lifted."))
    return redirect("persons:holds")
