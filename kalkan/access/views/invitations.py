"""The owner of an account follows an invitation, without being signed in."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from kalkan.access import invitations
from kalkan.access.forms import PasswordForm

_HELD = "invitation"  # in the session, so that the secret leaves the address of the page


@login_not_required
@require_safe
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Take the secret out of the address: it would stay in the browser's history and go to whoever reads it."""
    request.session[_HELD] = token
    return redirect("access:accept_invitation")


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    token = request.session.get(_HELD) or ""
    try:
        invitation = invitations.read(token)
        form = PasswordForm(invitation.user, request.POST or None)
        if request.method == "POST" and form.is_valid():
            user = invitations.accept(token, password=form.cleaned_data["password1"])
            del request.session[_HELD]
            record_authentication(request, user, method="password")
            return perform_login(request, Login(user=user, redirect_url=None))
    except invitations.InvitationRefused as refused:
        return render(request, "access/invitation_refused.html", {"sentence": refused.message}, status=410)
    return render(request, "access/invitation.html", {"form": form, "account": invitation.user})
