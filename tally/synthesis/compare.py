"""How right a release is: count error, combinations lost and made up, by size of group; definitions in one place.

WAPE is Σ|error| ÷ Σ real count over all cells of all k-way tables. A cell with a blank value is left out, as pac-synth
does. A combination is lost if it is real and not in the output, fabricated if it is in the output and not real.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tally.counting import Table, combinations_of, open_records

BANDS = ((1, 4), (5, 10), (11, 50), (51, 500), (501, None))
"""Sizes of real cells that results are told apart by."""

Cells = Mapping[tuple[str, ...], int]


class CompareError(ValueError):
    """The two files cannot be compared."""


@dataclass
class Band:
    """Cells whose real count is `low` to `high`: how many, their real total, Σ|error|, and how many are lost."""

    low: int
    high: int | None
    cells: int = 0
    real: int = 0
    error: int = 0
    lost: int = 0

    @property
    def wape(self) -> float:
        """Σ|error| ÷ Σ real within the band."""
        return self.error / self.real if self.real else 0.0


@dataclass
class Ways:
    """All k-way tables together. Shares are fractions of one."""

    ways: int
    tables: int
    real_total: int
    error_total: int
    real_combinations: int
    lost_combinations: int
    output_combinations: int
    fabricated_combinations: int
    fabricated_count: int
    bands: list[Band]

    @property
    def wape(self) -> float:
        """Σ|error| ÷ Σ real."""
        return self.error_total / self.real_total if self.real_total else 0.0

    @property
    def lost(self) -> float:
        """Share of real combinations that are not in the output."""
        return self.lost_combinations / self.real_combinations if self.real_combinations else 0.0

    @property
    def fabricated(self) -> float:
        """Share of output combinations that are not real."""
        return self.fabricated_combinations / self.output_combinations if self.output_combinations else 0.0

    def as_json(self) -> dict[str, Any]:
        """Plain data: shares rounded to six places, and the bands."""
        return {
            "ways": self.ways,
            "tables": self.tables,
            "wape": round(self.wape, 6),
            "lost": round(self.lost, 6),
            "fabricated": round(self.fabricated, 6),
            "real_combinations": self.real_combinations,
            "output_combinations": self.output_combinations,
            "bands": [
                {
                    "real_count": f"{b.low}+" if b.high is None else f"{b.low}-{b.high}",
                    "cells": b.cells,
                    "wape": round(b.wape, 6),
                    "lost": round(b.lost / b.cells, 6) if b.cells else 0.0,
                }
                for b in self.bands
            ],
        }


def without_blanks(table: Table) -> dict[tuple[str, ...], int]:
    """The cells of a table that have no blank value."""
    return {labels: number for labels, number in table.cells() if all(labels)}


def score(ways: int, pairs: Iterable[tuple[Cells, Cells]]) -> Ways:
    """Measure real cells against output cells, one pair of mappings for each table.

    >>> result = score(1, [({("F",): 90, ("M",): 10}, {("F",): 80, ("X",): 5})])
    >>> result.wape, result.lost, result.fabricated
    (0.25, 0.5, 0.5)
    """
    result = Ways(ways, 0, 0, 0, 0, 0, 0, 0, 0, [Band(low, high) for low, high in BANDS])
    for real, output in pairs:
        result.tables += 1
        for labels, number in real.items():
            given = output.get(labels, 0)
            result.real_total += number
            result.error_total += abs(given - number)
            result.lost_combinations += given == 0
            band = next(b for b in result.bands if b.low <= number and (b.high is None or number <= b.high))
            band.cells += 1
            band.real += number
            band.error += abs(given - number)
            band.lost += given == 0
        made_up = {labels: number for labels, number in output.items() if number and labels not in real}
        result.real_combinations += len(real)
        result.output_combinations += sum(number > 0 for number in output.values())
        result.fabricated_combinations += len(made_up)
        result.fabricated_count += sum(made_up.values())
        result.error_total += sum(made_up.values())
    return result


def compare(
    real: Any, output: Any, *, columns: Sequence[str] | None = None, ways: Sequence[int] = (1, 2, 3)
) -> list[Ways]:
    """Compare two files of records (whatever `tally.counting` reads) on the columns of the output.

    Raises CompareError where a column of the output is not in the real file, or there are fewer columns than `ways`.
    """
    with open_records(output, columns=columns) as made:
        try:
            truth = open_records(real, columns=made.columns)
        except ValueError as error:
            raise CompareError(f"the two files do not match: {error}") from error
        with truth:
            results = []
            for k in ways:
                if k > len(made.columns):
                    continue
                combinations = combinations_of(made.columns, [k])
                tables = zip(truth.count(combinations), made.count(combinations), strict=True)
                results.append(score(k, ((without_blanks(a), without_blanks(b)) for a, b in tables)))
    if not results:
        raise CompareError("there are fewer columns than ways to combine them")
    return results
