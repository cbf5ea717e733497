"""Where records come from: a path or a frame, and what is wrong with it, said in words."""

import csv
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BLANK = ""


class CountingError(ValueError):
    """The file cannot be counted, and the message says how to mend it."""


@dataclass(frozen=True)
class Layout:
    """How a CSV file is laid out: its delimiter and its column names, made unique and never empty."""

    delimiter: str
    names: tuple[str, ...]


def layout(path: Path) -> Layout:
    """Read the delimiter and header of a CSV file.

    The delimiter is the one of comma, semicolon, tab that cuts the first fifty lines into rows of one width, and into
    the most columns. A column without a name
    (an exported row number, as a rule) is called `column_1` by its place.

    Raises CountingError for an empty file, for a name that occurs twice, and for text that is not UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = "".join(itertools.islice(file, 50))
    except UnicodeDecodeError as error:
        raise CountingError(f"{path.name} is not UTF-8 text: save it as 'CSV UTF-8'") from error
    if not sample.strip():
        raise CountingError(f"{path.name} is empty: a first line with column names is needed")
    delimiter = max(",;\t", key=lambda mark: _fit(sample, mark))
    header = next(csv.reader(sample.splitlines(keepends=True), delimiter=delimiter))
    names = [name.strip() or f"column_{place}" for place, name in enumerate(header, start=1)]
    check_names(names)
    return Layout(delimiter, tuple(names))


def _fit(sample: str, delimiter: str) -> tuple[bool, int]:
    """How well a delimiter cuts the sample: (are all rows but a cut-off last one as wide as the header, how wide)."""
    rows = [row for row in csv.reader(sample.splitlines(keepends=True), delimiter=delimiter) if row]
    width = len(rows[0]) if rows else 0
    return width > 1 and all(len(row) == width for row in rows[1:-1] or rows[1:]), width


def check_names(names: Sequence[str]) -> None:
    """Raise CountingError if two columns share a name (compared without case, as SQL does)."""
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise CountingError(f"two columns are called {name!r}: rename one")
        seen.add(name.casefold())


def path_of(source: Any) -> Path | None:
    """The path when the source is one, None when it is a frame.

    Raises CountingError when there is no such file, or its kind is not CSV or Parquet.
    """
    if not isinstance(source, str | Path):
        return None
    path = Path(source)
    if not path.exists():
        raise CountingError(f"there is no file {path.name}")
    if path.suffix.lower() not in {".csv", ".parquet"}:
        raise CountingError(f"{path.name} is neither .csv nor .parquet")
    return path


def chosen(available: Sequence[str], wanted: Sequence[str] | None) -> tuple[str, ...]:
    """The columns to count, checked against those there are.

    Raises CountingError for a column that is not there or asked for twice.
    """
    if wanted is None:
        return tuple(available)
    missing = [column for column in wanted if column not in available]
    if missing:
        raise CountingError(f"no column {', '.join(map(repr, missing))}; there are {', '.join(available)}")
    check_names(wanted)
    return tuple(wanted)


_FRACTIONAL = re.compile(
    r"^(DOUBLE|FLOAT|REAL|DECIMAL|TIMESTAMP|TIME|BLOB|STRUCT|MAP|LIST|UNION|INTERVAL|.*\[\d*\])", re.I
)


def refuse_measures(name: str, kind: str) -> None:
    """Raise CountingError where a column's type is a measurement or a moment, not a category.

    >>> refuse_measures("age", "DOUBLE")
    Traceback (most recent call last):
        ...
    tally.counting.source.CountingError: column 'age' holds DOUBLE, not categories: cut it into classes first
    """
    if _FRACTIONAL.match(kind):
        raise CountingError(f"column {name!r} holds {kind}, not categories: cut it into classes first")
