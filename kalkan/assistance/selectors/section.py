"""One part of the page of support. Each topic makes its own; `hub` puts them in their order."""

from typing import Any, NamedTuple


class Section(NamedTuple):
    """One part of the page: its heading, its template and what that shows. Nothing of it is for this user: None."""

    name: str
    title: str
    template: str
    context: dict[str, Any]
