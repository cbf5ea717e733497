"""Counting on Spark: the same tables when the records are more than one machine holds. Needs pyspark and Java 17."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import duckdb

from tally.counting.duck import adopt
from tally.counting.source import CountingError, check_names, chosen, layout, path_of, refuse_measures
from tally.counting.table import Table, assemble

_KINDS = {
    "double": "DOUBLE",
    "float": "FLOAT",
    "timestamp": "TIMESTAMP",
    "timestamp_ntz": "TIMESTAMP",
    "binary": "BLOB",
}


class SparkRecords:
    """A file as a Spark data frame of text columns.

    Every table is one `groupBy`, so Spark spills and spreads as it does for any query. Only the cells of a table,
    never records, come back to the driver. A running session is used if there is one; else a local one is started.

    Raises CountingError where pyspark is not installed, and for the bad input that the DuckDB engine refuses.
    """

    def __init__(self, source: Any, columns: Sequence[str] | None = None, *, session: Any = None) -> None:
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise CountingError("Spark is not installed: pip install 'kalkan[spark]', with Java 17") from error
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._session = session or SparkSession.builder.appName("tally").getOrCreate()
        self._frame: Any = None
        try:
            self._load(self._read(source), columns)
        except BaseException:
            self.close()
            raise

    def _load(self, frame: Any, columns: Sequence[str] | None) -> None:
        from pyspark.sql import functions as f

        check_names(frame.columns)
        self.columns = chosen(frame.columns, columns)
        if not self.columns:
            raise CountingError("there is no column to count")
        kinds = dict(frame.dtypes)
        texts = []
        for i, column in enumerate(self.columns):
            value = frame[f"`{column.replace('`', '``')}`"]
            if kinds[column] in {"double", "float"}:
                whole = frame.filter(~f.isnan(value) & (value != f.floor(value))).limit(1).count() == 0
                if not whole:
                    refuse_measures(column, kinds[column].upper())
                value = f.when(~f.isnan(value), value.cast("bigint"))
            else:
                refuse_measures(column, _kind(kinds[column]))
            texts.append(f.coalesce(value.cast("string"), f.lit("")).alias(f"v{i}"))
        self._frame = frame.select(*texts).persist()
        self.rows = self._frame.count()
        if self.rows == 0:
            raise CountingError("the file holds no record")
        self.levels: dict[str, tuple[str, ...]] = {}
        for i, column in enumerate(self.columns):
            found = {row[0] for row in self._frame.select(f"v{i}").distinct().collect()}
            self.levels[column] = tuple(sorted(found))

    def _read(self, source: Any) -> Any:
        from pyspark.sql import DataFrame

        if isinstance(source, DataFrame):
            return source
        path = path_of(source)
        if path is None:
            self._folder = tempfile.TemporaryDirectory(prefix="tally-")
            path = Path(self._folder.name) / "records.parquet"
            with duckdb.connect() as connection:
                connection.execute(f"COPY (SELECT * FROM {adopt(connection, source)}) TO '{path}' (FORMAT parquet)")
        if path.suffix.lower() == ".parquet":
            return self._session.read.parquet(str(path.resolve()))
        form = layout(path)
        reader = self._session.read.options(header=True, sep=form.delimiter, quote='"', escape='"', mode="FAILFAST")
        schema = ", ".join(f"`{name.replace('`', '``')}` STRING" for name in form.names)
        return (
            reader.option("multiLine", "\n" in _quoted_sample(path))
            .option("enforceSchema", True)
            .csv(str(path.resolve()), schema=schema)
        )

    def count(self, combinations: Sequence[Sequence[str]]) -> list[Table]:
        """The table of each combination of columns, in the order asked. Raises CountingError for an unknown column."""
        tables = []
        for combination in combinations:
            chosen(self.columns, combination)
            names = [f"v{self.columns.index(column)}" for column in combination]
            found = self._frame.groupBy(*names).count().collect()
            places = [{level: i for i, level in enumerate(self.levels[column])} for column in combination]
            codes = [[place[row[i]] for i, place in enumerate(places)] for row in found]
            tables.append(assemble(combination, self.levels, codes, [row[-1] for row in found]))
        return tables

    def close(self) -> None:
        """Let Spark forget the records; the session stays, for whoever started it."""
        if self._frame is not None:
            self._frame.unpersist()
        if self._folder is not None:
            self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _kind(spark: str) -> str:
    base = spark.split("(")[0].split("<")[0]
    return {"decimal": "DECIMAL", "struct": "STRUCT", "map": "MAP", "array": "LIST"}.get(base, _KINDS.get(base, base))


def _quoted_sample(path: Any) -> str:
    """Text inside quotation marks in the file's first megabyte: a line break there asks for slower reading."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return "".join(file.read(1_000_000).split('"')[1::2])
