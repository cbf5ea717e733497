"""Fields that several forms share."""

import re
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.persons.details import NotValid, RoughDate, rough_date
from kalkan.persons.forms.fields import LongSelect
from kalkan.vocabulary import selectors as vocabulary

LONGEST_TEXT = 20_000
EMPTY = ("", "–")


class DayField(forms.DateField):
    """A day that has come: typed or picked, today unless said otherwise."""

    def __init__(self, **options: Any):
        options.setdefault("initial", timezone.localdate)
        options.setdefault("input_formats", ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"])
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        if day is not None and day.year < 1900:
            raise forms.ValidationError(_("The year must have four digits and be 1900 or later."))
        return day


class RoughDateField(forms.CharField):
    """A date as far as it is known: 12.05.2024, 05.2024, 2024 or ~2024."""

    def __init__(self, **options: Any):
        options.setdefault("required", False)
        options.setdefault("help_text", gettext_lazy("For example 12.05.2024, 05.2024 or 2024; about 2024: ~2024"))
        super().__init__(max_length=12, **options)

    def clean(self, value: Any) -> RoughDate | None:
        text = super().clean(value)
        if not text:
            return None
        found = re.fullmatch(r"(~?)\s*(?:(?:([0-9]{1,2})[./-])?([0-9]{1,2})[./-])?([0-9]{4})", text)
        if found is None:
            raise forms.ValidationError(_("Write it like 12.05.2024, 05.2024, 2024 or ~2024."))
        about, day, month, year = found.groups()
        try:
            return rough_date(
                int(day) if day else None,
                int(month) if month else None,
                int(year),
                is_about=bool(about),
                today=timezone.localdate(),
            )
        except NotValid as wrong:
            raise forms.ValidationError([problem.message for problem in wrong.problems]) from wrong


class TextField(forms.CharField):
    """Free text, which is sealed under the person's key when it is saved."""

    def __init__(self, **options: Any):
        options.setdefault("max_length", LONGEST_TEXT)
        super().__init__(widget=forms.Textarea(attrs={"rows": 6}), **options)


class CodeField(forms.ChoiceField):
    """One code of a list, as radio buttons where there are few and as a menu where there are many."""

    def __init__(
        self, code_list: str, *, is_menu: bool = False, without: frozenset[str] = frozenset(), **options: Any
    ):
        def choices() -> list[tuple[str, str]]:
            found = [choice for choice in vocabulary.choices(code_list) if choice[0] not in without]
            return [EMPTY, *found] if is_menu else found

        options.setdefault("widget", LongSelect if is_menu else forms.RadioSelect)
        super().__init__(choices=choices, **options)


class CodesField(forms.MultipleChoiceField):
    """Several codes of a list."""

    def __init__(self, code_list: str, *, without: frozenset[str] = frozenset(), **options: Any):
        def choices() -> list[tuple[str, str]]:
            return [choice for choice in vocabulary.choices(code_list) if choice[0] not in without]

        widget = forms.CheckboxSelectMultiple(attrs={"class": "choices-many"})
        super().__init__(choices=choices, widget=widget, **options)


class ProvinceField(forms.ChoiceField):
    """One province of the list."""

    def __init__(self, **options: Any):
        def choices() -> list[tuple[str, str]]:
            return [EMPTY, *((province.code, province.name) for province in vocabulary.provinces())]

        super().__init__(choices=choices, widget=LongSelect, **options)


class VersionField(forms.IntegerField):
    """The version of the row that the officer saw."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class KeyField(forms.UUIDField):
    """The key that makes a form sent twice one record; made when the form is shown."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput, initial=uuid4)


class YesNoField(forms.TypedChoiceField):
    """A question that must be answered with yes or no."""

    def __init__(self, **options: Any):
        super().__init__(
            choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
            coerce=lambda said: said == "yes",
            widget=forms.RadioSelect(attrs={"class": "choices-row"}),
            **options,
        )


def shown(form: forms.Form) -> list[dict[str, Any]]:
    """What a valid form answers, in words, for the page on which the answers are checked."""
    return [
        {"label": field.label, "value": _said(form, field.name)}
        for field in form.visible_fields()
        if form.cleaned_data.get(field.name) not in (None, "", [])
    ]


def _said(form: forms.Form, name: str) -> str:
    value, field = form.cleaned_data[name], form.fields[name]
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, date):
        return date_format(value, "j F Y")
    if isinstance(field, forms.ChoiceField):
        labels = dict(_flat(field.choices))
        return ", ".join(str(labels.get(one, one)) for one in (value if isinstance(value, list) else [value]))
    return str(value)


def _flat(choices: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    for key, label in choices:
        found += _flat(label) if isinstance(label, list | tuple) else [(key, label)]
    return found
