"""The parts of the page on which everything that a person receives stands together."""

from collections.abc import Callable

from kalkan.access.models import User
from kalkan.assistance.selectors.section import Section as Section
from kalkan.assistance.selectors.shelters import hub_section as shelter_section
from kalkan.cases.models import Case

# In the order of the page. Each topic answers with its part, in a fixed number of queries.
SECTIONS: tuple[Callable[[Case, User], Section | None], ...] = (
    # pathways and travel documents
    #
    # support programme
    #
    # referrals
    #
    # shelters
    shelter_section,
    # permits and returns
    #
    # official documents
    #
)


def sections(case: Case, user: User) -> list[Section]:
    """The parts that there are for this user."""
    return [part for make in SECTIONS if (part := make(case, user)) is not None]
