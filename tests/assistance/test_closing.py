"""A case is not closed over what is still open: a bed, a request for one, a referral that nobody answered or took."""

from collections.abc import Callable

import pytest

from kalkan.access.session import acting
from kalkan.assistance.closing import hindrance
from kalkan.assistance.services import referral_moves as moves
from kalkan.assistance.services import shelters
from kalkan.audit.models import Channel
from kalkan.cases import services as cases
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case
from tests.assistance.house import House, today
from tests.assistance.referral_story import Cast, accepted, acts, make_cast, referred

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def closes(case: Case, cast: Cast) -> str:
    """What stands in the way, asked as the runtime role."""
    with acting(Channel.PAGE, cast.protector):
        return hindrance(case)


def test_a_referral_is_answered_withdrawn_or_seen_to_first(cast: Cast) -> None:
    waiting = referred(cast)
    assert "waits for its answer" in closes(cast.case, cast)
    with acts(cast.partner):
        moves.decline(waiting.reference, by=cast.partner, version=1, reason="full")
    assert "Nobody took the person on" in closes(cast.case, cast)
    with acts(cast.protector):
        moves.see_to(waiting.reference, by=cast.protector)
    assert closes(cast.case, cast) == ""


def test_who_was_accepted_goes_on_being_helped(cast: Cast) -> None:
    accepted(cast)
    assert closes(cast.case, cast) == ""


@pytest.mark.parametrize(
    "begin", [lambda house, case: house.request(case), lambda house, case: house.resident(case=case)]
)
def test_a_bed_and_a_request_for_one_come_before_the_end(begin: Callable[[House, Case], object]) -> None:
    house = House()
    case = house.case()
    begin(house, case)
    with pytest.raises(NotPossible, match="stays in a shelter, or a place is asked for"):
        cases.close_case(case.reference, by=house.officer, on=today(), reason="support_completed")


def test_after_the_stay_the_case_can_be_closed() -> None:
    house = House()
    case = house.case()
    house.leave(house.resident(case=case))
    other = house.request(case)
    shelters.withdraw_stay(other.reference, by=house.officer, version=other.version, reason="no_need")
    assert hindrance(case) == ""
