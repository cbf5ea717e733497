"""`kalkan import` and `kalkan export` on the command line."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.audit.models import AuditEvent
from kalkan.cases.models import Case
from kalkan.exchange.commands import app
from tests.exchange import tables
from tests.factories import make_case, make_institution, make_user

pytestmark = pytest.mark.django_db
runner = CliRunner()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(tables.many(4))
    return path


def test_an_import_says_in_json_what_it_did(table: Path) -> None:
    first = json.loads(runner.invoke(app, ["import", str(table), "--as", "ctdc", "--json"]).stdout)
    assert (first["rows"], first["created"], first["unchanged"], first["errors"]) == (4, 4, 0, [])
    assert first["seconds"] > 0
    second = json.loads(runner.invoke(app, ["import", str(table), "--as", "ctdc", "--json"]).stdout)
    assert (second["created"], second["updated"], second["unchanged"], second["failed"]) == (0, 0, 4, 0)


def test_wrong_rows_end_with_their_places_and_an_error(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(tables.ctdc(tables.GOOD.format(key=1), "2,31.02.2002,,,,,,,,,"))
    ended = runner.invoke(app, ["import", str(path), "--as", "ctdc", "--json"])
    assert ended.exit_code == 1
    (error,) = json.loads(ended.stdout)["errors"]
    assert (error["row"], error["column"], error["value"]) == (3, "yearOfRegistration", "31.02.2002")
    assert error["code"] == "no_such_day"
    assert error["mend"]
    in_words = runner.invoke(app, ["import", str(path), "--as", "ctdc"])
    assert "yearOfRegistration" in in_words.stdout
    assert not Case.objects.exists()


def test_a_dry_run_and_keeping_the_good_rows_are_options(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(tables.ctdc(tables.GOOD.format(key=1), "2,31.02.2002,,,,,,,,,"))
    runner.invoke(app, ["import", str(path), "--as", "ctdc", "--dry-run"])
    assert not Case.objects.exists()
    ended = runner.invoke(app, ["import", str(path), "--as", "ctdc", "--keep-good", "--json"])
    assert (ended.exit_code, json.loads(ended.stdout)["created"]) == (1, 1)


@pytest.mark.parametrize(
    "options", [["--as", "nothing"], ["--as", "htcds"], ["--as", "ctdc", "--by", "kimse@x.invalid"]]
)
def test_what_cannot_be_begun_says_why(table: Path, options: list[str]) -> None:
    ended = runner.invoke(app, ["import", str(table), *options])
    assert ended.exit_code == 2
    assert ended.stderr.strip()


def test_a_mapping_file_can_be_given_by_its_path(tmp_path: Path, centre: User) -> None:
    mapping, table = tmp_path / "own.toml", tmp_path / "own.csv"
    mapping.write_text('source = "Deneme"\n[[column]]\nname = "yil"\ntarget = "case.opened_on"\nrequired = true\n')
    table.write_text("yil\n2020\n2021\n2021\n")
    ended = runner.invoke(app, ["import", str(table), "--as", str(mapping), "--by", centre.email, "--json"])
    assert json.loads(ended.stdout)["created"] == 3
    again = runner.invoke(app, ["import", str(table), "--as", str(mapping), "--by", centre.email, "--json"])
    assert json.loads(again.stdout)["unchanged"] == 3


def test_an_export_is_written_to_a_file(tmp_path: Path) -> None:
    here = make_institution()
    case = make_case(institution=here)
    officer = make_user(Role.IDENTIFICATION_EXPERT, here)
    out = tmp_path / "cases.csv"
    ended = runner.invoke(app, ["export", "cases", "--by", officer.email, "--out", str(out)])
    assert ended.exit_code == 0
    rows = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig")), delimiter=";"))
    assert rows[1][0] == case.number
    assert AuditEvent.objects.get(action="exchange:export:run").channel == "command"
    assert out.stat().st_mode & 0o077 == 0


def test_a_workbook_is_written_to_a_file(tmp_path: Path, centre: User) -> None:
    out = tmp_path / "codes.xlsx"
    ended = runner.invoke(app, ["export", "codes", "--format", "xlsx", "--by", centre.email, "--out", str(out)])
    assert ended.exit_code == 0
    assert out.read_bytes().startswith(b"PK")


def test_a_figure_is_narrowed_like_on_its_page(tmp_path: Path, centre: User) -> None:
    out = tmp_path / "figure.csv"
    asked = ["--filter", "indicator=recorded-victims", "--filter", "by=sex"]
    assert runner.invoke(app, ["export", "figure", *asked, "--by", centre.email, "--out", str(out)]).exit_code == 0
    assert "Toplam" in out.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("options", [["nothing"], ["cases", "--format", "exe"], ["cases", "--filter", "noequals"]])
def test_an_export_that_cannot_be_says_why_and_leaves_no_file(
    tmp_path: Path, centre: User, options: list[str]
) -> None:
    out = tmp_path / "x"
    assert runner.invoke(app, ["export", *options, "--by", centre.email, "--out", str(out)]).exit_code == 2
    assert not out.exists()


def test_nobody_exports_what_they_may_not_see(tmp_path: Path) -> None:
    out = tmp_path / "x"
    stranger = make_user(Role.FRONTLINE_OFFICER)
    ended = runner.invoke(app, ["export", "cases", "--by", stranger.email, "--out", str(out)])
    assert ended.exit_code == 2
    assert not out.exists()


def test_an_export_never_writes_over_a_file(tmp_path: Path, centre: User) -> None:
    out = tmp_path / "x"
    out.write_text("kept")
    assert runner.invoke(app, ["export", "codes", "--by", centre.email, "--out", str(out)]).exit_code == 2
    assert out.read_text() == "kept"
