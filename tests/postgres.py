"""A pytest plugin, loaded before Django: the suite runs on a real PostgreSQL, the embedded one by default.

The embedded one has a folder of its own, so that tests never meet an installation's data or keys, and does not wait
for the disk: what a crash would lose here is only tests.
"""

import os

import psycopg
import pytest

from kalkan.config import database, keys, messages

# The suite speaks plain http to itself; tests of the https settings say so.
os.environ.setdefault("HTTPS", "0")
# Accounts of tests are invented ones in a demonstration: they need no second factor, unless a test says otherwise.
os.environ.setdefault("DEMONSTRATION", "1")
# Where several processes share the work, each has a folder and a database of its own on the server of the first.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if _worker:
    os.environ["KALKAN_VAR"] = str(database.ROOT / "var" / f"tests-{_worker}")
os.environ.setdefault("KALKAN_VAR", str(database.ROOT / "var" / "tests"))
_server = database.ensure()
keys.make_for_an_empty_database()
if _server is not None:
    with psycopg.connect(_server.get_uri(database="postgres"), autocommit=True) as _connection:
        for _setting in ("fsync", "synchronous_commit", "full_page_writes"):
            _connection.execute(f"ALTER SYSTEM SET {_setting} = off")
        _connection.execute("SELECT pg_reload_conf()")
if not _worker:
    messages.compile_messages()  # before Django, or another process, reads any


def pytest_unconfigure(config: pytest.Config) -> None:
    from django.db import connections

    connections.close_all()
    database.stop(_server)
