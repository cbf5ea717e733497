"""Counting on DuckDB: read once, write codes to disk, group small integers; memory stays under a limit."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import duckdb
import numpy as np
import numpy.typing as npt

from tally.counting.source import CountingError, check_names, chosen, layout, path_of, refuse_measures
from tally.counting.table import Table, assemble

_LARGEST_KEY = 2**62


def quoted(name: str) -> str:
    """A name as an SQL identifier.

    >>> print(quoted('a "b" c'))
    "a ""b"" c"
    """
    return '"' + name.replace('"', '""') + '"'


class DuckRecords:
    """A file in a scratch database of codes, removed when closed.

    Chosen because dictionary codes of one or two bytes make ten million records of twenty columns a few hundred
    megabytes on disk, and grouping one combined integer key costs DuckDB tens of milliseconds for each table.
    """

    def __init__(self, source: Any, columns: Sequence[str] | None = None, *, memory_limit: str = "1GB") -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="tally-")
        self._connection = duckdb.connect(str(Path(self._folder.name) / "records.duckdb"))
        try:
            self._connection.execute("SET preserve_insertion_order = false")
            self._connection.execute("SET memory_limit = ?", [memory_limit])
            self._connection.execute("SET temp_directory = ?", [self._folder.name])
            self._load(source, columns)
        except duckdb.Error as error:
            self.close()
            raise CountingError(f"the file could not be read: {str(error).splitlines()[0]}") from error
        except BaseException:
            self.close()
            raise

    def _load(self, source: Any, columns: Sequence[str] | None) -> None:
        scan, available = self._scan(source)
        self.columns = chosen(available, columns)
        if not self.columns:
            raise CountingError("there is no column to count")
        self._refuse(scan)
        texts = ", ".join(
            f"coalesce(CAST({self._text(scan, c)} AS VARCHAR), '') AS v{i}" for i, c in enumerate(self.columns)
        )
        self._connection.execute(f"CREATE TABLE texts AS SELECT {texts} FROM {scan}")
        self.rows = self._one("SELECT count(*) FROM texts")
        if self.rows == 0:
            raise CountingError("the file holds no record")
        self.levels: dict[str, tuple[str, ...]] = {}
        codes = []
        for i, column in enumerate(self.columns):
            self._connection.execute(
                f"CREATE TABLE levels{i} AS "
                "SELECT v, CAST(row_number() OVER (ORDER BY encode(v)) - 1 AS INTEGER) AS c "
                f"FROM (SELECT DISTINCT v{i} AS v FROM texts)"
            )
            found = self._connection.execute(f"SELECT v FROM levels{i} ORDER BY c").fetchnumpy()["v"]
            self.levels[column] = tuple(str(value) for value in found)
            codes.append(f"CAST(levels{i}.c AS {_smallest(len(found))}) AS c{i}")
        joins = " ".join(f"JOIN levels{i} ON levels{i}.v = texts.v{i}" for i in range(len(self.columns)))
        self._connection.execute(f"CREATE TABLE codes AS SELECT {', '.join(codes)} FROM texts {joins}")
        self._connection.execute("DROP TABLE texts")

    def _scan(self, source: Any) -> tuple[str, tuple[str, ...]]:
        """A table expression for the source and its column names."""
        path = path_of(source)
        if path is not None and path.suffix.lower() == ".csv":
            form = layout(path)
            where = str(path).replace("'", "''")
            scan = (
                f"read_csv('{where}', all_varchar = true, header = true, delim = '{form.delimiter}', quote = '\"', "
                f"escape = '\"', auto_detect = false, null_padding = false, strict_mode = true, "
                f"columns = {{{', '.join(_field(n) for n in form.names)}}})"
            )
            return scan, form.names
        if path is not None:
            scan = "read_parquet('" + str(path).replace("'", "''") + "')"
        else:
            scan = adopt(self._connection, source)
        names_found = tuple(row[0] for row in self._connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall())
        check_names(names_found)
        return scan, names_found

    def _kinds(self, scan: str) -> dict[str, str]:
        return {r[0]: r[1] for r in self._connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()}

    def _refuse(self, scan: str) -> None:
        """Refuse measurements; a float column whose values are all whole (pandas with blanks) is a category."""
        kinds = self._kinds(scan)
        for column in self.columns:
            if kinds[column] in {"DOUBLE", "FLOAT"}:
                name = quoted(column)
                odd = self._one(f"SELECT count(*) FROM {scan} WHERE NOT isnan({name}) AND {name} <> trunc({name})")
                if not odd:
                    continue
            refuse_measures(column, kinds[column])

    def _text(self, scan: str, column: str) -> str:
        name = quoted(column)
        if self._kinds(scan)[column] in {"DOUBLE", "FLOAT"}:
            return f"CASE WHEN isnan({name}) THEN NULL ELSE CAST({name} AS BIGINT) END"
        return name

    def _one(self, query: str) -> int:
        row = self._connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def count(self, combinations: Sequence[Sequence[str]]) -> list[Table]:
        """The table of each combination of columns, in the order asked.

        Raises CountingError for a column that is not there.
        """
        return [self._table(combination) for combination in combinations]

    def _table(self, combination: Sequence[str]) -> Table:
        chosen(self.columns, combination)
        places = [self.columns.index(column) for column in combination]
        sizes = [len(self.levels[column]) for column in combination]
        if np.prod([float(size) for size in sizes]) < _LARGEST_KEY:
            key = "0::BIGINT"
            for place, size in zip(places, sizes, strict=True):
                key = f"({key}) * {size} + c{place}"
            found = self._connection.execute(f"SELECT {key} AS k, count(*) AS n FROM codes GROUP BY 1").fetchnumpy()
            codes = np.stack(np.unravel_index(np.asarray(found["k"], dtype=np.int64), sizes), axis=1)
        else:
            names = ", ".join(f"c{place}" for place in places)
            found = self._connection.execute(f"SELECT {names}, count(*) AS n FROM codes GROUP BY ALL").fetchnumpy()
            codes = np.stack([np.asarray(found[f"c{place}"], dtype=np.int64) for place in places], axis=1)
        return assemble(combination, self.levels, codes, np.asarray(found["n"], dtype=np.int64))

    def matrix(self) -> npt.NDArray[np.int32]:
        """All records as codes, shape (rows, columns). Order of records is not kept."""
        found = self._connection.execute("SELECT * FROM codes").fetchnumpy()
        return np.stack([np.asarray(found[f"c{i}"], dtype=np.int32) for i in range(len(self.columns))], axis=1)

    def close(self) -> None:
        """Close the scratch database and remove it from disk."""
        self._connection.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def adopt(connection: duckdb.DuckDBPyConnection, source: Any) -> str:
    """Make a pandas, polars, Arrow or DuckDB object readable on this connection; gives the name to read it by.

    Raises CountingError for anything else.
    """
    if isinstance(source, duckdb.DuckDBPyRelation):
        source = source.to_arrow_table()
    try:
        connection.register("source", source)
    except (duckdb.Error, TypeError) as error:
        raise CountingError(f"a {type(source).__name__} cannot be counted") from error
    return "source"


def _field(name: str) -> str:
    return "'" + name.replace("'", "''") + "': 'VARCHAR'"


def _smallest(size: int) -> str:
    return "UTINYINT" if size <= 2**8 else "USMALLINT" if size <= 2**16 else "INTEGER"
