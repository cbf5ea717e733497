"""Forms of the screening."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.cases import assessment
from kalkan.cases.forms.fields import CodeField, DayField, TextField, VersionField
from kalkan.cases.models import Case, Said, Screening
from kalkan.cases.selectors import Page

EXPLOITATION = [
    ("labour", gettext_lazy("Work, services, begging or anything not sexual")),
    ("sexual", gettext_lazy("Sexual exploitation")),
]
AGES = [
    ("adult", gettext_lazy("18 or over")),
    ("child", gettext_lazy("Under 18, or age in doubt: the rules for children apply")),
]


class StartForm(forms.Form):
    """What the screening is about. A child's case does not ask for the age again."""

    about = forms.ChoiceField(
        label=gettext_lazy("What is it about?"),
        help_text=gettext_lazy("If both, choose the one that the person speaks of first. It can be changed later."),
        choices=EXPLOITATION,
        widget=forms.RadioSelect,
    )
    age = forms.ChoiceField(label=gettext_lazy("How old is the person?"), choices=AGES, widget=forms.RadioSelect)
    place = CodeField(
        "screening_place", is_menu=True, required=False, label=gettext_lazy("Where is the screening held?")
    )
    held_on = DayField(label=gettext_lazy("On which day?"))

    def __init__(self, *arguments: Any, case: Case, **options: Any):
        super().__init__(*arguments, **options)
        if case.is_child or case.person.is_child:
            del self.fields["age"]

    @property
    def profile(self) -> str:
        return f"{self.cleaned_data.get('age', 'child')}_{self.cleaned_data['about']}"


class QuestionsForm(forms.Form):
    """One page of the interview. Every question may stay open: what is answered is saved."""

    version = VersionField()

    def __init__(self, *arguments: Any, page: Page, **options: Any):
        super().__init__(*arguments, **options)
        self.page = page
        for question in page.questions:
            self.fields[question.code] = forms.ChoiceField(
                label=str(question.text),
                help_text=str(question.hint),
                choices=Said.choices,
                required=False,
                widget=forms.RadioSelect(attrs={"class": "choices-row"}),
            )

    @property
    def answers(self) -> dict[str, str]:
        codes = [question.code for question in self.page.questions]
        return {code: self.cleaned_data[code] for code in codes if self.cleaned_data[code]}


class ConclusionForm(forms.Form):
    """What the officer concludes, and why, where that is not what the signs say."""

    conclusion = forms.ChoiceField(
        label=gettext_lazy("What do you conclude?"),
        help_text=gettext_lazy("The signs advise. You decide."),
        choices=Screening.Conclusion.choices,
        widget=forms.RadioSelect,
    )
    dissent = TextField(
        required=False,
        label=gettext_lazy("If you conclude otherwise than the signs: why?"),
        help_text=gettext_lazy("Your words are sealed with the person's record."),
    )
    on = DayField(label=gettext_lazy("On which day?"))

    def __init__(self, *arguments: Any, advice: str, **options: Any):
        super().__init__(*arguments, **options)
        self.advice = advice

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        conclusion = cleaned.get("conclusion")
        if conclusion and assessment.departs(self.advice, conclusion) and not cleaned.get("dissent"):
            self.add_error("dissent", _("Say why you conclude otherwise than the signs."))
        return cleaned
