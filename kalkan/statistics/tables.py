"""Counts by some dimensions, and the tables that fold out of them. Values in, values out: no database, no clock."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

UNKNOWN = "unknown"
SEVERAL = "several"
Key = tuple[str, ...]


@dataclass(frozen=True)
class Cube:
    """How many units there are at each combination of the dimensions. Combinations that never occur are left out."""

    dimensions: tuple[str, ...]
    cells: Mapping[Key, int]

    @property
    def total(self) -> int:
        return sum(self.cells.values())

    def fold(self, by: Sequence[tuple[str, Callable[[str], str]]]) -> Counter[Key]:
        """Counts by some of the dimensions, each value passed through its function (several may become one).

        Every unit of the cube stays in: the sum of the result is the cube's total.

        >>> cube = Cube(("sex", "band"), {("female", "0-8"): 2, ("female", "48+"): 1, ("male", "9-17"): 4})
        >>> cube.fold([("band", lambda band: "adult" if band == "48+" else "child")])
        Counter({('child',): 6, ('adult',): 1})
        """
        places = [(self.dimensions.index(dimension), change) for dimension, change in by]
        folded: Counter[Key] = Counter()
        for key, count in self.cells.items():
            folded[tuple(change(key[place]) for place, change in places)] += count
        return folded

    def where(self, dimension: str, keep: Callable[[str], bool]) -> "Cube":
        """The part of the cube whose code of one dimension is kept.

        >>> Cube(("year",), {("2020",): 2, ("2021",): 3}).where("year", lambda year: year > "2020").total
        3
        """
        place = self.dimensions.index(dimension)
        return Cube(self.dimensions, {key: count for key, count in self.cells.items() if keep(key[place])})

    def changes_to(self, other: "Cube") -> list[tuple[Key, int, int]]:
        """Each cell that differs, with its count here and there, in the order of their keys.

        >>> Cube(("sex",), {("female",): 2, ("male",): 1}).changes_to(Cube(("sex",), {("female",): 3}))
        [(('female',), 2, 3), (('male',), 1, 0)]

        Raises ValueError where the two do not have the same dimensions.
        """
        if self.dimensions != other.dimensions:
            raise ValueError(f"{self.dimensions} cannot be compared with {other.dimensions}")
        both = sorted({*self.cells, *other.cells})
        pairs = ((key, self.cells.get(key, 0), other.cells.get(key, 0)) for key in both)
        return [(key, here, there) for key, here, there in pairs if here != there]


@dataclass(frozen=True)
class Row:
    """One combination of codes: how many units, and their median where the indicator measures one."""

    codes: Key
    count: int
    median: float | None = None


@dataclass(frozen=True)
class Table:
    """An indicator by some breakdowns. The counts of the rows add up to the total, the unknown included."""

    indicator: str
    version: int
    by: tuple[str, ...]
    rows: tuple[Row, ...]
    total: int
    median: float | None = None
    measures: str = "count"

    @property
    def counts(self) -> dict[str, int]:
        """Code → count, for a table with one breakdown."""
        return {row.codes[0]: row.count for row in self.rows} if len(self.by) == 1 else {}

    def as_data(self, filters: Mapping[str, Any]) -> dict[str, Any]:
        """The table as plain values, for JSON."""
        has_median = self.measures == "median"
        data: dict[str, Any] = {
            "indicator": self.indicator,
            "version": self.version,
            "by": list(self.by),
            "filters": dict(filters),
            "total": self.total,
            "rows": [
                {
                    **dict(zip(self.by, row.codes, strict=True)),
                    "count": row.count,
                    **({"median": row.median} if has_median else {}),
                }
                for row in self.rows
            ],
        }
        if has_median:
            data["median"] = self.median
        if len(self.by) == 1:
            data["counts"] = self.counts
        return data


def median(histogram: Mapping[int, int]) -> float | None:
    """The median of values given as value → how often; None of nothing.

    >>> median({10: 1, 20: 1})
    15.0
    >>> median({3: 5, 9: 2})
    3.0
    >>> median({}) is None
    True
    """
    many = sum(histogram.values())
    if not many:
        return None
    low, high = _at(histogram, (many - 1) // 2), _at(histogram, many // 2)
    return (low + high) / 2


def _at(histogram: Mapping[int, int], place: int) -> int:
    passed = 0
    for value in sorted(histogram):
        passed += histogram[value]
        if place < passed:
            return value
    raise ValueError("The place lies beyond the last value")


def split_last(counts: Mapping[Key, int]) -> dict[Key, dict[int, int]]:
    """Counts whose last code is a number, as one histogram for each combination of the other codes.

    >>> split_last({("female", "3"): 2, ("female", "9"): 1})
    {('female',): {3: 2, 9: 1}}
    """
    split: dict[Key, dict[int, int]] = {}
    for (*codes, value), count in counts.items():
        histogram = split.setdefault(tuple(codes), {})
        histogram[int(value)] = histogram.get(int(value), 0) + count
    return split


def add_up(histograms: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """All histograms in one."""
    whole: Counter[int] = Counter()
    for histogram in histograms:
        whole.update(histogram)
    return dict(whole)
