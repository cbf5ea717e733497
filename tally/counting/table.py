"""What counting gives: a table of non-empty cells, and the promise every engine keeps."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

DENSE_LIMIT = 50_000_000


@dataclass(frozen=True)
class Table:
    """The k-way counts of some columns, one entry for each combination that occurs.

    `codes` has shape (cells, k) and points into `levels`; rows are in lexicographic order of their codes, so that two
    engines can be compared cell by cell. `counts` has shape (cells,) and is never zero. A blank is the level "".
    """

    columns: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    codes: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of levels of each column."""
        return tuple(len(levels) for levels in self.levels)

    def cells(self) -> Iterator[tuple[tuple[str, ...], int]]:
        """Each combination that occurs, as labels, with its count."""
        for code, number in zip(self.codes, self.counts, strict=True):
            yield tuple(self.levels[i][c] for i, c in enumerate(code)), int(number)

    def dense(self) -> npt.NDArray[np.int64]:
        """The same counts as a full array with zeros.

        Raises ValueError where the array would hold more than 50 million cells.

        >>> Table(("a",), (("x", "y"),), np.array([[1]], np.int32), np.array([3])).dense().tolist()
        [0, 3]
        """
        size = int(np.prod([float(n) for n in self.shape]))
        if size > DENSE_LIMIT:
            raise ValueError(f"the table {' × '.join(self.columns)} has {size:,} cells: too many to hold at once")
        array = np.zeros(self.shape, dtype=np.int64)
        array[tuple(self.codes.T)] = self.counts
        return array

    def is_equal(self, other: "Table") -> bool:
        """Same columns, same levels, same count in every cell."""
        return (
            self.columns == other.columns
            and self.levels == other.levels
            and np.array_equal(self.codes, other.codes)
            and np.array_equal(self.counts, other.counts)
        )


class Records(Protocol):
    """A categorical file opened for counting. Levels are the values that occur, sorted by code point."""

    columns: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]
    rows: int

    def count(self, combinations: Sequence[Sequence[str]]) -> list[Table]: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def combinations_of(columns: Sequence[str], ways: Sequence[int]) -> list[tuple[str, ...]]:
    """Every combination of the columns for each number of ways, in the order of the columns.

    >>> combinations_of(["a", "b", "c"], [1, 2])
    [('a',), ('b',), ('c',), ('a', 'b'), ('a', 'c'), ('b', 'c')]
    """
    return [combination for k in ways for combination in itertools.combinations(columns, k)]


def assemble(
    columns: Sequence[str], levels: dict[str, tuple[str, ...]], codes: npt.ArrayLike, counts: npt.ArrayLike
) -> Table:
    """A table in its one order, from cells in any order."""
    matrix = np.asarray(codes, dtype=np.int32).reshape(-1, len(columns))
    order = np.lexsort(matrix.T[::-1])
    return Table(
        columns=tuple(columns),
        levels=tuple(levels[column] for column in columns),
        codes=matrix[order],
        counts=np.asarray(counts, dtype=np.int64)[order],
    )
