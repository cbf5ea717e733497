"""Dates are understood where they are clear, and refused where a guess could turn a child into an adult."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalkan.exchange.problems import SENTENCES, CellRefused
from kalkan.exchange.values import band, folded, rough_day, whole_number, words

TODAY = date(2026, 6, 15)


def refusal(text: str, order: str | None = None) -> str:
    with pytest.raises(CellRefused) as refused:
        rough_day(text, order=order, today=TODAY)
    assert refused.value.code in SENTENCES
    return refused.value.code


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("2024-03-31", date(2024, 3, 31), "day"),
        ("2024-03-31T10:00:00Z", date(2024, 3, 31), "day"),
        ("2024-03-31 10:00", date(2024, 3, 31), "day"),
        ("31.03.2024", date(2024, 3, 31), "day"),
        ("5.3.2024", date(2024, 3, 5), "day"),
        ("31/03/2024", date(2024, 3, 31), "day"),
        ("03/31/2024", date(2024, 3, 31), "day"),
        ("5/5/2024", date(2024, 5, 5), "day"),
        ("2024/3/5", date(2024, 3, 5), "day"),
        ("03.2024", date(2024, 3, 1), "month"),
        ("2024-03", date(2024, 3, 1), "month"),
        ("2024", date(2024, 1, 1), "year"),
        ("2002.0", date(2002, 1, 1), "year"),
        ("~1990", date(1990, 1, 1), "about"),
        ("yaklaşık 1990", date(1990, 1, 1), "about"),
        ("۲۰۲۴-۰۳-۳۱", date(2024, 3, 31), "day"),
        ("٢٠٢٤", date(2024, 1, 1), "year"),
        ("29.02.2024", date(2024, 2, 29), "day"),
    ],
)
def test_a_clear_date_is_understood_with_its_precision(text: str, value: date, precision: str) -> None:
    assert rough_day(text, today=TODAY) == (value, precision)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("31.02.2020", "no_such_day"),
        ("29.02.2023", "no_such_day"),
        ("2020-13-01", "no_such_day"),
        ("00.00.2020", "no_such_day"),
        ("13/13/2020", "no_such_day"),
        ("03/05/2024", "order_unclear"),
        ("3-5-2024", "order_unclear"),
        ("1403", "other_calendar"),
        ("1403/05/12", "other_calendar"),
        ("12.05.1403", "other_calendar"),
        ("۱۴۰۳", "other_calendar"),
        ("1445-09-01", "other_calendar"),
        ("01/02/1403", "other_calendar"),
        ("2567-01-01", "other_calendar"),
        ("45123", "serial_number"),
        ("45123.5", "serial_number"),
        ("1850", "year_out_of_reach"),
        ("9999", "year_out_of_reach"),
        ("2026-06-16", "in_the_future"),
        ("2030", "in_the_future"),
        ("5.3.24", "not_a_date"),
        ("March 2024", "not_a_date"),
        ("bilinmiyor", "not_a_date"),
        ("2024-3-31-1", "not_a_date"),
        ("", "not_a_date"),
    ],
)
def test_an_unclear_date_is_refused_with_its_reason(text: str, code: str) -> None:
    assert refusal(text) == code


def test_a_mapping_can_say_which_comes_first() -> None:
    assert rough_day("03/05/2024", order="mdy", today=TODAY).value == date(2024, 3, 5)
    assert rough_day("03/05/2024", order="dmy", today=TODAY).value == date(2024, 5, 3)
    assert rough_day("03.05.2024", order="mdy", today=TODAY).value == date(2024, 5, 3), "dots always mean day first"
    assert refusal("31/03/2024", order="mdy") == "no_such_day"


@given(st.dates(date(1900, 1, 1), TODAY))
def test_every_day_is_read_back_from_the_ways_to_write_it(day: date) -> None:
    for text in (day.isoformat(), f"{day:%d.%m.%Y}", f"{day:%Y/%m/%d}"):
        assert rough_day(text, today=TODAY) == (day, "day")
    assert rough_day(f"{day:%m/%d/%Y}", order="mdy", today=TODAY).value == day


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    try:
        found = rough_day(text, today=TODAY)
    except CellRefused as refused:
        code = refused.code
    else:
        code = "needed"
        assert date(1900, 1, 1) <= found.value <= TODAY
    assert code in SENTENCES


@given(st.integers(-(10**6), 10**6))
def test_a_whole_number_is_read_back(number: int) -> None:
    assert whole_number(str(number)) == whole_number(f"{number}.0") == number


@pytest.mark.parametrize("text", ["", "on", "1.5", "1e3", "0x10", "12345678901", "--1", "1 000"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(CellRefused, match="not_a_number"):
        whole_number(text)


def test_a_band_holds_both_its_edges() -> None:
    bands = {"0-8": (0, 8), "9-17": (9, 17), "18+": (18, None)}
    assert [band(text, bands) for text in ("0", "8", "9", "17", "18", "99")] == [
        *("0-8", "0-8", "9-17", "9-17", "18+", "18+")
    ]
    with pytest.raises(CellRefused, match="outside_bands"):
        band("-1", bands)


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "\ue000"])
def test_text_that_nobody_can_have_typed_is_refused(text: str) -> None:
    with pytest.raises(CellRefused, match="control_character"):
        words(text, limit=100)


@given(st.text())
def test_folding_is_done_once_and_for_all(text: str) -> None:
    assert folded(folded(text)) == folded(text)
