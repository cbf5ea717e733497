"""An account whose owner goes: what it holds goes to a colleague first. Here, because work lies in several rooms."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from kalkan.access import policy
from kalkan.access.concurrency import Changed
from kalkan.access.requests import SignedInRequest
from kalkan.access.services import AccountRefused
from kalkan.cases.services import held_by
from kalkan.web import services
from kalkan.web.forms import CloseAccountForm, HandOverForm, LeaveForm


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app="kalkan.web")
def hand_over(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """Only hand over: the account stays open."""

    def act(to: Any = None) -> str:
        count = services.hand_over(reference, to=to, by=request.user)
        return ngettext("%(count)d case is handed over.", "%(count)d cases are handed over.", count) % {"count": count}

    words = {"title": _("Hand over open work"), "submit_label": _("Hand it over")}
    return _page(request, reference, HandOverForm, act, words)


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app="kalkan.web")
def close_account(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """Hand over, then close."""

    def act(version: int, to: Any = None) -> str:
        services.close_account(reference, to=to, by=request.user, version=version)
        return _("The account is closed.")

    words = {
        "title": _("Close the account"),
        "submit_label": _("Close the account"),
        "lead": _("Its sessions end and its owner cannot come back. What the account did stays in the log."),
        "is_danger": True,
    }
    return _page(request, reference, CloseAccountForm, act, words)


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app="kalkan.web")
def mark_leave(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """Hand over, then mark the days away."""

    def act(first: Any, last: Any, request_key: UUID, to: Any = None) -> str:
        services.mark_leave(reference, first=first, last=last, to=to, by=request.user, request_key=request_key)
        return _("The leave is marked.")

    words = {
        "title": _("Mark a leave"),
        "submit_label": _("Mark the leave"),
        "lead": _("Nobody signs in to the account on these days. Open work goes over now, whenever the leave begins."),
    }
    return _page(request, reference, LeaveForm, act, words)


def _page(
    request: SignedInRequest, reference: UUID, form_class: type[HandOverForm], act: Any, words: dict[str, Any]
) -> HttpResponse:
    owner = policy.accounts.fetch(request.user, reference=reference)
    held = held_by(owner, by=request.user)
    form = form_class(request.POST or None, owner=owner, has_work=bool(held), initial={"version": owner.version})
    if request.method == "POST" and form.is_valid():
        try:
            done = act(**form.cleaned_data)
        except AccountRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        except Changed:
            form.add_error(None, _("Somebody changed this account in the meantime. Look at it again first."))
        else:
            messages.success(request, done)
            return redirect("access:account", reference)
    return render(request, "web/hand_over.html", {"account": owner, "held": held, "form": form, **words})
