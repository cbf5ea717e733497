"""The parts of the page on which everything that a person receives stands together."""

from collections.abc import Callable

from kalkan.access.models import User
from kalkan.assistance.selectors import pathways, permits, referrals, returns
from kalkan.assistance.selectors.documents import documents_section
from kalkan.assistance.selectors.papers import papers_section
from kalkan.assistance.selectors.programmes import programme_section
from kalkan.assistance.selectors.section import Section as Section
from kalkan.assistance.selectors.shelters import hub_section as shelter_section
from kalkan.cases.models import Case

# In the order of the page. Each topic answers with its part, in a fixed number of queries.
SECTIONS: tuple[Callable[[Case, User], Section | None], ...] = (
    # pathways and travel documents
    pathways.section,
    papers_section,
    # support programme
    programme_section,
    # referrals
    referrals.section,
    # shelters
    shelter_section,
    # permits and returns
    permits.section,
    returns.section,
    # official documents
    documents_section,
)


def sections(case: Case, user: User) -> list[Section]:
    """The parts that there are for this user."""
    return [part for make in SECTIONS if (part := make(case, user)) is not None]
