"""Whom no shelter has taken yet is not forgotten: whoever asked for a place owes another one."""

import pytest
from django.urls import reverse

from kalkan.access.session import acting
from kalkan.assistance.lifecycle.promises import BY_CODE
from kalkan.assistance.lifecycle.shelters import WHY_NOT
from kalkan.assistance.models import Promise, Stay
from kalkan.assistance.services import shelters as services
from kalkan.audit.models import Channel
from kalkan.cases.lifecycle import NotPossible
from tests.assistance.house import House
from tests.assistance.test_shelters_pages import browser, page, send

pytestmark = pytest.mark.django_db


def owing(stay: Stay) -> list[object]:
    rows = Promise.objects.filter(subject=stay.reference, kind="stay_elsewhere", kept_at=None, dropped_at=None)
    return [one.institution for one in rows]


def declined(house: House, stay: Stay) -> Stay:
    with acting(Channel.PAGE, house.staff):
        return services.decline_stay(stay.reference, by=house.staff, version=stay.version, reason="full")


def test_a_place_that_was_refused_is_owed_until_another_shelter_is_asked() -> None:
    house, other = House(), House()
    case = house.case()
    stay = declined(house, house.request(case, urgency="now"))
    assert owing(stay) == [house.officer.institution]
    promise = Promise.objects.get(subject=stay.reference, kind="stay_elsewhere")
    assert (promise.due_at - promise.made_at).total_seconds() < 2 * 3600 + 5, "in danger: within hours"
    services.request_stay(
        case.reference, by=house.officer, shelter=other.shelter, urgency="now", wanted_on=stay.wanted_on
    )
    assert owing(stay) == []


def test_who_waits_for_a_bed_is_looked_after_until_a_bed_is_given() -> None:
    house = House()
    stay = house.request()
    with acting(Channel.PAGE, house.staff):
        services.keep_waiting(stay.reference, by=house.staff, version=stay.version)
        assert not Promise.objects.filter(kind="stay_elsewhere").exists(), "the house owes nothing of this"
    assert owing(stay) == [house.officer.institution]
    with acting(Channel.PAGE, house.staff):
        house.admit(house.assess(stay), house.beds[0])
    assert owing(stay) == []


def test_a_request_that_is_taken_back_owes_nothing() -> None:
    house = House()
    stay = house.request()
    waiting = services.keep_waiting(stay.reference, by=house.staff, version=stay.version)
    services.withdraw_stay(stay.reference, by=house.officer, version=waiting.version, reason="no_need")
    assert owing(stay) == []


def test_the_officer_says_on_the_page_that_the_person_has_a_place() -> None:
    house = House()
    stay = declined(house, house.request())
    officer, staff = browser(house.officer), browser(house.staff)
    address = reverse("assistance:see_to_stay", args=[stay.reference])
    assert address in page(officer, "stay", stay.reference)
    assert address not in page(staff, "stay", stay.reference)
    send(staff, "see_to_stay", stay.reference, status=403)
    send(officer, "see_to_stay", stay.reference)
    assert owing(stay) == []
    assert address not in page(officer, "stay", stay.reference)
    with pytest.raises(NotPossible, match=str(WHY_NOT["nothing_owed"])):
        services.see_to_stay(stay.reference, by=house.officer)


def test_the_centre_is_told_of_whom_no_shelter_took() -> None:
    assert BY_CODE["stay_elsewhere"].escalates
