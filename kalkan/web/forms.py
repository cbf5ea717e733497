"""What narrows the work list; who takes over the work of an account."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from kalkan.access.models import User
from kalkan.access.selectors import colleagues
from kalkan.cases.lifecycle import OPEN, Stage
from kalkan.vocabulary.selectors import provinces

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
