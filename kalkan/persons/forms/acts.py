"""Forms of single acts: search, reveal, consent."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kalkan.access.models import Institution, User
from kalkan.access.policy import institutions
from kalkan.access.sensitivity import name_for
from kalkan.persons.details import Problem
from kalkan.persons.forms.fields import LongSelect, OneOf, choose
from kalkan.vocabulary.selectors import choices


class SearchForm(forms.Form):
    """One box for everything that one may know of a person."""

    query = forms.CharField(
        label=_("Name, phone, document number, date or year of birth"),
        help_text=_("In any script and order, also roughly spelt. For example: Gulnara Abdulayeva 1998"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
    )


class RevealForm(forms.Form):
    """For which purpose an identity is shown."""

    purpose = forms.ChoiceField(label=_("For which purpose?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        choose(self, purpose=choices("reveal_purpose"))


class ConsentForm(forms.Form):
    """What the person allows: to whom, for what, which data, until when."""

    purpose = OneOf(label=_("For which purpose?"))
    recipient = forms.ModelChoiceField(
        label=_("Who may receive the data?"), queryset=Institution.objects.none(), widget=LongSelect
    )
    categories = forms.MultipleChoiceField(
        label=_("Which data?"), widget=forms.CheckboxSelectMultiple(attrs={"class": "choices-many"})
    )
    language = OneOf(label=_("In which language was it explained?"))
    given_how = OneOf(label=_("How was consent given?"))
    given_on = forms.DateField(label=_("Given on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    expires_on = forms.DateField(
        label=_("Holds until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    guardian_agreed = forms.BooleanField(
        label=_("The guardian or the appointed representative agreed too"), required=False
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, by: User, is_child: bool, languages: Iterable[str] = (), **options: Any):
        today: date = timezone.localdate()
        options["initial"] = {"given_on": today, "request_key": uuid4(), "language": next(iter(languages), "")}
        super().__init__(*args, **options)
        recipient = self.fields["recipient"]
        recipient.queryset = institutions.visible(by).select_related("place__province")  # type: ignore[attr-defined]
        recipient.label_from_instance = lambda one: name_for(by, one)  # type: ignore[attr-defined]
        if not is_child:
            del self.fields["guardian_agreed"]
        choose(
            self,
            purpose=[("", _("Choose")), *choices("consent_purpose")],
            categories=choices("data_category"),
            language=[("", _("Choose")), *choices("language")],
            given_how=[("", _("Choose")), *choices("consent_form")],
        )

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Put the sentences of a refusal beside their questions."""
        for problem in problems:
            self.add_error(problem.field if problem.field in self.fields else None, problem.message)
