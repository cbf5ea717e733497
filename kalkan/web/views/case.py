"""The page of one case: where it stands, what comes next, and everything that happened."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from kalkan.access.policy import has
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.policy import RECORDING
from kalkan.web.selectors import case_file


def case(request: SignedInRequest, reference: UUID) -> HttpResponse:
    file = case_file(request.user, reference)
    record(Event.CASE_VIEWED, file.case, file.person, by=request.user)
    is_there = not file.person.is_erased
    return render(
        request,
        "web/case.html",
        file._asdict()
        | {
            "can_record": is_there and any(has(request.user, permission) for permission in RECORDING),
            "can_reveal": is_there and has(request.user, Permission.PERSONS_REVEAL),
            "can_consent": is_there and has(request.user, Permission.CONSENT_RECORD),
            "can_assign": has(request.user, Permission.CASES_ASSIGN),
        },
    )
