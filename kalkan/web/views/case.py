"""The page of one case: where it stands, what comes next, and everything that happened."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from kalkan.access.policy import has
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission
from kalkan.access.sensitivity import Act, Sensitivity, may
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy
from kalkan.cases.policy import RECORDING
from kalkan.web.selectors import case_file


def case(request: SignedInRequest, reference: UUID) -> HttpResponse:
    file = case_file(request.user, reference)
    record(Event.CASE_VIEWED, file.case, file.person, by=request.user)
    is_there = not file.person.is_erased
    seen = {
        "can_see_crime": may(request.user, Act.VIEW, Sensitivity.CRIMINAL),
        "can_see_health": may(request.user, Act.VIEW, Sensitivity.HEALTH),
    }
    if not policy.cases.is_own(request.user, file.case):
        emergency = next((one for one in request.user.open_emergencies if one.case == reference), None)
        # What only an emergency shows can be read, and nothing in it changed: no way to do so is offered.
        step = file.step and file.step._replace(is_yours=False)
        file = file._replace(step=step, other_moves=[])
        can_reveal = is_there and has(request.user, Permission.PERSONS_REVEAL)
        context = file._asdict() | seen | {"emergency": emergency, "can_reveal": can_reveal}
        return render(request, "web/case.html", context)
    return render(
        request,
        "web/case.html",
        file._asdict()
        | seen
        | {
            "can_record": is_there and any(has(request.user, permission) for permission in RECORDING),
            "can_reveal": is_there and has(request.user, Permission.PERSONS_REVEAL),
            "can_consent": is_there and has(request.user, Permission.CONSENT_RECORD),
            "can_open_needs": is_there and has(request.user, Permission.PATHWAYS_WORK),
            "can_assign": has(request.user, Permission.CASES_ASSIGN),
        },
    )
