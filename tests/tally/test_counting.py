"""Counting: right against a plain count, the same on both engines, and plain words for what cannot be counted."""

import collections
import os
import random
import string
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas
import polars
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tally.counting import CountingError, combinations_of, count, open_records
from tally.counting.spark import SparkRecords

LABELS = st.sampled_from(["", "a", "b", "ığŞ", "x y", 'q"q', "007", "ﬀ", "𐐷", "é"])


@st.composite
def frames(draw: st.DrawFn) -> pandas.DataFrame:
    width = draw(st.integers(1, 4))
    height = draw(st.integers(1, 30))
    return pandas.DataFrame(
        {f"col {i}": draw(st.lists(LABELS, min_size=height, max_size=height)) for i in range(width)}
    )


def plainly(frame: pandas.DataFrame, columns: tuple[str, ...]) -> dict[tuple[str, ...], int]:
    return dict(collections.Counter(zip(*(frame[c] for c in columns), strict=True)))


@settings(max_examples=40)
@given(frames())
def test_every_table_equals_a_plain_count(frame: pandas.DataFrame) -> None:
    columns = tuple(frame.columns)
    combinations = combinations_of(columns, range(1, len(columns) + 1))
    for table in count(frame, combinations=combinations):
        assert dict(table.cells()) == plainly(frame, table.columns)
        assert table.dense().sum() == len(frame)


def test_every_kind_of_source_gives_the_same_tables(tmp_path: Path) -> None:
    frame = pandas.DataFrame({"sex": ["F", "M", None, "F"], "place, with comma": ["Muş", "", "Iğdır", "Muş"]})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "b.csv", index=False, sep=";", encoding="utf-8-sig")
    frame.to_parquet(tmp_path / "c.parquet")
    relation = duckdb.connect().from_arrow(pyarrow.Table.from_pandas(frame))
    sources = [
        frame,
        polars.DataFrame({c: [None if pandas.isna(v) else v for v in frame[c]] for c in frame}),
        pyarrow.Table.from_pandas(frame),
        relation,
        tmp_path / "a.csv",
        str(tmp_path / "b.csv"),
        tmp_path / "c.parquet",
    ]
    first, *others = [count(source) for source in sources]
    assert dict(first[2].cells()) == {("F", "Muş"): 2, ("M", ""): 1, ("", "Iğdır"): 1}
    for other in others:
        assert all(a.is_equal(b) for a, b in zip(first, other, strict=True))


def test_whole_numbers_with_blanks_stay_categories() -> None:
    frame = pandas.DataFrame({"year": [2020.0, np.nan, 2020.0], "n": [1, 2, 1]})
    assert dict(count(frame, combinations=[("year", "n")])[0].cells()) == {("2020", "1"): 2, ("", "2"): 1}


def test_a_column_without_a_name_is_called_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(',sex\n0,F\n1,"M\nline"\n')
    with open_records(path) as records:
        assert records.columns == ("column_1", "sex")
        assert records.levels["sex"] == ("F", "M\nline")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"a,b\n", "no record"),
        (b"a,A\n1,2\n", "two columns are called 'A'"),
        (b"a,b\n1,2,3\n", "could not be read"),
        ("a\nş\n".encode("cp1254"), "UTF-8"),
    ],
)
def test_a_bad_file_is_refused_in_words(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(CountingError, match=message):
        count(path)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (pandas.DataFrame({"weight": [1.5]}), "'weight' holds DOUBLE"),
        (pandas.DataFrame({"at": [pandas.Timestamp("2020-01-01")]}), "'at' holds TIMESTAMP"),
        (pandas.DataFrame({"a": pandas.Series([], dtype=str)}), "no record"),
        ("nowhere.csv", "there is no file nowhere.csv"),
        (__file__, "neither .csv nor .parquet"),
        (object(), "a object cannot be counted"),
    ],
)
def test_a_bad_source_is_refused_in_words(source: object, message: str) -> None:
    with pytest.raises(CountingError, match=message):
        count(source)


def test_wrong_questions_are_refused_in_words() -> None:
    frame = pandas.DataFrame({"a": ["x"], "b": ["y"]})
    with pytest.raises(CountingError, match="no column 'c'; there are a, b"):
        count(frame, columns=["a", "c"])
    with pytest.raises(CountingError, match="3-way tables cannot be made of 2 columns"):
        count(frame, ways=[3])
    with pytest.raises(CountingError, match="there is no engine 'abacus'"):
        count(frame, engine="abacus")  # type: ignore[arg-type]


def test_thousands_of_levels_are_counted_beyond_the_combined_key() -> None:
    rng = np.random.default_rng(3)
    frame = pandas.DataFrame({f"c{i}": rng.integers(0, 3000, 4000).astype(str) for i in range(6)})
    [table] = count(frame, ways=[6])
    assert dict(table.cells()) == plainly(frame, tuple(frame.columns))
    with pytest.raises(ValueError, match="too many to hold"):
        table.dense()


def test_the_scratch_database_is_gone_after_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    count(pandas.DataFrame({"a": ["x"]}), ways=[1])
    with pytest.raises(CountingError):
        count(pandas.DataFrame({"a": pandas.Series([], dtype=str)}))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def spark() -> Iterator[object]:
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = sql.SparkSession.builder.master("local[2]").appName("tally-tests")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "2",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.showConsoleProgress": "false",
    }.items():
        builder = builder.config(key, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:
        if "JAVA" in str(error).upper():
            pytest.skip(f"no Java for Spark: {error}")
        raise
    yield session
    session.stop()


def test_spark_gives_the_same_cells(spark: object, tmp_path: Path) -> None:
    chance = random.Random(7)
    frame = pandas.DataFrame(
        {
            "province of the report": [f"{chance.randrange(1, 82):02d}" for _ in range(2000)],
            "sex": [chance.choice(["F", "M", "", None]) for _ in range(2000)],
            "label": [chance.choice(["ığ", 'say "hi"', "a,b", "𐐷", "ﬀ", *string.ascii_letters]) for _ in range(2000)],
            "year": [chance.choice([2019.0, 2020.0, np.nan]) for _ in range(2000)],
        }
    )
    frame.to_csv(tmp_path / "rows.csv", index=False)
    frame.to_parquet(tmp_path / "rows.parquet")
    pairs = [("province of the report", "sex"), ("label", "year")]
    for source, asked in ((frame, pairs), (tmp_path / "rows.parquet", pairs), (tmp_path / "rows.csv", None)):
        ours_all, theirs_all = (count(source, combinations=asked, engine=engine) for engine in ("duckdb", "spark"))
        for ours, theirs in zip(ours_all, theirs_all, strict=True):
            assert ours.is_equal(theirs), ours.columns


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pandas.DataFrame({"weight": [1.5]}), "'weight' holds DOUBLE"),
        (pandas.DataFrame({"at": [pandas.Timestamp("2020-01-01")]}), "'at' holds TIMESTAMP"),
        (pandas.DataFrame({"a": pandas.Series([], dtype=str)}), "no record"),
    ],
)
def test_spark_refuses_what_duckdb_refuses(spark: object, frame: pandas.DataFrame, message: str) -> None:
    with pytest.raises(CountingError, match=message):
        SparkRecords(frame)
