"""The auditor finds what is planted, tells how, and does not claim what does not follow."""

import csv
import itertools
import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tally.cli import app
from tally.disclosure.attack import attack
from tally.disclosure.hierarchy import Hierarchy, HierarchyError, of_years
from tally.disclosure.notation import UNBOUNDED, read
from tally.disclosure.published import PublishedError, read_tables
from tally.disclosure.system import build
from tests.tally.disclosure.tables import TREES, printed

SHARED = Path(os.environ.get("KALKAN_SHARED_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))
GLOTIP = SHARED / "glotip" / "glotip_tur_and_neighbours.csv"


def test_a_cell_follows_from_its_total() -> None:
    result = attack([printed("t", ["sex"], {("Total",): "181", ("Female",): "179", ("Male",): "<5"})])
    assert (result.suppressed, result.derived_exactly, result.narrowed) == (1, 1, 0)
    [finding] = result.findings
    assert (finding.low, finding.high) == (2, 2)
    assert finding.derivation == ("Male = Total (181) − Female (179) = 2",)
    assert finding.places == ("t:4",)


def test_a_leak_across_tables_is_found_through_the_margin_they_share() -> None:
    first = printed("sex", ["sex"], {("F",): "40", ("M",): "x"})
    second = printed("age", ["age"], {("child",): "20", ("adult",): "23"})
    result = attack([first, second])
    assert [(f.cell, f.low) for f in result.findings if f.kind == "exact"] == [("M", 3)]


def test_a_leak_across_years_is_found_through_a_period() -> None:
    cells = {("2019",): "12", ("2020",): "x", ("2021",): "9", ("2019–2021",): "24"}
    result = attack([printed("t", ["year"], cells)])
    assert [(f.cell, f.low) for f in result.findings] == [("2020", 3)]


def test_a_leak_between_two_releases_is_found_where_one_prints_what_the_other_hides() -> None:
    old = printed("2020", ["year", "sex"], {("2019", "M"): "<5", ("2019", "F"): "30"})
    new = printed("2021", ["year", "sex"], {("2019", "M"): "4", ("2019", "F"): "30"})
    result = attack([old, new])
    [finding] = result.findings
    assert (finding.kind, finding.low) == ("exact", 4)
    assert 'printed "4" and "<5" in different places' in finding.derivation[0]


def test_a_leak_that_no_single_sum_shows_is_found_by_programming() -> None:
    # Rows and columns each hide two cells, but the four hidden ones and the totals leave one answer.
    cells = {
        ("a", "x"): "x", ("a", "y"): "x", ("a", "Total"): "10",
        ("b", "x"): "x", ("b", "y"): "x", ("b", "Total"): "10",
        ("Total", "x"): "20", ("Total", "y"): "0", ("Total", "Total"): "20",
    }  # fmt: skip
    result = attack([printed("t", ["first", "second"], cells)])
    assert result.derived_exactly == 4
    tied = {
        ("a", "u"): "<5", ("a", "v"): "<5", ("a", "Total"): "x",
        ("b", "u"): "<5", ("b", "v"): "<5", ("b", "Total"): "x",
        ("Total", "u"): "x", ("Total", "v"): "x", ("Total", "Total"): "16",
    }  # fmt: skip
    result = attack([printed("t", ["first", "second"], tied)])
    assert {f.cell: f.low for f in result.findings if f.kind == "exact"} == {
        "a, u": 4, "a, v": 4, "b, u": 4, "b, v": 4, "a": 8, "b": 8, "u": 8, "v": 8,
    }  # fmt: skip


def test_a_proof_by_programming_names_the_sums_it_adds_up() -> None:
    # Only adults add up to the total, so by all sums together the children are none; no single sum says so.
    cells = dict.fromkeys(itertools.product(("F", "M", "Total"), ("0-17", "18+", "Total")), "<5")
    del cells["Total", "0-17"]
    result = attack([printed("t", ["sex", "the age"], cells)], trust_single=True)
    children = {f.cell: f for f in result.findings if f.kind == "exact"}
    assert {name: f.low for name, f in children.items()} == {"F, 0-17": 0, "M, 0-17": 0}
    steps = children["F, 0-17"].derivation
    assert steps[0] == "Taken together, these sums leave no other value:"
    assert any("F (<5) + M (<5) [18+]" in step for step in steps)
    assert steps[-1] == "→ 0"


@pytest.mark.parametrize(
    ("cells", "kind", "words"),
    [
        ({("Total",): "10", ("F",): "7", ("M",): "5"}, "inconsistency", "exceed the total by 2"),
        ({("Total",): "10", ("F",): "4", ("M",): "<5"}, "inconsistency", "fall short of the total by 2"),
        ({("Total",): "10", ("F",): "-4", ("M",): "6"}, "impossible", "no count of persons"),
        ({("Total",): "10", ("F",): "4.5", ("M",): "6"}, "impossible", "no count of persons"),
        ({("Total",): "10", ("Male",): "4", ("MALE ",): "6"}, "label", "two spellings"),
    ],
)
def test_faults_of_the_print_are_found(cells: dict[tuple[str, ...], str], kind: str, words: str) -> None:
    assert any(f.kind == kind and words in f.message for f in attack([printed("t", ["sex"], cells)]).findings)


def test_duplicates_and_strange_labels_are_found(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("sex,count\nTotal,9\nF,4\nF,5\nZ,5\n")
    result = attack(read_tables([path]), codes={"sex": ["F", "M"]})
    assert result.duplicates == 1
    messages = [f.message for f in result.findings]
    assert any("F is given 2 times, differently" in m for m in messages)
    assert any("'Z' is not in the code list of sex" in m for m in messages)


def test_a_single_part_is_not_taken_for_the_whole() -> None:
    assert attack([printed("t", ["sex"], {("Total",): "9", ("M",): "x"})]).derived_exactly == 0


def test_parts_of_a_hierarchy_add_up_level_by_level() -> None:
    cells = {("p1",): "3", ("p2",): "x", ("East",): "9", ("p3",): "x", ("p4",): "x", ("West",): "8", ("Total",): "17"}
    result = attack([printed("t", ["place"], cells)], hierarchies=TREES)
    assert [(f.cell, f.low) for f in result.findings] == [("p2", 6)]


@pytest.mark.parametrize(
    ("text", "kind", "low", "high"),
    [
        ("12", "published", 12, 12), ("1,234", "published", 1234, 1234), ("1.234.567", "published", 1234567, 1234567),
        ("<5", "hidden", 0, 4), ("≤4", "hidden", 0, 4), (">10", "hidden", 11, UNBOUNDED), ("1–4", "hidden", 1, 4),
        ("10+", "hidden", 10, UNBOUNDED), ("x", "hidden", 0, UNBOUNDED), ("..", "hidden", 0, UNBOUNDED),
        ("", "absent", 0, UNBOUNDED), ("–", "absent", 0, UNBOUNDED), ("-3", "impossible", 0, UNBOUNDED),
        ("2.5", "impossible", 0, UNBOUNDED), ("about 7", "impossible", 0, UNBOUNDED), ("7.0", "published", 7, 7),
    ],
)  # fmt: skip
def test_notation(text: str, kind: str, low: int, high: int) -> None:
    reading = read(text)
    assert (reading.kind, reading.low, reading.high) == (kind, low, high)


def test_a_hierarchy_that_is_no_tree_is_refused() -> None:
    with pytest.raises(HierarchyError, match="its own ancestor"):
        Hierarchy({"a": "b", "b": "a"})
    assert of_years(["2019", "2018-2020", "2019-2021"]).parents == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "is empty"), ("a,count\n", "holds no row"), ("a,b,count\n1,2\n", "3 columns are needed")],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(PublishedError, match=words):
        read_tables([tmp_path / "t.csv"])
    with pytest.raises(PublishedError, match=r"holds no \.csv"):
        read_tables([_empty(tmp_path)])


def _empty(folder: Path) -> Path:
    (folder / "none").mkdir(exist_ok=True)
    return folder / "none"


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_every_claim_is_true_and_every_certainty_is_found(seed: int) -> None:
    """Against all whole-number tables that fit, listed one by one."""
    rng = np.random.default_rng(seed)
    rows, columns = 2, int(rng.integers(2, 4))
    truth = rng.integers(0, 3, (rows, columns))
    full = np.pad(truth, ((0, 1), (0, 1)))
    full[:rows, columns], full[rows] = truth.sum(axis=1), full[:rows].sum(axis=0)
    full[rows, columns] = truth.sum()
    hidden = rng.random(full.shape) < 0.6
    names = (["a", "b", "Total"], [*"xyz"[:columns], "Total"])
    cells = {
        (names[0][i], names[1][j]): ("<5" if full[i, j] < 5 else "x") if hidden[i, j] else str(full[i, j])
        for i in range(rows + 1)
        for j in range(columns + 1)
    }
    result = attack([printed("t", ["first", "second"], cells)], near=1, trust_single=True)
    claimed = {f.cell: (f.low, f.high) for f in result.findings if f.kind == "exact"}
    shown = ~hidden
    # Two-way tables move in steps of one, so nothing beyond 5 in a cell is needed to see that it can move.
    guesses = np.array(list(itertools.product(range(6), repeat=truth.size))).reshape(-1, rows, columns)
    margins = np.zeros((len(guesses), *full.shape), dtype=int)
    margins[:, :rows, :columns] = guesses
    margins[:, :rows, columns] = guesses.sum(axis=2)
    margins[:, rows, :] = margins[:, :rows, :].sum(axis=1)
    fits = (margins[:, shown] == full[shown]).all(axis=1) & (margins[:, hidden & (full < 5)] < 5).all(axis=1)
    possible = [set(column.tolist()) for column in margins[fits].reshape(-1, full.size).T]
    for place, (i, j) in enumerate(itertools.product(range(rows + 1), range(columns + 1))):
        if hidden[i, j]:
            pair = (names[0][i], names[1][j])
            name = ", ".join(label for label in pair if label != "Total") or "Total"
            if len(possible[place]) == 1:
                assert claimed[name] == (full[i, j], full[i, j])
            else:
                assert name not in claimed


def test_the_command_prints_what_a_person_can_follow(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("sex,count\nTotal,181\nFemale,179\nMale,<5\n")
    run = CliRunner().invoke(app, ["attack", str(tmp_path / "t.csv")])
    assert run.exit_code == 1
    assert "Male = Total (181) − Female (179) = 2" in run.stdout
    run = CliRunner().invoke(app, ["attack", str(tmp_path / "t.csv"), "--json"])
    content = json.loads(run.stdout)
    assert {k: v for k, v in content.items() if k != "findings"} == {
        "tables": 1, "cells": 3, "suppressed": 1, "derived_exactly": 1, "narrowed": 0, "inconsistencies": 0,
        "duplicates": 0,
    }  # fmt: skip
    run = CliRunner().invoke(app, ["attack", str(tmp_path / "nothing.csv")])
    assert run.exit_code == 2
    assert "there is no file nothing.csv" in run.stderr


@pytest.mark.skipif(not GLOTIP.exists(), reason=f"the GLOTIP table is not at {GLOTIP}")
def test_the_hidden_men_of_2016_are_two() -> None:
    result = attack(read_tables([GLOTIP]))
    found = {f.cell: f for f in result.findings if f.kind == "exact"}
    men = found["TUR, Detected trafficking victims, Male, 2016"]
    assert (men.low, men.high) == (2, 2)
    assert men.derivation[-1].startswith("Male = Total (181) − Female (179) = 2")
    with GLOTIP.open(encoding="utf-8-sig", newline="") as file:
        hidden = sum(row["txtVALUE"] == "<5" for row in csv.DictReader(file))
    assert result.suppressed <= hidden
    assert 300 < result.derived_exactly < result.suppressed
    assert result.inconsistencies > 100


def test_a_total_nobody_printed_is_added_only_where_two_breakdowns_share_it() -> None:
    one = build([printed("t", ["sex"], {("F",): "1", ("M",): "2"})])
    two = build([printed("t", ["sex"], {("F",): "1"}), printed("u", ["age"], {("0-17",): "1"})])
    assert (len(one.cells), len(one.sums), len(two.cells), len(two.sums)) == (2, 0, 3, 2)
