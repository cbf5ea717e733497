"""What a part of the page of support is; each topic makes its own."""

from typing import Any, NamedTuple


class Section(NamedTuple):
    """One part of the page: its heading, its template and what that shows. Nothing of it is for this user: None."""

    name: str
    title: str
    template: str
    context: dict[str, Any]
