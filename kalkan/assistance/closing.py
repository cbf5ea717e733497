"""What must end before a case can be closed. See `kalkan.cases.services.steps`."""

from collections.abc import Callable

from kalkan.assistance.selectors import referrals, returns, shelters
from kalkan.assistance.selectors.programmes import running_programme
from kalkan.cases.models import Case

# Each answers with a sentence that says what to end first, or with nothing.
HINDRANCES: tuple[Callable[[Case], str], ...] = (
    # referrals
    referrals.hindrance,
    # support programme
    running_programme,
    # shelters
    shelters.hindrance,
    # permits and returns
    returns.hindrance,
)


def hindrance(case: Case) -> str:
    """The first sentence that stands in the way of closing the case; none where nothing does."""
    return next((sentence for ask in HINDRANCES if (sentence := ask(case))), "")
