"""Forms of what came to light in a case, and of who looks after it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.access.models import User
from kalkan.cases import policy
from kalkan.cases.forms.fields import CodeField, CodesField, KeyField, ProvinceField, RoughDateField, VersionField
from kalkan.cases.models import Case
from kalkan.cases.selectors import officers_for

ROUTE = ("country_1", "country_2", "country_3", "country_4")


class EpisodeForm(forms.Form):
    """One spell of exploitation. A child's form has no question on means."""

    forms_found = CodesField("exploitation_form", label=gettext_lazy("Which form did it take?"))
    sector = CodeField("sector", is_menu=True, required=False, label=gettext_lazy("In which sector?"))
    began = RoughDateField(label=gettext_lazy("When did it begin?"))
    ended = RoughDateField(label=gettext_lazy("When did it end?"))
    province = ProvinceField(required=False, label=gettext_lazy("In which province?"))
    place = forms.CharField(
        required=False,
        max_length=300,
        label=gettext_lazy("At which place?"),
        help_text=gettext_lazy("Address or description. The text is sealed with the record."),
    )
    means = CodesField(
        "means_of_control", required=False, label=gettext_lazy("By which means was the person controlled?")
    )
    recruitment = CodesField("recruitment", required=False, label=gettext_lazy("How was the person recruited?"))
    recruiter_relation = CodeField(
        "relation", is_menu=True, required=False, label=gettext_lazy("What was the recruiter to the person?")
    )
    country_1 = CodeField("country", is_menu=True, required=False, label=gettext_lazy("Route: from which country?"))
    country_2 = CodeField("country", is_menu=True, required=False, label=gettext_lazy("Route: then"))
    country_3 = CodeField("country", is_menu=True, required=False, label=gettext_lazy("Route: then"))
    country_4 = CodeField("country", is_menu=True, required=False, label=gettext_lazy("Route: at last"))
    request_key = KeyField()

    def __init__(self, *arguments: Any, case: Case, **options: Any):
        super().__init__(*arguments, **options)
        if case.is_child or case.person.is_child:
            del self.fields["means"]

    @property
    def route(self) -> list[str]:
        return [self.cleaned_data[name] for name in ROUTE if self.cleaned_data[name]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        began, ended = cleaned.get("began"), cleaned.get("ended")
        if began and ended and ended.latest < began.earliest:
            self.add_error("ended", _("The end lies before the beginning."))
        return cleaned


class PerpetratorForm(forms.Form):
    """A role in the crime; there is no field for a name."""

    role = CodeField("perpetrator_role", label=gettext_lazy("What did this person do?"))
    relation = CodeField(
        "relation", is_menu=True, required=False, label=gettext_lazy("What is he or she to the victim?")
    )
    sex = CodeField("sex", required=False, label=gettext_lazy("Sex"))
    citizenship = CodeField("country", is_menu=True, required=False, label=gettext_lazy("Citizenship"))
    request_key = KeyField()


class LinkForm(forms.Form):
    """Another case that the officer can see."""

    number = forms.CharField(
        max_length=20, label=gettext_lazy("Number of the other case"), help_text=gettext_lazy("Like 2026-06-000123")
    )
    kind = CodeField("case_link", label=gettext_lazy("What ties them together?"))

    def __init__(self, *arguments: Any, by: User, **options: Any):
        super().__init__(*arguments, **options)
        self._by = by

    def clean_number(self) -> Case:
        other = policy.cases.own(self._by).filter(number=self.cleaned_data["number"]).first()
        if other is None:
            raise forms.ValidationError(_("You can see no case of this number."))
        return other


class AssignForm(forms.Form):
    """The officers who can see the case."""

    to = forms.ModelChoiceField(queryset=User.objects.none(), label=gettext_lazy("Who looks after the case?"))

    def __init__(self, *arguments: Any, case: Case, by: User, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["to"].queryset = officers_for(case, by)  # type: ignore[attr-defined]


class ChangeForm(forms.Form):
    """What the case says of itself."""

    signal = CodeField("signal", is_menu=True, label=gettext_lazy("How did the case come to you?"))
    is_urgent = forms.BooleanField(required=False, label=gettext_lazy("Urgent: there is immediate danger"))
    is_child = forms.BooleanField(
        required=False,
        label=gettext_lazy("The rules for children apply"),
        help_text=gettext_lazy(
            "Under 18, presumed under 18, or under 18 when exploited. The means are then never asked."
        ),
    )
    charged_articles = CodesField(
        "charged_article",
        required=False,
        label=gettext_lazy("Under which articles was it charged?"),
        help_text=gettext_lazy("Cases of trafficking are often charged under other articles: record those too."),
    )
    version = VersionField()
