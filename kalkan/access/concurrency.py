"""Two officers on one row cannot silently overwrite each other; a slow line never makes two records."""

from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


class Versioned(Protocol):
    version: int


class Changed(Exception):
    """Somebody saved the row since it was shown. Carries the row as it now stands, for the page that shows both."""

    def __init__(self, current: Any):
        super().__init__(f"{type(current).__name__} {current.pk} is now at version {current.version}")
        self.current = current


def claim(row: Versioned, version: int) -> None:
    """Take the next version of a locked row that the writer saw at `version`. Raises Changed if it moved on."""
    if row.version != version:
        raise Changed(row)
    row.version += 1


def already_made(rows: QuerySet[Row], request_key: UUID | None) -> Row | None:
    """The row that an earlier submission of the same form made, if there is one.

    Inside a transaction the key stays taken until its end, so that of two submissions at the same moment the second
    waits, and then finds the row of the first.
    """
    if request_key is None:
        return None
    with connection.cursor() as cursor:
        key = int.from_bytes(request_key.bytes[:8], "big", signed=True)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
    return rows.filter(request_key=request_key).first()
