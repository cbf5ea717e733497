"""The parts of the page on which everything that a person receives stands together."""

from collections.abc import Callable
from typing import Any, NamedTuple

from kalkan.access.models import User
from kalkan.cases.models import Case


class Section(NamedTuple):
    """One part of the page: its heading, its template and what that shows. Nothing of it is for this user: None."""

    name: str
    title: str
    template: str
    context: dict[str, Any]


# In the order of the page. Each topic answers with its part, in a fixed number of queries.
SECTIONS: tuple[Callable[[Case, User], Section | None], ...] = (
    # pathways and travel documents
    #
    # support programme
    #
    # referrals
    #
    # shelters
    #
    # permits and returns
    #
    # official documents
    #
)


def sections(case: Case, user: User) -> list[Section]:
    """The parts that there are for this user."""
    return [part for make in SECTIONS if (part := make(case, user)) is not None]
