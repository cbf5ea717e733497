"""The command: what it prints where, how it fails, and that it can be stopped and taken up again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner

from tally.cli import app
from tally.prevalence import ALL_METHODS, bootstrap
from tests.tally.conftest import REPOSITORY
from tests.tally.prevalence.test_strata import provinces

TABLES = REPOSITORY / "tally" / "prevalence" / "tables"
QUICK = ["--method", "stepwise", "--method", "bic", "--replicates", "300", "--no-sensitivity"]


def run(*arguments: str, file: str | Path = TABLES / "UKdat_5.csv", folder: Path):
    return CliRunner().invoke(app, ["prevalence", str(file), "--checkpoints", str(folder), *arguments])


def test_json_is_all_that_stands_on_standard_output(tmp_path: Path) -> None:
    result = run("--json", "--report", str(tmp_path / "r.html"), *QUICK, folder=tmp_path / "kept")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["methods"]["stepwise"]["estimate"] == pytest.approx(11312.99, abs=0.01)
    assert "r.html" in result.stderr


def test_without_json_the_verdict_comes_first(tmp_path: Path) -> None:
    result = run(*QUICK, folder=tmp_path)
    assert result.stdout.startswith("Do not publish a figure")
    assert "22,991" in result.stdout
    turkish = run(*QUICK, "--language", "tr", folder=tmp_path)
    assert turkish.stdout.startswith("Sayı yayımlanmamalı")
    assert "22.991" in turkish.stdout


def test_methods_and_strata_may_be_given_with_commas_and_all_means_all(tmp_path: Path) -> None:
    rest = ("--replicates", "50", "--no-sensitivity", "--json")
    two = run("--method", "stepwise,bic", *rest, folder=tmp_path)
    assert list(json.loads(two.stdout)["methods"]) == ["stepwise", "bic"]
    every = run("--method", "all", *rest, folder=tmp_path)
    assert list(json.loads(every.stdout)["methods"]) == list(ALL_METHODS)


def test_options_reach_the_estimate(tmp_path: Path) -> None:
    result = run(
        "--json",
        "--method", "stepwise", "--threshold", "0.002", "--replicates", "100", "--seed", "7", "--level", "0.8",
        "--interval", "bca", "--merge", "PFNCA=PF+NCA", "--rename", "GP=public", "--no-sensitivity",
        file=TABLES / "UKdat.csv",
        folder=tmp_path,
    )  # fmt: skip
    told = json.loads(result.stdout)
    assert sorted(told["lists"]) == ["GO", "LA", "NG", "PFNCA", "public"]
    stepwise = told["methods"]["stepwise"]
    assert stepwise["estimate"] == pytest.approx(12262.41, abs=0.01)
    assert stepwise["criterion"]["value"] == 0.002
    assert (stepwise["interval"]["level"], stepwise["interval"]["method"]) == (0.8, "bca")


def test_strata_are_estimated_and_their_sum_is_told(tmp_path: Path) -> None:
    columns = provinces(1)
    file = tmp_path / "provinces.csv"
    rows = zip(*columns.values(), strict=True)
    file.write_text("\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]), encoding="utf-8")
    result = run("--json", "--strata", "province", *QUICK, file=file, folder=tmp_path)
    told = json.loads(result.stdout)["details"]["strata"]
    assert told["by"] == ["province"]
    assert told["total"] == pytest.approx(sum(stratum["estimate"] for stratum in told["strata"]))
    printed = run("--strata", "province", *QUICK, "--report", str(tmp_path / "r.html"), file=file, folder=tmp_path)
    assert "İstanbul" in printed.stdout
    assert "İstanbul" in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "said"),
    [("A,B,count\n1,0,4\n", "too few"), ("A,B,C,count\n1,0,0,4\n0,1,0,4\n", "Nobody is on two lists"), ("", "empty")],
)
def test_an_unusable_table_fails_with_words_and_no_traceback(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(content)
    result = run("--json", file=file, folder=tmp_path)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "wrong",
    [["--language", "fr"], ["--report", "r.doc"], ["--merge", "AB"], ["--method", "magic"], ["--interval", "x"],
     ["--threshold", "2"], ["--omit", "nobody"], ["--strata", "nothing"]],
)  # fmt: skip
def test_a_wrong_option_fails_with_words_and_no_traceback(tmp_path: Path, wrong: list[str]) -> None:
    result = run(*wrong, folder=tmp_path)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    result = run(file=tmp_path / "gone.csv", folder=tmp_path)
    assert result.exit_code == 2
    assert "gone.csv" in result.stderr


def test_an_interrupted_run_goes_on_from_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[int, int]] = []
    resample = bootstrap.resample

    def watched(histories, seed, first, last):
        if stop and first >= 2000:
            raise KeyboardInterrupt
        drawn.append((first, last))
        return resample(histories, seed, first, last)

    monkeypatch.setattr(bootstrap, "resample", watched)
    arguments = ["--json", "--method", "stepwise", "--replicates", "5000", "--no-sensitivity"]
    stop = True
    interrupted = run(*arguments, folder=tmp_path)
    assert interrupted.exit_code == 130
    assert "goes on from there" in interrupted.stderr
    assert interrupted.stdout == ""
    assert len(list(tmp_path.iterdir())) == 1
    stop = False
    resumed = run(*arguments, folder=tmp_path)
    assert drawn == [(0, 2000), (2000, 4000), (4000, 5000)]
    assert list(tmp_path.iterdir()) == []
    in_one_go = run(*arguments, folder=tmp_path)
    one, other = (json.loads(result.stdout)["methods"] for result in (resumed, in_one_go))
    assert one == other


@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_report_stands_alone_and_has_a_table_for_every_picture(tmp_path: Path, language: str) -> None:
    file = tmp_path / "r.html"
    result = run("--report", str(file), "--language", language, "--replicates", "300", folder=tmp_path)
    assert result.exit_code == 0
    page = file.read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in page
    for part in page.split("<section>")[1:]:
        assert part.count("<figure") <= part.count("<table")
    assert page.count("<figure") == 5
    assert "<script" not in page
    assert 'src="' not in page
    outside = [piece for piece in page.split('"') if piece.startswith(("http:", "https:"))]
    assert all(address.startswith("http://www.w3.org/") for address in outside)
    assert ("22.991" if language == "tr" else "22,991") in page


def test_the_pdf_has_text_that_can_be_searched_in_turkish(tmp_path: Path) -> None:
    file = tmp_path / "r.pdf"
    run("--report", str(file), "--language", "tr", *QUICK, folder=tmp_path)
    text = "".join(page.extract_text() for page in PdfReader(file).pages)
    assert "Sayı yayımlanmamalı" in text
    assert "22.991" in text
    assert "Neyi varsayıyor" in text


def test_names_that_look_like_markup_are_only_names(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    lists = '<b>A</b>,"B ""#x"" \\",[C]$_*'
    file.write_text(f"{lists},count\n1,0,0,40\n0,1,0,30\n0,0,1,20\n1,1,0,16\n0,1,1,12\n1,0,1,14\n")
    for ending in ("html", "pdf"):
        result = run("--report", str(tmp_path / f"r.{ending}"), *QUICK, file=file, folder=tmp_path / "kept")
        assert result.exit_code == 0, result.output
    assert "<b>A</b>" not in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "[C]$_*" in "".join(page.extract_text() for page in PdfReader(tmp_path / "r.pdf").pages)


def test_the_package_asks_for_nothing_but_its_core_dependencies() -> None:
    """A researcher installs no Django, no database driver and no data-frame library."""
    script = (
        "import sys, tally.cli, tally.prevalence as p\n"
        "p.estimate(p.published_table('Korea'), method=['bic', 'graphical'], replicates=20)\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}))"
    )
    found = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    loaded = set(eval(found.stdout))  # noqa: S307  our own list of module names
    assert not loaded & {"django", "psycopg", "kalkan", "pandas", "polars", "pyarrow", "statsmodels", "altair"}
