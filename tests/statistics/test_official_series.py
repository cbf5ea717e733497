from dataclasses import astuple

import pytest
from django.conf import settings

from kalkan.config.database import ROOT
from kalkan.statistics.definitions import as_markdown
from kalkan.statistics.models import OfficialFigure
from kalkan.statistics.selectors import official_series
from kalkan.statistics.services import Loaded, load_official_series

FILE = settings.DATA / "official" / "identified.csv"


@pytest.mark.django_db
def test_loading_twice_changes_nothing():
    OfficialFigure.objects.all().delete()
    rows = len(FILE.read_text().splitlines()) - 1
    assert load_official_series() == Loaded(created=rows, changed=0, removed=0, unchanged=0)
    assert load_official_series() == Loaded(created=0, changed=0, removed=0, unchanged=rows)


@pytest.mark.django_db
def test_a_figure_changed_or_taken_out_of_the_file_follows_it(tmp_path):
    load_official_series()
    other = tmp_path / "other.csv"
    lines = FILE.read_text().splitlines()
    other.write_text("\n".join([lines[0], lines[1].replace(",239,", ",240,"), *lines[3:]]), encoding="utf-8")
    assert astuple(load_official_series(other))[:3] == (0, 1, 1)
    assert OfficialFigure.objects.get(year=2004, measure="identified").value == 240


@pytest.mark.django_db
def test_contradicting_sources_stand_side_by_side_the_main_one_first():
    load_official_series()
    series = official_series("identified")
    assert sorted(series) == list(range(2004, 2024))
    assert [(one.value, one.is_main) for one in series[2021]] == [(402, True), (349, False)]
    assert all(figures[0].is_main for figures in series.values())
    assert {year: found[0].value for year, found in official_series("interviewed").items()} == {
        2016: 1930, 2017: 5000, 2018: 3612, 2019: 4500, 2020: 4919, 2021: 8077, 2022: 21236,
    }  # fmt: skip


def test_the_page_of_definitions_is_current():
    assert (ROOT / "docs" / "indicators.md").read_text(encoding="utf-8") == as_markdown(), (
        "write it anew: kalkan indicators --markdown > docs/indicators.md"
    )
