import csv
import io
import json

import pytest
from typer.testing import CliRunner

from kalkan.access.roles import Role
from kalkan.audit.models import AuditEvent
from kalkan.statistics.commands import app
from kalkan.statistics.indicators import INDICATORS
from tests.factories import make_user
from tests.statistics.people import Told, write

pytestmark = pytest.mark.django_db


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def imported() -> None:
    write([Told(number, sex="female" if number else "male", source="CTDC", is_historic=True) for number in range(3)])
    write([Told(0, sex="female")])


@pytest.mark.usefixtures("imported")
def test_a_single_breakdown_prints_rows_and_a_mapping_of_counts():
    told = json.loads(run("indicator", "recorded-victims", "--by", "sex", "--source", "CTDC", "--json").output)
    assert told == {
        "indicator": "recorded-victims",
        "version": 1,
        "by": ["sex"],
        "filters": {"source": "CTDC"},
        "total": 3,
        "rows": [
            {"sex": "female", "count": 2},
            {"sex": "male", "count": 1},
            {"sex": "unknown", "count": 0},
        ],
        "counts": {"female": 2, "male": 1, "unknown": 0},
    }


@pytest.mark.usefixtures("imported")
def test_breakdowns_can_be_combined_and_filtered_by_year_and_province():
    told = json.loads(
        run("indicator", "recorded-victims", "--by", "year", "--by", "sex", "--province", "TR-06", "--json").output
    )
    assert {(row["year"], row["sex"]): row["count"] for row in told["rows"]} == {
        ("2024", "female"): 3,
        ("2024", "male"): 1,
    }
    assert json.loads(run("indicator", "recorded-victims", "--year", "2023", "--json").output)["total"] == 0


@pytest.mark.usefixtures("imported")
def test_csv_has_a_head_and_the_same_numbers():
    rows = list(csv.DictReader(io.StringIO(run("indicator", "recorded-victims", "--by", "source", "--csv").output)))
    assert rows == [
        {"source": "CTDC", "count": "3"},
        {"source": "kalkan", "count": "1"},
        {"source": "unknown", "count": "0"},
    ]


@pytest.mark.usefixtures("imported")
def test_without_a_format_a_table_in_words_is_printed():
    assert "Kadın" in run("indicator", "recorded-victims", "--by", "sex").output
    assert run("indicator", "days-to-decision").exit_code == 0


def test_what_does_not_exist_is_refused_with_what_does():
    for arguments, words in {
        ("indicator", "recorded"): "recorded-victims",
        ("indicator", "identified", "--by", "colour"): "citizenship",
        ("indicator", "identified", "--frozen"): "--year",
        ("indicator", "identified", "--frozen", "--year", "2001"): "kalkan snapshot freeze 2001",
        ("indicator", "identified", "--revision", "1"): "--frozen",
        ("snapshot", "freeze", "2020", "--by", "nobody@kalkan.invalid"): "no open account",
        ("snapshot", "freeze", "2500"): "2500",
    }.items():
        result = run(*arguments)
        assert result.exit_code == 2
        assert words in result.stderr


@pytest.mark.usefixtures("imported")
def test_a_year_is_frozen_told_again_and_verified():
    user = make_user(Role.CENTRAL_UNIT)
    assert "frozen" in run("snapshot", "freeze", "2024", "--by", user.email).output
    write([Told(0, source="CTDC", is_historic=True)])
    frozen = run("indicator", "recorded-victims", "--year", "2024", "--frozen", "--json").output
    assert json.loads(frozen)["total"] == 4
    found = {one["indicator"]: one for one in json.loads(run("snapshot", "verify", "--json").output)}
    assert (found["recorded-victims"]["intact"], found["recorded-victims"]["today"]) == (True, 5)
    assert "revision 1" in run("snapshot", "freeze", "2024", "--reason", "late").output
    assert run("snapshot", "verify").exit_code == 0
    analyst = make_user(Role.ANALYST)
    assert run("snapshot", "freeze", "2023", "--by", analyst.email).exit_code == 2


def test_every_indicator_is_listed():
    output = run("indicators").output
    assert all(one.code in output for one in INDICATORS)


def test_counting_is_recorded():
    run("indicator", "identified", "--by", "sex", "--json")
    assert AuditEvent.objects.get(action="statistics:figure:count").facts == {"indicator": "identified", "by": ["sex"]}
