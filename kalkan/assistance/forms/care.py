"""What is asked of care, companions, interpreters, legal aid, money and conferences."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.access.models import Institution
from kalkan.assistance.forms.programmes import (
    SEALED,
    AmountField,
    ByForm,
    ComingDayField,
    InstitutionField,
    VersionField,
)
from kalkan.assistance.lifecycle.programmes import WHY_NOT, CareKind
from kalkan.assistance.services.claims import Decided
from kalkan.cases import policy as cases
from kalkan.cases.forms.fields import CodeField, DayField, KeyField, ProvinceField, TextField
from kalkan.cases.models import Case

DECISIONS = (1, 2, 3)
GUESTS = (1, 2, 3, 4)


class NoteForm(forms.Form):
    """A care note."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What sort of note is it?"), choices=CareKind.choices, widget=forms.RadioSelect
    )
    on = DayField(label=gettext_lazy("Of which day?"))
    words = TextField(
        label=gettext_lazy("The note"),
        help_text=gettext_lazy("Sealed. Only those who care for the person can read it; each reading is recorded."),
    )
    request_key = KeyField()


class CompanionForm(ByForm):
    """Somebody who came along, by an own case or by sex and age alone."""

    relation = CodeField("companion_relation", label=gettext_lazy("What is she or he to the person?"))
    sex = CodeField("sex", is_menu=True, required=False, label=gettext_lazy("Sex"))
    age_band = CodeField("age_band", is_menu=True, required=False, label=gettext_lazy("Age"))
    number = forms.CharField(
        required=False,
        max_length=20,
        label=gettext_lazy("Number of an own case, if there is one"),
        help_text=gettext_lazy("Like 2026-06-000123. Who came along is not counted as a victim by this."),
    )
    since = DayField(label=gettext_lazy("With the person since"))
    request_key = KeyField()

    def clean_number(self) -> Case | None:
        number = self.cleaned_data["number"]
        other = cases.cases.own(self.by).filter(number=number).first() if number else None
        if number and other is None:
            raise forms.ValidationError(_("You can see no case of this number."))
        return other


class OnForm(forms.Form):
    """On which day it happened, of a row seen at a version."""

    on = DayField(label=gettext_lazy("On which day?"))
    version = VersionField()


class BookingForm(ByForm):
    """An interpreter for a time."""

    code = forms.RegexField(
        r"^(?=.*\d)[A-Za-z0-9-]{2,20}$",
        label=gettext_lazy("Code of the interpreter"),
        help_text=gettext_lazy("As the agency gave it, with a number in it, like ANK-017. Never a name."),
        error_messages={"invalid": gettext_lazy("Write the code with letters, digits and hyphens, like ANK-017.")},
    )
    agency = InstitutionField(required=False, label=gettext_lazy("Who sends the interpreter?"))
    language = CodeField("language", is_menu=True, label=gettext_lazy("Which language?"))
    day = ComingDayField(label=gettext_lazy("On which day?"))
    begins = forms.TimeField(
        label=gettext_lazy("From"), widget=forms.TimeInput(attrs={"type": "time"}), input_formats=["%H:%M"]
    )
    ends = forms.TimeField(
        label=gettext_lazy("Until"), widget=forms.TimeInput(attrs={"type": "time"}), input_formats=["%H:%M"]
    )
    request_key = KeyField()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not {"day", "begins", "ends"} <= set(cleaned):
            return cleaned
        if cleaned["ends"] <= cleaned["begins"]:
            self.add_error("ends", str(WHY_NOT["order"]))
        for name in ("begins", "ends"):
            cleaned[f"{name}_at"] = timezone.make_aware(datetime.combine(cleaned["day"], cleaned[name]))
        return cleaned


class PlainForm(forms.Form):
    """Nothing to ask: only whether it shall be done."""


class LegalAidForm(forms.Form):
    """A lawyer asked for at a bar association."""

    bar = ProvinceField(label=gettext_lazy("Bar association of which province?"))
    on = DayField(label=gettext_lazy("Asked for on"))
    lawyer = forms.CharField(required=False, max_length=300, label=gettext_lazy("Lawyer, if known"), help_text=SEALED)
    request_key = KeyField()


class StepForm(forms.Form):
    """One step of legal aid."""

    step = CodeField("legal_step", label=gettext_lazy("What was done?"))
    on = DayField(label=gettext_lazy("On which day?"))


class ClaimForm(forms.Form):
    """A claim for compensation."""

    on = DayField(label=gettext_lazy("Claimed on"))
    claimed = AmountField(min_value=Decimal("0.01"), label=gettext_lazy("How much was claimed?"))
    currency = CodeField("currency", is_menu=True, label=gettext_lazy("In which currency?"))
    court = forms.CharField(
        required=False, max_length=300, label=gettext_lazy("Court and number of its file"), help_text=SEALED
    )
    request_key = KeyField()


class ClaimDecidedForm(forms.Form):
    """What came of a claim."""

    on = DayField(label=gettext_lazy("Decided on"))
    outcome = CodeField("compensation_outcome", label=gettext_lazy("What came of it?"))
    awarded = AmountField(label=gettext_lazy("How much was awarded?"), help_text=gettext_lazy("0 if nothing."))
    version = VersionField()


class CashForm(forms.Form):
    """Money given."""

    kind = CodeField("cash_kind", is_menu=True, label=gettext_lazy("Which kind?"))
    amount = AmountField(min_value=Decimal("0.01"), label=gettext_lazy("How much is one payment?"))
    currency = CodeField("currency", is_menu=True, label=gettext_lazy("In which currency?"))
    begins_on = forms.DateField(
        label=gettext_lazy("From which day?"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        required=False,
        label=gettext_lazy("Until which day?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    conditions = TextField(required=False, label=gettext_lazy("Which conditions were explained?"), help_text=SEALED)
    request_key = KeyField()


class ConferenceForm(ByForm):
    """Who sat together, what was said, and what was decided."""

    on = DayField(label=gettext_lazy("On which day?"))
    note = TextField(required=False, label=gettext_lazy("What was said?"), help_text=SEALED)
    request_key = KeyField()

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        last = {name: self.fields.pop(name) for name in ("note", "request_key")}
        for number in GUESTS:
            self._add(
                f"guest_{number}",
                InstitutionField(
                    required=number == 1, label=_("Institution %(number)d beside your own") % {"number": number}
                ),
            )
        self.fields |= last
        for number in DECISIONS:
            self.fields[f"wording_{number}"] = forms.CharField(
                required=False,
                max_length=1000,
                label=_("Decision %(number)d") % {"number": number},
                help_text=SEALED,
            )
            self._add(f"does_{number}", InstitutionField(required=False, label=_("Who does it?")))
            self.fields[f"due_{number}"] = ComingDayField(required=False, label=_("By which day?"))

    def _add(self, name: str, field: InstitutionField) -> None:
        field.show_to(self.by)
        self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for number in DECISIONS:
            names = [f"wording_{number}", f"does_{number}", f"due_{number}"]
            if any(cleaned.get(name) for name in names):
                for name in names:
                    if not cleaned.get(name) and name not in self.errors:
                        self.add_error(name, _("A decision needs its words, who does it, and a day."))
        return cleaned

    @property
    def guests(self) -> list[Institution]:
        """Those who took part, the own institution first, each once."""
        chosen = [self.cleaned_data[f"guest_{number}"] for number in GUESTS]
        return list(dict.fromkeys([self.by.institution, *filter(None, chosen)]))

    @property
    def decisions(self) -> list[Decided]:
        """What was decided."""
        said = self.cleaned_data
        return [
            Decided(said[f"wording_{number}"], said[f"does_{number}"], said[f"due_{number}"])
            for number in DECISIONS
            if said[f"wording_{number}"]
        ]


class DecisionForm(forms.Form):
    """How a decision of a conference stands now."""

    move = forms.ChoiceField(
        label=gettext_lazy("What became of it?"),
        choices=[("do", gettext_lazy("It was done")), ("drop", gettext_lazy("It will not be done"))],
        widget=forms.RadioSelect,
    )
    on = DayField(label=gettext_lazy("On which day?"))
    reason = TextField(required=False, label=gettext_lazy("Why is it dropped?"), help_text=SEALED)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("move") == "drop" and not cleaned.get("reason"):
            self.add_error("reason", str(WHY_NOT["reason"]))
        return cleaned
