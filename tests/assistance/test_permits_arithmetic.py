"""How long a person may stay, reckoned with dates alone."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kalkan.assistance.lifecycle.permits import (
    EXTENSION,
    FIRST,
    Period,
    Terms,
    broken_rule,
    chain,
    days_used,
    last_day,
    longest,
    next_start,
    office_day,
)
from kalkan.vocabulary.calendar import add_months

TERMS = Terms(
    first=lambda day: day + timedelta(days=30),
    extension=lambda day: add_months(day, 6),
    total=lambda day: add_months(day, 36),
)
MOST = 366 + 365 + 365  # three years hold one leap day at most


def first(on: date) -> Period:
    return Period(on, TERMS.first(on))


def test_the_first_permit_is_thirty_days_whatever_the_month() -> None:
    assert first(date(2024, 2, 29)).ends_on == date(2024, 3, 30)
    assert first(date(2026, 1, 31)).ends_on == date(2026, 3, 2)


def test_a_chain_of_extensions_ends_on_the_day_three_years_after_the_first() -> None:
    granted = [first(date(2026, 3, 2))]
    found = chain(granted, TERMS)
    assert found[0] == Period(date(2026, 4, 1), date(2026, 10, 1))
    assert all(one.ends_on == two.starts_on for one, two in pairwise(found))
    assert found[-1].ends_on == date(2029, 3, 2)
    assert found[-1].days < (found[0].ends_on - found[0].starts_on).days


def test_a_chain_that_began_on_a_leap_day_ends_on_the_last_day_of_february() -> None:
    assert chain([first(date(2024, 2, 29))], TERMS)[-1].ends_on == date(2027, 2, 28)


def test_six_months_from_the_end_of_august_end_with_february() -> None:
    assert longest(EXTENSION, [Period(date(2025, 8, 1), date(2025, 8, 31))], date(2025, 8, 31), TERMS) == date(
        2026, 2, 28
    )


def test_days_without_a_permit_are_not_counted_into_the_maximum() -> None:
    cancelled = Period(date(2026, 1, 1), date(2026, 1, 31), cancelled_on=date(2026, 1, 11))
    assert days_used([cancelled], before=date(2027, 1, 1)) == 10
    assert last_day([cancelled], date(2027, 1, 11), TERMS.total) == date(2030, 1, 1)


def test_a_permit_cancelled_before_it_began_took_no_day() -> None:
    never = Period(date(2026, 4, 1), date(2026, 10, 1), cancelled_on=date(2026, 3, 20))
    assert never.days == 0
    assert not never.holds_on(date(2026, 4, 1))
    begun = first(date(2026, 3, 2))
    assert next_start([begun, never]) == begun.ends_on
    assert broken_rule(EXTENSION, [begun, never], Period(begun.ends_on, date(2026, 5, 1)), TERMS) == ""


@pytest.mark.parametrize(
    ("kind", "wanted", "broken"),
    [
        (EXTENSION, Period(date(2026, 4, 1), date(2026, 10, 1)), ""),
        (EXTENSION, Period(date(2026, 4, 1), date(2026, 10, 2)), "beyond_term"),
        (EXTENSION, Period(date(2026, 4, 2), date(2026, 10, 1)), "does_not_follow"),
        (EXTENSION, Period(date(2026, 3, 31), date(2026, 9, 1)), "overlaps"),
        (EXTENSION, Period(date(2026, 4, 1), date(2026, 4, 1)), "ends_before_it_begins"),
        (FIRST, Period(date(2026, 3, 20), date(2026, 4, 19)), "overlaps"),
    ],
)
def test_each_broken_rule_has_its_name(kind: str, wanted: Period, broken: str) -> None:
    assert broken_rule(kind, [first(date(2026, 3, 2))], wanted, TERMS) == broken


def test_an_extension_beyond_three_years_is_refused_though_it_is_short() -> None:
    granted = [first(date(2026, 3, 2)), *chain([first(date(2026, 3, 2))], TERMS)]
    last = granted[-1].ends_on
    assert broken_rule(EXTENSION, granted, Period(last, last + timedelta(days=1)), TERMS) == "beyond_total"
    assert chain(granted, TERMS) == []


def test_a_change_of_law_leaves_what_began_before_it() -> None:
    change = date(2027, 1, 1)
    new = Terms(TERMS.first, lambda day: add_months(day, 3 if day >= change else 6), TERMS.total)
    found = chain([first(date(2026, 3, 2))], new)
    assert found[0].ends_on == date(2026, 10, 1)  # by the old law
    assert found[1].ends_on == date(2027, 4, 1)  # begun before the change, so by the old law too
    assert found[2].ends_on == date(2027, 7, 1)


def test_a_term_that_ends_on_a_holiday_leaves_the_office_day_before_it() -> None:
    closed = {date(2026, 10, 29), date(2026, 10, 28)}
    assert office_day(date(2026, 10, 29), lambda day: day not in closed) == date(2026, 10, 27)
    assert office_day(date(2026, 10, 27), lambda day: day not in closed) == date(2026, 10, 27)


ACTS = st.lists(
    st.tuples(st.sampled_from(["first", "extend", "cancel"]), st.integers(0, 400), st.integers(1, 400)),
    min_size=1,
    max_size=40,
)


@given(ACTS, st.dates(date(2014, 4, 11), date(2040, 1, 1)))
@settings(max_examples=300)
def test_no_sequence_of_requests_and_cancellations_passes_a_maximum(
    acts: list[tuple[str, int, int]], today: date
) -> None:
    granted: list[Period] = []
    for act, wait, length in acts:
        today += timedelta(days=wait)
        if act == "cancel":
            granted = [
                Period(one.starts_on, one.ends_on, one.cancelled_on or (today if one.until >= today else None))
                for one in granted
            ]
            continue
        starts_on = today if act == "first" else next_start(granted) or today
        kind = FIRST if act == "first" else EXTENSION
        wanted = Period(starts_on, starts_on + timedelta(days=length))
        if not broken_rule(kind, granted, wanted, TERMS):
            granted.append(wanted)
    spans = sorted((one.starts_on, one.until) for one in granted if one.days)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    assert sum(one.days for one in granted) <= MOST
    for one in granted:
        assert one.ends_on <= max(TERMS.first(one.starts_on), TERMS.extension(one.starts_on))
    if granted and all(one.cancelled_on is None for one in granted):
        until = granted[-1].ends_on
        ahead = chain(granted, TERMS)
        assert sum(one.days for one in [*granted, *ahead]) <= MOST
        assert not ahead or ahead[0].starts_on == until
