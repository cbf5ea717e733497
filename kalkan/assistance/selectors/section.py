"""What a part of the page of support is, and a part of a list; each topic makes its own."""

from typing import Any, NamedTuple

from django.db.models import QuerySet

from kalkan.assistance.lifecycle.promises import Words


class Section(NamedTuple):
    """One part of the page: its heading, its template and what that shows. Nothing of it is for this user: None."""

    name: str
    title: str
    template: str
    context: dict[str, Any]


class Box(NamedTuple):
    """One part of a list that is looked at part by part."""

    name: str
    title: Words
    rows: QuerySet[Any]
