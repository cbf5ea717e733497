from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from kalkan.access import policy, signed_in
from kalkan.access.requests import SignedInRequest


@require_safe
def sessions(request: SignedInRequest) -> HttpResponse:
    live = policy.sessions.visible(request.user) & signed_in.live(request.user)
    context = {"sessions": live, "current": signed_in.reference_of(request.session)}
    return render(request, "access/sessions.html", context)


@require_POST
@reauthentication_required(app="kalkan.access")
def end(request: SignedInRequest, reference: UUID) -> HttpResponse:
    signed_in.end_session(reference, by=request.user)
    messages.success(request, _("The session is ended. Whoever used it is asked to sign in with the next click."))
    return redirect("access:sessions")


@require_POST
@reauthentication_required(app="kalkan.access")
def end_others(request: SignedInRequest) -> HttpResponse:
    count = signed_in.end_other_sessions(by=request.user, keep=signed_in.reference_of(request.session))
    sentence = ngettext("%(count)d other session is ended.", "%(count)d other sessions are ended.", count)
    messages.success(request, sentence % {"count": count})
    return redirect("access:sessions")
