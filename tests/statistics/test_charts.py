import re

import pytest
from defusedxml.ElementTree import fromstring
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from kalkan.statistics import charts, numbers
from kalkan.statistics.charts import Point, Series

LABELS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12)
SERIES = [
    Series("Bizim", charts.OURS, [1, 0], "circle"),
    Series("Resmî", charts.OFFICIAL, [7, 4], "square"),
    Series("Başka", charts.OFFICIAL, [1, 0], "triangle-up", is_line=False),
]
POINTS = [Point("Bizim", 2020, 3), Point("Bizim", 2021, 8), Point("Resmî", 2020, 5), Point("Başka", 2021, 9)]


@settings(max_examples=15)
@given(st.lists(st.tuples(LABELS, st.integers(0, 10**9)), min_size=1, max_size=8, unique_by=lambda row: row[0]))
def test_a_chart_is_well_formed_and_carries_nothing_that_the_content_policy_blocks(rows):
    _check(charts.bars(rows, description='<script>"&'))


def test_lines_are_well_formed_and_carry_nothing_that_the_content_policy_blocks():
    _check(charts.lines(POINTS, SERIES, description="Seriler"))


def _check(drawn: str) -> None:
    svg = fromstring(drawn)
    for element in svg.iter():
        assert element.tag.removeprefix(f"{{{charts.SVG}}}") in {"svg", "g", "path", "text", "line", "rect"}
        assert "style" not in element.attrib
        assert not [name for name in element.attrib if name.startswith("on") or "href" in name]
        for name in ("fill", "stroke"):
            # Every colour is the page's own, so that dark and light both hold.
            assert re.fullmatch(r"none|transparent|currentColor|var\(--[a-z-]+\)", element.attrib.get(name, "none")), (
                element.attrib
            )
    assert svg.attrib["role"] == "img"
    assert svg.attrib["aria-label"]
    assert "width" not in svg.attrib


def test_bars_carry_their_numbers_as_the_language_writes_them():
    for language, written in (("tr", "35.534"), ("en", "35,534")):
        with override(language):
            assert written in charts.bars([("Kadın", 35534)], description="x")


def test_series_differ_without_colour_and_are_named():
    drawn = charts.lines(POINTS, SERIES, description="x")
    assert 'stroke-dasharray="7,4"' in drawn
    for one in SERIES:
        assert f">{one.name}<" in drawn


def test_the_same_numbers_are_drawn_once():
    charts._drawn.cache_clear()
    for _ in range(3):
        charts.bars([("a", 1)], description="x")
    assert charts._drawn.cache_info().misses == 1


@pytest.mark.parametrize(
    ("language", "whole", "decimal", "share"),
    [("tr", "1.234.567", "12,5", "%33,3"), ("en", "1,234,567", "12.5", "33.3%")],
)
def test_numbers_follow_the_language(language, whole, decimal, share):
    with override(language):
        assert numbers.whole(1234567) == whole
        assert numbers.decimal(12.5) == decimal
        assert numbers.share(1, 3) == share
        assert (numbers.decimal(None), numbers.share(0, 0)) == ("–", "–")
