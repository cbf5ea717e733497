"""What an institution answers to what a support plan asks of it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from kalkan.assistance.lifecycle.duties import WHY_NOT, Answer
from kalkan.cases.forms.fields import CodeField, DayField


class AnswerForm(forms.Form):
    """Done, on a day; or not possible, for a reason of the list."""

    answer = forms.ChoiceField(
        label=gettext_lazy("What became of it?"), choices=Answer.choices, widget=forms.RadioSelect
    )
    on = DayField(required=False, label=gettext_lazy("Done: on which day?"))
    reason = CodeField(
        "duty_refusal", is_menu=True, required=False, label=gettext_lazy("Not possible: for which reason?")
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("answer") == Answer.DONE and not cleaned.get("on") and "on" not in self.errors:
            self.add_error("on", str(WHY_NOT["day"]))
        if cleaned.get("answer") == Answer.CANNOT and not cleaned.get("reason"):
            self.add_error("reason", str(WHY_NOT["reason"]))
        return cleaned
