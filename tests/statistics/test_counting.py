from datetime import date
from statistics import median

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kalkan.statistics.breakdowns import BY_CODE as BREAKDOWNS
from kalkan.statistics.indicators import BY_CODE, INDICATORS, Measure
from kalkan.statistics.selectors import Filters, UnknownBreakdown, _counting, count, cube, table
from tests.statistics.people import Told, codes, populations, slow_count, slow_days, write

pytestmark = pytest.mark.django_db
COUNTED = [indicator for indicator in INDICATORS if indicator.measures is Measure.COUNT]
slowly = settings(max_examples=10, suppress_health_check=list(HealthCheck))


def as_counts(found):
    return {row.codes: row.count for row in found.rows if row.count}


@slowly
@given(populations(), st.data())
def test_sql_counts_what_a_slow_count_in_python_counts(population, data):
    with transaction.atomic():
        write(population)
        for indicator in COUNTED:
            by = data.draw(st.lists(st.sampled_from(indicator.breakdowns), max_size=3, unique=True))
            slow = slow_count(indicator.code, population, by, timezone.localdate())
            found = count(indicator, by)
            assert found.total == sum(slow.values())
            if by:
                assert as_counts(found) == dict(slow)
        transaction.set_rollback(True)


@slowly
@given(populations())
def test_every_table_adds_up_to_the_same_total(population):
    with transaction.atomic():
        write(population)
        for indicator in INDICATORS:
            whole = count(indicator)
            for code in indicator.breakdowns:
                found = count(indicator, [code])
                assert sum(row.count for row in found.rows) == found.total == whole.total
                assert found.median == whole.median
                assert "unknown" in found.counts
        transaction.set_rollback(True)


@slowly
@given(populations())
def test_medians_are_those_of_the_days_themselves(population):
    with transaction.atomic():
        write(population)
        slow = slow_days(population)
        found = count(BY_CODE["days-to-decision"], ["sex"])
        assert found.median == (median(days for _, _, days in slow) if slow else None)
        for row in found.rows:
            of_row = [days for one, on, days in slow if codes(one, on, ["sex"]) == row.codes]
            assert (row.count, row.median) == (len(of_row), median(of_row) if of_row else None)
        transaction.set_rollback(True)


@slowly
@given(populations())
def test_a_table_folded_from_the_whole_cube_is_the_table_counted_by_itself(population):
    with transaction.atomic():
        write(population)
        for indicator in INDICATORS:
            whole = cube(indicator, indicator.breakdowns)
            for code in indicator.breakdowns:
                assert table(indicator, whole, [code]) == count(indicator, [code])
        transaction.set_rollback(True)


def test_filters_leave_the_row_that_the_unfiltered_table_had():
    write(
        [
            Told(0),
            Told(1, province=None),
            Told(2, source="CTDC", is_historic=True),
            Told(3, decided_on=date(2023, 1, 1)),
        ]
    )
    victims, identified = BY_CODE["recorded-victims"], BY_CODE["identified"]
    assert count(victims, [], Filters(source="CTDC")).total == count(victims, ["source"]).counts["CTDC"] == 1
    assert count(identified, [], Filters(province="unknown")).total == 1
    assert count(identified, [], Filters(province="TR-06")).total == 2
    assert count(identified, [], Filters.of_year(2023)).total == count(identified, ["year"]).counts["2023"] == 1
    assert count(identified, [], Filters(first_year=2024)).total == 2


def test_imported_collections_are_recorded_victims_and_not_national_figures():
    write([Told(0, source="CTDC", is_historic=True)])
    assert count(BY_CODE["recorded-victims"]).total == 1
    assert count(BY_CODE["identified"]).total == 0


def test_a_person_recognised_twice_is_one_victim_in_the_first_year():
    write([Told(0, decided_on=date(2024, 5, 1)), Told(0, decided_on=date(2022, 5, 1))])
    assert count(BY_CODE["identified"], ["year"]).counts == {"2022": 1, "unknown": 0}


def test_records_judged_to_be_of_one_person_are_one_victim_over_any_chain_of_pairs():
    days = [date(2024, 1, 1), date(2022, 1, 1), date(2023, 1, 1), date(2021, 1, 1)]
    write([Told(person, decided_on=day, opened_on=day) for person, day in enumerate(days)], same=[(0, 2), (2, 1)])
    assert count(BY_CODE["identified"], ["year"]).counts == {"2021": 1, "2022": 1, "unknown": 0}
    assert count(BY_CODE["recorded-victims"]).total == 2


def test_a_refusal_under_reconsideration_is_not_in_force():
    write(
        [
            Told(0, stage="identification", outcome="not_recognised"),
            Told(1, stage="not_recognised", outcome="not_recognised"),
        ]
    )
    assert count(BY_CODE["not-recognised"]).total == 1


def test_several_citizenships_and_several_forms_have_one_row_of_their_own():
    write(
        [
            Told(0, citizenships=("UA", "MD"), forms=(("sexual",), ("labour",))),
            Told(1, citizenships=("UA",), forms=(("sexual", "unknown"), ("sexual",))),
            Told(2, forms=(("multiple",),)),
        ]
    )
    identified = BY_CODE["identified"]
    assert count(identified, ["citizenship"]).counts == {"UA": 1, "several": 1, "unknown": 1}
    assert count(identified, ["form"]).counts == {"sexual": 1, "several": 2, "unknown": 0}


def test_a_case_under_the_rules_for_children_is_in_no_adult_band():
    write([Told(0, is_child=True, age_band="24-26")])
    assert count(BY_CODE["identified"], ["age_band"]).counts == {"child": 1, "unknown": 0}


def test_rows_stand_by_size_or_in_the_order_of_their_list_and_unknown_stands_last():
    write(
        [
            Told(0, citizenships=("SY",)),
            Told(1, citizenships=("UA",)),
            Told(2, citizenships=("UA",)),
            Told(3),
            Told(4),
            Told(5),
        ]
    )
    found = count(BY_CODE["identified"], ["citizenship"])
    assert [row.codes for row in found.rows] == [("UA",), ("SY",), ("unknown",)]


def test_a_breakdown_that_the_indicator_does_not_have_is_refused_with_those_it_has():
    with pytest.raises(UnknownBreakdown, match="it can by year"):
        count(BY_CODE["identified"], ["stage"])


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda indicator: indicator.code)
def test_any_table_is_one_grouped_query_whatever_the_number_of_cases(indicator):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            cube(indicator, indicator.breakdowns)
        return len([one for one in captured if " FROM " in one["sql"]])

    few = queries()
    write([Told(person, forms=(("sexual",),)) for person in range(20)])
    assert queries() == few
    assert few == (2 if indicator.unit == "person" else 1)  # persons: the pairs judged the same come first


def test_no_cell_is_counted_by_a_query_of_its_own_for_each_case():
    """Episodes and earlier cases are joined, not looked up row by row: no sub-plan in any plan."""
    for indicator in INDICATORS:
        with CaptureQueriesContext(connection) as captured:
            cube(indicator, indicator.breakdowns)
        counting = next(one["sql"] for one in captured if "GROUPING" in one["sql"])
        with _counting() as cursor:
            cursor.execute(f"EXPLAIN {counting}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "SubPlan" not in plan, f"{indicator.code}:\n{plan}"
        assert "Nested Loop" not in plan, f"{indicator.code}:\n{plan}"


def test_counting_leaves_the_settings_of_the_connection_as_they_were():
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_nestloop")
        before = cursor.fetchone()
        count(BY_CODE["identified"])
        cursor.execute("SHOW enable_nestloop")
        assert cursor.fetchone() == before == ("on",)


def test_every_breakdown_of_every_indicator_is_known():
    assert {code for indicator in INDICATORS for code in indicator.breakdowns} == set(BREAKDOWNS)
