"""What came to light, who looks after the case, sealed texts, and the oversight of provinces."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kalkan.access.emergencies import unreviewed
from kalkan.access.roles import Permission
from kalkan.cases import policy, services
from kalkan.cases.forms import AssignForm, ChangeForm, EpisodeForm, LinkForm, PerpetratorForm, TextForm
from kalkan.cases.lifecycle import TERM_LABELS, Stage
from kalkan.cases.models import Case
from kalkan.cases.selectors import overdue_by_province
from kalkan.cases.selectors.oversight import ORDERS
from kalkan.cases.views.base import CaseView, case_url, officer, seen
from kalkan.persons import services as persons
from kalkan.persons.models import SealedText
from kalkan.vocabulary import selectors as vocabulary


class EpisodeView(CaseView):
    form_class = EpisodeForm
    permissions = policy.RECORDING
    title = gettext_lazy("Exploitation")
    lead = gettext_lazy("One spell at one place. Record another for every other place or form.")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The exploitation is recorded.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"case": case}

    def act(self, case: Case, form: Any) -> Any:
        said = form.cleaned_data
        began, ended = said["began"], said["ended"]
        return services.record_episode(
            case.reference,
            by=self.officer,
            forms=said["forms_found"],
            sector=said["sector"],
            means=said.get("means", []),
            recruitment=said["recruitment"],
            recruiter_relation=said["recruiter_relation"],
            countries=form.route,
            province=said["province"] or None,
            place=said["place"],
            request_key=said["request_key"],
            **({"began_on": began.value, "began_precision": began.precision} if began else {}),
            **({"ended_on": ended.value, "ended_precision": ended.precision} if ended else {}),
        )


class PerpetratorView(CaseView):
    form_class = PerpetratorForm
    permissions = policy.RECORDING
    title = gettext_lazy("Alleged perpetrator")
    lead = gettext_lazy("Only the role in the crime. Names of suspects belong to the criminal file, not here.")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The role is recorded.")

    def act(self, case: Case, form: Any) -> Any:
        return services.record_alleged_perpetrator(case.reference, by=self.officer, **form.cleaned_data)


class LinkView(CaseView):
    form_class = LinkForm
    permissions = policy.RECORDING
    stages = frozenset(Stage)
    title = gettext_lazy("Link to another case")
    submit = gettext_lazy("Link")
    done = gettext_lazy("The cases are linked.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"by": self.officer}

    def act(self, case: Case, form: Any) -> Any:
        other, kind = form.cleaned_data["number"], form.cleaned_data["kind"]
        return services.link_cases(case.reference, other.reference, kind=kind, by=self.officer)


class AssignView(CaseView):
    form_class = AssignForm
    permissions = (Permission.CASES_ASSIGN,)
    title = gettext_lazy("Assign the case")
    submit = gettext_lazy("Assign")
    done = gettext_lazy("The case is assigned.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"case": case, "by": self.officer, "initial": {"to": case.assigned_to_id}}

    def act(self, case: Case, form: Any) -> Any:
        return services.assign_case(case.reference, to=form.cleaned_data["to"], by=self.officer)


class ChangeView(CaseView):
    form_class = ChangeForm
    permissions = policy.RECORDING
    title = gettext_lazy("Correct the case")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The case is corrected.")

    def form_options(self, case: Case) -> dict[str, Any]:
        names = ("signal", "is_urgent", "is_child", "charged_articles", "version")
        return {"initial": {name: getattr(case, name) for name in names}}

    def act(self, case: Case, form: Any) -> Any:
        return services.change_case(case.reference, by=self.officer, **form.cleaned_data)

    def differences(self, case: Case, form: Any) -> list[dict[str, Any]]:
        said = form.cleaned_data
        answers = {
            "signal": (_label("signal", case.signal), _label("signal", said["signal"])),
            "is_urgent": (_yes(case.is_urgent), _yes(said["is_urgent"])),
            "is_child": (_yes(case.is_child), _yes(said["is_child"])),
            "charged_articles": (
                ", ".join(vocabulary.labels("charged_article", case.charged_articles)),
                ", ".join(vocabulary.labels("charged_article", said["charged_articles"])),
            ),
        }
        return [
            {"label": form.fields[name].label, "theirs": theirs, "yours": yours}
            for name, (theirs, yours) in answers.items()
            if theirs != yours
        ]


@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, reference: UUID, text: UUID) -> HttpResponse:
    """Open a sealed text of the case for a stated purpose; that it was read is recorded."""
    case = seen(request, reference)
    policy.require(officer(request), Permission.PERSONS_REVEAL)
    sealed = SealedText.objects.filter(person=case.person_id, reference=text).first()
    if sealed is None or not _belongs(case, sealed):
        raise Http404
    form = TextForm(request.POST or None)
    words = None
    if request.method == "POST" and form.is_valid():
        words = persons.read_text(sealed, by=officer(request), purpose=form.cleaned_data["purpose"])
    context = {"case": case, "form": form, "words": words, "sealed": sealed, "back_url": case_url(case)}
    return render(request, "cases/text.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET"])
def oversight(request: HttpRequest) -> HttpResponse:
    """Overdue work by province: counts, never a person."""
    asked = request.GET.get("order", "overdue")
    order = asked if asked in ORDERS else "overdue"
    loads = overdue_by_province(officer(request), order=order)
    terms = [{"label": label} for label in TERM_LABELS.values()]
    context = {
        "loads": loads,
        "order": order,
        "terms": terms,
        "open_cases": sum(load.open_cases for load in loads),
        "overdue": sum(load.overdue for load in loads),
        "by_term": [sum(load.by_term[code] for load in loads) for code in TERM_LABELS],
        "late_reviews": unreviewed(officer(request)).filter(review_due_on__lt=timezone.localdate()).count(),
        "oldest_days": max((load.oldest_days for load in loads), default=0),
    }
    return render(request, "cases/oversight.html", context)


def _belongs(case: Case, sealed: SealedText) -> bool:
    kept = [str(sealed.reference)]
    return (
        case.interviews.filter(narrative=sealed).exists()
        or case.screenings.filter(dissent=sealed).exists()
        or case.decisions.filter(grounds=sealed).exists()
        or case.decisions.filter(reasons=sealed).exists()
        or case.episodes.filter(place=sealed).exists()
        or case.stage_changes.filter(facts__text__in=kept).exists()
    )


def _label(code_list: str, code: str) -> str:
    return vocabulary.label(code_list, code) if code else ""


def _yes(value: bool) -> str:
    return _("Yes") if value else _("No")
