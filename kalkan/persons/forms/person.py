"""Everything that is asked about one person, on one page."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kalkan.persons import details as rules
from kalkan.persons.details import (
    LONGEST_NAME,
    LONGEST_NUMBER,
    LONGEST_TEXT,
    ContactGiven,
    DocumentGiven,
    NameGiven,
    NotValid,
    PersonDetails,
    Problem,
    RoughDate,
)
from kalkan.persons.forms.fields import OneOf, OpenQuestion, add_problems, as_rows, choose, keep_private, optional
from kalkan.persons.models import Majority, Precision
from kalkan.persons.wording import LABELS
from kalkan.vocabulary.selectors import choices

MOST_ROWS = 8
SEVERAL = 3  # citizenships and languages asked for at least, one select each


class NameForm(forms.Form):
    kind = OneOf(label=_("Kind of name"), required=False)
    given = forms.CharField(label=_("Given names, as the person writes them"), max_length=LONGEST_NAME, required=False)
    family = forms.CharField(label=_("Family name"), max_length=LONGEST_NAME, required=False)
    latin_given = forms.CharField(
        label=_("Given names in Latin letters"),
        help_text=_("Only if the name is written in another script; as on a passport"),
        max_length=LONGEST_NAME,
        required=False,
    )
    latin_family = forms.CharField(label=_("Family name in Latin letters"), max_length=LONGEST_NAME, required=False)

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        choose(self, kind=choices("name_kind"))
        keep_private(self)

    def row(self) -> NameGiven | None:
        said = self.cleaned_data
        texts = {part: said.get(part, "") for part in ("given", "family", "latin_given", "latin_family")}
        return NameGiven(kind=said.get("kind") or "given", **texts) if any(texts.values()) else None

    def clean(self) -> None:
        add_problems(self, "given", PersonDetails(names=as_rows([self])))


class DocumentForm(forms.Form):
    kind = OneOf(label=_("Kind of document"), required=False)
    number = forms.CharField(label=_("Number"), max_length=LONGEST_NUMBER, required=False)
    country = OneOf(label=_("Issued by"), required=False)
    status = OneOf(label=_("Where the document is"), required=False)
    expires_on = forms.DateField(
        label=_("Valid until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        kinds = [("", _("Choose")), *choices("document_kind")]
        choose(self, kind=kinds, country=optional("country"), status=optional("document_status"))
        keep_private(self)

    def row(self) -> DocumentGiven | None:
        said = self.cleaned_data
        texts = {part: said.get(part, "") for part in ("kind", "number", "country", "status")}
        return DocumentGiven(expires_on=said.get("expires_on"), **texts) if any(texts.values()) else None

    def clean(self) -> None:
        row = self.row()
        if row is not None and not row.kind:
            self.add_error("kind", _("Choose the kind."))
        add_problems(self, "number", PersonDetails(documents=as_rows([self])))


class ContactForm(forms.Form):
    kind = OneOf(label=_("Kind of contact"), required=False)
    value = forms.CharField(label=_("Number or address"), max_length=LONGEST_TEXT, required=False)
    is_safe = OpenQuestion(label=_("Is it safe to use?"))
    when_to_call = forms.CharField(label=_("When to call"), max_length=LONGEST_TEXT, required=False)
    what_to_say = forms.CharField(
        label=_("What to say if somebody else answers"), max_length=LONGEST_TEXT, required=False
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        choose(self, kind=[("", _("Choose")), *choices("contact_kind")])
        keep_private(self)

    def row(self) -> ContactGiven | None:
        said = self.cleaned_data
        texts = {part: said.get(part, "") for part in ("kind", "value", "when_to_call", "what_to_say")}
        return ContactGiven(is_safe=said.get("is_safe"), **texts) if any(texts.values()) else None

    def clean(self) -> None:
        row = self.row()
        if row is not None and not row.kind:
            self.add_error("kind", _("Choose the kind."))
        add_problems(self, "value", PersonDetails(contacts=as_rows([self])))


class AboutForm(forms.Form):
    """Everything about a person that is asked once."""

    sex = forms.ChoiceField(label=LABELS["sex"], widget=forms.RadioSelect(attrs={"class": "choices-row"}))
    gender = OneOf(label=LABELS["gender"], required=False)
    birth_day = forms.IntegerField(label=_("Day of birth"), required=False)
    birth_month = forms.IntegerField(label=_("Month of birth"), required=False)
    birth_year = forms.IntegerField(
        label=_("Year of birth"),
        help_text=_("Gregorian calendar. Enter what is known: a year alone is enough."),
        required=False,
    )
    birth_is_about = forms.BooleanField(label=_("About this year: nobody knows exactly"), required=False)
    age = forms.IntegerField(
        label=_("Or the age in years"), help_text=_("If no date of birth is known."), required=False
    )
    majority = forms.ChoiceField(
        label=LABELS["majority"],
        help_text=_("Only if neither a date of birth nor an age is known."),
        required=False,
        widget=forms.RadioSelect(attrs={"class": "choices-row"}),
    )
    is_age_in_doubt = forms.BooleanField(
        label=_("The age is in doubt: presume a child"),
        help_text=_("While it is in doubt whether the person is a child, the rules for children apply."),
        required=False,
    )
    statelessness = OneOf(label=LABELS["statelessness"], required=False)
    needs_interpreter = OpenQuestion(label=LABELS["needs_interpreter"])
    may_be_called = OpenQuestion(
        label=_("May we call the person?"), help_text=_("Ask the person; a call at the wrong moment can harm.")
    )
    contact_rule = OneOf(label=LABELS["contact_rule"], required=False)
    request_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        given = {**(self.initial or {}), **(self.data or {})}
        self.several = max(SEVERAL, *(sum(name.startswith(one) for name in given) for one in ("citizenship_", "lang")))
        for number in range(1, self.several + 1):
            values = {"number": number}
            for name, label in (("citizenship", _("Citizenship %(number)s")), ("language", _("Language %(number)s"))):
                self.fields[f"{name}_{number}"] = OneOf(label=label % values, required=False)
        said = {Majority.ADULT, Majority.CHILD, Majority.UNKNOWN}
        choose(
            self,
            sex=choices("sex"),
            gender=optional("gender"),
            statelessness=optional("statelessness"),
            contact_rule=optional("safe_contact"),
            majority=[(value, label) for value, label in Majority.choices if value in said],
            **{name: optional("country") for name in self._names("citizenship")},
            **{name: optional("language") for name in self._names("language")},
        )
        keep_private(self)

    def _names(self, one: str) -> list[str]:
        return [f"{one}_{number}" for number in range(1, self.several + 1)]

    def parts(self) -> list[tuple[Promise | str, list[forms.BoundField]]]:
        """The questions by section, for the template."""
        birth = ("birth_day", "birth_month", "birth_year", "birth_is_about", "age")
        sections = (
            (_("Sex"), ("sex", "gender")),
            (_("Date of birth or age"), birth),
            (_("Adult or child"), ("majority", "is_age_in_doubt")),
            (_("Citizenship"), (*self._names("citizenship"), "statelessness")),
            (_("Language"), (*self._names("language"), "needs_interpreter")),
            (_("Safe contact"), ("may_be_called", "contact_rule")),
        )
        return [(title, [self[name] for name in names]) for title, names in sections]

    def clean(self) -> None:
        said = self.cleaned_data
        numbers = [said.get(f"birth_{part}") for part in ("day", "month", "year")]
        self.birth: RoughDate | None = None
        try:
            if any(number is not None for number in numbers):
                day, month, year = numbers
                today = timezone.localdate()
                self.birth = rules.rough_date(day, month, year, is_about=bool(said.get("birth_is_about")), today=today)
            elif said.get("age") is not None:
                self.birth = rules.born_about(said["age"], today=timezone.localdate())
        except NotValid as refused:
            for problem in refused.problems:
                self.add_error("age" if problem.field == "age" else "birth_year", problem.message)

    def values(self) -> dict[str, Any]:
        """The parts of `PersonDetails` that this form asks for."""
        said = self.cleaned_data
        several = {
            name: tuple(dict.fromkeys(code for field in self._names(one) if (code := said[field])))
            for name, one in (("citizenships", "citizenship"), ("languages", "language"))
        }
        plain = ("sex", "gender", "is_age_in_doubt", "statelessness", "needs_interpreter", "may_be_called")
        return {
            **{name: said[name] for name in (*plain, "contact_rule")},
            **several,
            "birth": self.birth,
            "majority": Majority.UNKNOWN if self.birth else said["majority"] or Majority.UNKNOWN,
        }


# --- all questions about one person ---------------------------------------------------------------------------------
_ROWS: dict[str, tuple[type[forms.Form], Promise | str, Promise | str]] = {
    "names": (NameForm, _("Names"), _("Add another name")),
    "documents": (DocumentForm, _("Documents"), _("Add another document")),
    "contacts": (ContactForm, _("Contacts"), _("Add another contact")),
}


class PersonForms:
    """The questions asked once and the rows asked as often as needed, as one."""

    def __init__(self, data: Any = None, *, initial: PersonDetails | None = None, version: int | None = None):
        self.about = AboutForm(data, initial=_about(initial or PersonDetails(), version))
        self.rows = {name: _rows_of(name, data, initial) for name in _ROWS}

    @property
    def all_forms(self) -> list[forms.Form]:
        """Every form, for the summary of errors and the hidden copy on the last page."""
        return [self.about, *(form for rows in self.rows.values() for form in rows)]

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The repeated rows with their words, for the template."""
        return [
            {"name": name, "rows": rows, "title": _ROWS[name][1], "add": _ROWS[name][2]}
            for name, rows in self.rows.items()
        ]

    @property
    def has_errors(self) -> bool:
        """True if there is a sentence to show."""
        row_errors = any(rows.non_form_errors() for rows in self.rows.values() if rows.is_bound)
        return row_errors or any(form.errors for form in self.all_forms)

    def is_valid(self) -> bool:
        """True if every answer stands; asks all forms, so that all errors are shown at once."""
        return all([self.about.is_valid(), *(rows.is_valid() for rows in self.rows.values())])

    def details(self) -> PersonDetails:
        """What the valid forms say."""
        rows: dict[str, Any] = {name: as_rows(rows) for name, rows in self.rows.items()}
        return PersonDetails(**self.about.values(), **rows)

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Put the sentences of a refusal beside their questions, or on top where they belong to several."""
        for problem in problems:
            self.about.add_error(problem.field if problem.field in self.about.fields else None, problem.message)


def with_another_row(data: Any, name: str) -> Any:
    """The submitted data with room for one more row of `name`."""
    if name not in _ROWS:
        return data
    more, total = data.copy(), f"{name}-TOTAL_FORMS"
    now = more.get(total, "1")
    more[total] = str(min(int(now) + 1 if now.isdecimal() else 1, MOST_ROWS))
    return more


def _rows_of(name: str, data: Any, initial: PersonDetails | None) -> Any:
    form_set = forms.formset_factory(
        _ROWS[name][0], extra=0, min_num=1, max_num=MOST_ROWS, absolute_max=MOST_ROWS, validate_max=True
    )
    known = [{field: getattr(row, field) for field in row.__dataclass_fields__} for row in getattr(initial, name, ())]
    rows = form_set(data, prefix=name, initial=known if data is None else None)
    for form in rows:
        form.empty_permitted = False
        form.use_required_attribute = False
    return rows


def _about(details: PersonDetails, version: int | None) -> dict[str, Any]:
    birth = details.birth
    is_exact, is_month = False, False
    if birth is not None:
        is_exact = birth.precision == Precision.DAY
        is_month = is_exact or birth.precision == Precision.MONTH
    return {
        **{name: getattr(details, name) for name in ("sex", "gender", "statelessness")},
        **{name: getattr(details, name) for name in ("needs_interpreter", "may_be_called", "contact_rule")},
        **{f"citizenship_{number}": code for number, code in enumerate(details.citizenships, 1)},
        **{f"language_{number}": code for number, code in enumerate(details.languages, 1)},
        "is_age_in_doubt": details.is_age_in_doubt or details.majority == Majority.PRESUMED_CHILD,
        "birth_day": birth.value.day if birth and is_exact else None,
        "birth_month": birth.value.month if birth and is_month else None,
        "birth_year": birth.value.year if birth else None,
        "birth_is_about": bool(birth and birth.precision == Precision.ABOUT),
        "majority": Majority.UNKNOWN if details.majority == Majority.PRESUMED_CHILD else details.majority,
        "version": version,
        "request_key": uuid4(),
    }
