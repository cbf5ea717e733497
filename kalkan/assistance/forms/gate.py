"""Whom the gate is asked about: a document number, or a name and the date of birth."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.cases.forms.fields import KeyField, RoughDateField
from kalkan.persons.details import LONGEST_NAME, LONGEST_NUMBER, DocumentGiven, NameGiven, PersonDetails

_ANY = "other"  # the number decides, whatever paper it stands on


class AskForm(forms.Form):
    """One person at a time. Nothing of what is typed is kept."""

    number = forms.CharField(
        required=False, max_length=LONGEST_NUMBER, label=gettext_lazy("Document number"),
        help_text=gettext_lazy(
            "As it stands on the passport or card. Without one, give the name and the date of birth."
        ),
    )  # fmt: skip
    given = forms.CharField(required=False, max_length=LONGEST_NAME, label=gettext_lazy("Given names"))
    family = forms.CharField(required=False, max_length=LONGEST_NAME, label=gettext_lazy("Family name"))
    birth = RoughDateField(label=gettext_lazy("Date of birth"))
    request_key = KeyField()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        has_name = bool((cleaned.get("given") or cleaned.get("family")) and cleaned.get("birth"))
        if not cleaned.get("number") and not has_name and not self.errors:
            raise forms.ValidationError(_("Give a document number, or a name and the date of birth."))
        return cleaned

    @property
    def details(self) -> PersonDetails:
        return details(**{name: self.cleaned_data[name] for name in ("number", "given", "family", "birth")})


class CloseForm(forms.Form):
    """In which case the screening was held."""

    case_number = forms.CharField(
        max_length=20, label=gettext_lazy("Number of the case"), help_text=gettext_lazy("For example 2026-06-000123")
    )


def details(*, number: str = "", given: str = "", family: str = "", birth: Any = None) -> PersonDetails:
    """What is typed, as details to be looked for."""
    return PersonDetails(
        names=(NameGiven("given", given or family, family if given else ""),) if given or family else (),
        birth=birth,
        documents=(DocumentGiven(_ANY, number),) if number.strip() else (),
    )
