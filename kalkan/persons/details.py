"""What one may say about a person: values and the rules that they must keep. Pure functions, no database, no clock."""

import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import phonenumbers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.persons import naming
from kalkan.persons.models import Majority, Precision

EARLIEST_YEAR = 1900
OLDEST = 125
ABOUT_YEARS = 2  # "about 1990" means 1988 to 1992
CALENDARS = range(1300, 1500)  # years of the solar (Persian) or lunar (Hijri) calendar in living memory
BANDS = ((0, 8), (9, 17), (18, 20), (21, 23), (24, 26), (27, 29), (30, 38), (39, 47), (48, OLDEST))
LONGEST_NAME, LONGEST_TEXT, LONGEST_NUMBER = 150, 500, 60
PHONES = frozenset({"mobile", "home_phone", "work_phone"})
CALENDAR_SENTENCE = gettext_lazy(
    "%(year)s looks like a year of the Persian or the Hijri calendar. Enter the Gregorian year: Persian %(year)s is "
    "%(solar)s–%(solar_end)s, Hijri %(year)s is about %(lunar)s."
)


class Problem(NamedTuple):
    """One sentence about one field."""

    field: str
    message: str


class NotValid(Exception):
    """The details cannot be recorded. Carries a sentence for each thing to mend."""

    def __init__(self, problems: list[Problem]):
        super().__init__("; ".join(problem.field for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class RoughDate:
    """A date and how much of it is known; what is not known stands at its first day."""

    value: date
    precision: str = Precision.DAY

    @property
    def earliest(self) -> date:
        if self.precision == Precision.ABOUT:
            return date(self.value.year - ABOUT_YEARS, 1, 1)
        if self.precision == Precision.YEAR:
            return date(self.value.year, 1, 1)
        return self.value.replace(day=1) if self.precision == Precision.MONTH else self.value

    @property
    def latest(self) -> date:
        if self.precision == Precision.ABOUT:
            return date(self.value.year + ABOUT_YEARS, 12, 31)
        if self.precision == Precision.YEAR:
            return date(self.value.year, 12, 31)
        if self.precision == Precision.MONTH:
            return self.value.replace(day=monthrange(self.value.year, self.value.month)[1])
        return self.value

    @property
    def middle(self) -> date:
        return date.fromordinal((self.earliest.toordinal() + self.latest.toordinal()) // 2)

    @property
    def precision_label(self) -> str:
        return str(Precision(self.precision).label)

    def __str__(self) -> str:
        if self.precision == Precision.DAY:
            return f"{self.value:%d.%m.%Y}"
        if self.precision == Precision.MONTH:
            return f"{self.value:%m.%Y}"
        return f"~{self.value.year}" if self.precision == Precision.ABOUT else str(self.value.year)


@dataclass(frozen=True, slots=True)
class NameGiven:
    """A name as given, in any script, and as it stands in Latin letters where a paper shows it."""

    kind: str
    given: str
    family: str = ""
    latin_given: str = ""
    latin_family: str = ""

    @property
    def full(self) -> str:
        return f"{self.given} {self.family}".strip()

    @property
    def latin(self) -> str:
        return f"{self.latin_given} {self.latin_family}".strip()

    @property
    def forms(self) -> tuple[tuple[naming.Word, ...], ...]:
        """The words of the name as given, and of its Latin form where there is one."""
        forms = [_name_words(self.given, self.family), _name_words(self.latin_given, self.latin_family)]
        return tuple(dict.fromkeys(form for form in forms if form))


@dataclass(frozen=True, slots=True)
class DocumentGiven:
    """A paper that says who the person is."""

    kind: str
    number: str
    country: str = ""
    status: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class ContactGiven:
    """A way to reach the person, and how it is safe to use it."""

    kind: str
    value: str
    is_safe: bool | None = None
    when_to_call: str = ""
    what_to_say: str = ""


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """Everything that is recorded about who a person is. `majority` is what the officer says where no birth does."""

    names: tuple[NameGiven, ...] = ()
    sex: str = "unknown"
    gender: str = ""
    birth: RoughDate | None = None
    majority: str = Majority.UNKNOWN
    is_age_in_doubt: bool = False
    citizenships: tuple[str, ...] = ()
    statelessness: str = ""
    languages: tuple[str, ...] = ()
    needs_interpreter: bool | None = None
    may_be_called: bool | None = None
    contact_rule: str = ""
    documents: tuple[DocumentGiven, ...] = ()
    contacts: tuple[ContactGiven, ...] = ()

    def majority_on(self, day: date) -> str:
        """Adult or child on `day`. Where the age is in doubt, or may be either, a child is presumed."""
        if self.birth is None:
            is_doubtful = self.is_age_in_doubt or self.majority == Majority.PRESUMED_CHILD
            return Majority.PRESUMED_CHILD if is_doubtful else self.majority
        if age_on(self.birth.earliest, day) < 18:
            return Majority.CHILD
        if self.is_age_in_doubt or age_on(self.birth.latest, day) < 18:
            return Majority.PRESUMED_CHILD
        return Majority.ADULT

    def age_band_on(self, day: date) -> str:
        """The band of code list `age_band` on `day`, counted from the middle of a roughly known date.

        A band is a figure's basis, a presumption is not: where the person may be child or adult, it is unknown.
        """
        majority = self.majority_on(day)
        if majority in {Majority.UNKNOWN, Majority.PRESUMED_CHILD}:
            return "unknown"
        if self.birth is None:
            return str(majority)
        age = age_on(self.birth.middle, day)
        age = min(age, 17) if majority == Majority.CHILD else min(max(age, 18), OLDEST)
        low, high = next((low, high) for low, high in BANDS if low <= age <= high)
        return f"{low}+" if high == OLDEST else f"{low}-{high}"


def age_on(birth: date, day: date) -> int:
    """Completed years.

    >>> age_on(date(2008, 2, 29), date(2026, 2, 28)), age_on(date(2008, 2, 29), date(2026, 3, 1))
    (17, 18)
    """
    return max(0, day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day)))


def rough_date(
    day: int | None, month: int | None, year: int | None, *, is_about: bool = False, today: date
) -> RoughDate:
    """The date that these numbers say, with the precision that they allow.

    Raises NotValid with a sentence when no such date exists, it lies ahead, or the year is of another calendar.
    """

    def refuse(message: str) -> NotValid:
        return NotValid([Problem("birth", message)])

    if year is None:
        raise refuse(_("Enter the year; if it is not known exactly, enter a likely one and tick “about”."))
    if year in CALENDARS:
        solar = year + 621
        lunar = round(year * 0.970229 + 621.5774)
        values = {"year": year, "solar": solar, "solar_end": solar + 1, "lunar": lunar}
        raise refuse(str(CALENDAR_SENTENCE) % values)
    if not EARLIEST_YEAR <= year <= 9999:
        raise refuse(_("The year must have four digits and be %(year)s or later.") % {"year": EARLIEST_YEAR})
    if day is not None and month is None:
        raise refuse(_("Enter the month too, or leave the day empty."))
    if month is not None and not 1 <= month <= 12:
        raise refuse(_("The month must be a number from 1 to 12."))
    if month is not None and day is not None and not 1 <= day <= monthrange(year, month)[1]:
        values = {"day": day, "month": month, "year": year}
        raise refuse(_("There is no day %(day)s in month %(month)s of %(year)s.") % values)
    precision = Precision.YEAR if month is None else Precision.MONTH if day is None else Precision.DAY
    said = RoughDate(date(year, month or 1, day or 1), Precision.ABOUT if is_about else precision)
    if said.value > today:
        raise refuse(_("This date lies in the future."))
    return replace(said, value=date(year, 1, 1)) if is_about else said


def born_about(age: int, *, today: date) -> RoughDate:
    """The birth that a stated age in years allows. Raises NotValid for an impossible age."""
    if not 0 <= age <= OLDEST:
        message = _("The age must be a number from 0 to %(oldest)s.") % {"oldest": OLDEST}
        raise NotValid([Problem("age", message)])
    return RoughDate(date(today.year - age, 1, 1), Precision.ABOUT)


def e164(phone: str, *, country: str = "TR") -> str | None:
    """The number in international form, or None when it is not one; without a prefix it is read as of `country`.

    >>> e164("0532 123 45 67"), e164("+998 90 123-45-67"), e164("bilinmiyor")
    ('+905321234567', '+998901234567', None)
    """
    try:
        number = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def problems(details: PersonDetails, *, today: date) -> list[Problem]:
    """What must be mended before these details can be recorded; empty when nothing."""
    return list(_problems(details, today))


def check(details: PersonDetails, *, today: date) -> None:
    """Raises NotValid with every problem of `details`."""
    found = problems(details, today=today)
    if found:
        raise NotValid(found)


def _problems(details: PersonDetails, today: date) -> Iterator[Problem]:
    for name in details.names:
        if not name.full:
            yield Problem("names", _("A name needs at least a given name or a family name."))
        elif not naming.words(name.full):
            yield Problem("names", _("A name must be written in letters."))
        if any(len(part) > LONGEST_NAME for part in (name.given, name.family, name.latin_given, name.latin_family)):
            yield Problem("names", _("A name is too long: at most %(most)s letters.") % {"most": LONGEST_NAME})
        if _has_letters_beyond_latin(name.latin):
            yield Problem("names", _("The Latin form must be written in Latin letters, as on a passport."))
    if details.birth is not None:
        if details.birth.value > today:
            yield Problem("birth", _("This date lies in the future."))
        if details.birth.value.year < EARLIEST_YEAR:
            yield Problem("birth", _("The year must have four digits and be %(year)s or later.") % {"year": 1900})
    for document in details.documents:
        if not any(letter.isalnum() for letter in document.number):
            yield Problem("documents", _("Enter the number of the document, or remove the document."))
        if len(document.number) > LONGEST_NUMBER:
            yield Problem("documents", _("A document number has at most %(most)s signs.") % {"most": LONGEST_NUMBER})
    for contact in details.contacts:
        if not contact.value.strip():
            yield Problem("contacts", _("Enter the number or address of the contact, or remove the contact."))
        elif contact.kind in PHONES and e164(contact.value) is None:
            yield Problem("contacts", _("This is not a phone number. Foreign numbers begin with + and the country."))
        if any(len(text) > LONGEST_TEXT for text in (contact.value, contact.when_to_call, contact.what_to_say)):
            yield Problem("contacts", _("A text is too long: at most %(most)s signs.") % {"most": LONGEST_TEXT})
        if contact.is_safe is False and details.may_be_called and len(details.contacts) == 1:
            yield Problem(
                "contacts", _("The person may be called, but the only contact is not safe. Correct one of the two.")
            )
    if details.majority not in Majority.values:
        yield Problem("majority", _("Choose one of the answers."))


def _has_letters_beyond_latin(text: str) -> bool:
    return any(letter.isalpha() and not unicodedata.name(letter, "").startswith("LATIN") for letter in text)


def _name_words(given: str, family: str) -> tuple[naming.Word, ...]:
    if given and family:
        return tuple(dict.fromkeys(naming.words(given) + naming.words(family)))[: naming.MOST_WORDS]
    return naming.words(given or family, is_whole=True)
