"""Forms of the needs of a person."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.access.models import Institution, User
from kalkan.assistance.models import Pathway
from kalkan.assistance.selectors.needs import Suggestion
from kalkan.assistance.selectors.pathways import everywhere, nearby
from kalkan.assistance.services.pathways import Opening
from kalkan.cases.forms.fields import EMPTY, CodeField, DayField, KeyField, TextField, VersionField
from kalkan.cases.models import Case


class NeedsForm(forms.Form):
    """Several needs at once: which, and who takes care of each."""

    on = DayField(label=gettext_lazy("On which day did you find the needs?"))
    note = TextField(
        required=False,
        label=gettext_lazy("What must those who take care of them know?"),
        help_text=gettext_lazy("Sealed with the record; only who sees the case can read it."),
    )
    request_key = KeyField()

    def __init__(self, *arguments: Any, case: Case, by: User, suggested: Sequence[Suggestion], **options: Any):
        super().__init__(*arguments, **options)
        self._suggested = suggested
        self._known = {str(one.pk): one for one in nearby(by, case.province_id)}
        choices = [(key, str(one)) for key, one in self._known.items()]
        for one in suggested:
            self.fields[f"open_{one.need.code}"] = forms.BooleanField(
                required=False, label=one.need.label, help_text=one.need.hint, initial=bool(one.reasons)
            )
            self.fields[f"with_{one.need.code}"] = forms.ChoiceField(
                choices=choices, initial=str(by.institution_id), label=_("Who takes care of it?")
            )

    def needs(self) -> list[tuple[Suggestion, BoundField, BoundField]]:
        """Each need that can be opened, with its two fields."""
        return [(one, self[f"open_{one.need.code}"], self[f"with_{one.need.code}"]) for one in self._suggested]

    def others(self) -> list[BoundField]:
        """The questions asked once."""
        return [self["on"], self["note"]]

    @property
    def openings(self) -> list[Opening]:
        """What a valid form asks to open."""
        said = self.cleaned_data
        return [
            Opening(one.need.code, self._known[said[f"with_{one.need.code}"]])
            for one in self._suggested
            if said.get(f"open_{one.need.code}")
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(cleaned.get(f"open_{one.need.code}") for one in self._suggested):
            raise forms.ValidationError(_("Choose at least one need."))
        return cleaned


class MoveForm(forms.Form):
    """A move of a need: the day, and a note where the case can be seen."""

    on = DayField(label=gettext_lazy("On which day?"))
    note = TextField(
        required=False,
        label=gettext_lazy("What was done?"),
        help_text=gettext_lazy("Sealed with the record; only who sees the case can read it."),
    )
    version = VersionField()

    def __init__(self, *arguments: Any, pathway: Pathway, by: User, sees_case: bool, **options: Any):
        super().__init__(*arguments, **{"initial": {"version": pathway.version}, **options})
        if not sees_case and "note" in self.fields:
            del self.fields["note"]


class TakeUpForm(MoveForm):
    """No note: the person has not been met yet."""

    note = None  # type: ignore[assignment]


class StepForm(MoveForm):
    request_key = KeyField()


class HandOverForm(MoveForm):
    """To whom the need goes."""

    to = forms.ModelChoiceField(
        queryset=Institution.objects.none(),
        label=gettext_lazy("Which institution takes care of it from now on?"),
        empty_label=EMPTY[1],
    )
    field_order = ["to", "on", "note"]

    def __init__(self, *arguments: Any, pathway: Pathway, by: User, **options: Any):
        super().__init__(*arguments, pathway=pathway, by=by, **options)
        rows = everywhere(by).exclude(pk=pathway.institution_id)
        self.fields["to"].queryset = rows  # type: ignore[attr-defined]


class CloseForm(MoveForm):
    """What came of it."""

    outcome = CodeField("pathway_outcome", label=gettext_lazy("What came of it?"))
    field_order = ["outcome", "on", "note"]
