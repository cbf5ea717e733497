"""Reading the files under `data/`: what each list should hold, checked before anything is written."""

import csv
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

from kalkan.vocabulary.models import (
    ClosedDay,
    Code,
    CodeList,
    Dimension,
    Indicator,
    IndicatorWeight,
    Profile,
    Province,
    Provision,
    Verification,
    Weight,
)

READER = "1"  # rises when the same file is to be read differently, so that every list is looked at again
Holds = CodeList.Holds


class Malformed(Exception):
    """A file does not say what it must. Names the file, the line and how to mend it."""

    def __init__(self, file: str, line: int, message: str):
        super().__init__(f"{file}, line {line}: {message}")
        self.file, self.line = file, line


@dataclass(frozen=True)
class Source:
    """One list as the catalogue and the files under `data/` have it; `digest` changes with any byte of either."""

    code: str
    holds: str
    label_tr: str
    label_en: str
    source: str
    parent_list: str
    path: Path
    digest: str

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the list, values typed. Raises Malformed."""
        return list(_READERS[self.holds](self))


# Where the centre of a province is: the column, and the most that it can be.
_CENTRE = {"latitude": 90, "longitude": 180}

# The tables beside the code lists: code, what it holds, file, labels, source.
_TABLES = (
    (
        "province",
        Holds.PROVINCES,
        "provinces.csv",
        "İl",
        "Province",
        "ISO 3166-2:TR; TÜİK (region); positions of the provincial capitals",
    ),
    (
        "indicator",
        Holds.INDICATORS,
        "indicators.csv",
        "Göstergeler",
        "Indicators",
        "ILO and European Commission, Operational indicators of trafficking in human beings (2009)",
    ),
    (
        "indicator_weight",
        Holds.WEIGHTS,
        "indicator_weights.csv",
        "Gösterge ağırlıkları",
        "Weights of indicators",
        "ILO and European Commission (2009); see how sure each weight is",
    ),
    ("provision", Holds.PROVISIONS, "provisions.toml", "Mevzuat hükümleri", "Legal provisions", "The texts cited"),
    ("closed_day", Holds.DAYS, "closed_days.csv", "Ek kapalı günler", "Extra closed days", "The announcements cited"),
)


def sources(directory: Path) -> list[Source]:
    """Every list under `directory`, in the order of loading. Reads bytes only: nothing is parsed but the catalogue."""
    found = []
    for _line, row in _lines(directory / "code_lists.csv", {"code", "label_tr", "label_en", "parent_list", "source"}):
        path = directory / "code_lists" / f"{row['code']}.csv"
        found.append(_source(path, holds=Holds.CODES, **row))
    for code, holds, name, label_tr, label_en, source in _TABLES:
        parent_list = "region" if holds == Holds.PROVINCES else ""
        found.append(
            _source(
                directory / name,
                code=code,
                holds=holds,
                label_tr=label_tr,
                label_en=label_en,
                source=source,
                parent_list=parent_list,
            )
        )
    return found


def _source(path: Path, **about: str) -> Source:
    try:
        content = path.read_bytes()
    except FileNotFoundError as absent:
        raise Malformed(path.name, 0, "the catalogue names this list, and the file is not there") from absent
    head = "\x1f".join([READER, *(f"{key}={about[key]}" for key in sorted(about))])
    return Source(path=path, digest=sha256(head.encode() + b"\x1e" + content).hexdigest(), **about)


def _lines(path: Path, needed: set[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(path.name, 0, f"not UTF-8 (byte {error.start})") from error
    reader = csv.DictReader(StringIO(text), strict=True)
    try:
        missing = needed - set(reader.fieldnames or ())
        if missing:
            raise Malformed(path.name, 1, f"column missing: {', '.join(sorted(missing))}")
        for row in reader:
            if None in row or None in row.values():
                raise Malformed(path.name, reader.line_num, "not as many cells as columns")
            yield reader.line_num, {key: value.strip() for key, value in row.items()}
    except csv.Error as error:
        raise Malformed(path.name, reader.line_num, str(error)) from error


class _Cell:
    """Typed values out of the text of one row."""

    def __init__(self, path: Path, line: int, row: dict[str, str]):
        self.path, self.line, self.row = path, line, row

    def fail(self, message: str) -> Malformed:
        return Malformed(self.path.name, self.line, message)

    def text(self, name: str, *, most: int, needed: bool = True) -> str:
        value = self.row.get(name, "")
        if needed and not value:
            raise self.fail(f"{name} is empty")
        if len(value) > most:
            raise self.fail(f"{name} is longer than {most} characters")
        return value

    def one_of(self, name: str, choices: list[str]) -> str:
        value = self.row[name]
        if value not in choices:
            raise self.fail(f"{name} is {value!r}, expected one of {', '.join(choices)}")
        return value

    def day(self, name: str) -> date | None:
        value = self.row.get(name, "")
        try:
            return date.fromisoformat(value) if value else None
        except ValueError as error:
            raise self.fail(f"{name} is {value!r}, expected a day such as 2026-03-31") from error

    def number(self, name: str) -> int:
        value = self.row[name]
        if not value.isascii() or not value.isdigit():
            raise self.fail(f"{name} is {value!r}, expected a whole number")
        return int(value)

    def degrees(self, name: str, most: int) -> float:
        """Degrees north or east, between 0 and `most`."""
        value = self.row[name]
        if not re.fullmatch(r"[0-9]{1,3}([.][0-9]{1,6})?", value) or float(value) > most:
            raise self.fail(f"{name} is {value!r}, expected degrees between 0 and {most}, such as 39.93")
        return float(value)

    def is_yes(self, name: str) -> bool:
        return self.one_of(name, ["yes", "no"]) == "yes"


def _once(seen: set[Any], key: Any, cell: _Cell) -> None:
    if key in seen:
        raise cell.fail(f"{key} stands twice")
    seen.add(key)


def _codes(source: Source) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for position, (line, row) in enumerate(_lines(source.path, {"code", "label_tr", "label_en"})):
        cell = _Cell(source.path, line, row)
        code = cell.text("code", most=60)
        _once(seen, code, cell)
        yield {
            "code": code,
            "label_tr": cell.text("label_tr", most=300),
            "label_en": cell.text("label_en", most=300),
            "hint_tr": cell.text("hint_tr", most=500, needed=False),
            "hint_en": cell.text("hint_en", most=500, needed=False),
            "parent": cell.text("parent", most=60, needed=False),
            "aliases": [alias.strip() for alias in row.get("aliases", "").split(";") if alias.strip()],
            "position": position,
            "valid_from": cell.day("valid_from"),
            "retired_on": cell.day("retired_on"),
        }


def _provinces(source: Source) -> Iterator[dict[str, Any]]:
    seen: set[Any] = set()
    for line, row in _lines(source.path, {"code", "name", "region", "tile_row", "tile_column", *_CENTRE}):
        cell = _Cell(source.path, line, row)
        values = {
            "code": cell.text("code", most=6),
            "name": cell.text("name", most=60),
            "region": cell.text("region", most=4),
            "tile_row": cell.number("tile_row"),
            "tile_column": cell.number("tile_column"),
            **{name: cell.degrees(name, most) for name, most in _CENTRE.items()},
            "retired_on": cell.day("retired_on"),
        }
        _once(seen, values["code"], cell)
        _once(seen, (values["tile_row"], values["tile_column"]), cell)
        yield values


def _indicators(source: Source) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    columns = {"code", "dimension", "label_tr", "label_en", "question_tr", "question_en"}
    for position, (line, row) in enumerate(_lines(source.path, columns)):
        cell = _Cell(source.path, line, row)
        code = cell.text("code", most=20)
        _once(seen, code, cell)
        yield {
            "code": code,
            "dimension": cell.one_of("dimension", Dimension.values),
            "label_tr": cell.text("label_tr", most=300),
            "label_en": cell.text("label_en", most=300),
            "question_tr": cell.text("question_tr", most=500),
            "question_en": cell.text("question_en", most=500),
            "position": position,
            "retired_on": cell.day("retired_on"),
        }


def _weights(source: Source) -> Iterator[dict[str, Any]]:
    seen: set[Any] = set()
    for line, row in _lines(source.path, {"indicator", "profile", "weight", "verification", "valid_from", "valid_to"}):
        cell = _Cell(source.path, line, row)
        values = {
            "indicator_id": cell.text("indicator", most=20),
            "profile": cell.one_of("profile", Profile.values),
            "weight": cell.one_of("weight", Weight.values),
            "verification": cell.one_of("verification", Verification.values),
            "note_tr": cell.text("note_tr", most=300, needed=False),
            "note_en": cell.text("note_en", most=300, needed=False),
            "valid_from": cell.day("valid_from"),
            "valid_to": cell.day("valid_to"),
        }
        if values["valid_from"] is None:
            raise cell.fail("valid_from is empty")
        _once(seen, (values["indicator_id"], values["profile"], values["valid_from"]), cell)
        yield values


def _days(source: Source) -> Iterator[dict[str, Any]]:
    seen: set[Any] = set()
    for line, row in _lines(source.path, {"day", "is_working", "label_tr", "label_en", "citation", "is_verified"}):
        cell = _Cell(source.path, line, row)
        day = cell.day("day")
        if day is None:
            raise cell.fail("day is empty")
        _once(seen, day, cell)
        yield {
            "day": day,
            "is_working": cell.is_yes("is_working"),
            "label_tr": cell.text("label_tr", most=300),
            "label_en": cell.text("label_en", most=300),
            "citation": cell.text("citation", most=300),
            "is_verified": cell.is_yes("is_verified"),
            "retired_on": cell.day("retired_on"),
        }


def _provisions(source: Source) -> Iterator[dict[str, Any]]:
    try:
        entries = tomllib.loads(source.path.read_bytes().decode("utf-8"))["provision"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as error:
        raise Malformed(source.path.name, 0, str(error)) from error
    names = [field.name for field in Provision._meta.concrete_fields if field.name != "id"]
    spans: dict[str, list[tuple[date, date]]] = {}
    for number, entry in enumerate(entries, start=1):
        unknown = sorted(set(entry) - set(names))
        if unknown:
            raise Malformed(source.path.name, number, f"unknown key in provision {number}: {', '.join(unknown)}")
        values = {"amount": None, "unit": "", "valid_to": None, "note": "", **entry}
        absent = [name for name in names if name not in values]
        if absent:
            raise Malformed(source.path.name, number, f"missing in provision {number}: {', '.join(absent)}")
        first, last = values["valid_from"], values["valid_to"] or date.max
        for other_first, other_last in spans.setdefault(values["code"], []):
            if first < other_last and other_first < last:
                raise Malformed(source.path.name, number, f"two rules of {values['code']} hold on one day")
        spans[values["code"]].append((first, last))
        yield {name: values[name] for name in names}


_READERS: dict[str, Callable[[Source], Iterator[dict[str, Any]]]] = {
    Holds.CODES: _codes,
    Holds.PROVINCES: _provinces,
    Holds.INDICATORS: _indicators,
    Holds.WEIGHTS: _weights,
    Holds.PROVISIONS: _provisions,
    Holds.DAYS: _days,
}
MODELS: dict[str, tuple[type, tuple[str, ...]]] = {
    Holds.CODES: (Code, ("code",)),
    Holds.PROVINCES: (Province, ("code",)),
    Holds.INDICATORS: (Indicator, ("code",)),
    Holds.WEIGHTS: (IndicatorWeight, ("indicator_id", "profile", "valid_from")),
    Holds.PROVISIONS: (Provision, ("code", "valid_from")),
    Holds.DAYS: (ClosedDay, ("day",)),
}
