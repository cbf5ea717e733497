"""From what stands in a cell to a value, or a refusal that says how to mend it. Pure functions, no clock."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from kalkan.exchange.problems import CellRefused

EARLIEST_YEAR = 1900
# Years that living people were born in, by other calendars: Persian and Hijri, then Buddhist.
_OTHER_CALENDARS = (range(1200, 1500), range(2400, 2700))
_ISO = re.compile(
    r"^(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$"
)
_YEAR_FIRST = re.compile(r"^(\d{4})[./](\d{1,2})(?:[./](\d{1,2}))?$")
_THREE = re.compile(r"^(\d{1,2})([./-])(\d{1,2})\2(\d{4})$")
_TWO = re.compile(r"^(\d{1,2})[./-](\d{4})$")
_YEAR = re.compile(r"^(\d{4})(?:\.0)?$")
_ABOUT = re.compile(r"^(?:~|ca\.? ?|c\. ?|about |yaklaşık )(\d{4})$")
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
_NUMBER = re.compile(r"^[+-]?\d{1,9}(?:\.0+)?$")
ORDERS = ("dmy", "mdy")


class RoughDay(NamedTuple):
    """A date and how much of it is known: day, month, year or about."""

    value: date
    precision: str


def western_digits(text: str) -> str:
    """Digits of every script as 0 to 9.

    >>> western_digits("٢٠٢٤-۰۳")
    '2024-03'
    """
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)


def rough_day(text: str, *, order: str | None = None, today: date) -> RoughDay:
    """The date that `text` says, with its precision. `order` tells day and month apart where slashes do not.

    Dots always mean day first, as the countries that write dots do. Raises CellRefused otherwise.

    >>> rough_day("31.03.2024", today=date(2026, 1, 1))
    RoughDay(value=datetime.date(2024, 3, 31), precision='day')
    >>> rough_day("2002.0", today=date(2026, 1, 1)).precision
    'year'
    """
    text = western_digits(text.strip())
    if match := _YEAR.match(text):
        return _checked(int(match[1]), 1, 1, "year", today)
    if match := _ABOUT.match(text.lower()):
        return _checked(int(match[1]), 1, 1, "about", today)
    if (match := _ISO.match(text)) or (match := _YEAR_FIRST.match(text)):
        year, month, day = int(match[1]), int(match[2]), match[3]
        return _checked(year, month, int(day or 1), "day" if day else "month", today)
    if match := _THREE.match(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        day, month = _day_and_month(first, second, "dmy" if match[2] == "." else order, year)
        return _checked(year, month, day, "day", today)
    if match := _TWO.match(text):
        return _checked(int(match[2]), int(match[1]), 1, "month", today)
    raise CellRefused("serial_number" if _SERIAL.match(text) else "not_a_date")


def _day_and_month(first: int, second: int, order: str | None, year: int) -> tuple[int, int]:
    if order is None and first != second and first <= 12 and second <= 12:
        _check_year(year)
        raise CellRefused("order_unclear")
    is_month_first = order == "mdy" or (order is None and second > 12)
    return (second, first) if is_month_first else (first, second)


def _checked(year: int, month: int, day: int, precision: str, today: date) -> RoughDay:
    _check_year(year)
    if year > today.year + 100:
        raise CellRefused("year_out_of_reach")
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        raise CellRefused("no_such_day")
    value = date(year, month, day)
    if value > today:
        raise CellRefused("in_the_future")
    return RoughDay(value, precision)


def _check_year(year: int) -> None:
    if any(year in calendar for calendar in _OTHER_CALENDARS):
        raise CellRefused("other_calendar")
    if year < EARLIEST_YEAR:
        raise CellRefused("year_out_of_reach")


def whole_number(text: str) -> int:
    """Raises CellRefused unless `text` is a whole number; a spreadsheet's “.0” is let pass."""
    text = western_digits(text)
    if not _NUMBER.match(text):
        raise CellRefused("not_a_number")
    return int(float(text))


def band(text: str, bands: Mapping[str, tuple[int, int | None]]) -> str:
    """The code of the band, lowest and highest included, that holds the number."""
    number = whole_number(text)
    for code, (lowest, highest) in bands.items():
        if number >= lowest and (highest is None or number <= highest):
            return code
    raise CellRefused("outside_bands")


def words(text: str, *, limit: int) -> str:
    """Free text without control characters; line ends stay. Raises CellRefused for what no one could have typed."""
    if len(text) > limit:
        raise CellRefused("too_long", limit=limit)
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Co"} and letter not in "\n\r\t" for letter in text):
        raise CellRefused("control_character")
    return text.strip()


def folded(text: str) -> str:
    """A form under which headings and answers are compared: letters and digits only, case and dots of i aside.

    >>> folded("Follow Up") == folded("FollowUp"), folded("İŞ") == folded("iş") == folded("ıs")
    (True, True)
    """
    text = unicodedata.normalize("NFKD", text.replace("İ", "i").replace("ı", "i").replace("I", "i")).casefold()
    return "".join(letter for letter in text if letter.isalnum() or letter == "+")
