"""A pytest plugin, loaded before Django: the suite runs on a real PostgreSQL, the embedded one by default."""

import pytest

from kalkan.config import database

_server = database.ensure()


def pytest_unconfigure(config: pytest.Config) -> None:
    from django.db import connections

    connections.close_all()
    database.stop(_server)
