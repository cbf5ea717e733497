"""Nobody stands alone in the published records, little is lost, and nothing is changed but by hiding or lifting."""

import collections
import json
import os
from pathlib import Path

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tally.cli import app
from tally.disclosure.anonymise import HIDDEN, AnonymiseError, anonymise, smallest_class
from tally.disclosure.hierarchy import Hierarchy

SHARED = Path(os.environ.get("KALKAN_SHARED_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))
CTDC = SHARED / "ctdc" / "ctdc_k_anonymised_2020.csv"


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_every_class_is_large_enough_and_every_change_is_a_coarsening(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    many = int(rng.integers(k, 80))
    frame = pandas.DataFrame({f"c{i}": rng.choice(list("abcd")[: i + 2], many) for i in range(4)})
    tree = Hierarchy({"a": "ab", "b": "ab"})
    result = anonymise(frame, k=k, hierarchies={"c2": tree})
    published = list(zip(*result.columns.values(), strict=True))
    assert min(collections.Counter(published).values()) >= k
    assert len(published) == many
    # Every original value is among what was published for it: counted by matching whole columns.
    for name in frame:
        allowed = collections.Counter(result.columns[name])
        for value, number in collections.Counter(frame[name]).items():
            wider = {value, HIDDEN} | ({tree.parents[value]} if name == "c2" and value in tree.parents else set())
            assert sum(allowed[label] for label in wider) >= number
    assert 0 <= result.loss <= 1


def test_hiding_one_value_is_enough_where_it_is() -> None:
    frame = pandas.DataFrame({"sex": ["F"] * 6 + ["M"] * 3, "place": ["A"] * 6 + ["A", "B", "C"]})
    result = anonymise(frame, k=3)
    assert result.cells_touched == 3
    assert list(result.columns["place"][-3:]) == [HIDDEN] * 3 or sorted(result.columns["place"])[:3] == [HIDDEN] * 3
    assert result.loss == pytest.approx(3 / 18)


def test_lifting_in_a_hierarchy_costs_less_than_hiding() -> None:
    frame = pandas.DataFrame({"place": ["A"] * 4 + ["B", "B", "C", "C"] + ["D"] * 4})
    tree = Hierarchy({"B": "South", "C": "South"})
    flat, lifted = anonymise(frame, k=4), anonymise(frame, k=4, hierarchies={"place": tree})
    assert lifted.loss < flat.loss
    assert list(lifted.columns["place"]).count("South") == 4


@pytest.mark.parametrize(
    ("frame", "k", "words"),
    [
        (pandas.DataFrame({"a": ["x", "y"]}), 1, "k must be 2 or more"),
        (pandas.DataFrame({"a": ["x"]}), 11, "1 records cannot be hidden among 11"),
        (pandas.DataFrame({"a": ["*", "x"]}), 2, "marks a hidden value"),
    ],
)
def test_what_cannot_be_made_anonymous_is_refused(frame: pandas.DataFrame, k: int, words: str) -> None:
    with pytest.raises(AnonymiseError, match=words):
        anonymise(frame, k=k)


@pytest.mark.skipif(not CTDC.exists(), reason=f"the CTDC file is not at {CTDC}")
def test_eleven_on_all_ten_columns_of_the_ctdc_file(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    run = CliRunner().invoke(app, ["anonymise", str(CTDC), "--out", str(out), "--drop", "column_1", "--json"])
    content = json.loads(run.stdout)
    assert content["information_lost"] < 0.05
    assert content["records_lost_by_dropping_instead"] == pytest.approx(0.101, abs=0.001)
    assert content["smallest_class"] == smallest_class(out) >= 11
    assert pandas.read_csv(out, dtype=str, keep_default_na=False).value_counts().min() >= 11
