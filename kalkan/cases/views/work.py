"""Opening, interviewing, referring, drafting, deciding, protecting, closing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kalkan.access.roles import Permission
from kalkan.cases import policy, services
from kalkan.cases.forms import (
    CloseForm,
    DecideForm,
    DraftForm,
    InterviewForm,
    OnForm,
    OpenForm,
    ReasonForm,
    ReferForm,
)
from kalkan.cases.lifecycle import SUPPORT_PURPOSES, NotPossible, Stage
from kalkan.cases.models import Case, Interview
from kalkan.cases.views.base import CaseView, officer
from kalkan.persons import policy as persons_policy
from kalkan.persons import selectors as persons_selectors
from kalkan.vocabulary import selectors as vocabulary


@require_http_methods(["GET", "POST"])
def open_case(request: HttpRequest, person: UUID) -> HttpResponse:
    """Open a case for a person who is already recorded."""
    user = officer(request)
    found = persons_policy.persons.fetch(user, own=True, reference=person)
    policy.require(user, Permission.CASES_SCREEN)
    form = OpenForm(request.POST or None, by=user)
    if request.method == "POST" and form.is_valid():
        try:
            case = services.open_case(
                found,
                by=user,
                signal=form.cleaned_data["signal"],
                on=form.cleaned_data["on"],
                province=form.cleaned_data["province"] or None,
                request_key=form.cleaned_data["request_key"],
            )
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The case is open. Its number is %(number)s.") % {"number": case.number})
            return redirect("cases:screening", case.reference)
    earlier = policy.cases.visible(user).filter(person=found).order_by("-id")
    context = {"person": found, "form": form, "earlier": earlier}
    return render(request, "cases/open.html", context, status=422 if form.errors else 200)


class InterviewView(CaseView):
    form_class = InterviewForm
    kind: Interview.Kind
    submit = gettext_lazy("Save the interview")
    done = gettext_lazy("The interview is recorded.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"case": case}

    def act(self, case: Case, form: Any) -> Any:
        said = {"guardian": ""} | form.cleaned_data
        return services.record_interview(case.reference, by=self.officer, kind=self.kind, **said)


class PreliminaryInterviewView(InterviewView):
    kind = Interview.Kind.PRELIMINARY
    permissions = (Permission.CASES_SCREEN,)
    stages = frozenset({Stage.PRELIMINARY})
    title = gettext_lazy("Preliminary interview")
    lead = gettext_lazy("In a safe place, in the person's language, without those who came along.")


class IdentificationInterviewView(InterviewView):
    kind = Interview.Kind.IDENTIFICATION
    permissions = (Permission.CASES_IDENTIFY,)
    stages = frozenset({Stage.IDENTIFICATION})
    title = gettext_lazy("Identification interview")
    lead = gettext_lazy("What is said here carries the draft. Whoever holds it does not decide.")


class ReferView(CaseView):
    form_class = ReferForm
    permissions = (Permission.CASES_REFER,)
    moves = ("refer",)
    title = gettext_lazy("Refer for identification")
    lead = gettext_lazy("From now on the migration authority of the province sees the case and the person.")
    submit = gettext_lazy("Refer")
    done = gettext_lazy("The case is referred. The provincial directorate takes over.")
    is_checked = True

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"case": case}

    def act(self, case: Case, form: Any) -> Any:
        said = form.cleaned_data
        return services.refer_for_identification(
            case.reference, by=self.officer, on=said["on"], province=said["province"]
        )


class BeginIdentificationView(CaseView):
    form_class = OnForm
    permissions = (Permission.CASES_IDENTIFY,)
    moves = ("begin_identification",)
    title = gettext_lazy("Begin identification")
    lead = gettext_lazy("You take up the case. Next is the identification interview.")
    submit = gettext_lazy("Begin")
    done = gettext_lazy("Identification has begun.")

    def act(self, case: Case, form: Any) -> Any:
        return services.begin_identification(case.reference, by=self.officer, on=form.cleaned_data["on"])


class DraftView(CaseView):
    form_class = DraftForm
    permissions = (Permission.CASES_IDENTIFY,)
    moves = ("draft_decision",)
    title = gettext_lazy("Draft decision")
    lead = gettext_lazy("Go through the elements in turn. Another officer decides on your draft.")
    submit = gettext_lazy("Hand in the draft")
    done = gettext_lazy("The draft is handed in. Another officer decides.")
    template = "cases/draft.html"
    is_checked = True

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"case": case}

    def act(self, case: Case, form: Any) -> Any:
        said = {"means_found": None} | form.cleaned_data
        return services.draft_decision(case.reference, by=self.officer, **said)


class DecideView(CaseView):
    form_class = DecideForm
    permissions = (Permission.CASES_DECIDE,)
    moves = ("recognise", "not_recognise", "ask_more_facts")
    title = gettext_lazy("Decide on the draft")
    submit = gettext_lazy("Decide")
    done = gettext_lazy("The decision is made.")
    template = "cases/decide.html"
    is_checked = True

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"initial": {"version": case.version}}

    def more(self, case: Case) -> dict[str, Any]:
        drafts = case.decisions.filter(decided_by=None)
        draft = drafts.select_related("drafted_by__institution", "provision", "grounds").first()
        interviews = case.interviews.select_related("by__institution", "narrative")
        return {
            "draft": draft,
            "interviews": interviews,
            "is_own": draft and draft.drafted_by_id == self.request.user.pk,
        }

    def act(self, case: Case, form: Any) -> Any:
        return services.decide(case.reference, by=self.officer, **form.cleaned_data)

    def differences(self, case: Case, form: Any) -> list[dict[str, Any]]:
        return [{"label": _("Stage"), "theirs": case.get_stage_display(), "yours": Stage.DRAFTED.label}]


class BeginProtectionView(CaseView):
    form_class = OnForm
    permissions = (Permission.CASES_PROTECT,)
    moves = ("begin_protection",)
    title = gettext_lazy("Begin protection")
    lead = gettext_lazy("Support rests on what the person was told and agreed to.")
    submit = gettext_lazy("Begin protection")
    done = gettext_lazy("Protection has begun.")
    template = "cases/begin_protection.html"

    def more(self, case: Case) -> dict[str, Any]:
        live = persons_selectors.live_consents(case.person)
        purposes = [consent.purpose for consent in live if consent.purpose in SUPPORT_PURPOSES]
        return {"purposes": [vocabulary.label("consent_purpose", purpose) for purpose in dict.fromkeys(purposes)]}

    def act(self, case: Case, form: Any) -> Any:
        return services.begin_protection(case.reference, by=self.officer, on=form.cleaned_data["on"])


class CloseView(CaseView):
    """The end of a case: without signs while it is with the frontline, of a recognised victim's case later."""

    form_class = CloseForm
    permissions = (Permission.CASES_SCREEN, Permission.CASES_PROTECT)
    moves = ("close_without_signs", "close")
    title = gettext_lazy("Close the case")
    lead = gettext_lazy(
        "A closed case is not opened again. If new signs come up, a new case is opened for the person."
    )
    submit = gettext_lazy("Close the case")
    done = gettext_lazy("The case is closed.")
    is_checked = is_danger = True

    def act(self, case: Case, form: Any) -> Any:
        is_early = case.stage in (Stage.SCREENING, Stage.PRELIMINARY)
        end = services.close_without_signs if is_early else services.close_case
        return end(case.reference, by=self.officer, **form.cleaned_data)


class BreakOffView(CaseView):
    form_class = CloseForm
    permissions = (Permission.CASES_SCREEN, Permission.CASES_IDENTIFY)
    moves = ("break_off", "break_off_identification")
    title = gettext_lazy("Break off")
    lead = gettext_lazy("For a person who has left, gone missing or died, or a case opened in error.")
    submit = gettext_lazy("Break off")
    done = gettext_lazy("The case is closed.")
    is_checked = is_danger = True

    def act(self, case: Case, form: Any) -> Any:
        return services.break_off(case.reference, by=self.officer, **form.cleaned_data)


class ReconsiderView(CaseView):
    form_class = ReasonForm
    permissions = (Permission.CASES_IDENTIFY,)
    moves = ("reconsider",)
    title = gettext_lazy("Reconsider the refusal")
    lead = gettext_lazy("On new facts, by officers who had no hand in the refusal.")
    submit = gettext_lazy("Take up the case again")
    done = gettext_lazy("The refusal is under reconsideration.")
    is_checked = True

    def act(self, case: Case, form: Any) -> Any:
        return services.reconsider(case.reference, by=self.officer, **form.cleaned_data)
