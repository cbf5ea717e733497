"""Published tables as they come: long format with margins, a folder of related tables, UNODC's GLOTIP layout."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tally.counting.source import CountingError, layout
from tally.disclosure.notation import is_total, read

_VALUE_NAMES = (
    "txtvalue",
    "value",
    "count",
    "n",
    "number",
    "obs_value",
    "frequency",
    "persons",
    "victims",
    "sayı",
    "değer",
)
_NOT_A_BREAKDOWN = {
    "low",
    "high",
    "sigma",
    "epsilon",
    "delta",
    "source",
    "unit",
    "unit of measurement",
    "note",
    "notes",
    "footnote",
    "kaynak",
    "birim",
    "not",
}
GLOTIP = {"iso3_code", "indicator", "dimension", "category", "sex", "age", "year", "txtvalue"}


class PublishedError(ValueError):
    """The file is not a table that can be read, and the message says how to mend it."""


@dataclass(frozen=True)
class Row:
    """One published cell: which breakdowns it is in (totals left out), its text, and where it stands."""

    key: tuple[tuple[str, str], ...]
    text: str
    place: str


@dataclass
class Published:
    """A table as published. Rows keep the order of the file; `dimensions` keep that of its columns."""

    name: str
    dimensions: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)


def key_of(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The one name of a cell in whatever table it stands: its breakdowns by name, totals left out.

    >>> key_of({"sex": "Male", "age": "Total"})
    (('sex', 'Male'),)
    """
    return tuple(sorted((name, label) for name, label in labels.items() if not is_total(label)))


def read_tables(paths: Iterable[Path | str], *, value: str | None = None) -> list[Published]:
    """Every table in the files, and in the folders' .csv files.

    Raises PublishedError for a missing file, an empty folder, a file without a column of counts.
    """
    tables: list[Published] = []
    for path in map(Path, paths):
        if not path.exists():
            raise PublishedError(f"there is no file {path.name}")
        files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
        if not files:
            raise PublishedError(f"the folder {path.name} holds no .csv file")
        tables.extend(_read(file, value) for file in files)
    return tables


def _read(path: Path, value: str | None) -> Published:
    try:
        form = layout(path)
    except CountingError as error:
        raise PublishedError(str(error)) from error
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=form.delimiter))[1:]
    places = [(number, row) for number, row in enumerate(rows, start=2) if any(text.strip() for text in row)]
    if not places:
        raise PublishedError(f"{path.name} holds no row")
    short = [number for number, row in places if len(row) != len(form.names)]
    if short:
        raise PublishedError(f"{path.name}, line {short[0]}: {len(form.names)} columns are needed")
    if {name.casefold() for name in form.names} >= GLOTIP:
        return _glotip(path.name, form.names, places)
    column = _value_column(path.name, form.names, [row for _, row in places], value)
    dimensions = tuple(
        name for i, name in enumerate(form.names) if i != column and name.casefold() not in _NOT_A_BREAKDOWN
    )
    table = Published(path.name, tuple(name.casefold() for name in dimensions))
    for number, row in places:
        labels = {n.casefold(): row[form.names.index(n)].strip() for n in dimensions}
        table.rows.append(Row(key_of(labels), row[column].strip(), f"{path.name}:{number}"))
    return table


def _value_column(file: str, names: Sequence[str], rows: Sequence[Sequence[str]], value: str | None) -> int:
    folded = [name.casefold() for name in names]
    if value is not None:
        if value.casefold() not in folded:
            raise PublishedError(f"{file} has no column {value!r}; it has {', '.join(names)}")
        return folded.index(value.casefold())
    for name in _VALUE_NAMES:
        if name in folded:
            return folded.index(name)
    kinds = [read(row[-1]).kind for row in rows]
    if kinds.count("impossible") > len(kinds) / 2 or len(names) < 2:
        raise PublishedError(f"{file} has no column of counts that can be told apart: name it with --value")
    return len(names) - 1


def _glotip(file: str, names: Sequence[str], places: Sequence[tuple[int, list[str]]]) -> Published:
    """UNODC's layout: one row a count, `Dimension` naming the breakdown whose label is in `Category`."""
    at = {name.casefold(): i for i, name in enumerate(names)}
    table = Published(file, ("country", "indicator", "year", "sex", "age", "dimension"))
    for number, row in places:
        labels = {name: row[at[name]].strip() for name in ("indicator", "year", "sex", "age")}
        labels["country"] = row[at["iso3_code"]].strip()
        dimension = row[at["dimension"]].strip()
        if not is_total(dimension):
            labels[re.sub(r"^by\s+", "", dimension.casefold())] = row[at["category"]].strip()
        table.rows.append(Row(key_of(labels), row[at["txtvalue"]].strip(), f"{file}:{number}"))
    return table
