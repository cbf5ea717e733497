"""What narrows the work list; who takes over the work of an account."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from kalkan.access.models import User
from kalkan.access.selectors import colleagues
from kalkan.cases.lifecycle import OPEN, Stage
from kalkan.cases.selectors import whom
from kalkan.vocabulary.selectors import choices, provinces

_EVERY = ("", _("All"))
ORDERS = [("due", _("Deadline")), ("opened", _("Newest first")), ("stage", _("Stage")), ("number", _("Case number"))]


def _stages() -> list[tuple[str, Any]]:
    return [_EVERY, *((stage.value, stage.label) for stage in Stage if stage in OPEN)]


def _provinces() -> list[tuple[str, Any]]:
    return [_EVERY, *((one.code, one.name) for one in provinces())]


class WorkFilter(forms.Form):
    """Every field may stay empty; what is not understood is left out rather than refused."""

    number = forms.CharField(label=_("Case number"), required=False, max_length=20)
    stage = forms.ChoiceField(label=_("Stage"), required=False, choices=_stages)
    province = forms.ChoiceField(label=_("Province"), required=False, choices=_provinces)
    order = forms.ChoiceField(label=_("Order"), required=False, choices=ORDERS)
    overdue = forms.BooleanField(label=_("Overdue only"), required=False)
    urgent = forms.BooleanField(label=_("Immediate danger only"), required=False)

    def __init__(self, *arguments: Any, with_provinces: bool, **options: Any):
        super().__init__(*arguments, **options)
        if not with_provinces:
            del self.fields["province"]

    @property
    def narrowing(self) -> dict[str, Any]:
        """What was asked for and understood, by field."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class FindReadersForm(forms.Form):
    """Of whom the readers are wanted."""

    record = forms.CharField(
        label=_("Case number, or reference of the person or the case"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_record(self) -> UUID:
        """The reference of the person: nothing else goes into the address of a page."""
        person = whom.person_named(self.cleaned_data["record"].strip())
        if person is None:
            raise forms.ValidationError(_("There is no such record. Give the whole number or reference."))
        return person


class FindReadingForm(forms.Form):
    """Whose reading is wanted."""

    who = forms.CharField(label=_("Work e-mail or reference of the account"), max_length=254)

    def clean_who(self) -> UUID:
        """The reference of the account: an address never goes into the address of a page."""
        who = self.cleaned_data["who"].strip()
        try:
            found = User.objects.filter(reference=UUID(who))
        except ValueError:
            found = User.objects.filter(email=who.lower())
        reference = found.values_list("reference", flat=True).first()
        if reference is None:
            raise forms.ValidationError(_("No account has this address."))
        return reference


class EmergencyForm(forms.Form):
    """What is opened, and on what ground. No free text: whoever reviews it may not read a narrative."""

    record = forms.CharField(
        label=_("Number of the case, or reference of the person"),
        help_text=_("Whole, exactly as it was told to you. For example 2026-06-000123"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    ground = forms.ChoiceField(label=_("What is the emergency?"), widget=forms.RadioSelect)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["ground"].choices = choices("emergency_ground")  # type: ignore[attr-defined]


class ReviewForm(forms.Form):
    """What an emergency was."""

    finding = forms.ChoiceField(label=_("What was it?"), widget=forms.RadioSelect)

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["finding"].choices = [  # type: ignore[attr-defined]
            (label, choices("emergency_finding", parent=verdict)) for verdict, label in choices("emergency_verdict")
        ]


class HandOverForm(forms.Form):
    """A colleague of the same institution and role; asked only where there is something to hand over."""

    to = forms.ModelChoiceField(
        label=_("Who takes it over"),
        queryset=User.objects.none(),
        to_field_name="reference",
        empty_label=_("Choose"),
        help_text=_("A colleague of the same institution and role who is not away."),
    )

    def __init__(self, *arguments: Any, owner: User, has_work: bool, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["to"].queryset = colleagues(owner)  # type: ignore[attr-defined]
        if not has_work:
            del self.fields["to"]


class CloseAccountForm(HandOverForm):
    """Handing over, then closing."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class LeaveForm(HandOverForm):
    """Handing over, then the days away."""

    first = forms.DateField(label=_("First day away"), widget=forms.DateInput({"type": "date"}))
    last = forms.DateField(label=_("Last day away"), widget=forms.DateInput({"type": "date"}))
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    field_order = ("first", "last", "to", "request_key")
