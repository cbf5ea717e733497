"""The first page after sign-in: the work list, or for those without cases the way to what is theirs."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from kalkan.access.policy import has, require
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission, Scope
from kalkan.assistance.selectors.promises import due_soon
from kalkan.assistance.selectors.referrals import waiting_for as referrals_waiting
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.policy import RECORDING
from kalkan.cases.selectors import all_cases, next_step, overdue_by_province, work_list
from kalkan.web.forms import WorkFilter
from kalkan.web.selectors import emergencies_for, waiting_for
from kalkan.web.starts import starts_for

PAGE = 20
EVERY = ("stage", "order", "number")  # what narrows the list of closed cases too


def home(request: SignedInRequest) -> HttpResponse:
    """Officers begin with their cases; everybody else with the doors that are open to them."""
    if has(request.user, Permission.CASES_VIEW) and not has(request.user, Permission.CASES_OVERSEE):
        return _work_list(request)
    context: dict[str, Any] = {"starts": starts_for(request.user), "emergencies": emergencies_for(request.user)}
    if has(request.user, Permission.CASES_OVERSEE):
        loads = overdue_by_province(request.user)
        context |= {
            "late": [load for load in loads if load.overdue][:10],
            "open_cases": sum(load.open_cases for load in loads),
            "overdue": sum(load.overdue for load in loads),
        }
    return render(request, "web/start.html", context)


def work(request: SignedInRequest) -> HttpResponse:
    """The work list under its own address, for those whose home is another page."""
    require(request.user, Permission.CASES_VIEW)
    return _work_list(request)


def _work_list(request: SignedInRequest) -> HttpResponse:
    user = request.user
    form = WorkFilter(request.GET or None, with_provinces=user.scope is Scope.NATION)
    narrowing = form.narrowing if request.GET else {}
    province = narrowing.pop("province", None)
    rows = {
        "waiting": waiting_for(user, **narrowing),
        "mine": work_list(user, mine=True, **narrowing),
        "all": work_list(user, **narrowing),
        "every": all_cases(user, **{name: narrowing[name] for name in EVERY if name in narrowing}),
    }
    shown = request.GET.get("view", "waiting")
    shown = shown if shown in rows else "waiting"
    if province:
        rows = {name: found.filter(province_id=province) for name, found in rows.items()}
    page = Paginator(rows[shown], PAGE).get_page(request.GET.get("page"))
    cases = list(page.object_list)
    record(Event.CASES_LISTED, *cases, by=user, facts={"shown": len(cases)})
    return render(
        request,
        "web/work_list.html",
        {
            "form": form,
            "referrals_waiting": referrals_waiting(user) if has(user, Permission.REFERRALS_VIEW) else 0,
            "only_receives": not any(has(user, permission) for permission in (*RECORDING, Permission.CASES_DECIDE)),
            "is_narrowed": bool(narrowing or province),
            "shown": shown,
            "tabs": [(name, found.count()) for name, found in rows.items()],
            "page_obj": page,
            "rows": [(case, next_step(case, user)) for case in cases],
            "overdue": rows[shown].filter(next_due_on__lt=timezone.localdate()).count(),
            "emergencies": emergencies_for(user),
            "owed": due_soon(user),
            "can_screen": has(user, Permission.CASES_SCREEN),
        },
    )
