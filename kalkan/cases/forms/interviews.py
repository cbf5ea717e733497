"""Forms of opening, interviewing and referring."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.access.models import User
from kalkan.cases.forms.fields import CodeField, DayField, KeyField, ProvinceField, TextField, YesNoField
from kalkan.cases.models import Case


class OpenForm(forms.Form):
    """How the case began, where and when."""

    signal = CodeField("signal", is_menu=True, label=gettext_lazy("How did the case come to you?"))
    province = ProvinceField(label=gettext_lazy("In which province is the person?"), required=False)
    on = DayField(label=gettext_lazy("On which day did you meet or hear of the person?"))
    request_key = KeyField()

    def __init__(self, *arguments: Any, by: User, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["province"].initial = by.institution.province_id


class InterviewForm(forms.Form):
    """What both interviews ask. Who represented the person is asked for a child only."""

    held_on = DayField(label=gettext_lazy("On which day was it held?"))
    language = CodeField("language", is_menu=True, required=False, label=gettext_lazy("In which language?"))
    interpreter = CodeField(
        "interpreter",
        label=gettext_lazy("How was it interpreted?"),
        help_text=gettext_lazy("Never through somebody who came with the person."),
    )
    guardian = CodeField("guardian", label=gettext_lazy("Who represented the child?"))
    rights_explained = YesNoField(
        label=gettext_lazy("Were the person's rights explained before the interview?"),
        help_text=gettext_lazy(
            "Help does not depend on a complaint. The interview can be paused or ended at any time."
        ),
    )
    narrative = TextField(
        label=gettext_lazy("What did the person say?"),
        help_text=gettext_lazy("In the person's words, no more than needed. The text is sealed with the record."),
    )
    request_key = KeyField()

    def __init__(self, *arguments: Any, case: Case, **options: Any):
        super().__init__(*arguments, **options)
        if not (case.is_child or case.person.is_child):
            del self.fields["guardian"]


class OnForm(forms.Form):
    """The day of a step."""

    on = DayField(label=gettext_lazy("On which day?"))


class ReferForm(OnForm):
    """Where the case goes; the province is asked only where the case has none."""

    province = ProvinceField(label=gettext_lazy("In which province is the person?"), required=False)

    def __init__(self, *arguments: Any, case: Case, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["province"].initial = case.province_id

    def clean_province(self) -> str:
        if not self.cleaned_data["province"]:
            raise forms.ValidationError(_("Say in which province the person is."))
        return str(self.cleaned_data["province"])
