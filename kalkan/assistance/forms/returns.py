"""Forms of a return, one question of work a page."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.policy import institutions
from kalkan.assistance.lifecycle.returns import GRAVE
from kalkan.assistance.models import ReturnPlan
from kalkan.assistance.selectors.returns import months_left
from kalkan.cases.forms.fields import EMPTY, CodeField, DayField, KeyField, TextField, VersionField
from kalkan.vocabulary import selectors as vocabulary

_WHEN = gettext_lazy("On which day?")


class OfferForm(forms.Form):
    """At which of the three moments the return is offered."""

    moment = CodeField("return_moment", label=gettext_lazy("When is the return offered?"))
    destination = CodeField(
        "country", is_menu=True, required=False, label=gettext_lazy("To which country?"),
        help_text=gettext_lazy("If the person has said so. It is asked again with the risks."),
    )  # fmt: skip
    on = DayField(label=_WHEN)
    request_key = KeyField()


class AssessForm(forms.Form):
    """What threatens the person there. One grave risk alone makes the return one of high risk."""

    destination = CodeField("country", is_menu=True, label=gettext_lazy("To which country?"))
    risks = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Which risks were found?"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices-many"}),
    )  # fmt: skip
    unknown = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Which of them nobody knows yet?"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices-many"}),
    )  # fmt: skip
    note = TextField(
        required=False, label=gettext_lazy("How are the risks met?"),
        help_text=gettext_lazy("The approving officer reads this. The text is sealed with the record."),
    )  # fmt: skip
    on = DayField(label=_WHEN)
    version = VersionField()

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["risks"].choices = _risks()  # type: ignore[attr-defined]
        self.fields["unknown"].choices = _risks()  # type: ignore[attr-defined]


class DecideForm(forms.Form):
    """The person's own decision, on full information in a language that the person understands."""

    language = CodeField("language", is_menu=True, label=gettext_lazy("In which language was it explained?"))
    informed = forms.BooleanField(
        label=gettext_lazy("The person was told of the journey, the risks, the help there and the right to stay."),
    )
    on = DayField(label=_WHEN)
    version = VersionField()


class ArrangeForm(forms.Form):
    """Papers, escort, and who receives the person."""

    papers = CodeField("return_papers", label=gettext_lazy("Which travel papers are ready?"))
    escort = CodeField("return_escort", label=gettext_lazy("Who goes along?"))
    receiver = forms.ModelChoiceField(
        Institution.objects.none(),
        required=False,
        label=gettext_lazy("Which institution receives the person?"),
        empty_label=EMPTY[1],
    )
    receiver_words = forms.CharField(
        required=False, max_length=500, label=gettext_lazy("Or who else receives the person?"),
        help_text=gettext_lazy("The text is sealed with the record."),
    )  # fmt: skip
    version = VersionField()

    def __init__(self, *arguments: Any, by: User, **options: Any):
        super().__init__(*arguments, **options)
        kinds = (InstitutionKind.NGO, InstitutionKind.INTERNATIONAL)
        rows = institutions.visible(by).filter(kind__in=kinds).order_by("name_tr")
        self.fields["receiver"].queryset = rows  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("receiver") and not cleaned.get("receiver_words"):
            self.add_error("receiver_words", _("Say who receives the person."))
        return cleaned


class ApproveForm(forms.Form):
    """The approval; where the risk is high, with a ground."""

    ground = TextField(
        required=False, label=gettext_lazy("Why is the return approved?"),
        help_text=gettext_lazy("Needed where the risk is high. The text is sealed with the record."),
    )  # fmt: skip
    version = VersionField()

    def __init__(self, *arguments: Any, is_high: bool, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["ground"].required = is_high


class DayForm(forms.Form):
    """The day on which something happened."""

    on = DayField(label=_WHEN)
    version = VersionField()


class FollowUpForm(forms.Form):
    """How the person fares after so many months."""

    months = forms.TypedChoiceField(label=gettext_lazy("After how many months?"), coerce=int, widget=forms.RadioSelect)
    contact = CodeField("return_contact", label=gettext_lazy("How was the person reached?"))
    outcome = CodeField("return_outcome", label=gettext_lazy("How does the person fare?"))
    note = TextField(
        required=False, label=gettext_lazy("What was learnt?"), help_text=gettext_lazy("The text is sealed.")
    )
    on = DayField(label=_WHEN)
    version = VersionField()

    def __init__(self, *arguments: Any, plan: ReturnPlan, **options: Any):
        super().__init__(*arguments, **options)
        left = months_left(plan)
        labels = [
            (months, ngettext("After %(months)d month", "After %(months)d months", months) % {"months": months})
            for months in left
        ]
        self.fields["months"].choices = labels  # type: ignore[attr-defined]
        self.fields["months"].initial = left[0] if left else None


def _risks() -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {GRAVE: []}
    for code in vocabulary.codes("return_risk"):
        groups.setdefault(code.parent, []).append((code.code, code.label))
    return [(vocabulary.label("return_risk_weight", weight), codes) for weight, codes in groups.items()]
