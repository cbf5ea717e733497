"""Forms of permits. What the law allows is said beside the question, and held by the service and the database."""

from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.assistance.lifecycle.permits import EXTENSION
from kalkan.assistance.selectors.permits import Outlook
from kalkan.cases.forms.fields import CodeField, DayField, KeyField, TextField, VersionField, YesNoField
from kalkan.persons.details import LONGEST_NUMBER


class ComingDayField(forms.DateField):
    """A day that may lie ahead."""

    def __init__(self, **options: Any):
        options.setdefault("input_formats", ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"])
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class RequestForm(forms.Form):
    """A first permit from a day on, or the extension of the last one, whichever the permits allow."""

    kind = forms.CharField(widget=forms.HiddenInput)
    starts_on = DayField(label=gettext_lazy("From which day?"))
    ground = CodeField("permit_ground", label=gettext_lazy("On which ground?"))
    ends_on = ComingDayField(label=gettext_lazy("Until which day?"))
    request_key = KeyField()

    def __init__(self, *arguments: Any, outlook: Outlook, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["kind"].initial = outlook.kind
        if outlook.kind == EXTENSION:
            del self.fields["starts_on"]
            if outlook.chain:
                longest = outlook.chain[0].ends_on
                self.fields["ends_on"].initial = longest
                sentence = _("The law allows no later day than %(day)s.") % {"day": date_format(longest, "j F Y")}
                self.fields["ends_on"].help_text = sentence
        else:
            del self.fields["ground"], self.fields["ends_on"]


class DecisionForm(forms.Form):
    """Grant or refuse what another officer asked for."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("What do you decide?"),
        choices=[("grant", gettext_lazy("Grant the permit")), ("refuse", gettext_lazy("Refuse the permit"))],
        widget=forms.RadioSelect,
    )
    number = forms.CharField(
        required=False,
        max_length=LONGEST_NUMBER,
        label=gettext_lazy("Number of the permit"),
        help_text=gettext_lazy("If you grant it. The number is sealed with the person's record."),
    )
    reasons = TextField(
        required=False, label=gettext_lazy("Reasons"), help_text=gettext_lazy("If you refuse it. The text is sealed.")
    )
    version = VersionField()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == "grant" and not cleaned.get("number"):
            self.add_error("number", _("Give the number of the permit."))
        if cleaned.get("outcome") == "refuse" and not cleaned.get("reasons"):
            self.add_error("reasons", _("Give the reason."))
        return cleaned


class LeaveForm(forms.Form):
    """Why nobody asks for an extension."""

    reason = CodeField("permit_left", label=gettext_lazy("Why is the permit not extended?"))
    version = VersionField()


class CancelForm(forms.Form):
    """One of the three grounds of the law, and the question that comes before each."""

    was_forced = YesNoField(
        label=gettext_lazy("Was it done under force, threat, violence or intimidation?"),
        help_text=gettext_lazy("If so the permit cannot be cancelled (Law 6458 art. 49)."),
    )
    ground = CodeField("permit_cancellation", label=gettext_lazy("On which ground?"))
    version = VersionField()
