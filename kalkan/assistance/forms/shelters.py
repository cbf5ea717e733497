"""What shelters and those who ask them are asked."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kalkan.assistance.lifecycle.shelters import WHY_NOT, Part, Said, Severity
from kalkan.assistance.models import Bed, Shelter, Stay
from kalkan.cases.forms.fields import CodeField, CodesField, DayField, KeyField, TextField, YesNoField
from kalkan.vocabulary import selectors as vocabulary


class AnyDayField(DayField):
    """A day that may also be to come."""

    def clean(self, value: Any) -> date | None:
        return forms.DateField.clean(self, value)


class VersionForm(forms.Form):
    """A step that asks nothing but whether the stay is still as it was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class RequestForm(forms.Form):
    """What a shelter must know to say yes or no. It sees this, and neither the case nor the person."""

    shelter = forms.ModelChoiceField(
        label=_("Which shelter?"), queryset=Shelter.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    urgency = CodeField("stay_urgency", label=_("How urgent is it?"))
    wanted_on = AnyDayField(label=_("From which day?"))
    children = forms.IntegerField(label=_("How many children come along?"), min_value=0, max_value=20, initial=0)
    needs = CodesField("stay_need", required=False, label=_("What does the person need?"))
    risks = CodesField("stay_risk", required=False, label=_("Which risks does the shelter have to know?"))
    request_key = KeyField()

    def __init__(self, *arguments: Any, shelters: Iterable[tuple[Shelter, int]], **options: Any):
        super().__init__(*arguments, **options)
        field, free = self.fields["shelter"], {one.pk: number for one, number in shelters}
        field.queryset = Shelter.objects.filter(pk__in=free).select_related("institution")  # type: ignore[attr-defined]
        field.label_from_instance = lambda one: _said_of(one, free[one.pk])  # type: ignore[attr-defined]


def _said_of(shelter: Shelter, free: int) -> str:
    profiles = ", ".join(vocabulary.labels("shelter_profile", shelter.profiles))
    return f"{shelter.institution} · {profiles} · " + str(_("free beds: %(number)d")) % {"number": free}


class AssessForm(VersionForm):
    """The questions on safety, each answered, and the ground on which somebody is admitted all the same."""

    ground = CodeField(
        "stay_exception",
        required=False,
        is_menu=True,
        label=_("If the risk is high or the house does not fit: on which ground is the person admitted even so?"),
        help_text=_("A second officer has to admit then."),
    )

    def __init__(self, *arguments: Any, stay: Stay, **options: Any):
        super().__init__(*arguments, **options)
        self.questions = [question.code for question in vocabulary.codes("stay_safety")]
        asked: dict[str, forms.Field] = {
            f"safety_{code}": forms.ChoiceField(
                label=label, choices=Said.choices, widget=forms.RadioSelect(attrs={"class": "choices-row"}),
                initial=stay.answers.get(code),
            )
            for code, label in vocabulary.choices("stay_safety")
        }  # fmt: skip
        self.fields = asked | self.fields
        self.fields["ground"].initial = stay.ground

    @property
    def answers(self) -> dict[str, str]:
        """Question → what was said."""
        return {code: self.cleaned_data[f"safety_{code}"] for code in self.questions}


class BedForm(VersionForm):
    """Which bed, from which night."""

    bed = forms.ModelChoiceField(
        label=_("Which bed?"), queryset=Bed.objects.none(), to_field_name="reference", empty_label=None,
        widget=forms.RadioSelect, error_messages={"invalid_choice": WHY_NOT["bed_taken"]},
    )  # fmt: skip
    on = DayField(label=_("From the night of which day?"))

    def __init__(self, *arguments: Any, beds: Iterable[Bed], **options: Any):
        super().__init__(*arguments, **options)
        field = self.fields["bed"]
        field.queryset = Bed.objects.filter(pk__in=[bed.pk for bed in beds])  # type: ignore[attr-defined]
        field.label_from_instance = lambda bed: f"{bed} · {vocabulary.label('bed_kind', bed.kind)}"  # type: ignore[attr-defined]


class DeclineForm(VersionForm):
    reason = CodeField("stay_decline", label=_("Why can the person not stay here?"))


class WithdrawForm(VersionForm):
    reason = CodeField("stay_withdrawal", label=_("Why is the request taken back?"))


class LeaveForm(VersionForm):
    reason = CodeField(
        "stay_leaving", without=frozenset({"transfer"}), label=_("Why or where to does the person leave?")
    )
    on = DayField(label=_("On which day?"), help_text=_("The bed is free from the night of this day."))


class AbsenceForm(forms.Form):
    """Away, and whether anybody knew of it."""

    is_planned = YesNoField(
        label=_("Was the absence agreed?"),
        help_text=_("If not, it has to be found out within hours where the person is."),
    )
    reason = CodeField("absence_reason", label=_("Why is the person away?"))
    since_on = DayField(label=_("Since which day?"))
    expected_on = AnyDayField(required=False, initial=None, label=_("Expected back on"))
    request_key = KeyField()


class ReturnForm(forms.Form):
    returned_on = DayField(label=_("Back since which day?"))


class IncidentForm(forms.Form):
    """What happened, in codes."""

    stay = forms.ModelChoiceField(
        label=_("Whom does it concern?"), queryset=Stay.objects.none(), required=False, to_field_name="reference",
        empty_label=_("The house as a whole"), blank=True, widget=forms.RadioSelect,
    )  # fmt: skip
    incident = CodeField("incident_kind", label=_("What happened?"))
    severity = forms.ChoiceField(
        label=_("How bad was it?"), choices=Severity.choices, widget=forms.RadioSelect,
        help_text=_("After a severe one the protection officer is owed to look into it."),
    )  # fmt: skip
    happened_on = DayField(label=_("On which day?"))
    police_informed = YesNoField(label=_("Do the police know?"))
    request_key = KeyField()

    def __init__(self, *arguments: Any, stays: Iterable[Stay], **options: Any):
        super().__init__(*arguments, **options)
        field = self.fields["stay"]
        field.queryset = Stay.objects.filter(pk__in=[stay.pk for stay in stays])  # type: ignore[attr-defined]


class FollowUpForm(forms.Form):
    """What the protection officer found."""

    on = DayField(label=_("On which day did you look into it?"))
    account = TextField(
        label=_("What did you find?"), required=False,
        help_text=_("Where the house is must not stand here. The text is sealed with the person's record."),
    )  # fmt: skip


class ShelterForm(forms.Form):
    """What the house offers."""

    profiles = CodesField("shelter_profile", label=_("Whom does the house take?"))
    is_accessible = YesNoField(label=_("Is it step-free from the door to a bed?"))
    residents_per_staff = forms.IntegerField(
        label=_("At most how many residents for each of the staff on a shift?"), min_value=1, max_value=50, initial=8
    )
    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)


class AddBedForm(forms.Form):
    room = forms.CharField(label=_("Room"), max_length=12, help_text=_("As the house counts its rooms: 3, 2A or B-12"))
    bed_kind = CodeField("bed_kind", label=_("What kind of bed?"))
    request_key = KeyField()


class CloseBedForm(forms.Form):
    """Days out of service."""

    reason = CodeField("bed_closure", label=_("Why is the bed out of service?"))
    first_on = AnyDayField(label=_("From which day?"))
    until_on = AnyDayField(required=False, initial=None, label=_("Back in service on"))


class ShiftForm(forms.Form):
    """How many are on duty on a day."""

    day = AnyDayField(label=_("Which day?"), initial=timezone.localdate)

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        for part in Part:
            self.fields[f"staff_{part.value}"] = forms.IntegerField(label=part.label, min_value=0, max_value=50)
