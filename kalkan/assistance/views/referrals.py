"""Referrals: sending from a case, the boxes of an institution, and the one page on which both parties meet."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from kalkan.access.policy import has, require
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission
from kalkan.assistance.forms.referrals import ReferForm
from kalkan.assistance.lifecycle.referrals import Status
from kalkan.assistance.lifecycle.referrals import done as words_of
from kalkan.assistance.policy import referrals as policy
from kalkan.assistance.selectors import referrals as selectors
from kalkan.assistance.services import packages
from kalkan.assistance.services.referral_moves import answers_for_receiver, open_moves
from kalkan.assistance.services.referrals import preview, refer
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy as cases
from kalkan.cases.forms import ConfirmForm
from kalkan.cases.forms.fields import shown
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case
from kalkan.cases.views.base import CaseView

PAGE = 20
MAIN = frozenset({"accept", "answer", "complete"})
WHY_EMPTY: dict[str, str | Promise] = {
    Status.REVOKED: gettext_lazy("The person withdrew consent. Nothing of the person is shown here any more."),
    Status.EXPIRED: gettext_lazy("The consent has ended. Nothing of the person is shown here any more."),
    Status.WITHDRAWN: gettext_lazy("The sender withdrew the referral. Nothing of the person is shown here any more."),
}


def referrals(request: SignedInRequest) -> HttpResponse:
    """What was referred to the own institution, and what it sent: one box at a time, the earliest term first."""
    require(request.user, Permission.REFERRALS_VIEW)
    boxes = [*selectors.received(request.user), *selectors.sent(request.user)]
    counts = [(box, box.rows.count()) for box in boxes]
    named = request.GET.get("view", "")
    box = next((one for one in boxes if one.name == named), None)
    box = box or next((one for one, count in counts if count), boxes[0])
    page = Paginator(box.rows, PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    record(Event.REFERRALS_LISTED, *rows, by=request.user, facts={"shown": len(rows), "box": box.name})
    context = {"tabs": counts, "box": box, "rows": rows, "page_obj": page, "is_sent": box.name.startswith("sent")}
    return render(request, "assistance/referrals/list.html", context)


def referral(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """One referral as this user may see it: package and thread for its parties while it lasts, its moves for all."""
    user = request.user
    found = policy.referrals.fetch(user, reference=reference)
    is_own = policy.referrals.is_own(user, found)
    inside = packages.look_inside(found, by=user)
    if inside is None:
        record(Event.REFERRAL_OPENED, found, by=user, facts={"inside": False})
    is_held = selectors.holds(found)
    case = cases.cases.visible(user).filter(pk=found.case_id).first()
    steps = open_moves(found, user) if is_own else ()
    is_receiver = policy.is_receiver(user, found)
    can_write = is_own and found.is_live and is_held and inside is not None and bool(steps)
    is_sender = is_own and policy.is_sender(user, found)
    context = {
        "referral": found,
        "case": case,
        "inside": inside,
        "answers": selectors.said(inside.fields) if inside else [],
        "why_empty": WHY_EMPTY.get(Status(found.status)) or ("" if is_held else WHY_EMPTY[Status.EXPIRED]),
        "is_held": is_held,
        "is_receiver": is_receiver,
        "is_sender": is_sender,
        "steps": [
            {"title": step.title, "url": step_url(found, step.name), "is_main": step.name in MAIN}
            for step in sorted(steps, key=lambda step: step.name not in MAIN)
        ],
        "can_write": can_write,
        "can_refer_on": (
            is_receiver
            and found.status == Status.ACCEPTED
            and is_held
            and has(user, Permission.REFERRALS_ANSWER)
            and answers_for_receiver(user, found)
        ),
        "is_refused": is_sender and selectors.is_refused(found),
        "can_make_letter": (
            is_sender
            and found.is_live
            and is_held
            and has(user, Permission.REFERRALS_SEND)
            and not selectors.has_account(found.receiver_id)
        ),
        "moves": [(one, words_of(one.move)) for one in found.moves.select_related("by__institution")],
        "owed": list(selectors.owed(found, user)),
        "onward": list(selectors.onward_of(found, user)),
    }
    return render(request, "assistance/referrals/referral.html", context)


def step_url(found: Any, name: str) -> str:
    return reverse(f"assistance:referral_{name}", args=[found.reference])


class ReferView(CaseView):
    """Refer the person of a case: the basis, the need, then the page on which the sender sees what will be seen."""

    form_class = ReferForm
    permissions = (Permission.REFERRALS_SEND,)
    title = gettext_lazy("Refer to another institution")
    lead = gettext_lazy("One institution at a time. Before anything is sent you see exactly what it will see.")
    submit = gettext_lazy("Send the referral")
    done = gettext_lazy("The referral is sent. The receiver's term to answer has begun.")
    template = "assistance/referrals/refer.html"
    is_checked = True

    def form_options(self, case: Case) -> dict[str, Any]:
        service = selectors.service_chosen(self.officer, self.request.GET.get("service", ""))
        initial = {"category": service.category, "receiver": service.institution.reference} if service else {}
        return {"case": case, "by": self.officer, "initial": initial}

    def show(self, case: Case, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        return super().show(case, form, status=status, submit_label=gettext_lazy("Go on: see what is sent"), **extra)

    def check(self, case: Case, form: Any) -> HttpResponse:
        try:
            basis, fields = preview(case.reference, by=self.officer, **form.said)
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
            return self.show(case, form, status=422)
        answers = [one for one in shown(form) if one["label"] != form.fields["need"].label]
        context = self._frame(case) | {
            "form": ConfirmForm(form, self.request.POST),
            "answers": answers,
            "receiver": basis.receiver,
            "package": selectors.said(fields),
            "unspoken": selectors.unspoken(basis.purpose, basis.categories, fields),
            "submit_label": self.submit,
        }
        return render(self.request, "assistance/referrals/check.html", context)

    def act(self, case: Case, form: Any) -> Any:
        refer(
            case.reference,
            by=self.officer,
            is_urgent=form.cleaned_data["is_urgent"],
            request_key=form.cleaned_data["request_key"],
            **form.said,
        )

    def next_url(self, case: Case) -> str:
        return reverse("assistance:hub", args=[case.reference])

    def _frame(self, case: Case) -> dict[str, Any]:
        return super()._frame(case) | {"back_url": self.next_url(case), "cancel_url": self.next_url(case)}
