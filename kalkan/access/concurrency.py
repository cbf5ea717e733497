"""Two officers on one row cannot silently overwrite each other; a slow line never makes two records."""

from typing import Any, Protocol, TypeVar
from uuid import UUID

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
    """The row that an earlier submission of the same form made, if there is one."""
    return None if request_key is None else rows.filter(request_key=request_key).first()
