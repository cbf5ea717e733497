"""One stay: what the shelter and those who asked for it see and do."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kalkan.access.concurrency import Changed
from kalkan.access.policy import has
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission
from kalkan.assistance.forms.shelters import (
    AbsenceForm,
    AssessForm,
    BedForm,
    DeclineForm,
    FollowUpForm,
    LeaveForm,
    RequestForm,
    ReturnForm,
    VersionForm,
    WithdrawForm,
)
from kalkan.assistance.lifecycle.shelters import ASKED, MOVES, Status
from kalkan.assistance.models import Absence, Stay
from kalkan.assistance.policy import shelters as policy
from kalkan.assistance.selectors import shelters as selectors
from kalkan.assistance.services import shelters as services
from kalkan.assistance.views.shelters.base import FormView, StayView, stay_name
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.forms import TextForm
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case
from kalkan.cases.views.base import CaseView
from kalkan.persons import services as persons
from kalkan.vocabulary.selectors import label


@require_http_methods(["GET"])
def stay(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """The stay as codes: the staff see no name, no case; the protection officer finds the way back to the case."""
    user = request.user
    found = policy.stays.fetch(user, reference=reference)
    is_staff = has(user, Permission.STAYS_MANAGE)
    record(Event.STAY_VIEWED, found, *services.cases_of([found]), by=user)
    absences = list(found.absences.all())
    possible = {move.name for move in MOVES if found.status in move.sources and has(user, move.permission)}
    context = {
        "stay": found,
        "shelter": found.shelter,
        "is_staff": is_staff,
        "possible": possible,
        "is_place_owed": not is_staff and has(user, Permission.STAYS_REQUEST) and selectors.is_place_owed(found),
        "is_asked": found.status in ASKED,
        "is_resident": found.status == Status.ADMITTED,
        "case": None if is_staff else found.case,
        "answers": list(found.answers.items()),
        "misfits": selectors.misfit_words(found),
        "uses": list(policy.bed_uses.visible(user).filter(stay=found).select_related("bed")),
        "absences": absences,
        "is_away": any(one.returned_on is None for one in absences),
        "incidents": list(found.incidents.all()),
        "review_at": selectors.review_due(found) if found.status == Status.ADMITTED else None,
        "version_form": VersionForm(initial={"version": found.version}),
    }
    return render(request, "assistance/shelters/stay.html", context)


@require_http_methods(["POST"])
def keep_waiting(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """No bed now: onto the waiting list."""
    return _step(request, reference, services.keep_waiting, _("The person is on the waiting list."))


@require_http_methods(["POST"])
def review_stay(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """The staff went over the stay."""
    return _step(request, reference, services.review_stay, _("The review is recorded. The next one is owed."))


@require_http_methods(["POST"])
def see_to_stay(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """Another place was found for the person, or none is needed any more."""
    policy.stays.fetch(request.user, own=True, reference=reference)
    try:
        services.see_to_stay(reference, by=request.user)
        messages.success(request, _("It is recorded that the person has a place, or needs none."))
    except NotPossible as refusal:
        messages.warning(request, str(refusal))
    return redirect("assistance:stay", reference)


def _step(request: SignedInRequest, reference: UUID, act: Any, done: str) -> HttpResponse:
    form = VersionForm(request.POST)
    policy.stays.fetch(request.user, own=True, reference=reference)
    policy.require(request.user, Permission.STAYS_MANAGE)
    if form.is_valid():
        try:
            act(reference, by=request.user, version=form.cleaned_data["version"])
            messages.success(request, done)
        except NotPossible as refusal:
            messages.warning(request, str(refusal))
        except Changed:
            messages.warning(request, _("A colleague has changed this meanwhile. Look at it again and decide then."))
    return redirect("assistance:stay", reference)


class AssessView(StayView):
    form_class = AssessForm
    statuses = (*ASKED, Status.ADMITTED)
    title = gettext_lazy("Is the house safe and right?")
    lead = gettext_lazy("Every question is answered before anybody is admitted.")
    submit = gettext_lazy("Save the assessment")
    done = gettext_lazy("The assessment is saved.")

    def form_options(self, found: Stay) -> dict[str, Any]:
        return super().form_options(found) | {"stay": found}

    def act(self, found: Stay, form: Any) -> Any:
        said = form.cleaned_data
        return services.assess_stay(
            found.reference, by=self.officer, version=said["version"], answers=form.answers, ground=said["ground"]
        )


class BedsView(StayView):
    """A form that offers the beds that are free today."""

    form_class = BedForm

    def form_options(self, found: Stay) -> dict[str, Any]:
        free = selectors.free_beds(self.officer, found.shelter, timezone.localdate()) if self._is_staff else []
        return super().form_options(found) | {"beds": free}

    @property
    def _is_staff(self) -> bool:
        return has(self.officer, Permission.STAYS_MANAGE)

    def refusal(self, found: Stay) -> str:
        if not super().refusal(found) and not self.form_options(found)["beds"]:
            return _("No bed is free today. Put the person on the waiting list, or put a bed back into service.")
        return super().refusal(found)


class AdmitView(BedsView):
    statuses = ASKED
    title = gettext_lazy("Admit")
    submit = gettext_lazy("Admit")
    done = gettext_lazy("The person is admitted.")

    def refusal(self, found: Stay) -> str:
        if found.status in ASKED and found.assessed_by_id is None:
            return _("Answer the questions on safety first: nobody is admitted without them.")
        return super().refusal(found)

    def act(self, found: Stay, form: Any) -> Any:
        said = form.cleaned_data
        return services.admit(
            found.reference, by=self.officer, version=said["version"], bed=said["bed"].reference, on=said["on"]
        )


class MoveBedView(BedsView):
    statuses = (Status.ADMITTED,)
    title = gettext_lazy("Move to another bed")
    submit = gettext_lazy("Move")
    done = gettext_lazy("The person has another bed.")

    def act(self, found: Stay, form: Any) -> Any:
        said = form.cleaned_data
        return services.move_bed(
            found.reference, by=self.officer, version=said["version"], bed=said["bed"].reference, on=said["on"]
        )


class DeclineView(StayView):
    form_class = DeclineForm
    statuses = ASKED
    title = gettext_lazy("Decline the request")
    submit = gettext_lazy("Decline")
    done = gettext_lazy("The request is declined. Those who asked see it at once.")
    is_checked = is_danger = True

    def act(self, found: Stay, form: Any) -> Any:
        return services.decline_stay(found.reference, by=self.officer, **form.cleaned_data)


class WithdrawView(StayView):
    form_class = WithdrawForm
    permission = Permission.STAYS_REQUEST
    statuses = ASKED
    title = gettext_lazy("Take the request back")
    submit = gettext_lazy("Take back")
    done = gettext_lazy("The request is taken back.")
    is_checked = is_danger = True

    def act(self, found: Stay, form: Any) -> Any:
        return services.withdraw_stay(found.reference, by=self.officer, **form.cleaned_data)


class LeaveView(StayView):
    form_class = LeaveForm
    statuses = (Status.ADMITTED,)
    title = gettext_lazy("The person leaves")
    submit = gettext_lazy("End the stay")
    done = gettext_lazy("The stay has ended. The bed is free.")
    is_checked = is_danger = True

    def act(self, found: Stay, form: Any) -> Any:
        return services.end_stay(found.reference, by=self.officer, **form.cleaned_data)


class AbsenceView(StayView):
    form_class = AbsenceForm
    statuses = (Status.ADMITTED,)
    title = gettext_lazy("Record an absence")
    lead = gettext_lazy("The bed stays the person's.")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The absence is recorded.")

    def form_options(self, found: Stay) -> dict[str, Any]:
        return {}

    def act(self, found: Stay, form: Any) -> Any:
        return services.record_absence(found.reference, by=self.officer, **form.cleaned_data)


class EndAbsenceView(FormView):
    form_class = ReturnForm
    title = gettext_lazy("The person is back")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The return is recorded.")

    def find(self, **named: UUID) -> Absence:
        return policy.absences.fetch(self.officer, own=True, reference=named["reference"])

    def back(self, found: Absence) -> str:
        return reverse("assistance:stay", args=[found.stay.reference])

    def back_label(self, found: Absence) -> str:
        return stay_name(found.stay)

    def act(self, found: Absence, form: Any) -> Any:
        return services.end_absence(found.reference, by=self.officer, **form.cleaned_data)


class RequestView(CaseView):
    form_class = RequestForm
    permissions = (Permission.STAYS_REQUEST,)
    title = gettext_lazy("Ask a shelter for a place")
    lead = gettext_lazy("The shelter sees these codes, sex, age band and languages. It sees neither name nor case.")
    submit = gettext_lazy("Ask the shelter")
    done = gettext_lazy("The shelter is asked. It has to answer in time.")
    is_checked = True

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"shelters": [(row.shelter, row.free) for row in selectors.occupancy(self.officer)]}

    def act(self, case: Case, form: Any) -> Any:
        return services.request_stay(case.reference, by=self.officer, **form.cleaned_data)

    def next_url(self, case: Case) -> str:
        return reverse("assistance:hub", args=[case.reference])


@require_http_methods(["GET", "POST"])
def incident(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """What happened, in codes; the protection officer says here what was found."""
    user = request.user
    found = policy.incidents.fetch(user, reference=reference)
    can_follow = has(user, Permission.STAYS_REQUEST) and found.stay_id is not None and found.followed_up_on is None
    concerned = [] if found.stay is None else services.cases_of([found.stay])
    record(Event.STAY_VIEWED, found, *concerned, by=user)
    form = FollowUpForm(request.POST or None) if can_follow else None
    if request.method == "POST":
        policy.require(user, Permission.STAYS_REQUEST)
        policy.incidents.fetch(user, own=True, reference=reference)
        if form is not None and form.is_valid():
            try:
                services.follow_up_incident(found.reference, by=user, **form.cleaned_data)
                return redirect("assistance:incident", found.reference)
            except NotPossible as refusal:
                form.add_error(None, str(refusal))
    context = {
        "incident": found,
        "form": form,
        "case": found.stay.case if found.stay is not None and has(user, Permission.STAYS_REQUEST) else None,
        "can_read": found.account_id is not None and has(user, Permission.PERSONS_REVEAL),
    }
    return render(
        request, "assistance/shelters/incident.html", context, status=422 if form is not None and form.errors else 200
    )


@require_http_methods(["GET", "POST"])
def incident_account(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """Open what was found, for a stated purpose; that it was read is recorded."""
    found = policy.incidents.fetch(request.user, reference=reference)
    policy.require(request.user, Permission.PERSONS_REVEAL)
    if found.account is None or found.stay is None:
        raise Http404
    form, words = TextForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        words = persons.read_text(found.account, by=request.user, purpose=form.cleaned_data["purpose"])
    back = reverse("assistance:incident", args=[found.reference])
    context = {"case": found.stay.case, "form": form, "words": words, "sealed": found.account, "back_url": back}
    context["back_label"] = label("incident_kind", found.kind)
    return render(request, "cases/text.html", context, status=422 if form.errors else 200)
