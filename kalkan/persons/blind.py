"""Blind keys: what the database may compare without reading it.

A blind key is a keyed HMAC of a normalised value, cut to 64 bits. Equal values give equal keys, so an index can find
them; without `blind.key` nobody can tell which value a key stands for. What this gives away is written down in
`docs/vault.md`.
"""

import hmac
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date

from anyascii import anyascii

from kalkan.persons import keyring, naming
from kalkan.persons.details import ABOUT_YEARS, EARLIEST_YEAR, PHONES, PersonDetails, RoughDate, e164
from kalkan.persons.models import Precision

_version: ContextVar[int | None] = ContextVar("blind_version", default=None)


@contextmanager
def under(version: int) -> Iterator[int]:
    """Every blind key made inside is made with this version of the key; outside, with the newest."""
    token = _version.set(version)
    try:
        yield version
    finally:
        _version.reset(token)


def key(kind: str, value: str) -> int:
    """The blind key of a normalised value, as a signed 64-bit number."""
    digest = hmac.digest(keyring.blind_subkey(kind, _version.get()), value.encode(), "sha256")
    return int.from_bytes(digest[:8], "big", signed=True)


@dataclass(frozen=True, slots=True)
class WordKeys:
    """The keys of one word of a name: as written, and all under which it can be found."""

    exact: int
    every: frozenset[int]


def of_word(word: naming.Word) -> WordKeys:
    """As written, by consonants, by family of names, and one slip apart."""
    exact = key("name", word.text)
    every = {exact, *(key("skeleton", skeleton) for skeleton in word.skeletons)}
    every |= {key("slip", slip) for slip in naming.slips(word)}
    if word.family:
        every.add(key("family", word.family))
    return WordKeys(exact, frozenset(every))


def of_phone(phone: str) -> frozenset[int]:
    """The number in international form, and its last nine digits for numbers noted without their country."""
    digits = re.sub(r"\D", "", phone)
    international = e164(phone)
    keys = {key("phone", international)} if international else set()
    if len(digits) >= 7:
        keys.add(key("phone end", digits[-9:]))
    return frozenset(keys)


def of_contacts(details: PersonDetails) -> frozenset[int]:
    """The phone numbers among the contacts; a messaging app or a trusted person is often one too."""
    values = [contact.value for contact in details.contacts if contact.kind in PHONES or e164(contact.value)]
    return frozenset(_union(map(of_phone, values)))


def of_document(number: str) -> frozenset[int]:
    """The number without spaces and signs; O and 0, I and 1 are one, because they are copied from worn papers."""
    plain = re.sub(r"[^A-Z0-9]", "", anyascii(number).upper()).translate(str.maketrans("OI", "01"))
    return frozenset({key("document", plain)} if plain else ())


def of_birth(birth: RoughDate) -> frozenset[int]:
    """The day, the month and the year as far as they are known; each year that "about" may mean."""
    year = birth.value.year
    if birth.precision == Precision.ABOUT:
        return frozenset(of_year(near) for near in range(year - ABOUT_YEARS, year + ABOUT_YEARS + 1))
    keys = {of_year(year)}
    if birth.precision == Precision.DAY:
        keys.add(of_day(birth.value))
    return frozenset(keys)


def of_day(day: date) -> int:
    """The key of an exact date of birth."""
    return key("birth", day.isoformat())


def of_year(year: int) -> int:
    """The key of a year of birth."""
    return key("birth year", str(year))


def of_details(details: PersonDetails) -> list[int]:
    """Every key under which a person with these details can be found, in no order that tells anything."""
    keys: set[int] = set()
    for name in details.names:
        for form in name.forms:
            for word in form:
                keys |= of_word(word).every
    if details.birth is not None:
        keys |= of_birth(details.birth)
    keys |= _union(of_document(document.number) for document in details.documents)
    keys |= of_contacts(details)
    return sorted(keys)


def meeting_keys(details: PersonDetails) -> frozenset[int]:
    """A few keys that two records of one person share: one for each whole name and each number."""
    keys = _union(of_document(document.number) for document in details.documents)
    keys |= of_contacts(details)
    for name in details.names:
        for form in name.forms:
            keys.add(key("whole name", " ".join(sorted(min(word.skeletons) for word in form))))
    return frozenset(keys)


def _union(sets: Iterable[frozenset[int]]) -> set[int]:
    return {value for values in sets for value in values}


# --- what somebody typed into the search box ----------------------------------------------------------------------
_DATES = (
    (re.compile(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4})\b"), ("day", "month", "year")),
    (re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b"), ("year", "month", "day")),
)
_YEAR = re.compile(r"(?<![\w+])(\d{4})(?!\w)")
_PHONE = re.compile(r"(?<!\w)\+?\(?\d[\d\s().-]{5,}\d(?!\w)")
_YEAR_AT_AN_END = re.compile(r"^(19|20)\d\d\s+|\s+(19|20)\d\d$")
_SERIES = re.compile(r"(?<!\w)[A-Za-z]{1,2}\s\d{5,9}(?!\w)")  # a passport's letters stand apart from its digits
_PAPER = re.compile(r"(?<!\w)(?=\w*\d)[\w/-]{4,}(?!\w)")


@dataclass(frozen=True, slots=True)
class Query:
    """A search as keys and comparable forms; what was typed is not kept."""

    words: tuple[naming.Word, ...] = ()
    phones: frozenset[int] = frozenset()
    papers: frozenset[int] = frozenset()
    day: date | None = None
    year: int | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.phones or self.papers or self.day or self.year)


def read(text: str, *, today: date) -> Query:
    """What was typed, in any order: words of a name, a phone or document number, a date or year of birth.

    Digits alone may be a phone number or a document's: they are looked for as both.
    """
    day: date | None = None
    year: int | None = None
    phones: set[int] = set()
    papers: set[int] = set()
    text = text[:300]
    for pattern, parts in _DATES:
        for match in pattern.finditer(text):
            numbers = dict(zip(parts, map(int, match.groups()), strict=True))
            try:
                day = date(**numbers)
            except ValueError:
                continue
            text = text.replace(match[0], " ")
    for match in _SERIES.finditer(text):
        papers |= of_document(match[0])
        text = text.replace(match[0], " ")
    for match in _PHONE.finditer(text):
        digits = match[0] if e164(match[0]) else _YEAR_AT_AN_END.sub("", match[0])
        if len(digits) < 7:
            continue
        phones |= of_phone(digits)
        papers |= of_document(digits)
        text = text.replace(digits, " ", 1)
    for match in _YEAR.finditer(text):
        if EARLIEST_YEAR <= int(match[1]) <= today.year:
            year = int(match[1])
            text = text.replace(match[0], " ")
    for match in _PAPER.finditer(text):
        papers |= of_document(match[0])
        text = text.replace(match[0], " ")
    words = tuple(dict.fromkeys(naming.words(text, is_whole=True)))
    return Query(words, frozenset(phones), frozenset(papers), day, year or (day.year if day else None))
