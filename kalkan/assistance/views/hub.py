"""Everything that a person receives, on one page."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from kalkan.access.requests import SignedInRequest
from kalkan.assistance.selectors.hub import sections
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy


def hub(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """The support of one case, part by part."""
    case = policy.cases.fetch(request.user, reference=reference)
    record(Event.SUPPORT_VIEWED, case, case.person, by=request.user)
    context = {"case": case, "sections": sections(case, request.user)}
    return render(request, "assistance/hub.html", context)
