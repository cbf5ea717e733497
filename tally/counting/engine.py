"""One door to both engines."""

from collections.abc import Sequence
from typing import Any, Literal

from tally.counting.duck import DuckRecords
from tally.counting.source import CountingError
from tally.counting.spark import SparkRecords
from tally.counting.table import Records, Table, combinations_of

Engine = Literal["duckdb", "spark"]


def open_records(source: Any, *, columns: Sequence[str] | None = None, engine: Engine = "duckdb") -> Records:
    """Open a categorical file for counting; use it in a `with` block.

    `source` is a path (.csv, .parquet), a pandas or polars frame, an Arrow table, or a DuckDB relation. All values
    are taken as labels; NULL, NaN and empty text are the one label "".

    Raises CountingError, with a message for people, for what cannot be counted.
    """
    if engine == "duckdb":
        return DuckRecords(source, columns)
    if engine == "spark":
        return SparkRecords(source, columns)
    raise CountingError(f"there is no engine {engine!r}: duckdb or spark")


def count(
    source: Any,
    *,
    columns: Sequence[str] | None = None,
    ways: Sequence[int] = (1, 2),
    combinations: Sequence[Sequence[str]] | None = None,
    engine: Engine = "duckdb",
) -> list[Table]:
    """All k-way tables of a file for each k in `ways`, or just the combinations named.

    Raises CountingError as `open_records`, and for a k that is not between 1 and the number of columns.

    >>> import pandas
    >>> [table.counts.tolist() for table in count(pandas.DataFrame({"a": ["x", "x", "y"]}), ways=[1])]
    [[2, 1]]
    """
    with open_records(source, columns=columns, engine=engine) as records:
        if combinations is None:
            wrong = [k for k in ways if not 1 <= k <= len(records.columns)]
            if wrong:
                raise CountingError(f"{wrong[0]}-way tables cannot be made of {len(records.columns)} columns")
            combinations = combinations_of(records.columns, ways)
        return records.count(combinations)
