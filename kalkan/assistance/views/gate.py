"""The gate: one person at a time, one answer, and what is still owed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kalkan.access.policy import require
from kalkan.access.roles import Permission
from kalkan.assistance.forms.gate import AskForm, CloseForm
from kalkan.assistance.policy.gate import checks
from kalkan.assistance.selectors.gate import recent
from kalkan.assistance.services import gate as services
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.views.base import officer


@require_http_methods(["GET", "POST"])
def gate(request: HttpRequest) -> HttpResponse:
    """Ask about one person; the answer has a page of its own, which can be printed."""
    user = officer(request)
    require(user, Permission.GATE_ASK)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _answer, check = services.ask_gate(form.details, by=user, request_key=form.cleaned_data["request_key"])
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("assistance:gate_check", check.reference)
    context = {"form": form, "owed": recent(user)}
    return render(request, "assistance/gate/ask.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, reference: UUID) -> HttpResponse:
    """The answer to one question. Where a screening is owed, the case in which it was held closes it."""
    user = officer(request)
    found = checks.fetch(user, reference=reference)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.close_check(reference, by=user, case_number=form.cleaned_data["case_number"])
        except NotPossible as refusal:
            form.add_error("case_number", str(refusal))
        else:
            messages.success(request, _("The screening is recorded. Ask the gate again before the removal."))
            return redirect("assistance:gate")
    context = {"check": found, "answer": services.told(found), "form": form}
    return render(request, "assistance/gate/answer.html", context, status=422 if form.errors else 200)
