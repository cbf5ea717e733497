"""Dates and deadlines in words."""

from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from kalkan.web.templatetags import kalkan as tags

FEBRUARY = date(2026, 2, 21)


@pytest.mark.parametrize(
    ("precision", "turkish", "english"),
    [
        ("day", "21 Şubat 2026", "21 February 2026"),
        ("month", "Şubat 2026", "February 2026"),
        ("year", "2026", "2026"),
        ("about", "2026 dolayları", "about 2026"),
    ],
)
def test_a_date_is_said_no_more_exactly_than_it_is_known(precision: str, turkish: str, english: str) -> None:
    with override("tr"):
        assert tags.rough(FEBRUARY, precision) == turkish
    with override("en"):
        assert tags.rough(FEBRUARY, precision) == english


@pytest.mark.parametrize(
    ("days", "turkish", "english", "state"),
    [
        (-9, "9 gün gecikti", "9 days late", "late"),
        (-1, "1 gün gecikti", "1 day late", "late"),
        (0, "bugün", "today", "soon"),
        (1, "yarın", "tomorrow", "soon"),
        (12, "12 gün kaldı", "12 days left", "ahead"),
    ],
)
def test_a_deadline_says_in_words_how_far_it_is(days: int, turkish: str, english: str, state: str) -> None:
    value = timezone.localdate() + timedelta(days=days)
    with override("tr"):
        assert tags.relative(value) == turkish
    with override("en"):
        assert tags.relative(value) == english
        assert f"due-{state}" in render_to_string("components/due.html", tags.due(value))


def test_no_deadline_is_said_too() -> None:
    with override("tr"):
        assert "süre yok" in render_to_string("components/due.html", tags.due(None))
        assert tags.rough(None) == "bilinmiyor"
        assert [tags.yes_no(value) for value in (True, False, None)] == ["Evet", "Hayır", "Bilinmiyor"]
