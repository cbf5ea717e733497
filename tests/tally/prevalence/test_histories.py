"""The input: every accepted form gives the same table, and every fault is refused with its own reason."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyarrow import feather, parquet

from tally.prevalence import Histories, UnusableTableError, published_table, read_histories
from tests.tally.prevalence.tables import capture_tables

COLUMNS = {"A": [1, 0, 0, 1], "B": [0, 1, 0, 1], "C": [0, 0, 1, 0], "count": [40, 30, 20, 6]}
TABLE = Histories(("A", "B", "C"), (1, 2, 3, 4), (40, 30, 6, 20))


def test_every_form_of_a_table_is_read_alike(tmp_path: Path) -> None:
    csv, arrow, columnar = tmp_path / "t.csv", tmp_path / "t.feather", tmp_path / "t.parquet"
    pd.DataFrame(COLUMNS).to_csv(csv, index=False)
    feather.write_feather(pa.table(COLUMNS), arrow)
    parquet.write_table(pa.table(COLUMNS), columnar)
    for form in (
        COLUMNS,
        pd.DataFrame(COLUMNS),
        pl.DataFrame(COLUMNS),
        pa.table(COLUMNS),
        csv,
        str(csv),
        arrow,
        columnar,
    ):
        assert read_histories(form) == TABLE


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_with_a_byte_order_mark_spaces_and_any_separator_is_read(tmp_path: Path, separator: str) -> None:
    rows = ([" A ", "B", "C", "count"], [*"100", "40"], [*"010", "30"], [*"001", "20"], [*"110", "6"])
    file = tmp_path / "t.csv"
    file.write_text("\n".join(separator.join(row) for row in rows) + "\n\n", encoding="utf-8-sig")
    assert read_histories(file) == TABLE


def test_one_row_a_person_gives_the_same_table() -> None:
    people = TABLE.membership().repeat(TABLE.counts, axis=0)
    assert read_histories(pd.DataFrame(people, columns=["A", "B", "C"])) == TABLE


def test_a_table_of_counts_that_are_all_one_is_not_taken_for_people() -> None:
    table = read_histories({"A": [1, 0, 1], "B": [0, 1, 1], "C": [1, 1, 0], "n": [1, 1, 1]})
    assert table.lists == ("A", "B", "C")
    assert table.observed == 3


def changed(**columns: list[object]) -> dict[str, list[object]]:
    return {**{name: list(values) for name, values in COLUMNS.items()}, **columns}


@pytest.mark.parametrize(
    ("code", "table"),
    [
        ("few-lists", {"A": [1, 0, 1], "B": [0, 1, 1], "count": [4, 3, 2]}),
        ("many-lists", {**{f"L{i}": [1, 1] if i < 2 else [0, 1] for i in range(11)}, "count": [4, 3]}),
        ("no-overlap", changed(count=[40, 30, 20, 0])),
        ("negative", changed(count=[40, -30, 20, 6])),
        ("fractional", changed(count=[40, 30.5, 20, 6])),
        ("fractional", changed(count=[40, float("nan"), 20, 6])),
        ("duplicate", changed(A=[1, 1, 0, 1], B=[0, 0, 0, 1])),
        ("unseen", changed(C=[0, 0, 0, 0])),
        ("format", changed(A=[2, 0, 0, 1])),
        ("format", changed(count=["many", 30, 20, 6])),
        ("format", changed(count=[40, 30, 20])),
        ("format", {"A:x": [1, 0, 0, 1], **{k: COLUMNS[k] for k in ("B", "C", "count")}}),
        ("format", 12),
        ("empty", {"A": [], "B": [], "C": [], "count": []}),
    ],
)
def test_a_faulty_table_is_refused_with_its_reason(code: str, table: object) -> None:
    with pytest.raises(UnusableTableError) as refusal:
        read_histories(table)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "empty"), ("A,B,C,count\n1,0,0\n", "Line 2"), ("A,A,C,count\n1,0,0,4\n", "same name")],
)
def test_a_faulty_file_is_refused_with_words_that_help(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(text)
    with pytest.raises(UnusableTableError, match=said):
        read_histories(file)


def test_merging_police_and_agency_gives_the_published_five_list_table() -> None:
    merged = published_table("UKdat").merge("PF", "NCA", into="PFNCA")
    published = published_table("UKdat_5")
    assert merged.permute(published.lists) == published


def test_options_apply_in_order_omit_merge_rename() -> None:
    table = read_histories(
        published_table("UKdat"), omit=["GP"], merge={"PFNCA": ["PF", "NCA"]}, rename={"PFNCA": "police"}
    )
    assert table.lists == ("LA", "NG", "police", "GO")
    assert table.observed == 2744 - 316


@pytest.mark.parametrize("option", [{"omit": ["X"]}, {"merge": {"M": ["A", "X"]}}, {"rename": {"X": "Y"}}])
def test_an_option_that_names_no_list_is_refused(option: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="'X' is not a list"):
        read_histories(COLUMNS, **option)  # type: ignore[arg-type]


@given(capture_tables(), st.randoms())
def test_the_order_of_rows_does_not_matter(table: Histories, random) -> None:
    rows = [[*member, count] for member, count in zip(table.membership().tolist(), table.counts, strict=True)]
    random.shuffle(rows)
    columns = dict(zip([*table.lists, "count"], (list(column) for column in zip(*rows, strict=True)), strict=True))
    assert read_histories(columns) == table


@given(capture_tables())
def test_the_overlap_matrix_counts_people(table: Histories) -> None:
    overlap = table.overlap()
    full = table.full()
    for i in range(len(table.lists)):
        for j in range(len(table.lists)):
            both = 1 << i | 1 << j
            assert overlap[i, j] == sum(full[mask] for mask in range(len(full)) if mask & both == both)


@given(capture_tables(fewest=4))
def test_merging_keeps_everyone_and_omitting_only_loses_those_on_that_list_alone(table: Histories) -> None:
    still_overlapping = [mask for mask in table.masks if mask & ~3 and mask & ~1 & (mask & ~1) - 1]
    assume(still_overlapping)
    assert table.merge("A", "B").observed == table.observed
    assert table.omit("A").observed == table.observed - int(table.full()[1])


def test_the_table_cannot_be_changed() -> None:
    full = TABLE.full()
    full[1] = 0
    assert np.array_equal(TABLE.full(), [0, 40, 30, 6, 20, 0, 0, 0])
    with pytest.raises(AttributeError):
        TABLE.counts = ()  # type: ignore[misc]
