"""What narrows the work list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

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
