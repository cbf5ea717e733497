from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kalkan.access import absences, invitations, policy, second_factor, selectors, services, signed_in
from kalkan.access.concurrency import Changed
from kalkan.access.forms import FindAccountsForm, NewAccountForm, RoleForm, VersionForm
from kalkan.access.models import User
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission, Role

PER_PAGE = 25


@require_safe
def accounts(request: SignedInRequest) -> HttpResponse:
    policy.require(request.user, Permission.ACCOUNTS_MANAGE)
    form = FindAccountsForm(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    rows = selectors.accounts(request.user, words=asked.get("words", ""), state=asked.get("state") or "open")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "access/accounts.html", {"form": form, "page_obj": page})


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app="kalkan.access")
def create(request: SignedInRequest) -> HttpResponse:
    policy.require(request.user, Permission.ACCOUNTS_MANAGE)
    form = NewAccountForm(request.POST or None, by=request.user, initial={"language": "tr"})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            user = services.create_user(values.pop("email"), by=request.user, **values)
        except services.AccountRefused as refused:
            form.add_error(refused.field or None, refused.message)
        else:
            messages.success(request, _("The account is made. Now invite its owner."))
            return redirect("access:account", user.reference)
    return render(request, "access/create_account.html", {"form": form})


@require_safe
def account(request: SignedInRequest, reference: UUID) -> HttpResponse:
    user = policy.accounts.fetch(request.user, reference=reference)
    return _account(request, user)


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app="kalkan.access")
def change_role(request: SignedInRequest, reference: UUID) -> HttpResponse:
    user = policy.accounts.fetch(request.user, reference=reference)
    shown = {"institution": user.institution.code, "role": user.role, "version": user.version}
    form = RoleForm(request.POST or None, by=request.user, initial=shown)
    context: dict[str, Any] = {"account": user, "form": form}
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            services.change_role(reference, by=request.user, **values)
        except services.AccountRefused as refused:
            form.add_error(refused.field or None, refused.message)
        except Changed as changed:
            context["differences"] = _differences(changed.current, values)
            form.data = {**form.data.dict(), "version": changed.current.version}  # type: ignore[attr-defined]
        else:
            messages.success(request, _("The duty is changed. It holds from the next click of the account's owner."))
            return redirect("access:account", reference)
    return render(request, "access/change_role.html", context)


@require_POST
@reauthentication_required(app="kalkan.access")
def open_again(request: SignedInRequest, reference: UUID) -> HttpResponse:
    policy.accounts.fetch(request.user, reference=reference)
    form = VersionForm(request.POST)
    if form.is_valid():
        try:
            services.open_again(reference, by=request.user, version=form.cleaned_data["version"])
        except services.AccountRefused as refused:
            messages.error(request, str(refused))
        except Changed:
            messages.error(request, _("Somebody changed this account in the meantime. Look at it again first."))
        else:
            messages.success(request, _("The account is open again."))
    return redirect("access:account", reference)


@require_POST
@reauthentication_required(app="kalkan.access")
def invite(request: SignedInRequest, reference: UUID) -> HttpResponse:
    return _invited(request, reference, invitations.invite)


@require_POST
@reauthentication_required(app="kalkan.access")
def renew(request: SignedInRequest, reference: UUID) -> HttpResponse:
    return _invited(request, reference, invitations.renew)


@require_POST
@reauthentication_required(app="kalkan.access")
def end_sessions(request: SignedInRequest, reference: UUID) -> HttpResponse:
    count = signed_in.end_sessions_of(reference, by=request.user)
    sentence = ngettext("%(count)d session is ended.", "%(count)d sessions are ended.", count)
    messages.success(request, sentence % {"count": count})
    return redirect("access:account", reference)


@require_POST
@reauthentication_required(app="kalkan.access")
def end_leave(request: SignedInRequest, reference: UUID) -> HttpResponse:
    absences.end_leave(reference, by=request.user)
    messages.success(request, _("The leave is ended. The owner can sign in again."))
    return redirect("access:account", reference)


def _invited(request: SignedInRequest, reference: UUID, act: Callable[..., str]) -> HttpResponse:
    try:
        address = request.build_absolute_uri(act(reference, by=request.user))
    except services.AccountRefused as refused:
        messages.error(request, str(refused))
        return redirect("access:account", reference)
    return _account(request, policy.accounts.fetch(request.user, reference=reference), address=address)


def _account(request: SignedInRequest, user: User, **context: Any) -> HttpResponse:
    context |= {
        "account": user,
        "form": VersionForm(initial={"version": user.version}),
        "is_own": user.pk == request.user.pk,
        "has_factor": second_factor.has_factor(user),
        "session_count": signed_in.live(user).count(),
        "invitation": user.invitations.first(),
        "leave": absences.running_or_ahead(user),
    }
    return render(request, "access/account.html", context)


def _differences(current: User, yours: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"label": _("Institution"), "theirs": current.institution, "yours": yours["institution"]},
        {"label": _("Role"), "theirs": current.get_role_display(), "yours": Role(yours["role"]).label},
    ]
