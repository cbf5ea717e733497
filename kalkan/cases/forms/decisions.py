"""Forms of the draft, the decision, and the end of a case."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.cases.forms.fields import CodeField, DayField, KeyField, TextField, VersionField, YesNoField
from kalkan.cases.lifecycle import Outcome
from kalkan.cases.models import Case
from kalkan.cases.services.decisions import GROUNDS_OF_MEANS
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Provision

PROPOSALS = [(one.value, one.label) for one in (Outcome.RECOGNISED, Outcome.NOT_RECOGNISED)]


class DraftForm(forms.Form):
    """Act, means and purpose in turn, then the proposal with its grounds. A child's form has no question on means."""

    act_found = YesNoField(
        label=gettext_lazy("Act: was the person recruited, moved, handed over, housed or received?"),
    )
    means_found = YesNoField(
        label=gettext_lazy("Means: was the person deceived, forced, or was vulnerability abused?"),
        help_text=gettext_lazy("Where a means was used, consent is void."),
    )
    purpose_found = YesNoField(label=gettext_lazy("Purpose: was it for exploitation, done or intended?"))
    proposed = forms.ChoiceField(
        label=gettext_lazy("What do you propose?"),
        help_text=gettext_lazy("Strong suspicion is enough. The criminal case need not be waited for."),
        choices=PROPOSALS,
        widget=forms.RadioSelect,
    )
    grounds_codes = forms.MultipleChoiceField(
        label=gettext_lazy("On which grounds?"), widget=forms.CheckboxSelectMultiple(attrs={"class": "choices-many"})
    )
    provision = forms.ChoiceField(label=gettext_lazy("On which provision?"), widget=forms.RadioSelect)
    grounds = TextField(
        label=gettext_lazy("Explain the grounds"),
        help_text=gettext_lazy("The deciding officer reads this. The text is sealed with the record."),
    )
    on = DayField(label=gettext_lazy("On which day?"))
    request_key = KeyField()

    def __init__(self, *arguments: Any, case: Case, **options: Any):
        super().__init__(*arguments, **options)
        without: frozenset[str] = frozenset()
        if case.is_child or case.person.is_child:
            del self.fields["means_found"]
            without = GROUNDS_OF_MEANS
        self.fields["grounds_codes"].choices = _grounds(without)  # type: ignore[attr-defined]
        self.fields["provision"].choices = _provisions()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        found = [cleaned.get(name) for name in ("act_found", "means_found", "purpose_found") if name in self.fields]
        if cleaned.get("proposed") == Outcome.RECOGNISED and not all(found) and not self.errors:
            message = _("Recognition rests on act and purpose, for an adult also on means: say that each was found.")
            self.add_error("proposed", message)
        return cleaned


class DecideForm(forms.Form):
    """The decision of another officer, with reasons."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("What do you decide?"), choices=Outcome.choices, widget=forms.RadioSelect
    )
    reasons = TextField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("If you ask for more facts, say which. The text is sealed with the record."),
    )
    on = DayField(label=gettext_lazy("On which day?"))
    version = VersionField()


class CloseForm(forms.Form):
    """Why and when the case ends."""

    reason = CodeField("closing_reason", is_menu=True, label=gettext_lazy("Why does the case end?"))
    on = DayField(label=gettext_lazy("On which day?"))


class ReasonForm(forms.Form):
    """The new facts on which a refusal is looked at again."""

    reason = TextField(
        label=gettext_lazy("Which new facts have come up?"),
        help_text=gettext_lazy("The text is sealed with the record."),
    )
    on = DayField(label=gettext_lazy("On which day?"))


class TextForm(forms.Form):
    """Why a sealed text is opened."""

    purpose = CodeField("reveal_purpose", label=gettext_lazy("Why do you need to read this?"))


class ConfirmForm(forms.Form):
    """The answers of a valid form, carried through the page on which they are checked."""

    def __init__(self, form: forms.Form, sent: QueryDict):
        super().__init__()
        for name in form.fields:
            values = sent.getlist(name)
            is_many = isinstance(form.fields[name], forms.MultipleChoiceField)
            widget: forms.Widget = forms.MultipleHiddenInput() if is_many else forms.HiddenInput()
            initial = values if is_many else values[-1] if values else ""
            self.fields[name] = forms.Field(widget=widget, initial=initial)


def _grounds(without: frozenset[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for code in vocabulary.codes("ground"):
        if code.code not in without and code.parent != Outcome.MORE_FACTS:
            groups.setdefault(code.parent, []).append((code.code, code.label))
    return [(vocabulary.label("ground_kind", kind), codes) for kind, codes in groups.items()]


def _provisions() -> list[tuple[str, str]]:
    wanted = ("recognition_ground", "refusal_ground")
    found = {rule.code: rule for rule in vocabulary.provisions(kind=Provision.Kind.GROUND) if rule.valid_to is None}
    return [(code, f"{found[code].citation}: {found[code].text}") for code in wanted if code in found]
