"""The lists of permits and returns of an office, and of the whole country for the officers of the centre."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from kalkan.access.policy import has
from kalkan.access.requests import SignedInRequest
from kalkan.assistance.lifecycle.returns import Stage
from kalkan.assistance.policy.permits import WORKING as PERMIT_WORK
from kalkan.assistance.policy.returns import WORKING as RETURN_WORK
from kalkan.assistance.selectors import permits_and_returns as selectors
from kalkan.assistance.selectors.section import Box
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy

PAGE = 20


def permits(request: SignedInRequest) -> HttpResponse:
    """Permits that run out, the earliest first; those to be decided; those that are over."""
    policy.require_any(request.user, PERMIT_WORK)
    return _page(request, "permits", selectors.permits(request.user))


def returns(request: SignedInRequest) -> HttpResponse:
    """Returns by where they stand, and when the next follow-up is due."""
    policy.require_any(request.user, RETURN_WORK)
    stage = request.GET.get("stage", "")
    stage = stage if stage in Stage.values else ""
    boxes = selectors.returns(request.user, stage)
    return _page(request, "returns", boxes, stage=stage, stages=Stage.choices)


def _page(request: SignedInRequest, kind: str, boxes: Sequence[Box], **more: Any) -> HttpResponse:
    user, named = request.user, request.GET.get("view", "")
    counts = [(box, box.rows.order_by().count()) for box in boxes]
    box = next((one for one in boxes if one.name == named), None)
    box = box or next((one for one, count in counts if count), boxes[0])
    page = Paginator(box.rows, PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    # A case number on a list is read like that of any other list of cases.
    record(Event.CASES_LISTED, *(row.case for row in rows), by=user, facts={"shown": len(rows), "list": kind})
    context = {
        "tabs": counts,
        "box": box,
        "rows": rows,
        "page_obj": page,
        "may_permits": any(has(user, one) for one in PERMIT_WORK),
        "may_returns": any(has(user, one) for one in RETURN_WORK),
    }
    return render(request, f"assistance/lists/{kind}.html", context | more)
