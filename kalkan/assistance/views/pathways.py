"""The needs of a person: opened several at once, each then taken up, handed over and closed."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.http import require_GET, require_http_methods

from kalkan.access.concurrency import Changed
from kalkan.access.policy import ReadOnly, has
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission
from kalkan.assistance.forms.pathways import CloseForm, HandOverForm, MoveForm, NeedsForm, StepForm, TakeUpForm
from kalkan.assistance.lifecycle import pathways as lifecycle
from kalkan.assistance.models import Pathway
from kalkan.assistance.policy import pathways as policy
from kalkan.assistance.selectors.pathways import clock, still_to_open
from kalkan.assistance.services import pathways as services
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy as cases
from kalkan.cases.forms import TextForm
from kalkan.cases.lifecycle import NotPossible, Stage
from kalkan.cases.models import Case
from kalkan.cases.views.base import CaseView, Words, officer
from kalkan.persons import services as persons
from kalkan.vocabulary.selectors import label


class NeedsView(CaseView):
    """Open several needs of the person with one form."""

    form_class = NeedsForm
    permissions = (Permission.PATHWAYS_WORK,)
    stages = frozenset(Stage)
    template = "assistance/pathways/open.html"
    title = gettext_lazy("Needs of the person")
    lead = gettext_lazy(
        "A person may need several things at once. Choose all of them; each gets an owner and a term of its own."
    )
    submit = gettext_lazy("Open the chosen needs")
    done = gettext_lazy("The needs are opened.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"case": case, "by": self.officer, "suggested": still_to_open(case, self.officer)}

    def act(self, case: Case, form: NeedsForm) -> Any:
        said = form.cleaned_data
        return services.open_needs(
            case.reference,
            form.openings,
            by=self.officer,
            on=said["on"],
            note=said["note"],
            request_key=said["request_key"],
        )

    def next_url(self, case: Case) -> str:
        return reverse("assistance:hub", args=[case.reference])


@require_GET
def pathway(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """One need: with whom it lies, until when the next step is owed, what happened. The case only to who sees it."""
    user = request.user
    found = policy.pathways.fetch(user, reference=reference)
    case = _case(user, found)
    record(Event.PATHWAY_VIEWED, found, *([case] if case else []), by=user)
    steps = found.steps.select_related("by__institution", "institution")
    context = {
        "pathway": found,
        "case": case,
        "due_on": clock(found),
        "steps": [(step, lifecycle.done(step.move)) for step in steps],
        "moves": _moves(request, found),
        "can_read": case is not None and has(user, Permission.PERSONS_REVEAL),
    }
    return render(request, "assistance/pathways/pathway.html", context)


class PathwayView(View):
    """A move of one need. What `act` refuses is said on the page, with what was typed."""

    form_class: ClassVar[type[MoveForm]]
    title: ClassVar[Words]
    lead: ClassVar[Words] = ""
    done: ClassVar[Words]

    def act(self, found: Pathway, said: dict[str, Any]) -> Any:
        raise NotImplementedError

    def get(self, request: HttpRequest, reference: UUID) -> HttpResponse:
        found = self._fetch(request, reference)
        return self._show(request, found, self._form(request, found))

    def post(self, request: HttpRequest, reference: UUID) -> HttpResponse:
        found = self._fetch(request, reference)
        form = self._form(request, found, request.POST)
        status = 422
        if form.is_valid():
            try:
                self.act(found, form.cleaned_data)
            except NotPossible as refusal:
                form.add_error(None, str(refusal))
            except Changed as changed:
                form.data = request.POST.copy()
                form.data["version"] = str(changed.current.version)
                form.add_error(None, _("Somebody else moved this need in the meantime. Look at it before you go on."))
                found, status = changed.current, 409
            else:
                messages.success(request, str(self.done))
                return redirect(self._next(request, reference))
        return self._show(request, found, form, status=status)

    def _form(self, request: HttpRequest, found: Pathway, data: Any = None) -> MoveForm:
        by = officer(request)
        return self.form_class(data, pathway=found, by=by, sees_case=_case(by, found) is not None)

    def _fetch(self, request: HttpRequest, reference: UUID) -> Pathway:
        user = officer(request)
        found = policy.pathways.fetch(user, reference=reference)
        policy.require(user, Permission.PATHWAYS_WORK)
        if not policy.pathways.is_own(user, found):
            raise ReadOnly
        record(Event.PATHWAY_VIEWED, found, by=user)
        return found

    def _show(self, request: HttpRequest, found: Pathway, form: forms.Form, *, status: int = 200) -> HttpResponse:
        back = reverse("assistance:pathway", args=[found.reference])
        context = {
            "pathway": found,
            "form": form,
            "title": self.title,
            "lead": self.lead,
            "submit_label": self.title,
            "back_url": back,
            "cancel_url": back,
        }
        return render(request, "assistance/pathways/move.html", context, status=status)

    def _next(self, request: HttpRequest, reference: UUID) -> str:
        """Back to the need, or, for whoever gave away what they cannot see any more, to the first page."""
        if policy.pathways.visible(officer(request)).filter(reference=reference).exists():
            return reverse("assistance:pathway", args=[reference])
        return reverse("web:home")


class TakeUpView(PathwayView):
    form_class = TakeUpForm
    title = gettext_lazy("Take it up")
    lead = gettext_lazy("From now on you take care of this need. The term of the next step begins.")
    done = gettext_lazy("You take care of this need.")

    def act(self, found: Pathway, said: dict[str, Any]) -> Any:
        return services.take_up(found.reference, by=officer(self.request), on=said["on"], version=said["version"])


class StepView(PathwayView):
    form_class = StepForm
    title = gettext_lazy("Record a step")
    lead = gettext_lazy("What was owed is done. The term of the next step begins.")
    done = gettext_lazy("The step is recorded.")

    def act(self, found: Pathway, said: dict[str, Any]) -> Any:
        return services.take_step(found.reference, by=officer(self.request), **said)


class HandOverView(PathwayView):
    form_class = HandOverForm
    title = gettext_lazy("Hand over")
    lead = gettext_lazy(
        "The other institution sees the need and its term, neither the case nor the person. Make a referral to hand "
        "on what the person allows."
    )
    done = gettext_lazy("The need is handed over.")

    def act(self, found: Pathway, said: dict[str, Any]) -> Any:
        return services.hand_over(found.reference, by=officer(self.request), **said)


class CloseView(PathwayView):
    form_class = CloseForm
    title = gettext_lazy("Close the need")
    lead = gettext_lazy("Where the need arises again, it is opened again from the case.")
    done = gettext_lazy("The need is closed.")

    def act(self, found: Pathway, said: dict[str, Any]) -> Any:
        return services.close_need(found.reference, by=officer(self.request), **said)


@require_http_methods(["GET", "POST"])
def note(request: SignedInRequest, reference: UUID, text: UUID) -> HttpResponse:
    """Read what was written at a step, for a stated purpose; that it was read is recorded."""
    user = request.user
    found = policy.pathways.fetch(user, reference=reference)
    policy.require(user, Permission.PERSONS_REVEAL)
    case = _case(user, found)
    step = found.steps.filter(note__reference=text).select_related("note").first() if case else None
    if step is None or step.note is None:
        raise Http404
    form = TextForm(request.POST or None)
    words = None
    if request.method == "POST" and form.is_valid():
        words = persons.read_text(step.note, by=user, purpose=form.cleaned_data["purpose"])
    back = reverse("assistance:pathway", args=[reference])
    context = {"case": case, "form": form, "words": words, "sealed": step.note, "back_url": back}
    context["back_label"] = label("need", found.need)
    return render(request, "cases/text.html", context, status=422 if form.errors else 200)


def _case(user: Any, found: Pathway) -> Case | None:
    return cases.cases.visible(user).filter(pk=found.case_id).first()


_MOVES = (
    ("take_up", "assistance:take_up_need"),
    ("take_step", "assistance:step_need"),
    ("hand_over", "assistance:hand_over_need"),
    ("close", "assistance:close_need"),
)


def _moves(request: SignedInRequest, found: Pathway) -> list[dict[str, Any]]:
    """The moves that the table has from here and that are this user's."""
    user = request.user
    if not has(user, Permission.PATHWAYS_WORK) or not policy.pathways.is_own(user, found):
        return []
    is_ours = found.institution_id == user.institution_id
    return [
        {"url": reverse(address, args=[found.reference]), "title": lifecycle.BY_NAME[name].title, "primary": not at}
        for at, (name, address) in enumerate(
            one
            for one in _MOVES
            if found.status in lifecycle.BY_NAME[one[0]].sources and (is_ours or one[0] in {"hand_over", "close"})
        )
    ]
