"""The machine-readable zone of a travel document, read and checked field by field. Pure: no database, no clock.

ICAO Doc 9303, parts 3 (check digits, dates, countries), 4 (TD3), 5 (TD1), 6 (TD2) and 7 (MRV-A, MRV-B), and the French
identity card of 1995 to 2021. A right digit says that the line was read as it is printed; it proves nothing about the
document. No library is used: see docs/decisions/0350.
"""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = str | Promise
FILLER = "<"
_VALUES = {sign: value for value, sign in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {FILLER: 0}
_WEIGHTS = (7, 3, 1)
# Signs that readers and people take for each other.
CONFUSED = (("0", "O"), ("0", "D"), ("0", "Q"), ("1", "I"), ("2", "Z"), ("5", "S"), ("6", "G"), ("8", "B"))
# Issuers of part 3, section 5 that are no country: Germany's short code, organisations, stateless persons, refugees.
ISSUERS = frozenset({
    "D", "EUE", "GBD", "GBN", "GBO", "GBP", "GBS", "RKS", "UNA", "UNK", "UNO", "UTO", "XAA", "XBA", "XCC", "XCE",
    "XCO", "XEC", "XES", "XIM", "XMP", "XOM", "XPO", "XXA", "XXB", "XXC", "XXX",
})  # fmt: skip
# What a keyboard or a reader puts in place of the signs of the zone.
_TYPED = str.maketrans({"«": "<", "‹": "<", "＜": "<", "İ": "I", "ı": "I"})


class Finding(TextChoices):
    """What was found in one field."""

    RIGHT = "right", gettext_lazy("Check digit right")
    NO_DIGIT = "no_digit", gettext_lazy("Has no check digit")
    EMPTY = "empty", gettext_lazy("Empty")
    EXPIRED = "expired", gettext_lazy("Check digit right; the day has passed")
    UNKNOWN_ISSUER = "unknown_issuer", gettext_lazy("No such country or issuer")
    WRONG_SIGN = "wrong_sign", gettext_lazy("A sign that cannot stand here")
    NO_SUCH_DAY = "no_such_day", gettext_lazy("No such day")
    WRONG_DIGIT = "wrong_digit", gettext_lazy("Check digit wrong")


# A document with one of these is in doubt, until it is typed anew or an expert has seen it.
DOUBTFUL = frozenset({Finding.UNKNOWN_ISSUER, Finding.WRONG_SIGN, Finding.NO_SUCH_DAY, Finding.WRONG_DIGIT})

LABELS: dict[str, Words] = {
    "issuer": gettext_lazy("Issued by"),
    "names": gettext_lazy("Family name and given names"),
    "number": gettext_lazy("Document number"),
    "nationality": gettext_lazy("Nationality"),
    "birth": gettext_lazy("Date of birth"),
    "sex": gettext_lazy("Sex"),
    "expiry": gettext_lazy("Valid until"),
    "personal": gettext_lazy("Personal number or other data"),
    "whole": gettext_lazy("The zone as a whole"),
}


class NotAZone(ValueError):
    """What was typed is not the zone of a document. The sentence says what to mend."""


class Slot(NamedTuple):
    """Where something stands: line, first place and the place after the last, from 0."""

    line: int
    start: int
    end: int


@dataclass(frozen=True)
class Layout:
    """One kind of zone. `digits` names for each checked field where its digit stands and what that covers."""

    name: str
    lines: int
    width: int
    slots: Mapping[str, Slot]
    digits: Mapping[str, tuple[Slot, tuple[Slot, ...]]]


def _second_line(end: int, *, whole: bool, personal: int | None = None) -> dict[str, tuple[Slot, tuple[Slot, ...]]]:
    """The digits of TD2, TD3 and visas, whose second lines agree up to place 28."""
    digits: dict[str, tuple[Slot, tuple[Slot, ...]]] = {
        "number": (Slot(1, 9, 10), (Slot(1, 0, 9),)),
        "birth": (Slot(1, 19, 20), (Slot(1, 13, 19),)),
        "expiry": (Slot(1, 27, 28), (Slot(1, 21, 27),)),
    }
    if personal is not None:
        digits["personal"] = (Slot(1, personal, personal + 1), (Slot(1, 28, personal),))
    if whole:
        digits["whole"] = (Slot(1, end - 1, end), (Slot(1, 0, 10), Slot(1, 13, 20), Slot(1, 21, end - 1)))
    return digits


def _two_lines(name: str, width: int, *, whole: bool, personal: int | None = None) -> Layout:
    last = personal if personal is not None else width - whole
    slots = {
        "issuer": Slot(0, 2, 5),
        "names": Slot(0, 5, width),
        "number": Slot(1, 0, 9),
        "nationality": Slot(1, 10, 13),
        "birth": Slot(1, 13, 19),
        "sex": Slot(1, 20, 21),
        "expiry": Slot(1, 21, 27),
        "personal": Slot(1, 28, last),
    }
    return Layout(name, 2, width, slots, _second_line(width, whole=whole, personal=personal))


TD1 = Layout(
    "TD1",
    3,
    30,
    {
        "issuer": Slot(0, 2, 5),
        "names": Slot(2, 0, 30),
        "number": Slot(0, 5, 14),
        "nationality": Slot(1, 15, 18),
        "birth": Slot(1, 0, 6),
        "sex": Slot(1, 7, 8),
        "expiry": Slot(1, 8, 14),
        "personal": Slot(0, 15, 30),
    },
    {
        "number": (Slot(0, 14, 15), (Slot(0, 5, 14),)),
        "birth": (Slot(1, 6, 7), (Slot(1, 0, 6),)),
        "expiry": (Slot(1, 14, 15), (Slot(1, 8, 14),)),
        "whole": (Slot(1, 29, 30), (Slot(0, 5, 30), Slot(1, 0, 7), Slot(1, 8, 15), Slot(1, 18, 29))),
    },
)
TD2 = _two_lines("TD2", 36, whole=True)
TD3 = _two_lines("TD3", 44, whole=True, personal=42)
MRV_A = _two_lines("MRV-A", 44, whole=False)
MRV_B = _two_lines("MRV-B", 36, whole=False)
FRENCH_ID = Layout(
    "ID-FRA",
    2,
    36,
    {
        "issuer": Slot(0, 2, 5),
        "names": Slot(0, 5, 30),
        "number": Slot(1, 0, 12),
        "birth": Slot(1, 27, 33),
        "sex": Slot(1, 34, 35),
    },
    {
        "number": (Slot(1, 12, 13), (Slot(1, 0, 12),)),
        "birth": (Slot(1, 33, 34), (Slot(1, 27, 33),)),
        "whole": (Slot(1, 35, 36), (Slot(0, 0, 36), Slot(1, 0, 35))),
    },
)
_SHAPES = {(3, 30): "TD1", (2, 36): "TD2, MRV-B", (2, 44): "TD3, MRV-A"}


@dataclass(frozen=True)
class Field:
    """One field as it was read. `digit` is what is printed, `right_digit` what the signs before it ask for."""

    code: str
    value: str
    finding: Finding
    digit: str = ""
    right_digit: str = ""
    hints: tuple[str, ...] = ()

    @property
    def label(self) -> Words:
        return LABELS[self.code]

    @property
    def is_doubtful(self) -> bool:
        return self.finding in DOUBTFUL

    @property
    def sentence(self) -> str:
        """What an officer reads about the field, and how to mend it."""
        if self.finding != Finding.WRONG_DIGIT:
            return str(self.finding.label)
        said = _("The check digit is %(digit)s and should be %(right)s.") % {
            "digit": self.digit,
            "right": self.right_digit,
        }
        if self.hints:
            said += " " + _("It would be right with %(hints)s: compare with the document.") % {
                "hints": ", ".join(self.hints)
            }
        return said


@dataclass(frozen=True)
class Zone:
    """The zone of one document."""

    layout: str
    lines: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def doubtful(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.is_doubtful)

    @property
    def codes(self) -> dict[str, str]:
        """Field → finding: what may be kept in plain, because it says nothing about who it is."""
        return {"layout": self.layout} | {field.code: str(field.finding.value) for field in self.fields}

    def value(self, code: str) -> str:
        """The signs of a field, empty where the layout does not have it."""
        return next((field.value for field in self.fields if field.code == code), "")


def digit_of(signs: str) -> str:
    """The check digit of part 3, section 4.9: weights 7, 3, 1 over the values of the signs, modulo 10.

    Raises KeyError for a sign that the zone does not have.

    >>> digit_of("520727"), digit_of("D23145890"), digit_of("<<<<<<")
    ('3', '7', '0')
    """
    return str(sum(_VALUES[sign] * _WEIGHTS[place % 3] for place, sign in enumerate(signs)) % 10)


def lines_of(typed: str) -> tuple[str, ...]:
    """What was typed, pasted or sent by a reader, as the lines of a zone: capitals, without spaces.

    Raises NotAZone with the line, the place or the length that is wrong.
    """
    rows = [re.sub(r"\s", "", row).translate(_TYPED).upper() for row in re.split(r"[\r\n]+", typed)]
    rows = [row for row in rows if row]
    if not rows:
        raise NotAZone(_("Type the lines at the foot of the document, or read them with the reader."))
    if len(rows) == 1:
        rows = _cut(rows[0])
    for number, row in enumerate(rows, 1):
        for place, sign in enumerate(row, 1):
            if sign not in _VALUES:
                raise NotAZone(
                    _("“%(sign)s” in line %(line)s, place %(place)s: the zone has only A–Z, 0–9 and <.")
                    % {"sign": sign, "line": number, "place": place}
                )
    widths = {len(row) for row in rows}
    if (len(rows), max(widths)) in _SHAPES and len(widths) == 1:
        return tuple(rows)
    wanted = 30 if len(rows) == 3 else 36 if max(widths) <= 38 else 44
    if len(rows) not in (2, 3):
        raise NotAZone(
            _("A zone has 2 lines (passports, visas) or 3 lines (cards); these are %(count)s.") % {"count": len(rows)}
        )
    number, row = next((number, row) for number, row in enumerate(rows, 1) if len(row) != wanted)
    raise NotAZone(
        _("Line %(line)s has %(length)s signs and should have %(width)s. Count the < signs.")
        % {"line": number, "length": len(row), "width": wanted}
    )


def read(typed: str, *, countries: Container[str], today: date) -> Zone:
    """The zone field by field. `countries` are the three-letter codes known; issuers that are none are known besides.

    Raises NotAZone where it is not the zone of any kind of document.
    """
    lines = lines_of(typed)
    layout = _layout_of(lines)
    return Zone(layout.name, lines, tuple(_fields(layout, lines, countries, today)))


def _cut(row: str) -> list[str]:
    """A reader that sends everything in one line sends all signs."""
    width = {90: 30, 72: 36, 88: 44}.get(len(row))
    return [row] if width is None else [row[start : start + width] for start in range(0, len(row), width)]


def _layout_of(lines: tuple[str, ...]) -> Layout:
    if len(lines) == 3:
        return TD1
    is_visa = lines[0].startswith("V")
    if len(lines[0]) == TD3.width:
        return MRV_A if is_visa else TD3
    if lines[0].startswith("IDFRA"):
        return FRENCH_ID
    return MRV_B if is_visa else TD2


def _at(lines: tuple[str, ...], slot: Slot) -> str:
    return lines[slot.line][slot.start : slot.end]


def _fields(layout: Layout, lines: tuple[str, ...], countries: Container[str], today: date) -> Iterator[Field]:
    for code, slot in layout.slots.items():
        signs = _at(lines, slot)
        digit, covered = "", signs
        if code in layout.digits:
            place, spans = layout.digits[code]
            digit, covered = _at(lines, place), "".join(_at(lines, span) for span in spans)
        if code == "number" and digit == FILLER:
            signs, covered, digit = _long_number(layout, lines, signs)
        yield _field(code, signs, covered, digit, countries, today)
    if "whole" in layout.digits:
        place, spans = layout.digits["whole"]
        yield _field("whole", "", "".join(_at(lines, span) for span in spans), _at(lines, place), countries, today)


def _long_number(layout: Layout, lines: tuple[str, ...], signs: str) -> tuple[str, str, str]:
    """A number of more than nine signs goes on in the optional data, its digit last (parts 5 and 6, note j)."""
    rest = _at(lines, layout.slots["personal"]).split(FILLER)[0] if "personal" in layout.slots else ""
    if layout.name not in {"TD1", "TD2"} or not rest:
        return signs, signs, FILLER
    return signs + rest[:-1], signs + rest[:-1], rest[-1]


def _field(code: str, signs: str, covered: str, digit: str, countries: Container[str], today: date) -> Field:
    value = signs.replace("<<", ", ", 1).replace(FILLER, " ").strip(" ,") if code == "names" else signs.strip(FILLER)
    if digit:
        right = digit_of(covered)
        # Where an optional field is empty, its digit may be left out (part 4, note k).
        is_left_out = digit == FILLER and not signs.strip(FILLER) and code == "personal"
        if digit != right and not is_left_out:
            return Field(code, value, Finding.WRONG_DIGIT, digit, right, tuple(_would_fit(covered, digit)))
    return Field(code, value, _finding(code, signs, value, digit, countries, today), digit, digit)


def _finding(code: str, signs: str, value: str, digit: str, countries: Container[str], today: date) -> Finding:
    if code in ("issuer", "nationality"):
        return Finding.NO_DIGIT if value in countries or value in ISSUERS else Finding.UNKNOWN_ISSUER
    if code == "sex":
        return Finding.NO_DIGIT if signs in ("M", "F", "X", FILLER) else Finding.WRONG_SIGN
    if code == "names":
        return Finding.WRONG_SIGN if re.search(r"\d", signs) else Finding.NO_DIGIT if value else Finding.EMPTY
    if code in ("birth", "expiry"):
        return _day(code, signs, today)
    if not value and code != "whole":
        return Finding.EMPTY
    return Finding.RIGHT if digit else Finding.NO_DIGIT


def _day(code: str, signs: str, today: date) -> Finding:
    """Part 3, section 4.8: two digits each; what is not known of a birth is filled."""
    if re.search(r"[A-Z]", signs):
        return Finding.WRONG_SIGN
    if FILLER in signs:
        return Finding.RIGHT if code == "birth" else Finding.NO_SUCH_DAY
    year, month, day = int(signs[:2]), int(signs[2:4]), int(signs[4:])
    try:
        # No document holds for fifty years, and nobody has one before birth.
        century = 1900 if (code == "expiry" and year >= 70) or (code == "birth" and year > today.year % 100) else 2000
        found = date(century + year, month, day)
    except ValueError:
        return Finding.NO_SUCH_DAY
    return Finding.EXPIRED if code == "expiry" and found < today else Finding.RIGHT


def _would_fit(signs: str, digit: str) -> Iterator[str]:
    """Which single confusion of signs would make the digit right, as “0 for O in place 3”; at most three."""
    pairs = [*CONFUSED, *((second, first) for first, second in CONFUSED)]
    found = [
        _("%(one)s for %(other)s in place %(place)s") % {"one": one, "other": other, "place": place + 1}
        for place, sign in enumerate(signs)
        for one, other in pairs
        if sign == other and digit_of(signs[:place] + one + signs[place + 1 :]) == digit
    ]
    yield from found[:3]
