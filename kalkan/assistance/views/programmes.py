"""The pages on which a support programme is run."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission
from kalkan.access.sensitivity import name_for
from kalkan.assistance import sheets
from kalkan.assistance.forms import programmes as asked
from kalkan.assistance.lifecycle.programmes import WHY_NOT
from kalkan.assistance.models import EvaluationReport, Goal, Programme, ServiceDelivered
from kalkan.assistance.policy import programmes as policy
from kalkan.assistance.selectors.duties import last_duty
from kalkan.assistance.selectors.programmes import language_of, programme_page, support_consent
from kalkan.assistance.services import care, evaluation
from kalkan.assistance.services import programmes as services
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.forms import TextForm
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from kalkan.cases.policy import require_any
from kalkan.cases.views.base import CaseView
from kalkan.vocabulary.selectors import label


def hub_url(case: Case) -> str:
    return reverse("assistance:hub", args=[case.reference])


def programme_url(programme: Programme) -> str:
    return reverse("assistance:programme", args=[programme.reference])


def programme(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """A support programme: plan, needs, services, and everything that goes with it."""
    found = policy.programmes.fetch(request.user, reference=reference)
    record(Event.PROGRAMME_VIEWED, found.case, found.case.person, by=request.user, facts={"programme": str(reference)})
    context = {"programme": found, "case": found.case, **programme_page(found, request.user)}
    return render(request, "assistance/programme/page.html", context)


def sheet(request: SignedInRequest) -> HttpResponse:
    """A sheet in the language asked for, to be read with the person or printed. Nothing on it names anybody."""
    require_any(request.user, (Permission.CASES_VIEW,))
    name, language = request.GET.get("sheet", "information"), request.GET.get("language", get_language() or "tr")
    try:
        found = sheets.sheet(name, language)
    except KeyError as unknown:
        raise Http404("No such sheet") from unknown
    others = [sheets.sheet(other, language) for other in asked.NAMES]
    context = {"sheet": found, "translations": sheets.translations(name), "sheets": others}
    return render(request, "assistance/programme/sheet.html", context)


class ProgrammeView(CaseView):
    """A form about one programme, or about one row of it: `find` gives the programme of the address."""

    permissions: ClassVar[tuple[Permission, ...]] = (Permission.PROGRAMME_WORK,)
    programme: Programme

    def about(self) -> str:
        """Which row the form is about, where the title does not say it."""
        return ""

    def find(self, reference: UUID) -> Programme:
        return policy.programmes.fetch(self.officer, reference=reference)

    def next_url(self, case: Case) -> str:
        return programme_url(self.programme)

    def conflict(self, current: Any, form: Any) -> HttpResponse:
        """What was typed, on top of the row as it stands now."""
        form.data = self.request.POST.copy()
        form.data["version"] = str(current.version)
        return self.show(self.programme.case, form, status=409, changed=True, differences=[])

    def _allowed(self, request: HttpRequest, reference: UUID) -> Case:
        self.programme = self.find(reference)
        case = super()._allowed(request, self.programme.case.reference)
        policy.programmes.fetch(self.officer, own=True, pk=self.programme.pk)
        return case

    def _refusal(self, case: Case) -> str:
        return str(WHY_NOT["running"]) if self.programme.ended_on else ""

    def _frame(self, case: Case) -> dict[str, Any]:
        url = programme_url(self.programme)
        where = {"back_url": url, "cancel_url": url, "back_label": _("Support programme")}
        return super()._frame(case) | {"lead": self.about() or self.lead} | where


class InformationView(CaseView):
    form_class = asked.InformationForm
    permissions = (Permission.CONSENT_RECORD,)
    title = gettext_lazy("Information given")
    lead = gettext_lazy("Explain a sheet in a language that the person understands, then record it here.")
    submit = gettext_lazy("Record")
    done = gettext_lazy("What was explained is recorded.")
    template = "assistance/programme/information.html"

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"initial": {"sheet": "information", "language": language_of(case.person)}}

    def more(self, case: Case) -> dict[str, Any]:
        return {"sheets": [one for name in asked.NAMES for one in sheets.translations(name)]}

    def act(self, case: Case, form: Any) -> Any:
        return services.give_information(case.reference, by=self.officer, **form.cleaned_data)

    def next_url(self, case: Case) -> str:
        return hub_url(case)


class BeginView(CaseView):
    form_class = asked.BeginForm
    permissions = (Permission.PROGRAMME_WORK,)
    stages = frozenset({Stage.PROTECTION})
    title = gettext_lazy("Begin the support programme")
    lead = gettext_lazy("It rests on the person's consent, and you look after it until you hand it on.")
    submit = gettext_lazy("Begin")
    done = gettext_lazy("The support programme has begun. Assess the needs next.")
    template = "assistance/programme/begin.html"

    def more(self, case: Case) -> dict[str, Any]:
        return {"consent": support_consent(case.person, on=timezone.localdate())}

    def act(self, case: Case, form: Any) -> Any:
        self.begun = services.begin_programme(case.reference, by=self.officer, **form.cleaned_data)
        return self.begun

    def next_url(self, case: Case) -> str:
        return programme_url(self.begun)


class NeedsView(ProgrammeView):
    form_class = asked.NeedsForm
    title = gettext_lazy("Assess the needs")
    lead = gettext_lazy("How much help does each area need? 0 none, 1 small, 2 moderate, 3 great, 4 urgent.")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The assessment is recorded.")

    def act(self, case: Case, form: Any) -> Any:
        said = form.cleaned_data
        return services.assess_needs(
            self.programme.reference, by=self.officer, on=said["on"], levels=form.levels, note=said["note"],
            request_key=said["request_key"],
        )  # fmt: skip


class GoalView(ProgrammeView):
    form_class = asked.GoalForm
    title = gettext_lazy("Add a goal")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The goal is in the plan.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"by": self.officer, "initial": {"institution": self.programme.institution_id}}

    def act(self, case: Case, form: Any) -> Any:
        return services.set_goal(self.programme.reference, by=self.officer, **form.cleaned_data)


class SettleGoalView(ProgrammeView):
    form_class = asked.SettleGoalForm
    title = gettext_lazy("Goal of the plan")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The goal is settled.")
    template = "assistance/programme/goal.html"
    goal: Goal

    def find(self, reference: UUID) -> Programme:
        self.goal = policy.goals.fetch(self.officer, reference=reference)
        return self.goal.programme

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"goal": self.goal, "initial": {"version": self.goal.version}}

    def more(self, case: Case) -> dict[str, Any]:
        return {"goal": self.goal, "programme": self.programme, "duty": last_duty(self.goal, self.officer)}

    def act(self, case: Case, form: Any) -> Any:
        return services.settle_goal(self.goal.reference, by=self.officer, **form.cleaned_data)


class ServiceView(ProgrammeView):
    form_class = asked.ServiceForm
    title = gettext_lazy("Record a service")
    lead = gettext_lazy("One kind of help by one institution.")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The service is recorded.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"by": self.officer, "initial": {"institution": self.programme.institution_id}}

    def act(self, case: Case, form: Any) -> Any:
        return services.record_service(self.programme.reference, by=self.officer, **form.cleaned_data)


class EndServiceView(ProgrammeView):
    form_class = asked.EndServiceForm
    title = gettext_lazy("End of a service")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The end of the service is recorded.")
    service: ServiceDelivered

    def about(self) -> str:
        kind, since = label("service_category", self.service.category), date_format(self.service.began_on, "j F Y")
        return f"{kind} · {name_for(self.officer, self.service.institution)} · {since}"

    def find(self, reference: UUID) -> Programme:
        self.service = policy.services.fetch(self.officer, reference=reference)
        return self.service.programme

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"initial": {"version": self.service.version}}

    def act(self, case: Case, form: Any) -> Any:
        return services.end_service(self.service.reference, by=self.officer, **form.cleaned_data)


class ReviewView(ProgrammeView):
    form_class = asked.ReviewForm
    title = gettext_lazy("Review the programme")
    lead = gettext_lazy("Look at needs and plan together with the person. The next review is owed from this day on.")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The review is recorded.")

    def act(self, case: Case, form: Any) -> Any:
        return services.hold_review(self.programme.reference, by=self.officer, **form.cleaned_data)


class HandView(ProgrammeView):
    form_class = asked.HandForm
    title = gettext_lazy("Hand the programme to another officer")
    submit = gettext_lazy("Hand on")
    done = gettext_lazy("The programme is in other hands.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"case": case, "by": self.officer, "initial": {"version": self.programme.version}}

    def act(self, case: Case, form: Any) -> Any:
        return services.hand_programme(self.programme.reference, by=self.officer, **form.cleaned_data)


class ReportView(ProgrammeView):
    form_class = asked.ReportForm
    title = gettext_lazy("Write an evaluation report")
    lead = gettext_lazy("Another officer approves it. A programme ends in no other way.")
    submit = gettext_lazy("Send for approval")
    done = gettext_lazy("The report waits for approval by another officer.")
    is_checked = True

    def act(self, case: Case, form: Any) -> Any:
        return evaluation.write_report(self.programme.reference, by=self.officer, **form.cleaned_data)


class AnswerView(ProgrammeView):
    form_class = asked.AnswerForm
    permissions = (Permission.PROGRAMME_APPROVE, Permission.PROGRAMME_WORK)
    title = gettext_lazy("Evaluation report")
    submit = gettext_lazy("Go on")
    done = gettext_lazy("The report is answered.")
    template = "assistance/programme/report.html"
    is_checked = True
    report: EvaluationReport

    def find(self, reference: UUID) -> Programme:
        self.report = policy.reports.fetch(self.officer, reference=reference)
        return self.report.programme

    def _refusal(self, case: Case) -> str:
        return ""  # an answered report can still be read

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"initial": {"version": self.report.version}}

    def more(self, case: Case) -> dict[str, Any]:
        may_answer = Permission.PROGRAMME_APPROVE in self.officer.permissions
        return {
            "report": self.report,
            "programme": self.programme,
            "is_own": self.report.recorded_by_id == self.officer.pk,
            "may_answer": may_answer and self.report.state == "written",
        }

    def act(self, case: Case, form: Any) -> Any:
        return evaluation.answer_report(self.report.reference, by=self.officer, **form.cleaned_data)


def programme_text(request: SignedInRequest, reference: UUID, text: UUID) -> HttpResponse:
    """Open a sealed text of a programme for a stated purpose; that it was read is recorded."""
    found = policy.programmes.fetch(request.user, reference=reference)
    policy.require(request.user, Permission.PERSONS_REVEAL)
    form, words = TextForm(request.POST or None), None
    sealed = care.text_of(found, text)
    if request.method == "POST" and form.is_valid():
        words = care.read_programme_text(reference, text, by=request.user, purpose=form.cleaned_data["purpose"])
    return text_page(request, found, form, sealed, words)


def care_note(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """Open a care note for a stated purpose. For those who care for the person alone."""
    note = policy.care_notes.fetch(request.user, reference=reference)
    form, words = TextForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        words = care.read_note(reference, by=request.user, purpose=form.cleaned_data["purpose"])
    return text_page(request, note.programme, form, note.words, words)


def text_page(
    request: HttpRequest, programme: Programme, form: forms.Form, sealed: Any, words: str | None
) -> HttpResponse:
    """The page that asks for the purpose, and then shows the words."""
    context = {"case": programme.case, "form": form, "words": words, "sealed": sealed}
    context |= {"back_url": programme_url(programme), "back_label": _("Support programme")}
    return render(request, "cases/text.html", context, status=422 if form.errors else 200)
