"""Rows that stand while all tests of a file are tried: a long story is told once, not before each test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def standing(blocker: Any) -> Iterator[None]:
    """For a fixture of a module, which needs `django_db_setup` and gives its `django_db_blocker`.

    What a test changes is rolled back with the test; what was made in here, after the last test of the file. Tests
    that commit (`transactional_db`) do not see these rows and cannot stand in the same file.
    """
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
