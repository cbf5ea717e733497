"""What a published cell says about its count: a number, a range, or nothing."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

UNBOUNDED = 10**9
"""Stands for "no upper limit"; a count of persons never reaches it."""

TOTALS = frozenset(
    {"total", "all", "any", "both", "sum", "world", "_t", "grand total", "all ages", "both sexes", "all sexes"}
    | {"all countries", "both sexes combined", "toplam", "genel", "genel toplam", "tümü", "hepsi", "tüm"}
)
"""Labels that mean "all of them together", in lower case."""

_DASHES = "‐‑‒–—−"
_HIDDEN = {
    "x",
    "c",
    "s",
    "*",
    "**",
    "***",
    "..",
    "...",
    ":",
    "suppressed",
    "masked",
    "confidential",
    "gizli",
    "#",
    "n/p",
}
_NOT_PUBLISHED = {"", "na", "n/a", "nan", "null", "none", "-", "not available", "no data", "veri yok"}


@dataclass(frozen=True)
class Reading:
    """A cell as a reader sees it: its kind, and the whole numbers it may be, `low`..`high`.

    `published` is one number; `hidden` is a number the publisher knows and masks; `absent` was not published at all;
    `impossible` is no count of persons.
    """

    kind: Literal["published", "hidden", "absent", "impossible"]
    low: int = 0
    high: int = UNBOUNDED


def is_total(label: str) -> bool:
    """Whether a label means "all of them together".

    >>> is_total(" Toplam "), is_total("Total"), is_total("Tokat")
    (True, True, False)
    """
    return label.strip().casefold() in TOTALS


def read(text: str, *, lowest: int = 0) -> Reading:
    """What the text of a cell says. `lowest` is the smallest count that a "<5" may stand for.

    Thousands may be set apart by comma, point or space where groups of three follow. A range may be written `1-4`,
    `<5`, `≤4`, `>10`, `10+`.

    >>> read("<5"), read("1,234").low, read("-3").kind, read("x").kind, read("10+").low
    (Reading(kind='hidden', low=0, high=4), 1234, 'impossible', 'hidden', 10)
    """
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    for dash in _DASHES:
        plain = plain.replace(dash, "-")
    if plain in _NOT_PUBLISHED:
        return Reading("absent")
    if plain in _HIDDEN:
        return Reading("hidden")
    compact = re.sub(r"(?<=\d)[,. \u00a0](?=\d{3}(\D|$))", "", plain).replace(" ", "")
    if re.fullmatch(r"\d+(\.0+)?", compact):
        number = int(compact.split(".")[0])
        return Reading("published", number, number)
    if match := re.fullmatch(r"(<|≤|<=)(\d+)", compact):
        high = int(match[2]) - (match[1] == "<")
        return Reading("hidden", min(lowest, high), high) if high >= 0 else Reading("impossible")
    if match := re.fullmatch(r"(>|≥|>=)(\d+)", compact) or re.fullmatch(r"()(\d+)\+", compact):
        return Reading("hidden", int(match[2]) + (match[1] == ">"), UNBOUNDED)
    if (match := re.fullmatch(r"(\d+)-(\d+)", compact)) and int(match[1]) <= int(match[2]):
        return Reading("hidden", int(match[1]), int(match[2]))
    return Reading("impossible")
