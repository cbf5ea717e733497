"""The permits of a person: what was granted, what can still follow, asking, deciding, cancelling."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kalkan.access.roles import Permission
from kalkan.assistance.forms.permits import CancelForm, DecisionForm, LeaveForm, RequestForm
from kalkan.assistance.lifecycle.permit_moves import check
from kalkan.assistance.policy.permits import WORKING, permits
from kalkan.assistance.selectors.permits import PERMITTED, outlook, section
from kalkan.assistance.services import permits as services
from kalkan.assistance.views.subjects import SubjectView
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy
from kalkan.cases.forms import TextForm
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case
from kalkan.cases.views.base import CaseView, officer
from kalkan.persons import services as persons


def of_case(request: HttpRequest, reference: UUID) -> HttpResponse:
    """The permits of the case's person."""
    user = officer(request)
    case = policy.cases.fetch(user, reference=reference)
    return _page(request, case)


def of_permit(request: HttpRequest, reference: UUID) -> HttpResponse:
    """The same page, by one of the permits on it."""
    return _page(request, permits.fetch(officer(request), reference=reference).case)


def _page(request: HttpRequest, case: Case) -> HttpResponse:
    user = officer(request)
    policy.require_any(user, WORKING)
    part = section(case, user)
    record(Event.SUPPORT_VIEWED, case, case.person, by=user, facts={"part": "permits"})
    return render(request, "assistance/permits/list.html", part.context if part else {})


@require_http_methods(["GET", "POST"])
def number(request: HttpRequest, reference: UUID) -> HttpResponse:
    """The sealed number of a permit, or the reasons of a refusal, for a stated purpose; reading is recorded."""
    user = officer(request)
    permit = permits.fetch(user, reference=reference)
    policy.require(user, Permission.PERSONS_REVEAL)
    sealed = permit.number or permit.reasons
    form, words = TextForm(request.POST or None), None
    if request.method == "POST" and form.is_valid() and sealed is not None:
        words = persons.read_text(sealed, by=user, purpose=form.cleaned_data["purpose"])
    back_url = reverse("assistance:permit", args=[permit.reference])
    context = {"case": permit.case, "form": form, "words": words, "sealed": sealed, "back_url": back_url}
    context["back_label"] = _("Residence permit")
    return render(request, "cases/text.html", context, status=422 if form.errors else 200)


class RequestView(CaseView):
    form_class = RequestForm
    permissions = (Permission.PERMITS_REQUEST,)
    stages = PERMITTED
    title = gettext_lazy("Ask for a permit")
    submit = gettext_lazy("Ask for it")
    done = gettext_lazy("The permit is asked for. Another officer decides.")
    template = "assistance/permits/request.html"
    is_checked = True

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"outlook": outlook(case, self.officer)}

    def more(self, case: Case) -> dict[str, Any]:
        return {"outlook": outlook(case, self.officer)}

    def act(self, case: Case, form: Any) -> Any:
        return services.request_permit(case.reference, by=self.officer, **form.cleaned_data)

    def next_url(self, case: Case) -> str:
        return reverse("assistance:permits", args=[case.reference])

    def _frame(self, case: Case) -> dict[str, Any]:
        address = reverse("assistance:permits", args=[case.reference])
        return super()._frame(case) | {"back_url": address, "cancel_url": address}

    def _refusal(self, case: Case) -> str:
        return outlook(case, self.officer).hindrance or super()._refusal(case)


class PermitView(SubjectView):
    rows = permits
    page = "assistance:permit"
    page_title = gettext_lazy("Residence permit")
    permissions = (Permission.PERMITS_DECIDE,)
    template = "assistance/permits/decide.html"
    move: str

    def _refusal(self, case: Case) -> str:
        try:
            check(self.move, self.row.state)
        except NotPossible as refusal:
            return str(refusal)
        return ""

    def more(self, case: Case) -> dict[str, Any]:
        is_own = self.move == "grant" and self.row.requested_by_id == self.officer.pk
        return {"permit": self.row, "is_own": is_own, "outlook": outlook(case, self.officer)}


class DecideView(PermitView):
    form_class = DecisionForm
    move = "grant"
    title = gettext_lazy("Decide on the permit")
    submit = gettext_lazy("Decide")
    done = gettext_lazy("The permit is decided on.")
    is_checked = True

    def act(self, case: Case, form: Any) -> Any:
        said = form.cleaned_data
        if said["outcome"] == "grant":
            return services.grant_permit(
                self.row.reference, by=self.officer, number=said["number"], version=said["version"]
            )
        return services.refuse_permit(
            self.row.reference, by=self.officer, reasons=said["reasons"], version=said["version"]
        )


class CancelView(PermitView):
    form_class = CancelForm
    move = "cancel"
    title = gettext_lazy("Cancel the permit")
    lead = gettext_lazy("The permit ends today, and with it those that were to follow.")
    submit = gettext_lazy("Cancel the permit")
    done = gettext_lazy("The permit is cancelled.")
    is_checked = True
    is_danger = True

    def act(self, case: Case, form: Any) -> Any:
        return services.cancel_permit(self.row.reference, by=self.officer, **form.cleaned_data)


class LeaveView(PermitView):
    form_class = LeaveForm
    permissions = (Permission.PERMITS_REQUEST,)
    move = "leave"
    title = gettext_lazy("Leave the permit to end")
    lead = gettext_lazy(
        "The permit holds until its last day, and nobody is warned of it any more. Until then an extension can still "
        "be asked for."
    )
    submit = gettext_lazy("Leave it to end")
    done = gettext_lazy("It is recorded that no extension follows.")

    def act(self, case: Case, form: Any) -> Any:
        return services.leave_permit(self.row.reference, by=self.officer, **form.cleaned_data)
