"""Pages of the check of travel documents: for the officer beside the case, for the expert without it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from kalkan.access.concurrency import Changed
from kalkan.access.policy import has
from kalkan.access.roles import Permission
from kalkan.assistance.forms.papers import CheckPaperForm, ExamineForm
from kalkan.assistance.lifecycle.papers import Verdict
from kalkan.assistance.policy import papers as policy
from kalkan.assistance.selectors.papers import examined, read_zone, waiting
from kalkan.assistance.services import papers as services
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.forms import ConfirmForm, TextForm
from kalkan.cases.forms.fields import shown
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case
from kalkan.cases.views.base import CaseView, officer, seen
from kalkan.persons import services as persons


def hub_url(case: Case) -> str:
    return reverse("assistance:hub", args=[case.reference])


class CheckPaperView(CaseView):
    form_class = CheckPaperForm
    permissions = (Permission.PAPERS_CHECK,)
    title = gettext_lazy("Check a travel document")
    lead = gettext_lazy("Look at the document in your hand, then read its machine-readable zone.")
    submit = gettext_lazy("Record the check")
    done = gettext_lazy("The check is recorded.")
    is_checked = True

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"case": case}

    def act(self, case: Case, form: Any) -> Any:
        return services.check_paper(case.reference, by=self.officer, **form.cleaned_data)

    def check(self, case: Case, form: Any) -> HttpResponse:
        told = {"zone", "expert"} if form.cleaned_data["verdict"] == Verdict.CLEAR else {"zone"}
        answers = [answer for answer in shown(form) if answer["label"] not in {form[name].label for name in told}]
        context = self._frame(case) | {
            "form": ConfirmForm(form, self.request.POST),
            "answers": answers,
            "zone": form.read,
            "submit_label": self.submit,
        }
        return render(self.request, "assistance/papers/check.html", context)

    def next_url(self, case: Case) -> str:
        return hub_url(case)

    def _frame(self, case: Case) -> dict[str, Any]:
        return super()._frame(case) | {"back_url": hub_url(case), "cancel_url": hub_url(case)}


@require_http_methods(["GET", "POST"])
def paper(request: HttpRequest, reference: UUID, paper: UUID) -> HttpResponse:
    """One checked document: findings for whoever sees the case; what its zone says only for a stated purpose."""
    case = seen(request, reference)
    found = policy.papers.fetch(officer(request), case=case, reference=paper)
    can_reveal = has(officer(request), Permission.PERSONS_REVEAL)
    form = TextForm(request.POST or None)
    zone = note = None
    if request.method == "POST":
        policy.require(officer(request), Permission.PERSONS_REVEAL)
        if form.is_valid():
            purpose = form.cleaned_data["purpose"]
            if found.zone is not None:
                zone = read_zone(persons.read_text(found.zone, by=officer(request), purpose=purpose))
            if found.note is not None:
                note = persons.read_text(found.note, by=officer(request), purpose=purpose)
    is_sealed = zone is None and note is None and (found.zone_id is not None or found.note_id is not None)
    context = {
        "case": case,
        "paper": found,
        "zone": zone,
        "note": note,
        "form": form,
        "asks": is_sealed and can_reveal,
        "back_url": hub_url(case),
    }
    return render(request, "assistance/papers/paper.html", context, status=422 if form.errors else 200)


@require_safe
def to_examine(request: HttpRequest) -> HttpResponse:
    """What was sent to the expert's unit: first what waits, then what was examined."""
    policy.require(officer(request), Permission.PAPERS_EXAMINE)
    rows, done = waiting(officer(request)), examined(officer(request))
    record(Event.PAPERS_LISTED, by=request.user, facts={"waiting": len(rows), "examined": len(done)})
    return render(request, "assistance/papers/to_examine.html", {"waiting": rows, "examined": done})


@require_http_methods(["GET", "POST"])
def examine(request: HttpRequest, paper: UUID) -> HttpResponse:
    """One document as the expert sees it, with the finding to be recorded."""
    policy.require(officer(request), Permission.PAPERS_EXAMINE)
    found = policy.sent.fetch(officer(request), reference=paper)
    record(Event.PAPER_VIEWED, found, by=request.user)
    form = ExamineForm(request.POST or None, initial={"version": found.version})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.examine_paper(found.reference, by=officer(request), **form.cleaned_data)
            except NotPossible as refusal:
                form.add_error(None, str(refusal))
            except Changed:
                form.add_error(None, _("A colleague recorded a finding meanwhile. It is shown above."))
                found.refresh_from_db()
                status = 409
            else:
                messages.success(request, _("The finding is recorded and reported to the officer."))
                return redirect("assistance:papers_to_examine")
    context = {"paper": found, "form": form, "back_url": reverse("assistance:papers_to_examine")}
    return render(request, "assistance/papers/examine.html", context, status=status)
