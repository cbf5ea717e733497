"""Search first, then record: nobody is entered twice because nobody looked.

What is typed travels from page to page in the browser's own form and never through the session, which is a table.
"""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from kalkan.access.concurrency import Changed
from kalkan.access.policy import has
from kalkan.access.roles import Permission
from kalkan.persons import policy, selectors, services, wording
from kalkan.persons.details import NameGiven, NotValid, PersonDetails
from kalkan.persons.forms.acts import SearchForm
from kalkan.persons.forms.person import PersonForms, with_another_row
from kalkan.persons.matching import Reason
from kalkan.persons.views import SignedInRequest, page_to_return_to


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def search(request: SignedInRequest) -> HttpResponse:
    policy.persons.require(request.user, Permission.PERSONS_SEARCH)
    form = SearchForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "next": page_to_return_to(request), "can_record": _may_record(request)}
    if form.is_valid():
        query = form.cleaned_data["query"]
        context["found"] = [_shown(one) for one in selectors.search(request.user, query)]
    return render(request, "persons/search.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def create(request: SignedInRequest) -> HttpResponse:
    policy.persons.require(request.user, Permission.PERSONS_EDIT)
    step = request.POST.get("step", "")
    context = {"next": page_to_return_to(request), "title": _("Record a person"), "action": request.get_full_path()}
    if request.method == "GET" or step == "start":
        return _ask(request, PersonForms(initial=_typed(request.POST.get("query", ""))), context)
    forms = PersonForms(with_another_row(request.POST, step.removeprefix("add:")))
    if step.startswith("add:") or step == "change" or not forms.is_valid():
        return _ask(request, forms, context)
    details = forms.details()
    if step == "record":
        try:
            person = services.record_person(
                details, by=request.user, request_key=forms.about.cleaned_data["request_key"]
            )
        except NotValid as refused:
            forms.add_problems(refused.problems)
            return _ask(request, forms, context)
        messages.success(request, _("The person is recorded."))
        return redirect(_onward(request, person.reference))
    likely = [_shown(one) for one in selectors.likely_same(request.user, details)] if _may_search(request) else []
    return _confirm(request, forms, {**context, "likely": likely, "submit_label": _("Record this person")}, details)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, reference: UUID) -> HttpResponse:
    person = policy.persons.fetch(request.user, own=True, reference=reference)
    policy.persons.require(request.user, Permission.PERSONS_EDIT)
    url = reverse("persons:person", args=[reference])
    context = {"title": _("Correct what is recorded"), "action": request.path, "cancel_url": url, "person": person}
    if person.is_erased:
        messages.warning(request, _("This identity was erased. Nobody can read it any more."))
        return redirect(url)
    if request.method == "GET":
        details = services.reveal_identity(reference, by=request.user, purpose="correction")
        return _ask(request, PersonForms(initial=details, version=person.version), context)
    step = request.POST.get("step", "")
    forms = PersonForms(with_another_row(request.POST, step.removeprefix("add:")))
    if step.startswith("add:") or step == "change" or not forms.is_valid():
        return _ask(request, forms, context)
    details = forms.details()
    if step != "record":
        return _confirm(request, forms, {**context, "submit_label": _("Save the correction")}, details)
    try:
        services.change_person(reference, details, by=request.user, version=forms.about.cleaned_data["version"] or 0)
    except NotValid as refused:
        forms.add_problems(refused.problems)
        return _ask(request, forms, context)
    except Changed as changed:
        theirs = services.reveal_identity(reference, by=request.user, purpose="correction")
        again = request.POST.copy()
        again["version"] = str(changed.current.version)
        context["differences"] = wording.differences(theirs, details)
        return _ask(request, PersonForms(again), {**context, "is_conflict": True}, status=409)
    messages.success(request, _("The correction is saved."))
    return redirect(url)


def _ask(request: SignedInRequest, forms: PersonForms, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, "persons/form.html", {**context, "forms": forms, "form": forms.about}, status=status)


def _confirm(
    request: SignedInRequest, forms: PersonForms, context: dict[str, Any], details: PersonDetails
) -> HttpResponse:
    return render(request, "persons/check.html", {**context, "forms": forms, "answers": wording.said(details)})


def _shown(found: Any) -> dict[str, Any]:
    return {
        "person": found.person,
        "reasons": [Reason(code).label for code in found.reasons],
        "is_strong": found.score >= 70,
    }


def _typed(query: str) -> PersonDetails | None:
    """What was typed into the search box and found nobody need not be typed again."""
    words = [word for word in query.split() if not any(letter.isdigit() for letter in word)]
    if not words:
        return None
    given, family = (" ".join(words[:-1]), words[-1]) if len(words) > 1 else (words[0], "")
    return PersonDetails(names=(NameGiven("given", given[:150], family[:150]),))


def _onward(request: SignedInRequest, reference: UUID) -> str:
    """Where the person's page, or the page that asked for a person, goes on."""
    url = page_to_return_to(request)
    if not url:
        return reverse("persons:person", args=[reference])
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'person': reference})}"


def _may_record(request: SignedInRequest) -> bool:
    return has(request.user, Permission.PERSONS_EDIT)


def _may_search(request: SignedInRequest) -> bool:
    return has(request.user, Permission.PERSONS_SEARCH)
