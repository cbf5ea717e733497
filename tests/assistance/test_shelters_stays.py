"""A stay from the request to the last day: who may do what, and what is refused with which sentence."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404

from kalkan.access.concurrency import Changed
from kalkan.access.roles import Role
from kalkan.access.session import acting
from kalkan.assistance.lifecycle.shelters import MOVES, WHY_NOT, Status, is_high_risk, misfits
from kalkan.assistance.models import Bed, BedUse, Promise, Stay
from kalkan.assistance.services import shelters as services
from kalkan.audit.models import Channel
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case
from kalkan.persons.models import Person
from tests.assistance.house import House, ago, today
from tests.factories import make_case, make_person, make_user

pytestmark = pytest.mark.django_db


def refused(why: str) -> Any:
    return pytest.raises(NotPossible, match=str(WHY_NOT[why])[:40].replace("(", r"\("))


def owed(subject: object, kind: str) -> list[Promise]:
    return list(Promise.objects.filter(subject=subject.reference, kind=kind, kept_at=None, dropped_at=None))  # type: ignore[attr-defined]


def test_a_place_is_asked_for_answered_taken_and_left() -> None:
    house = House()
    stay = house.request(urgency="now", risks=["pursued"])
    assert [one.institution for one in owed(stay, "stay_answer")] == [house.institution]
    waiting = services.keep_waiting(stay.reference, by=house.staff, version=stay.version)
    assert (waiting.status, owed(stay, "stay_answer")) == (Status.WAITING, [])
    assert [one.institution for one in owed(stay, "stay_elsewhere")] == [house.officer.institution]
    admitted = house.admit(house.assess(stay), house.beds[0], on=ago(3))
    assert admitted.status == Status.ADMITTED
    assert [one.provision.code for one in owed(stay, "stay_review") if one.provision] == ["stay_review"]
    house.leave(stay, on=ago(1))
    stay.refresh_from_db()
    assert (stay.status, stay.left_on, stay.reason) == (Status.LEFT, ago(1), "own_home")
    assert BedUse.objects.get(stay=stay).until_on == ago(1)
    assert not Promise.objects.filter(subject=stay.reference, kept_at=None, dropped_at=None).exists()


def test_the_staff_do_their_work_behind_the_second_wall_and_see_neither_case_nor_person() -> None:
    house = House()
    stay = house.request(house.case(needs_interpreter=True), needs=["interpreter"])
    with acting(Channel.PAGE, house.staff):
        assert not Case.objects.exists()
        assert not Person.objects.exists()
        house.admit(house.assess(stay), house.beds[0], on=ago(2))
        away = services.record_absence(
            stay.reference, by=house.staff, is_planned=False, reason="not_known", since_on=ago(1)
        )
        services.end_absence(away.reference, by=house.staff, returned_on=today())
        services.report_incident(
            by=house.staff, kind="threat", severity="severe", happened_on=ago(1), police_informed=True,
            stay=stay.reference,
        )  # fmt: skip
        stay.refresh_from_db()
        services.move_bed(stay.reference, by=house.staff, version=stay.version, bed=house.beds[1].reference, on=ago(1))
        house.leave(stay)
    assert Stay.objects.get(pk=stay.pk).status == Status.LEFT


def test_the_officer_asks_behind_the_second_wall_too() -> None:
    house = House()
    case = house.case()
    with acting(Channel.PAGE, house.officer):
        stay = house.request(case)
        services.withdraw_stay(stay.reference, by=house.officer, version=stay.version, reason="no_need")
        assert not Bed.objects.exists(), "beds are the house's own"


def test_a_request_sent_twice_is_one_request() -> None:
    house, key = House(), uuid4()
    case = house.case()
    assert house.request(case, request_key=key).pk == house.request(case, request_key=key).pk


def test_a_shelter_is_asked_once_for_a_person_while_the_request_is_open() -> None:
    house = House()
    case = house.case()
    house.request(case)
    with refused("asked_already"):
        house.request(case)


def test_no_place_is_asked_for_in_a_closed_case() -> None:
    house = House()
    case = make_case(make_person(house.officer.institution), house.officer.institution, stage="closed")
    with pytest.raises(NotPossible):
        house.request(case)


def test_nobody_is_admitted_without_answers_on_safety() -> None:
    house = House()
    with refused("assessed"):
        house.admit(house.request(), house.beds[0])


def test_every_question_is_answered() -> None:
    house = House()
    stay = house.request()
    with refused("assessed"):
        services.assess_stay(stay.reference, by=house.staff, version=stay.version, answers={"danger_others": "no"})


def test_high_risk_asks_for_a_ground_and_a_second_officer() -> None:
    house = House()
    stay = house.assess(house.request(), address_known="yes")
    assert stay.is_high_risk
    with refused("ground"):
        house.admit(stay, house.beds[0], by=house.colleague)
    house.assess(stay, ground="danger_to_life", address_known="yes")
    with refused("another_hand"):
        house.admit(stay, house.beds[0], by=house.staff)
    assert house.admit(stay, house.beds[0], by=house.colleague).status == Status.ADMITTED


def test_the_database_refuses_an_admission_against_the_assessment_by_one_hand() -> None:
    house = House()
    stay = house.assess(house.request(), ground="guarded", address_known="yes")
    with pytest.raises(IntegrityError, match="two_hands"), transaction.atomic():
        Stay.objects.filter(pk=stay.pk).update(status="admitted", admitted_by=house.staff, admitted_on=today())


@pytest.mark.parametrize(
    ("profiles", "person", "found"),
    [
        (["women"], {"sex": "female"}, []),
        (["women"], {"sex": "male"}, ["sex"]),
        (["men"], {"sex": "female"}, ["sex"]),
        (["women"], {"sex": "female", "is_child": True}, ["age"]),
        (["children"], {"sex": "male", "is_child": True}, []),
        (["women"], {"sex": "female", "children": 2}, ["family"]),
        (["families"], {"sex": "female", "children": 2}, []),
        (["women"], {"sex": "female", "needs": ["step_free", "medical"]}, ["access", "care"]),
        (["men", "special_needs"], {"sex": "male", "needs": ["medical"]}, []),
        (["women"], {"sex": "unknown"}, []),
    ],
)
def test_the_fit_of_a_house(profiles: list[str], person: dict[str, object], found: list[str]) -> None:
    given = {"sex": "unknown", "is_child": False, "children": 0, "needs": []} | person
    assert misfits(profiles, is_accessible=False, **given) == found  # type: ignore[arg-type]


def test_two_lesser_dangers_make_a_high_risk() -> None:
    assert not is_high_risk({"phone_traced": "yes", "danger_others": "unknown"})
    assert is_high_risk({"phone_traced": "yes", "danger_others": "yes"})


def test_a_house_that_does_not_fit_asks_for_a_ground() -> None:
    house = House(profiles=["men"])
    stay = house.assess(house.request())
    assert stay.misfits == ["sex"]
    with refused("ground"):
        house.admit(stay, house.beds[0], by=house.colleague)


def test_a_bed_that_is_taken_is_refused_with_a_sentence_and_free_again_from_the_last_day() -> None:
    house = House()
    first = house.resident(0, on=ago(5))
    other = house.assess(house.request())
    with refused("bed_taken"):
        house.admit(other, house.beds[0], on=ago(2))
    house.leave(first, on=ago(2))
    assert house.admit(other, house.beds[0], on=ago(2)).status == Status.ADMITTED


def test_a_stay_that_would_overlap_another_in_the_same_bed_is_refused() -> None:
    house = House()
    first = house.resident(0, on=ago(5))
    house.leave(first, on=ago(2))
    other = house.assess(house.request())
    with refused("bed_taken"):
        house.admit(other, house.beds[0], on=ago(4))


def test_a_person_is_in_one_shelter_at_a_time() -> None:
    here = House()
    there = House(officer=here.officer)
    case = here.case()
    elsewhere = there.assess(there.request(case))
    here.resident(0, on=ago(3), case=case)
    with refused("elsewhere"):
        there.admit(elsewhere, there.beds[0], on=ago(1))
    another_case = make_case(case.person, here.officer.institution, stage="protection")
    again = there.assess(there.request(another_case))
    with refused("elsewhere"):
        there.admit(again, there.beds[0], on=ago(1))


def test_a_move_to_another_shelter_ends_the_first_stay_in_the_same_transaction() -> None:
    here = House()
    there = House(officer=here.officer)
    case = here.case()
    stay = here.resident(0, on=ago(5), case=case)
    services.record_absence(stay.reference, by=here.staff, is_planned=True, reason="visit", since_on=ago(3))
    moved = there.request(case)
    assert moved.replaces == stay
    with acting(Channel.PAGE, there.staff):
        assert not Stay.objects.filter(pk=stay.pk).exists(), "the other house is nothing of theirs"
        there.admit(there.assess(moved), there.beds[0], on=ago(1))
    stay.refresh_from_db()
    assert (stay.status, stay.left_on, stay.reason) == (Status.LEFT, ago(1), "transfer")
    assert list(BedUse.objects.order_by("first_on").values_list("first_on", "until_on")) == [
        (ago(5), ago(1)),
        (ago(1), None),
    ]
    assert not Promise.objects.filter(subject=stay.reference, kept_at=None, dropped_at=None).exists()


def test_a_move_that_fails_leaves_the_first_stay_as_it_was() -> None:
    here = House()
    there = House(officer=here.officer)
    case = here.case()
    stay = here.resident(0, on=ago(5), case=case)
    there.resident(0, on=ago(9))
    moved = there.assess(there.request(case))
    with refused("bed_taken"):
        there.admit(moved, there.beds[0], on=ago(1))
    stay.refresh_from_db()
    assert (stay.status, stay.left_on) == (Status.ADMITTED, None)


def test_a_bed_out_of_service_is_not_given_and_a_bed_in_use_not_closed() -> None:
    house = House()
    closure = services.close_bed(house.beds[0].reference, by=house.staff, reason="repair", first_on=ago(2))
    stay = house.assess(house.request())
    with refused("bed_closed"):
        house.admit(stay, house.beds[0])
    services.open_bed(house.beds[0].reference, by=house.staff)
    closure.refresh_from_db()
    assert closure.until_on == today()
    house.admit(stay, house.beds[0])
    with refused("in_use"):
        services.close_bed(house.beds[0].reference, by=house.staff, reason="repair", first_on=today())
    with refused("before_it_began"):
        services.close_bed(house.beds[1].reference, by=house.staff, reason="repair", first_on=today(), until_on=ago(1))


def test_days_to_come_and_days_before_the_beginning_are_refused() -> None:
    house = House()
    stay = house.assess(house.request())
    with refused("future"):
        house.admit(stay, house.beds[0], on=today() + timedelta(days=1))
    house.admit(stay, house.beds[0], on=ago(2))
    with refused("order"):
        house.leave(stay, on=ago(3))


def test_a_move_within_the_house_keeps_one_stay() -> None:
    house = House()
    stay = house.resident(0, on=ago(4))
    services.move_bed(stay.reference, by=house.staff, version=stay.version, bed=house.beds[1].reference, on=ago(1))
    assert [use.bed_id for use in stay.bed_uses.all()] == [bed.pk for bed in house.beds]
    with refused("bed_taken"):
        taken = house.resident(0, on=today())
        services.move_bed(
            taken.reference, by=house.staff, version=taken.version, bed=house.beds[1].reference, on=today()
        )


def test_every_move_that_the_table_does_not_have_is_refused_by_code_and_database() -> None:
    house = House()
    possible = {(source, move.target) for move in MOVES for source in move.sources}
    stay = house.request()
    stays = {Status.REQUESTED: stay}
    house.leave(other := house.resident(0, on=ago(1)))
    stays[Status.LEFT] = other
    for source, row in stays.items():
        for target in Status:
            if (source, target) in possible or source == target:
                continue
            with pytest.raises(IntegrityError), transaction.atomic():
                Stay.objects.filter(pk=row.pk).update(status=target)
    other.refresh_from_db()
    with pytest.raises(NotPossible):
        services.decline_stay(other.reference, by=house.staff, version=other.version, reason="full")


def test_another_shelter_and_another_office_do_not_see_the_stay() -> None:
    house, other = House(), House(province="TR-35")
    stay = house.request()
    for stranger in (other.staff, other.officer, make_user(Role.CENTRAL_UNIT), make_user(Role.IDENTIFICATION_EXPERT)):
        with pytest.raises(Http404):
            services.keep_waiting(stay.reference, by=stranger, version=stay.version)
    with pytest.raises(PermissionDenied):
        services.keep_waiting(stay.reference, by=house.officer, version=stay.version)
    with pytest.raises(PermissionDenied):
        services.withdraw_stay(stay.reference, by=house.staff, version=stay.version, reason="error")


def test_a_bed_of_another_house_does_not_exist() -> None:
    house, other = House(), House()
    with pytest.raises(Http404):
        house.admit(house.assess(house.request()), other.beds[0])


def test_who_saw_an_older_version_changes_nothing() -> None:
    house = House()
    stay = house.request()
    services.keep_waiting(stay.reference, by=house.staff, version=stay.version)
    with pytest.raises(Changed):
        services.decline_stay(stay.reference, by=house.colleague, version=stay.version, reason="full")
