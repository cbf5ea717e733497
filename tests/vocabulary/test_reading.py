from datetime import date

import pytest
from django.utils import translation

from kalkan.vocabulary import selectors
from kalkan.vocabulary.calendar import add_months, add_working_days, due_on, is_working_day
from kalkan.vocabulary.models import Provision

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("list_code", "text", "code"),
    [
        ("country", "TR", "TR"),
        ("country", "Turkey", "TR"),
        ("country", "TÜRKİYE", "TR"),
        ("country", "tur", "TR"),
        ("country", "  Syrian  Arab Republic ", "SY"),
        ("country", "Filistin", "PS"),
        ("sex", "KADIN", "female"),
        ("sex", "kadin", "female"),
        ("htcds_vic_MethodsOfControl", "Debt bondage ", "DebtBondage"),
        ("sector", "F_Construction", "F"),
        ("exploitation_form", "Labor", "labour"),
        ("language", "tur", "tr"),
        ("province", "iğdir", "TR-76"),
        ("province", "06", "TR-06"),
        ("country", "Atlantis", None),
        ("country", "", None),
    ],
)
def test_a_code_is_found_by_code_label_or_alias(list_code: str, text: str, code: str | None) -> None:
    assert selectors.resolve(list_code, text) == code


def test_labels_follow_the_language() -> None:
    with translation.override("en"):
        assert selectors.label("sex", "female") == "Female"
        assert ("TR", "Türkiye") in selectors.choices("country")
    with translation.override("tr"):
        assert selectors.labels("sex", ["female", "male"]) == ["Kadın", "Erkek"]


def test_an_unknown_code_is_shown_as_it_is_and_an_unknown_list_is_an_error() -> None:
    assert selectors.label("sex", "neither") == "neither"
    with pytest.raises(KeyError):
        selectors.codes("no_such_list")


def test_choices_can_be_narrowed_to_one_parent() -> None:
    kidney = [code for code, _label in selectors.choices("exploitation_sub_form", parent="organ_removal")]

    assert kidney == ["kidney", "liver", "other_organ"]


def test_a_province_is_found_by_code() -> None:
    assert selectors.province("TR-06").name == "Ankara"
    assert len(selectors.provinces()) == 81


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),  # Saturday
        (date(2026, 11, 22), False),  # Sunday
        (date(2026, 10, 29), False),  # Republic Day
        (date(2026, 10, 28), True),  # the half day before it
        (date(2026, 3, 20), False),  # Ramadan Feast
        (date(2016, 7, 15), True),  # a Friday; a holiday from 2017 on
        (date(2019, 7, 15), False),
        (date(2024, 4, 8), False),  # administrative leave
    ],
)
def test_working_days_of_the_country(day: date, works: bool) -> None:
    assert is_working_day(day) is works


def test_working_days_jump_over_feasts_and_leave() -> None:
    assert add_working_days(date(2024, 4, 5), 1) == date(2024, 4, 9)
    assert add_working_days(date(2024, 4, 9), 1) == date(2024, 4, 15)
    assert add_working_days(date(2024, 4, 9), 0) == date(2024, 4, 9)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(start: date, count: int, end: date) -> None:
    assert add_months(start, count) == end


@pytest.mark.parametrize(
    ("code", "start", "end"),
    [
        ("reflection_period", date(2026, 11, 2), date(2026, 12, 2)),
        ("identification_deadline", date(2026, 11, 2), date(2026, 11, 16)),
        ("permit_extension", date(2026, 8, 31), date(2027, 2, 28)),
        ("permit_total", date(2026, 3, 1), date(2029, 3, 1)),
    ],
)
def test_a_term_ends_as_its_provision_says(code: str, start: date, end: date) -> None:
    assert due_on(selectors.provision(code, on=start), start) == end


def test_a_ground_has_no_term() -> None:
    with pytest.raises(ValueError, match="no term"):
        due_on(Provision(code="recognition_ground", kind="ground"), date(2026, 1, 1))
