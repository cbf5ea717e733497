"""What a list that can be exported is made of."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.access.sensitivity import Act, Sensitivity, may
from kalkan.exchange.writing import Value

Filters = Mapping[str, str]
Rows = QuerySet | list
_PIECE = 2_000


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, what stands under it for a row, and of which class that is."""

    label: str | Promise
    value: Callable[[Any], Value]
    sensitivity: Sensitivity = Sensitivity.PLAIN


@dataclass(frozen=True, slots=True)
class ExportList:
    """One list. `find` gives its rows for a user, or None where it does not exist for them.

    Any one of `needs` opens it, together with the permission to export; none at all: that permission alone.
    """

    name: str
    title: str | Promise
    needs: tuple[Permission, ...]
    find: Callable[[User, Filters], Rows | None]
    columns: tuple[Column, ...] | Callable[[Filters], tuple[Column, ...]]

    def opens_for(self, held: Collection[Permission]) -> bool:
        """True if whoever holds these permissions may export it."""
        return Permission.EXPORT_RUN in held and (not self.needs or any(one in held for one in self.needs))

    def columns_for(self, user: User, filters: Filters) -> tuple[Column, ...]:
        """The columns that may leave with this user; of a figure they depend on how it is broken down."""
        columns = self.columns(filters) if callable(self.columns) else self.columns
        return tuple(column for column in columns if may(user, Act.EXPORT, column.sensitivity))

    def stream(self, rows: Rows) -> Iterator[Any]:
        """The rows, a piece at a time."""
        return iter(rows) if isinstance(rows, list) else rows.iterator(chunk_size=_PIECE)
