"""What narrows the work list."""

from django import forms
from django.utils.translation import gettext_lazy as _

from kalkan.cases.lifecycle import OPEN, Stage
from kalkan.vocabulary.selectors import provinces

ORDERS = [("due", _("Deadline")), ("opened", _("Newest first")), ("stage", _("Stage")), ("number", _("Case number"))]


class WorkFilter(forms.Form):
    """Every field may stay empty; what is not understood is left out rather than refused."""

    number = forms.CharField(label=_("Case number"), required=False, max_length=20)
    stage = forms.ChoiceField(label=_("Stage"), required=False)
    province = forms.ChoiceField(label=_("Province"), required=False)
    order = forms.ChoiceField(label=_("Order"), required=False, choices=ORDERS)
    overdue = forms.BooleanField(label=_("Overdue only"), required=False)
    urgent = forms.BooleanField(label=_("Immediate danger only"), required=False)

    def __init__(self, *args, with_provinces: bool, **kwargs):
        super().__init__(*args, **kwargs)
        every = [("", _("All"))]
        open_stages = [(stage.value, stage.label) for stage in Stage if stage in OPEN]
        self.fields["stage"].choices = every + open_stages
        if with_provinces:
            self.fields["province"].choices = every + [(one.code, one.name) for one in provinces()]
        else:
            del self.fields["province"]

    @property
    def narrowing(self) -> dict:
        """What was asked for and understood, by field."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
