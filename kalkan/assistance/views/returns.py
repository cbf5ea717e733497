"""The return of a person, step by step."""

from typing import Any, ClassVar
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kalkan.access.roles import Permission
from kalkan.assistance.forms import returns as forms
from kalkan.assistance.lifecycle import returns as lifecycle
from kalkan.assistance.models import ReturnPlan
from kalkan.assistance.policy.returns import returns
from kalkan.assistance.selectors.returns import moment_now, plans, steps
from kalkan.assistance.services import returns as services
from kalkan.assistance.views.subjects import SubjectView
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy
from kalkan.cases.forms import TextForm
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case
from kalkan.cases.views.base import CaseView, officer
from kalkan.persons import services as persons


def plan(request: HttpRequest, reference: UUID) -> HttpResponse:
    """One return with its steps."""
    user = officer(request)
    found = returns.fetch(user, reference=reference)
    [shown] = [one for one in plans(found.case, user) if one.pk == found.pk]
    record(Event.SUPPORT_VIEWED, shown.case, shown.case.person, by=user, facts={"part": "return"})
    is_own = policy.cases.is_own(user, shown.case)
    context = {"plan": shown, "case": shown.case, "steps": steps(shown, user) if is_own else []}
    return render(request, "assistance/returns/plan.html", context)


@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, reference: UUID, text: UUID) -> HttpResponse:
    """One sealed text of a return, for a stated purpose; that it was read is recorded."""
    user = officer(request)
    found = returns.fetch(user, reference=reference)
    policy.require(user, Permission.PERSONS_REVEAL)
    sealed = next((one for one in _texts(found) if one is not None and one.reference == text), None)
    if sealed is None:
        raise Http404
    form, words = TextForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        words = persons.read_text(sealed, by=user, purpose=form.cleaned_data["purpose"])
    back_url = reverse("assistance:return", args=[found.reference])
    context = {"case": found.case, "form": form, "words": words, "sealed": sealed, "back_url": back_url}
    context["back_label"] = _("Voluntary and safe return")
    return render(request, "cases/text.html", context, status=422 if form.errors else 200)


def _texts(plan: ReturnPlan) -> list[Any]:
    notes = [follow_up.note for follow_up in plan.follow_ups.select_related("note")]
    return [plan.risk_note, plan.receiver_words, plan.approval_ground, *notes]


class OfferView(CaseView):
    form_class = forms.OfferForm
    permissions = (Permission.RETURNS_PLAN,)
    stages = services.RECOGNISED
    title = gettext_lazy("Offer a return")
    lead = gettext_lazy("Voluntary and safe: the person may say no, and may change their mind until the departure.")
    submit = gettext_lazy("Offer the return")
    done = gettext_lazy("The return is offered. Next are the risks.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"initial": {"moment": moment_now(case)}}

    def act(self, case: Case, form: Any) -> Any:
        return services.offer_return(case.reference, by=self.officer, **form.cleaned_data)

    def next_url(self, case: Case) -> str:
        return reverse("assistance:hub", args=[case.reference])

    def _frame(self, case: Case) -> dict[str, Any]:
        address = reverse("assistance:hub", args=[case.reference])
        return super()._frame(case) | {"back_url": address, "cancel_url": address}

    def _refusal(self, case: Case) -> str:
        return str(lifecycle.WHY_NOT["undecided"]) if case.stage not in self.stages else ""


class ReturnView(SubjectView):
    """One step of a return: `move` is its row in the table, which says from which stage it is possible."""

    rows = returns
    page = "assistance:return"
    page_title = gettext_lazy("Voluntary and safe return")
    permissions = (Permission.RETURNS_PLAN,)
    submit = gettext_lazy("Save")
    form_class: ClassVar[type[Form]] = forms.DayForm
    template = "assistance/returns/step.html"
    move: str

    def _refusal(self, case: Case) -> str:
        try:
            lifecycle.check(self.move, stage=self.row.stage, facts=_ANYTHING)
        except NotPossible as refusal:
            return str(refusal)
        return ""

    def act(self, case: Case, form: Any) -> Any:
        return self.verb(self.row.reference, by=self.officer, **form.cleaned_data)

    def verb(self, reference: UUID, **said: Any) -> Any:
        raise NotImplementedError


_ANYTHING = {need: True for move in lifecycle.MOVES for need in move.needs}


class AssessView(ReturnView):
    form_class = forms.AssessForm
    move = "assess"
    title = gettext_lazy("Assess the risks")
    lead = gettext_lazy("What waits for the person there? One grave risk makes the return one of high risk.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"initial": {"version": self.row.version, "destination": self.row.destination}}

    def verb(self, reference: UUID, **said: Any) -> Any:
        return services.assess_return(reference, **said)


class DecideView(ReturnView):
    form_class = forms.DecideForm
    move = "decide"
    title = gettext_lazy("Record the person's decision")
    lead = gettext_lazy("It rests on consent for return, which is recorded with the person.")
    is_checked = True

    def verb(self, reference: UUID, **said: Any) -> Any:
        return services.decide_return(reference, **said)


class ArrangeView(ReturnView):
    form_class = forms.ArrangeForm
    move = "arrange"
    title = gettext_lazy("Arrange the journey")

    def _refusal(self, case: Case) -> str:
        try:
            services.check_arrangeable(self.row)
        except NotPossible as refusal:
            return str(refusal)
        return ""

    def form_options(self, case: Case) -> dict[str, Any]:
        known = {name: getattr(self.row, name) for name in ("version", "papers", "escort", "receiver")}
        return {"initial": known, "by": self.officer}

    def verb(self, reference: UUID, **said: Any) -> Any:
        return services.arrange_return(reference, **said)


class ApproveView(ReturnView):
    form_class = forms.ApproveForm
    permissions = (Permission.RETURNS_APPROVE,)
    move = "approve"
    title = gettext_lazy("Approve the return")
    submit = gettext_lazy("Approve")
    is_checked = True

    def form_options(self, case: Case) -> dict[str, Any]:
        return super().form_options(case) | {"is_high": self.row.risk == lifecycle.Risk.HIGH}

    def verb(self, reference: UUID, **said: Any) -> Any:
        return services.approve_return(reference, **said)


class DepartView(ReturnView):
    move = "depart"
    title = gettext_lazy("Record the departure")
    lead = gettext_lazy("From here on the return cannot be withdrawn, and the follow-ups are owed.")
    is_checked = True

    def verb(self, reference: UUID, **said: Any) -> Any:
        return services.record_departure(reference, **said)


class ArriveView(ReturnView):
    move = "arrive"
    title = gettext_lazy("Confirm the arrival")

    def _refusal(self, case: Case) -> str:
        waits = self.row.departed_on is not None and self.row.arrived_on is None
        return "" if waits else str(lifecycle.WHY_NOT["arrived"])

    def verb(self, reference: UUID, **said: Any) -> Any:
        return services.confirm_arrival(reference, **said)


class FollowUpView(ReturnView):
    form_class = forms.FollowUpForm
    move = "follow_up"
    title = gettext_lazy("Follow up")

    def form_options(self, case: Case) -> dict[str, Any]:
        return super().form_options(case) | {"plan": self.row}

    def verb(self, reference: UUID, **said: Any) -> Any:
        return services.record_follow_up(reference, **said)


class CompleteView(ReturnView):
    move = "complete"
    title = gettext_lazy("Complete the return")

    def verb(self, reference: UUID, **said: Any) -> Any:
        return services.complete_return(reference, **said)


class DeclineView(ReturnView):
    move = "decline"
    title = gettext_lazy("The person declines")
    is_danger = True

    def verb(self, reference: UUID, **said: Any) -> Any:
        return services.decline_return(reference, **said)


class WithdrawView(ReturnView):
    move = "withdraw"
    title = gettext_lazy("Withdraw the return")
    lead = gettext_lazy("The person needs no reason. A new return can be offered later.")
    is_checked = True
    is_danger = True

    def verb(self, reference: UUID, **said: Any) -> Any:
        return services.withdraw_return(reference, **said)
