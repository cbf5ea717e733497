"""What the forms of this room share."""

from collections.abc import Iterable
from html import escape
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from kalkan.persons import details as rules
from kalkan.persons.details import PersonDetails
from kalkan.vocabulary.selectors import choices


class LongSelect(forms.Select):
    """A select of hundreds of answers, written as one string: a template for each option is slower than a page."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = {str(one) for one in self.format_value(value)}
        options = "\n".join(
            f'<option value="{escape(str(code))}"{" selected" * (str(code) in chosen)}>{escape(str(label))}</option>'
            for code, label in self.choices
        )
        final = {**self.build_attrs(self.attrs, attrs), "class": "form-select"}
        return format_html('<select name="{}"{}>\n{}\n</select>', name, flatatt(final), mark_safe(options))  # noqa: S308 - escaped


class OneOf(forms.ChoiceField):
    """One answer of a long list."""

    widget = LongSelect


def optional(list_code: str) -> list[tuple[str, Any]]:
    """The answers of a list, with an open one first."""
    return [("", _("Not asked or not known")), *choices(list_code)]


class OpenQuestion(forms.TypedChoiceField):
    """Yes, no, or not known."""

    def __init__(self, **options: Any):
        super().__init__(
            choices=[("yes", _("Yes")), ("no", _("No")), ("", _("Not known"))],
            coerce=lambda said: said == "yes",
            empty_value=None,
            required=False,
            widget=forms.RadioSelect(attrs={"class": "choices-row"}),
            **options,
        )

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no", None: ""}.get(value, value)


def choose(form: forms.Form, **lists: list[Any]) -> None:
    """Give fields their answers, in the language of the page."""
    for name, found in lists.items():
        form.fields[name].choices = found  # type: ignore[attr-defined]


def keep_private(form: forms.Form) -> None:
    """The browser of a shared computer must not offer what was typed to whoever comes next."""
    for field in form.fields.values():
        if isinstance(field, forms.CharField | forms.IntegerField | forms.DateField):
            field.widget.attrs.setdefault("autocomplete", "off")


def as_rows(form_rows: Iterable[Any]) -> tuple[Any, ...]:
    """What the filled rows say; empty ones are left out."""
    return tuple(row for form in form_rows if (row := form.row()) is not None)


def add_problems(form: forms.Form, field: str, details: PersonDetails) -> None:
    """Put what is wrong with one row beside its question."""
    if not form.errors:
        for problem in rules.problems(details, today=timezone.localdate()):
            form.add_error(field, problem.message)
