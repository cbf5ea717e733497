"""What the benches of the system stand on: a database of their own, and the same rows asked for by bare SQL."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict

from kalkan.config import database, keys


@contextmanager
def fresh_database(name: str) -> Iterator[None]:
    """Django set up on a new database `name`, prepared as for a start and dropped at the end."""
    server = database.ensure()
    home = os.environ["DATABASE_URL"]
    with psycopg.connect(home, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    os.environ["DATABASE_URL"] = _named(home, name)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kalkan.config.settings")
    os.environ["HTTPS"] = "0"
    os.environ["ALLOWED_HOSTS"] = "testserver,127.0.0.1"  # the first is what Django's test client names itself
    os.environ["DEMONSTRATION"] = "1"  # invented accounts, which need no second factor
    keys_folder = tempfile.TemporaryDirectory()  # a new database comes with keys of its own
    os.environ["KALKAN_KEYS"] = keys_folder.name
    keys.make_for_an_empty_database()
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from kalkan.config.messages import compile_messages
    from kalkan.config.run import prepare_database
    from kalkan.web import assets

    try:
        prepare_database()
        compile_messages()
        assets.gather()
        call_command("collectstatic", interactive=False, verbosity=0)
        yield
    finally:
        connections.close_all()
        with psycopg.connect(home, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        database.stop(server)
        keys_folder.cleanup()


def _named(url: str, name: str) -> str:
    parts = conninfo_to_dict(url)
    head, _slash, _name = url.partition("?")[0].rpartition("/")
    query = f"?host={parts['host']}" if str(parts.get("host", "")).startswith("/") else ""
    return f"{head}/{name}{query}"


def median_ms(act: Callable[[], object], *, times: int = 30) -> float:
    """Median wall time of `act` in milliseconds, after three calls that warm caches and plans."""
    for _ in range(3):
        act()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def same_statements(act: Callable[[], object]) -> Callable[[], object]:
    """What `act` asks of the database, as a call that asks the same on the same connection and fetches the rows.

    Writes are asked inside a transaction that is rolled back, as often as the call is made.
    """
    from django.db import connection, transaction

    asked: list[tuple[str, object]] = []

    def note(execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(note):
        act()
        transaction.set_rollback(True)  # so that what is asked again meets the rows as they were
    statements = [
        (sql, params)
        for sql, params in asked
        if not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK"))
    ]

    def bare() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for sql, params in statements:
                cursor.execute(sql, params)
                if cursor.description:
                    cursor.fetchall()
            transaction.set_rollback(True)

    return bare


def show(name: str, ours: float, theirs: float, *, peer: str, aim: str) -> None:
    """One line of a bench: our time, the peer's, the ratio and the aim."""
    print(f"{name:<34} {ours:9.2f} ms   {peer}: {theirs:9.2f} ms   ratio {ours / theirs:6.2f}   aim: {aim}")
