"""Absences, incidents, reviews, staff and the census."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from kalkan.access.session import acting
from kalkan.assistance.lifecycle.shelters import WHY_NOT
from kalkan.assistance.models import CensusDay, CensusRow, Promise, Shift
from kalkan.assistance.services import shelters as services
from kalkan.assistance.services.promises import end_of
from kalkan.audit.models import Channel
from kalkan.cases.lifecycle import NotPossible
from kalkan.persons import services as persons
from tests.assistance.house import House, ago, today

pytestmark = pytest.mark.django_db


def open_promises(subject: object) -> set[tuple[str, object]]:
    rows = Promise.objects.filter(subject=subject.reference, kept_at=None, dropped_at=None)  # type: ignore[attr-defined]
    return {(one.kind, one.institution) for one in rows}


def test_an_absence_that_nobody_knew_of_is_owed_an_answer_within_hours() -> None:
    house = House()
    stay = house.resident(on=ago(4))
    away = services.record_absence(
        stay.reference, by=house.staff, is_planned=False, reason="not_known", since_on=ago(1)
    )
    assert ("absence_follow_up", house.institution) in open_promises(stay)
    with pytest.raises(NotPossible, match=str(WHY_NOT["away"])):
        services.record_absence(stay.reference, by=house.staff, is_planned=True, reason="visit", since_on=ago(1))
    with pytest.raises(NotPossible, match=str(WHY_NOT["before_it_began"])):
        services.end_absence(away.reference, by=house.staff, returned_on=ago(2))
    services.end_absence(away.reference, by=house.staff, returned_on=today())
    assert "absence_follow_up" not in {kind for kind, _who in open_promises(stay)}


def test_who_does_not_come_back_from_a_planned_absence_is_looked_for() -> None:
    house = House()
    stay = house.resident(on=ago(4))
    expected = today() + timedelta(days=1)
    away = services.record_absence(
        stay.reference, by=house.staff, is_planned=True, reason="court", since_on=today(), expected_on=expected
    )
    promise = Promise.objects.get(subject=stay.reference, kind="absence_follow_up")
    assert end_of(expected) < promise.due_at < end_of(expected) + timedelta(days=2), "not before the person is missed"
    services.end_absence(away.reference, by=house.staff, returned_on=today())
    assert {kind for kind, _who in open_promises(stay)} == {"stay_review"}


def test_a_severe_incident_is_followed_up_by_those_who_asked_for_the_place() -> None:
    house = House()
    stay = house.resident(on=ago(4))
    incident = services.report_incident(
        by=house.staff, kind="stranger", severity="severe", happened_on=ago(1), police_informed=True,
        stay=stay.reference,
    )  # fmt: skip
    assert open_promises(incident) == {("incident_follow_up", house.officer.institution)}
    with pytest.raises(NotPossible, match=str(WHY_NOT["before_it_began"])):
        services.follow_up_incident(incident.reference, by=house.officer, on=ago(2))
    with acting(Channel.PAGE, house.officer):
        done = services.follow_up_incident(incident.reference, by=house.officer, on=today(), account="Uydurma anlatım")
    assert open_promises(incident) == set()
    assert done.account is not None
    assert persons.read_text(done.account, by=house.officer, purpose="identification") == "Uydurma anlatım"


def test_an_incident_without_a_resident_stays_in_the_house() -> None:
    house, other = House(), House()
    incident = services.report_incident(
        by=house.staff, kind="fire", severity="severe", happened_on=today(), police_informed=False
    )
    for stranger in (house.officer, other.staff):
        with pytest.raises(Http404):
            services.follow_up_incident(incident.reference, by=stranger, on=today())


def test_nothing_is_reported_of_somebody_elses_resident() -> None:
    house, other = House(), House()
    stay = house.resident(on=ago(3))
    with pytest.raises(Http404):
        services.report_incident(
            by=other.staff, kind="threat", severity="minor", happened_on=today(), police_informed=False,
            stay=stay.reference,
        )  # fmt: skip


def test_a_review_sets_the_next_one() -> None:
    house = House()
    stay = house.resident(on=ago(20))
    before = Promise.objects.get(subject=stay.reference, kind="stay_review").due_at
    services.review_stay(stay.reference, by=house.staff, version=stay.version)
    after = Promise.objects.get(subject=stay.reference, kind="stay_review", kept_at=None)
    assert (after.due_at - before).days == 20


def test_the_number_on_duty_is_the_one_said_last() -> None:
    house = House()
    services.plan_shift(by=house.staff, day=today(), staff={"morning": 2, "night": 1})
    services.plan_shift(by=house.colleague, day=today(), staff={"night": 2})
    assert set(Shift.objects.values_list("part", "staff")) == {("morning", 2), ("night", 2)}


def test_the_census_counts_each_night_once_and_stands() -> None:
    house = House()
    stay = house.resident(0, on=ago(4))
    services.record_absence(stay.reference, by=house.staff, is_planned=True, reason="visit", since_on=ago(2))
    gone = house.resident(1, on=ago(4))
    house.leave(gone, on=ago(3))
    assert services.take_census(first=ago(4)) == {ago(4): 2, ago(3): 1, ago(2): 1, ago(1): 1}
    assert services.take_census(first=ago(9)) == {}, "what was counted stands"
    away = CensusRow.objects.filter(stay=stay).order_by("day").values_list("is_away", flat=True)
    assert list(away) == [False, False, True, True]
    house.leave(stay, on=ago(2))
    assert CensusRow.objects.filter(day=ago(1)).count() == 1, "a later correction does not reach it"
    for statement in ("UPDATE assistance_censusrow SET is_away = true", "DELETE FROM assistance_censusday"):
        with pytest.raises(IntegrityError, match="stands"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_census_of_a_night_takes_the_same_statements_for_one_resident_and_for_many() -> None:
    house = House(beds=6)
    house.resident(0, on=ago(9))
    with CaptureQueriesContext(
        connection,
    ) as one:
        services.take_census(until=ago(8))
    for bed in range(1, 6):
        house.resident(bed, on=ago(8))
    with CaptureQueriesContext(connection) as many:
        assert services.take_census(until=ago(7)) == {ago(7): 6}
    assert len(one) == len(many)


def test_a_night_that_is_not_over_is_not_counted() -> None:
    with pytest.raises(ValueError, match="not over"):
        services.take_census(until=today())
    assert not CensusDay.objects.exists()
