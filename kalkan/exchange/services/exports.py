"""Taking a list out: permission asked, the act recorded, rows as a stream."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kalkan.access.models import User
from kalkan.access.policy import require
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.policy import require_any
from kalkan.exchange.lists import LISTS, ExportList
from kalkan.exchange.writing import Value


class NoSuchList(LookupError):
    """No list of that name can be exported, or it does not exist for this user."""


@dataclass(frozen=True, slots=True)
class Export:
    """A list on its way out."""

    definition: ExportList
    headings: list[str]
    rows: Iterator[list[Value]]
    count: int


def begin_export(name: str, *, by: User, filters: Mapping[str, str]) -> Export:
    """The list `name` as `by` may see it, narrowed like the page it stands on. Recorded before the first row leaves.

    Raises NoSuchList, and Refused for somebody who may not export or may not see the list.
    """
    definition = LISTS.get(name)
    if definition is None:
        raise NoSuchList(name)
    require(by, Permission.EXPORT_RUN)
    if definition.needs:
        require_any(by, definition.needs)
    found = definition.find(by, filters)
    if found is None:
        raise NoSuchList(name)
    count = len(found) if isinstance(found, list) else found.count()
    record(Event.EXPORTED, by=by, facts={"list": name, "count": count})
    columns = definition.columns_for(by, filters)
    rows = ([column.value(row) for column in columns] for row in definition.stream(found))
    return Export(definition, [str(column.label) for column in columns], rows, count)
