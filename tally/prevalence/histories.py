"""Capture histories: how many people were seen by exactly which lists.

The input of every estimate. A history is a bit mask over the lists (bit 0 is the first list); the table is immutable.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEWEST_LISTS = 3
MOST_LISTS = 10


class UnusableTableError(ValueError):
    """The table cannot carry an estimate; the message says why and how to mend it, `code` names the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Histories:
    """A table of capture histories.

    `lists` names the t lists; `masks` holds the distinct observed histories, ascending, each between 1 and 2**t - 1;
    `counts` the number of people with each, positive.
    """

    lists: tuple[str, ...]
    masks: tuple[int, ...]
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        _check_lists(self.lists)
        if len(self.masks) != len(self.counts):
            raise ValueError("masks and counts differ in length")
        if list(self.masks) != sorted(set(self.masks)):
            raise UnusableTableError(
                "duplicate", "The same capture history stands in the table twice: add its counts up."
            )
        if any(count <= 0 for count in self.counts):
            raise UnusableTableError("negative", "A count is negative: counts are numbers of people.")
        if self.masks and not 0 < self.masks[0] <= self.masks[-1] < 1 << len(self.lists):
            raise UnusableTableError(
                "unseen", "A history with no list at all has a count; nobody can have observed that."
            )
        if not any(mask & (mask - 1) for mask in self.masks):
            raise UnusableTableError(
                "no-overlap", "Nobody is on two lists. Without overlap there is nothing to estimate from."
            )

    @property
    def observed(self) -> int:
        """Number of people on at least one list."""
        return sum(self.counts)

    @property
    def overlapping(self) -> int:
        """Number of people on at least two lists: what every estimate rests on."""
        return sum(count for mask, count in zip(self.masks, self.counts, strict=True) if mask & (mask - 1))

    def full(self) -> NDArray[np.float64]:
        """Counts of all 2**t histories indexed by mask; history 0 is 0."""
        counts = np.zeros(1 << len(self.lists))
        counts[list(self.masks)] = self.counts
        return counts

    def overlap(self) -> NDArray[np.int64]:
        """Matrix t × t: people on both lists; the diagonal is the size of each list.

        >>> Histories(("a", "b", "c"), (1, 3, 4, 7), (5, 2, 4, 1)).overlap().tolist()
        [[8, 3, 1], [3, 3, 1], [1, 1, 5]]
        """
        member = self.membership()
        return (member.T * np.array(self.counts)) @ member

    def membership(self) -> NDArray[np.int64]:
        """Matrix of observed histories × lists with entries 0 and 1."""
        return (np.array(self.masks)[:, None] >> np.arange(len(self.lists)) & 1).astype(np.int64)

    def name(self, mask: int) -> str:
        """The lists of a mask joined by colons, as in `LA:NG`."""
        return ":".join(name for bit, name in enumerate(self.lists) if mask >> bit & 1)

    def mask(self, term: str) -> int:
        """The mask of a term such as `LA:NG`. Raises ValueError for a name that is not a list."""
        names = term.split(":")
        unknown = [name for name in names if name not in self.lists]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not a list; the lists are {', '.join(self.lists)}")
        return sum(1 << self.lists.index(name) for name in set(names))

    def merge(self, *names: str, into: str | None = None) -> Histories:
        """One list in place of several: a person on any of them is on the new one.

        >>> merged = Histories(("a", "b", "c", "d"), (1, 3, 4, 8), (5, 2, 4, 1)).merge("a", "d", into="ad")
        >>> merged.lists, merged.masks, merged.counts
        (('ad', 'b', 'c'), (1, 3, 4), (6, 2, 4))
        """
        if len(set(names)) < 2:
            raise ValueError("merging takes two lists or more")
        positions = [self._position(name) for name in names]
        home = min(positions)
        labels = [
            (into or "+".join(names)) if i == home else name
            for i, name in enumerate(self.lists)
            if i == home or i not in positions
        ]
        member = self.membership()
        member[:, home] = member[:, positions].max(axis=1)
        keep = [i for i in range(len(self.lists)) if i == home or i not in positions]
        return _collect(labels, member[:, keep], np.array(self.counts))

    def omit(self, *names: str) -> Histories:
        """Without these lists; people who were on no other list leave the table."""
        dropped = {self._position(name) for name in names}
        keep = [i for i in range(len(self.lists)) if i not in dropped]
        member = self.membership()[:, keep]
        seen = member.any(axis=1)
        return _collect([self.lists[i] for i in keep], member[seen], np.array(self.counts)[seen])

    def rename(self, names: Mapping[str, str]) -> Histories:
        """The same table with some lists named otherwise."""
        for name in names:
            self._position(name)
        return Histories(tuple(names.get(name, name) for name in self.lists), self.masks, self.counts)

    def permute(self, order: Sequence[str]) -> Histories:
        """The same table with the lists in another order."""
        if sorted(order) != sorted(self.lists):
            raise ValueError("the order must name every list once")
        return _collect(list(order), self.membership()[:, [self._position(n) for n in order]], np.array(self.counts))

    def _position(self, name: str) -> int:
        if name not in self.lists:
            raise ValueError(f"{name!r} is not a list; the lists are {', '.join(self.lists)}")
        return self.lists.index(name)


def read_histories(
    table: Any,
    *,
    merge: Mapping[str, Sequence[str]] | None = None,
    omit: Iterable[str] = (),
    rename: Mapping[str, str] | None = None,
) -> Histories:
    """A `Histories` from whatever holds the table.

    `table` is a path to a CSV or Arrow (feather) file, a pandas or polars data frame, a pyarrow table, a mapping of
    column name to values, or a `Histories`. One row a history, columns of 0 and 1, the last column the count; or,
    where no column is named `count` and the last one too holds only 0 and 1, one row a person. `omit` is applied
    first, then `merge` (new name to old names), then `rename` (old name to new).

    Raises UnusableTableError, whose message says how to mend the table.

    >>> table = {"police": [1, 0, 0, 1], "ngo": [0, 1, 0, 1], "shelter": [0, 0, 1, 0], "count": [40, 30, 20, 6]}
    >>> read_histories(table).observed
    96
    """
    histories = table if isinstance(table, Histories) else _from_columns(columns_of(table))
    dropped = list(omit)
    if dropped:
        histories = histories.omit(*dropped)
    for name, parts in (merge or {}).items():
        histories = histories.merge(*parts, into=name)
    return histories.rename(rename) if rename else histories


def columns_of(table: Any) -> dict[str, list[Any]]:
    """Columns of any accepted table, by name, in order."""
    if isinstance(table, (str, Path)):
        return _columns_of_file(Path(table))
    if isinstance(table, Mapping):
        return {str(name): list(values) for name, values in table.items()}
    for names in ("column_names", "columns"):  # pyarrow before pandas and polars, whose `columns` are names
        if hasattr(table, names) and hasattr(table, "__getitem__"):
            return {str(name): _values(table[name]) for name in getattr(table, names)}
    raise UnusableTableError(
        "format", f"A {type(table).__name__} is not a table: give a file, a data frame or a mapping of columns."
    )


def _values(column: Any) -> list[Any]:
    return column.to_pylist() if hasattr(column, "to_pylist") else list(column)


def _columns_of_file(path: Path) -> dict[str, list[Any]]:
    if path.suffix.lower() in {".arrow", ".feather", ".parquet"}:
        try:
            from pyarrow import feather, parquet
        except ImportError as error:
            raise UnusableTableError("format", "Arrow files need the package pyarrow; a CSV file does not.") from error
        return columns_of(parquet.read_table(path) if path.suffix.lower() == ".parquet" else feather.read_table(path))
    with path.open(newline="", encoding="utf-8-sig") as file:
        sample = file.read(4096)
        file.seek(0)
        delimiter = max(",;\t", key=sample.split("\n", 1)[0].count)
        rows = [row for row in csv.reader(file, delimiter=delimiter) if any(cell.strip() for cell in row)]
    if not rows:
        raise UnusableTableError("empty", "The file is empty.")
    header = [name.strip() for name in rows[0]]
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise UnusableTableError("format", f"Line {number} has {len(row)} cells, the header has {len(header)}.")
    if len(set(header)) != len(header):
        raise UnusableTableError("format", "Two columns have the same name.")
    return {name: [row[i] for row in rows[1:]] for i, name in enumerate(header)}


def _from_columns(columns: Mapping[str, list[Any]]) -> Histories:
    names = list(columns)
    numbers = {name: [whole_number(value, name) for value in values] for name, values in columns.items()}
    lengths = {len(values) for values in numbers.values()}
    if len(lengths) > 1:
        raise UnusableTableError("format", "The columns differ in length.")
    if not names or lengths == {0}:
        raise UnusableTableError("empty", "The table has no rows.")
    *lists, last = names
    by_person = (
        last.strip().lower() != "count"
        and set(numbers[last]) <= {0, 1}
        and len(numbers[last]) > len(set(zip(*(numbers[name] for name in names), strict=True)))
    )
    if by_person:
        lists = names
    for name in lists:
        if not set(numbers[name]) <= {0, 1}:
            raise UnusableTableError("format", f"Column {name!r} holds something else than 0 and 1.")
    _check_lists(lists)
    member = np.array([numbers[name] for name in lists], dtype=np.int64).T
    if by_person:
        if not member.any(axis=1).all():
            raise UnusableTableError("unseen", "A person is on no list; nobody can have observed that.")
        return _collect(lists, member, np.ones(len(member), dtype=np.int64))
    counts = np.array(numbers[last], dtype=np.int64)
    if (counts < 0).any():
        raise UnusableTableError("negative", "A count is negative: counts are numbers of people.")
    if not member.any(axis=1).all():
        raise UnusableTableError(
            "unseen",
            "The table has a row with no list at all. That number is what is to be estimated: leave the row out.",
        )
    if len(np.unique(member, axis=0)) < len(member):
        raise UnusableTableError("duplicate", "The same capture history stands in the table twice: add its counts up.")
    return _collect(lists, member, counts)


def whole_number(value: Any, column: str) -> int:
    """A cell as a whole number; UnusableTableError says which column holds something else."""
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise UnusableTableError("format", f"Column {column!r} holds {value!r}, which is not a number.") from error
    if not math.isfinite(number) or number != int(number):
        raise UnusableTableError("fractional", f"Column {column!r} holds {value!r}: only whole numbers can be counts.")
    return int(number)


def _check_lists(lists: Sequence[str]) -> None:
    if len(lists) < FEWEST_LISTS:
        raise UnusableTableError(
            "few-lists",
            f"{len(lists)} lists are too few: with fewer than three the independence of lists cannot be tested.",
        )
    if len(lists) > MOST_LISTS:
        raise UnusableTableError("many-lists", f"{len(lists)} lists are more than {MOST_LISTS}: merge the small ones.")
    if len(set(lists)) != len(lists):
        raise UnusableTableError("format", "Two lists have the same name.")
    if any(":" in name or not name.strip() for name in lists):
        raise UnusableTableError("format", "A list needs a name, and the name may not hold a colon.")


def _collect(lists: Sequence[str], member: NDArray[np.int64], counts: NDArray[np.int64]) -> Histories:
    masks = member @ (1 << np.arange(len(lists)))
    totals = np.bincount(masks, weights=counts, minlength=1 << len(lists)).astype(np.int64)
    seen = np.flatnonzero(totals)
    return Histories(tuple(lists), tuple(seen.tolist()), tuple(totals[seen].tolist()))
