"""A pytest plugin, loaded before Django: the suite runs on a real PostgreSQL, the embedded one by default."""

import os

import pytest

from kalkan.config import database

# The suite speaks plain http to itself; tests of the https settings say so.
os.environ.setdefault("HTTPS", "0")
_server = database.ensure()


def pytest_unconfigure(config: pytest.Config) -> None:
    from django.db import connections

    connections.close_all()
    database.stop(_server)
