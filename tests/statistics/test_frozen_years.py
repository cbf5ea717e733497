from datetime import date

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.persons.models import Person
from kalkan.statistics.breakdowns import FROZEN_DIMENSIONS
from kalkan.statistics.indicators import BY_CODE, INDICATORS
from kalkan.statistics.models import Revision, Snapshot
from kalkan.statistics.selectors import Filters, UnknownBreakdown, count, frozen
from kalkan.statistics.services import NotPossible, freeze_year, verify_snapshots
from tests.factories import make_user
from tests.statistics.people import Told, write

pytestmark = pytest.mark.django_db
IDENTIFIED = BY_CODE["identified"]


@pytest.fixture
def frozen_2024() -> None:
    write([Told(0, sex="female", citizenships=("UA",)), Told(1, sex="male", referred_on=(date(2024, 5, 1),))])
    freeze_year(2024, by=None)


def arrive_late() -> None:
    write([Told(9, sex="male", forms=(("labour",),))])


@pytest.mark.usefixtures("frozen_2024")
def test_a_frozen_year_tells_every_table_as_it_was_counted():
    before = {
        (one.code, code): count(one, [code], Filters.of_year(2024))
        for one in INDICATORS
        for code in (*FROZEN_DIMENSIONS, "age_group")
        if not one.is_state
    }
    arrive_late()
    Person.objects.update(sex="other")
    for (indicator, code), table in before.items():
        assert frozen(BY_CODE[indicator], 2024, [code]) == table
    crossed = frozen(IDENTIFIED, 2024, ["sex", "citizenship"])
    assert {row.codes: row.count for row in crossed.rows} == {("female", "UA"): 1, ("male", "unknown"): 1}


@pytest.mark.usefixtures("frozen_2024")
def test_freezing_again_without_a_change_writes_nothing():
    again = freeze_year(2024, by=None)
    assert not any(one.is_new for one in again)
    assert not Revision.objects.exists()
    assert AuditEvent.objects.filter(action=Event.SNAPSHOT_FROZEN).count() == Snapshot.objects.count()


@pytest.mark.usefixtures("frozen_2024")
def test_a_later_change_is_a_revision_with_old_new_and_reason_beside_the_frozen_figure():
    arrive_late()
    with pytest.raises(NotPossible, match="2"):
        freeze_year(2024, by=None)
    freeze_year(2024, by=None, reason="late")
    revision = Revision.objects.get(snapshot__indicator="identified")
    assert (revision.number, revision.old_total, revision.new_total, revision.reason) == (1, 2, 3, "late")
    assert revision.changes == [["TR-06", "male", "unknown", "unknown", "labour", "kalkan", 0, 1]]
    assert frozen(IDENTIFIED, 2024, revision=0).total == 2
    assert frozen(IDENTIFIED, 2024).total == frozen(IDENTIFIED, 2024, revision=1).total == 3


@pytest.mark.usefixtures("frozen_2024")
def test_a_revision_can_move_a_person_from_one_cell_to_another():
    Person.objects.filter(sex="male").update(sex="female")
    freeze_year(2024, by=None, reason="corrected")
    assert frozen(IDENTIFIED, 2024, ["sex"]).counts == {"female": 2, "unknown": 0}
    assert frozen(IDENTIFIED, 2024, ["sex"], revision=0).counts == {"female": 1, "male": 1, "unknown": 0}
    assert all(one.is_intact and one.is_same for one in verify_snapshots())


@pytest.mark.parametrize("table", ["statistics_snapshot", "statistics_revision"])
@pytest.mark.parametrize("change", ["UPDATE {} SET version = 9", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.usefixtures("frozen_2024")
def test_the_database_refuses_to_change_what_is_frozen(table, change):
    arrive_late()
    freeze_year(2024, by=None, reason="late")
    connection.check_constraints()  # what is still to be checked would stand in the way of TRUNCATE by itself
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))


@pytest.mark.usefixtures("frozen_2024")
def test_checking_finds_a_row_that_was_changed_behind_the_trigger():
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE statistics_snapshot DISABLE TRIGGER snapshot_is_never_changed")
        cursor.execute("UPDATE statistics_snapshot SET total = 99 WHERE indicator = 'identified'")
        cursor.execute("ALTER TABLE statistics_snapshot ENABLE TRIGGER snapshot_is_never_changed")
    assert {one.snapshot.indicator for one in verify_snapshots() if not one.is_intact} == {"identified"}


@pytest.mark.usefixtures("frozen_2024")
def test_checking_tells_what_counts_differently_today():
    arrive_late()
    found = next(one for one in verify_snapshots() if one.snapshot.indicator == "identified")
    assert (found.is_intact, found.is_same, found.frozen_total, found.live_total, found.changed_cells) == (
        True,
        False,
        2,
        3,
        1,
    )


def test_a_year_that_is_not_over_cannot_be_frozen():
    with pytest.raises(NotPossible):
        freeze_year(timezone.localdate().year, by=None)
    assert not Snapshot.objects.exists()


def test_a_reason_outside_the_list_is_refused():
    with pytest.raises(NotPossible, match="late"):
        freeze_year(2024, by=None, reason="because")


def test_only_who_may_freezes():
    with pytest.raises(Refused):
        freeze_year(2024, by=make_user(Role.ANALYST))
    freeze_year(2024, by=make_user(Role.CENTRAL_UNIT))
    assert Snapshot.objects.filter(year=2024, frozen_by__isnull=False).count() == sum(
        not one.is_state for one in INDICATORS
    )


@pytest.mark.usefixtures("frozen_2024")
def test_a_frozen_year_has_no_breakdown_by_year_or_stage():
    for code in ("year", "stage"):
        with pytest.raises(UnknownBreakdown):
            frozen(IDENTIFIED, 2024, [code])
