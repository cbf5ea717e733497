"""One person: the facts without identity, the act of revealing, consent."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from kalkan.access.policy import has
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.persons import policy, selectors, services, vault, wording
from kalkan.persons.details import NotValid
from kalkan.persons.forms.acts import ConsentForm, RevealForm
from kalkan.persons.views import SignedInRequest, page_to_return_to


@require_safe
def person(request: SignedInRequest, reference: UUID) -> HttpResponse:
    found = policy.persons.fetch(request.user, reference=reference)
    alike = selectors.alike(request.user, found)
    record(Event.PERSON_VIEWED, found, *alike, by=request.user)
    consents = found.consents.select_related("recipient__place__province")
    live = set(selectors.live_consents(found).values_list("pk", flat=True))
    context = {
        "person": found,
        "documents": found.documents.order_by("pk"),
        "contacts": found.contact_points.order_by("pk"),
        "name_count": found.names.count(),
        "consents": [{"consent": consent, "is_live": consent.pk in live} for consent in consents],
        "alike": alike,
        **{name: has(request.user, needed) for name, needed in _ACTS.items()},
    }
    if not policy.persons.is_own(request.user, found):
        emergency = next((one for one in request.user.open_emergencies if one.person == reference), None)
        context |= {"can_edit": False, "can_consent": False, "can_open_case": False, "emergency": emergency}
    return render(request, "persons/person.html", context)


_ACTS = {
    "can_reveal": Permission.PERSONS_REVEAL,
    "can_edit": Permission.PERSONS_EDIT,
    "can_consent": Permission.CONSENT_RECORD,
    "can_open_case": Permission.CASES_SCREEN,
}


@require_http_methods(["GET", "POST"])
def reveal(request: SignedInRequest, reference: UUID) -> HttpResponse:
    found = policy.persons.fetch(request.user, reference=reference)
    policy.persons.require(request.user, Permission.PERSONS_REVEAL)
    form = RevealForm(request.POST or None)
    context: dict[str, Any] = {"person": found, "form": form}
    if form.is_valid():
        try:
            details = services.reveal_identity(reference, by=request.user, purpose=form.cleaned_data["purpose"])
        except vault.Erased:
            form.add_error(None, _("This identity was erased. Nobody can read it any more."))
        else:
            context["answers"] = wording.said(details)
    return render(request, "persons/reveal.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def consent(request: SignedInRequest, reference: UUID) -> HttpResponse:
    found = policy.persons.fetch(request.user, own=True, reference=reference)
    policy.persons.require(request.user, Permission.CONSENT_RECORD)
    form = ConsentForm(request.POST or None, by=request.user, is_child=found.is_child, languages=found.languages)
    person_url = reverse("persons:person", args=[reference])
    url = page_to_return_to(request) or person_url
    if form.is_valid():
        try:
            services.give_consent(reference, by=request.user, **form.cleaned_data)
        except NotValid as refused:
            form.add_problems(refused.problems)
        else:
            messages.success(request, _("The consent is recorded."))
            return redirect(url)
    context = {"person": found, "form": form, "person_url": person_url, "cancel_url": url}
    return render(request, "persons/consent.html", context)


@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, reference: UUID) -> HttpResponse:
    found = policy.consents.fetch(request.user, reference=reference)
    policy.consents.require(request.user, Permission.CONSENT_RECORD)
    person_url = reverse("persons:person", args=[found.person.reference])
    url = page_to_return_to(request) or person_url
    if request.method == "POST":
        services.withdraw_consent(reference, by=request.user)
        messages.success(request, _("The consent is withdrawn. It does not hold from now on."))
        return redirect(url)
    context = {
        "consent": found,
        "person": found.person,
        "person_url": person_url,
        "cancel_url": url,
        "today": timezone.localdate(),
    }
    return render(request, "persons/withdraw.html", context)
