"""Possible same persons, for the centre: reasons and references, no identities."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.persons import policy, selectors, services
from kalkan.persons.matching import Reason
from kalkan.persons.models import PossibleSame
from kalkan.persons.views import SignedInRequest

Verdict = PossibleSame.Verdict
A_PAGE = 20


@require_safe
def matches(request: SignedInRequest) -> HttpResponse:
    policy.matches.require(request.user, Permission.MATCHES_JUDGE)
    verdict = request.GET.get("verdict", Verdict.OPEN)
    if verdict not in Verdict.values:
        verdict = Verdict.OPEN
    page = Paginator(selectors.matches_to_judge(request.user, verdict=verdict), A_PAGE).get_page(
        request.GET.get("page")
    )
    shown = [row for match in page for row in (match.person, match.other)]
    record(Event.PERSONS_LISTED, *shown, by=request.user, facts={"list": "matches", "verdict": verdict})
    context = {
        "page_obj": page,
        "pairs": [{"match": match, "reasons": [Reason(code).label for code in match.reasons]} for match in page],
        "verdict": verdict,
        "verdicts": Verdict.choices,
    }
    return render(request, "persons/matches.html", context)


@require_POST
def judge(request: SignedInRequest, reference: UUID) -> HttpResponse:
    policy.matches.require(request.user, Permission.MATCHES_JUDGE)
    policy.matches.fetch(request.user, reference=reference)
    verdict = request.POST.get("verdict", "")
    if verdict not in Verdict.values:
        return HttpResponseBadRequest(_("Choose one of the answers."))
    match = services.judge_match(reference, by=request.user, verdict=verdict)
    messages.success(request, _("Recorded: %(verdict)s.") % {"verdict": Verdict(match.verdict).label})
    return redirect(reverse("persons:matches"))
