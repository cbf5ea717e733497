"""What every test stands on: a real PostgreSQL with the code lists loaded, and collected static files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings

from tests import loaded
from tests.config import installation

# How long an example takes is the machine's business, not the test's.
settings.register_profile("kalkan", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kalkan")

# Files that take longest, in the order in which they begin. What starts last should be short: two processes share the
# work file by file, and one that meets a long file at the end works on while the other has nothing left to do.
LONGEST = (
    "tests/security/test_sensitive_pages.py",
    "tests/security/test_doors.py",
    "tests/browser/test_pages.py",
    "tests/drills/test_drills.py",
    "tests/config/test_run.py",
    "tests/web/test_headers.py",
    "tests/config/test_drill.py",
    "tests/web/test_locked.py",
    "tests/security/test_row_security.py",
    "tests/browser/test_support_walk.py",
    "tests/browser/test_walk.py",
    "tests/exchange/test_interruption.py",
    "tests/attack/test_hostile_requests.py",
    "tests/web/test_stolen_dump.py",
    "tests/exchange/test_backup.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; all others keep their order, and so do the tests of each file."""
    place = {path: number for number, path in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(LONGEST)))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """Load the code lists once, and keep a copy of the database for tests that commit (see `_restore`)."""
    with django_db_blocker.unblock():
        loaded.load()
        _copy(source=connection.settings_dict["NAME"], target=_template())
    yield
    with django_db_blocker.unblock():
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(  # a thread of a test may have left its connection open
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [connection.settings_dict["NAME"]],
            )
            cursor.execute(f'DROP DATABASE IF EXISTS "{_template()}" WITH (FORCE)')


def _template() -> str:
    return f"{connection.settings_dict['NAME']}_loaded"


def _copy(*, source: str, target: str) -> None:
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [source],
        )
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


@pytest.fixture(scope="session", autouse=True)
def _restore() -> Iterator[None]:
    """A test that commits leaves a database that is thrown away and copied anew.

    Django would truncate the tables instead, which the append-only log rightly refuses.
    """
    before = TransactionTestCase._fixture_teardown

    def restore(self: TransactionTestCase) -> None:
        _copy(source=_template(), target=connection.settings_dict["NAME"])

    TransactionTestCase._fixture_teardown = restore  # type: ignore[method-assign]
    yield
    TransactionTestCase._fixture_teardown = before  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def _statics() -> None:
    """Vendor files gathered, static files collected: what `kalkan run` does before serving."""
    loaded.prepare_statics()
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(scope="session")
def prepared() -> Iterator[Path]:
    """A folder as `kalkan prepare` leaves it, for tests that start a system of their own from a copy of it.

    That a system makes all this from nothing is tested too, in tests/config.
    """
    with installation.short_folder() as folder:
        installation.prepare(folder)
        yield folder
