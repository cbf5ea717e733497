"""What may be said about a person."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from kalkan.persons.details import (
    ContactGiven,
    DocumentGiven,
    NameGiven,
    NotValid,
    PersonDetails,
    RoughDate,
    age_on,
    born_about,
    problems,
    rough_date,
)
from kalkan.persons.models import Majority, Precision

TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def sentence(day: int | None, month: int | None, year: int | None) -> str:
    with pytest.raises(NotValid) as refused:
        rough_date(day, month, year, today=TODAY)
    return refused.value.problems[0].message


@pytest.mark.parametrize(
    ("numbers", "precision"),
    [((3, 5, 1998), Precision.DAY), ((None, 5, 1998), Precision.MONTH), ((None, None, 1998), Precision.YEAR)],
)
def test_a_date_is_as_precise_as_its_numbers(numbers: tuple[Any, ...], precision: Precision) -> None:
    assert rough_date(*numbers, today=TODAY).precision == precision


def test_about_a_year_spans_two_years_each_way() -> None:
    about = rough_date(None, None, 1998, is_about=True, today=TODAY)
    assert (about.earliest, about.latest) == (date(1996, 1, 1), date(2000, 12, 31))


def test_the_31st_of_february_is_refused() -> None:
    assert sentence(31, 2, 1998) == "There is no day 31 in month 2 of 1998."


def test_a_leap_day_exists_only_in_leap_years() -> None:
    assert rough_date(29, 2, 2000, today=TODAY).value == date(2000, 2, 29)
    assert "no day 29" in sentence(29, 2, 1900)


def test_a_persian_or_hijri_year_is_refused_with_what_it_may_mean() -> None:
    assert "Persian 1403 is 2024–2025, Hijri 1403 is about 1983" in sentence(1, 2, 1403)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((3, 3, 2026), "future"),
        ((None, None, 2567), "future"),
        ((1, 1, 98), "four digits"),
        ((1, 13, 1998), "1 to 12"),
        ((5, None, 1998), "month too"),
        ((1, 1, None), "Enter the year"),
        ((0, 1, 1998), "no day 0"),
        ((1, 1, 99999), "four digits"),
    ],
)
def test_an_impossible_date_is_refused(numbers: tuple[Any, ...], words: str) -> None:
    assert words in sentence(*numbers)


@given(st.integers(-10, 100), st.integers(-5, 50), st.integers(-100, 20000), st.booleans())
def test_any_three_numbers_give_a_date_or_a_sentence(day: int, month: int, year: int, is_about: bool) -> None:
    try:
        said = rough_date(day, month, year, is_about=is_about, today=TODAY)
    except NotValid:
        return
    assert said.earliest <= said.middle <= said.latest
    assert said.value <= TODAY


@given(st.dates(date(1900, 1, 1), TODAY), st.sampled_from(Precision.values))
def test_bands_and_majority_never_contradict(value: date, precision: str) -> None:
    birth = RoughDate(value, precision)
    said = PersonDetails(birth=birth)
    band, majority = said.age_band_on(TODAY), said.majority_on(TODAY)
    if majority == Majority.CHILD:
        assert band in {"0-8", "9-17"}
    elif majority == Majority.ADULT:
        assert band in {"18-20", "21-23", "24-26", "27-29", "30-38", "39-47", "48+"}
        assert age_on(birth.latest, TODAY) >= 18
    else:
        assert (majority, band) == (Majority.PRESUMED_CHILD, "unknown")


@pytest.mark.parametrize(
    ("fields", "majority", "band"),
    [
        ({"birth": RoughDate(date(2008, 3, 2))}, "adult", "18-20"),
        ({"birth": RoughDate(date(2008, 3, 3))}, "child", "9-17"),
        ({"birth": RoughDate(date(2008, 1, 1), "year")}, "presumed_child", "unknown"),
        ({"birth": RoughDate(date(2007, 1, 1), "year")}, "adult", "18-20"),
        ({"birth": RoughDate(date(2000, 1, 1), "about")}, "adult", "24-26"),
        ({"birth": RoughDate(date(2000, 1, 1)), "is_age_in_doubt": True}, "presumed_child", "unknown"),
        ({"is_age_in_doubt": True}, "presumed_child", "unknown"),
        ({"majority": "adult"}, "adult", "adult"),
        ({"majority": "child"}, "child", "child"),
        ({"majority": "adult", "is_age_in_doubt": True}, "presumed_child", "unknown"),
        ({}, "unknown", "unknown"),
    ],
)
def test_while_age_is_in_doubt_a_child_is_presumed(fields: dict[str, Any], majority: str, band: str) -> None:
    said = PersonDetails(**fields)
    assert (said.majority_on(TODAY), said.age_band_on(TODAY)) == (majority, band)


def test_a_stated_age_is_a_rough_birth() -> None:
    assert born_about(17, today=TODAY) == RoughDate(date(2009, 1, 1), Precision.ABOUT)
    with pytest.raises(NotValid):
        born_about(126, today=TODAY)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"names": (NameGiven("given", ""),)}, "names"),
        ({"names": (NameGiven("given", "123"),)}, "names"),
        ({"names": (NameGiven("given", "A" * 151),)}, "names"),
        ({"names": (NameGiven("given", "Ольга", "", "Ольга"),)}, "names"),
        ({"birth": RoughDate(date(2030, 1, 1))}, "birth"),
        ({"birth": RoughDate(date(1403, 1, 1))}, "birth"),
        ({"documents": (DocumentGiven("passport", " - "),)}, "documents"),
        ({"documents": (DocumentGiven("passport", "1" * 61),)}, "documents"),
        ({"contacts": (ContactGiven("mobile", ""),)}, "contacts"),
        ({"contacts": (ContactGiven("mobile", "12"),)}, "contacts"),
        ({"contacts": (ContactGiven("email", "x" * 501),)}, "contacts"),
        ({"contacts": (ContactGiven("mobile", "05321234567", False),), "may_be_called": True}, "contacts"),
        ({"majority": "maybe"}, "majority"),
    ],
)
def test_what_cannot_be_recorded_is_said_field_by_field(fields: dict[str, Any], field: str) -> None:
    assert [problem.field for problem in problems(PersonDetails(**fields), today=TODAY)] == [field]


def test_nothing_at_all_may_be_known() -> None:
    assert problems(PersonDetails(), today=TODAY) == []
