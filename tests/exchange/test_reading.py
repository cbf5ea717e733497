"""Text tables and workbooks are read strictly, whatever made them."""

import codecs
import csv
import io
import tracemalloc
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from kalkan.exchange.problems import FileRefused, Problem
from kalkan.exchange.reading import Broken, open_document
from kalkan.exchange.table import letters
from tests.exchange import tables


def rows(content: bytes, **options: str) -> list[list[object]]:
    return [list(row.cells) for row in open_document(tables.source(content), **options).sheets[0].rows()]


def notices(content: bytes) -> list[str]:
    return [notice.code for notice in open_document(tables.source(content)).notices]


def read_all(content: bytes) -> None:
    for sheet in open_document(tables.source(content)).sheets:
        list(sheet.rows())


def refusal(content: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        read_all(content)
    return refused.value.problems[0].code


def problems(content: bytes) -> list[Problem]:
    """Nothing where the table can be read; every other exception is a fault."""
    try:
        read_all(content)
    except FileRefused as refused:
        return list(refused.problems)
    return []


TURKISH = "ad;il\nÇiğdem;Iğdır\nŞükrü;İzmir\n"


@pytest.mark.parametrize(
    ("encoding", "notice"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", ["utf_16"]),
        ("utf-16-le", ["utf_16"]),
        ("utf-16-be", ["utf_16"]),
        ("utf-32", ["utf_16"]),
        ("cp1254", ["windows_1254"]),
    ],
)
def test_a_table_reads_the_same_in_every_encoding(encoding: str, notice: list[str]) -> None:
    content = TURKISH.encode(encoding)
    assert rows(content) == [["ad", "il"], ["Çiğdem", "Iğdır"], ["Şükrü", "İzmir"]]
    assert notices(content) == notice


def test_pasted_parts_in_two_encodings_are_refused_with_the_line() -> None:
    mixed = "ad\nÇiğdem\n".encode() + "Şükrü\n".encode("cp1254")
    with pytest.raises(FileRefused) as refused:
        open_document(tables.source(mixed))
    problem = refused.value.problems[0]
    assert (problem.code, problem.facts) == ("bad_encoding", {"line": 3})


def test_a_turkish_apostrophe_does_not_make_windows_1254_look_mixed() -> None:
    assert rows("yer;gün\nDENİZLİ’de;üç\n".encode("cp1254"))[1] == ["DENİZLİ’de", "üç"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(separator: str) -> None:
    assert rows(f"a{separator}b\n1{separator}2\n".encode()) == [["a", "b"], ["1", "2"]]


def test_excels_own_word_about_the_separator_is_followed() -> None:
    assert rows(b"sep=|\na|b,c\n1|2\n") == [["a", "b,c"], ["1", "2"]]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_understood(ending: str) -> None:
    assert rows(f"a,b{ending}1,2{ending}".encode()) == [["a", "b"], ["1", "2"]]


def test_a_quoted_cell_may_hold_separators_quotes_and_lines() -> None:
    assert rows(b'a,b\n"1,""x""\ny",2\n')[1] == ['1,"x"\ny', "2"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n\n\n", "empty_file"),
        (b'a,b\n"1,2\n3,4\n', "bad_quotes"),
        (b'a,b\n"1"x,2\n', "bad_quotes"),
        (b"a,b\n1\x00,2\n", "nul_character"),
        (b"a,b\n" + b"x" * 200_000 + b",2\n", "long_line"),
        (b"a,b\n" + b"x" * 5_000_000, "long_line"),
        (b"," * 600 + b"\n", "too_many_columns"),
        (b"a\n\x81\x8d\n", "bad_encoding"),
        (codecs.BOM_UTF16_LE + b"a\x00\n\x00\xd8", "bad_encoding"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\x89PNG\r\n", "not_a_table"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "not_a_table"),
        (b'<?xml version="1.0"?><Workbook/>', "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old_excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"PK\x03\x04 not really", "damaged_workbook"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(content: bytes, code: str) -> None:
    assert refusal(content) == code


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=5)))
def test_what_a_csv_writer_writes_is_read_back(table: list[list[str]]) -> None:
    held = io.StringIO()
    csv.writer(held, quoting=csv.QUOTE_ALL).writerows(table)
    expected = [[cell.strip() for cell in row] for row in table if any(row)]
    content = held.getvalue().encode()
    read = rows(content, delimiter=",") if content.strip() else []
    assert read == expected


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    assert all(problem.what and problem.mend for problem in problems(content))


@given(st.binary(max_size=200), st.integers(0, 5000), st.integers(0, 300))
def test_a_workbook_with_any_bytes_damaged_is_read_or_refused(noise: bytes, at: int, cut: int) -> None:
    content = tables.workbook([["a", "b"], ["1", 2]])
    at %= len(content)
    assert all(problem.mend for problem in problems(content[:at] + noise + content[at + cut :]))


@given(st.text(max_size=60))
def test_a_sheet_with_any_xml_is_read_or_refused(inner: str) -> None:
    sheet = f'<worksheet xmlns="x"><sheetData><row r="1"><c r="A1">{inner}</c></row></sheetData></worksheet>'
    content = tables.rezipped(
        tables.workbook([["a"]]), {"xl/worksheets/sheet1.xml": sheet.encode("utf-8", "surrogatepass")}
    )
    assert {problem.code for problem in problems(content)} <= {"damaged_workbook"}


@given(st.integers(0, 20_000))
def test_columns_are_named_as_a_spreadsheet_names_them(index: int) -> None:
    if index < 18_278:
        assert letters(index) == get_column_letter(index + 1)


# --- workbooks -----------------------------------------------------------------------------------------------------


def test_numbers_texts_truths_and_dates_of_a_workbook_are_read() -> None:
    moment = datetime(2024, 3, 1, 9, 30)  # noqa: DTZ001 - Excel knows no zones
    assert rows(tables.workbook([["x", 12, 1.5, True, date(2024, 2, 29), moment]])) == [
        ["x", "12", "1.5", "TRUE", date(2024, 2, 29), date(2024, 3, 1)]
    ]


def test_rows_keep_the_numbers_that_the_spreadsheet_shows() -> None:
    content = tables.workbook([["a"], [], [], ["b"]])
    assert [row.number for row in open_document(tables.source(content)).sheets[0].rows()] == [1, 4]


def test_a_formula_without_a_saved_result_is_broken_and_not_empty() -> None:
    (cells,) = rows(tables.workbook([["=1+1", "x"]]))
    assert isinstance(cells[0], Broken)
    assert cells[0].code == "formula_without_value"


def sheet(cells: str, *, before: str = "", after: str = "") -> bytes:
    xml = (
        f'{before}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f'<row r="1">{cells}</row></sheetData>{after}</worksheet>'
    )
    return tables.rezipped(tables.workbook([["a"]]), {"xl/worksheets/sheet1.xml": xml.encode()})


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A1" t="inlineStr"><is><t>doğrudan</t></is></c>', "doğrudan"),
        ('<c r="A1" t="inlineStr"><is><r><t>iki </t></r><r><t>parça</t></r><rPh><t>x</t></rPh></is></c>', "iki parça"),
        ('<c r="A1" t="str"><f>A2</f><v>sonuç</v></c>', "sonuç"),
        ("<c><v>7</v></c>", "7"),
        ('<c r="A1" t="d"><v>2024-05-06T00:00:00</v></c>', "2024-05-06"),
    ],
)
def test_every_way_to_write_a_cell_is_understood(cell: str, value: str) -> None:
    assert str(rows(sheet(cell))[0][0]) == value


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('<c r="A1" t="e"><v>#REF!</v></c>', "excel_error"),
        ('<c r="A1" t="s"><v>999</v></c>', "excel_error"),
        ('<c r="A1"><v>abc</v></c>', "excel_error"),
        ('<c r="A1"><v>NaN</v></c>', "excel_error"),
        ('<c r="A1" t="d"><v>2024-02-31</v></c>', "not_a_date"),
    ],
)
def test_a_cell_without_usable_value_is_broken(cell: str, code: str) -> None:
    value = rows(sheet(cell))[0][0]
    assert isinstance(value, Broken)
    assert value.code == code


def test_a_year_typed_into_a_date_cell_is_noticed() -> None:
    book = Workbook()
    book.active["A1"] = 1990
    book.active["A1"].number_format = "dd.mm.yyyy"
    held = io.BytesIO()
    book.save(held)
    value = rows(held.getvalue())[0][0]
    assert isinstance(value, Broken)
    assert value.code == "year_in_date_cell"


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("declaration", [BOMB, OUTSIDE])
@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"]
)
def test_xml_declarations_are_refused_in_every_part(declaration: str, part: str) -> None:
    good = tables.workbook([["a"]])
    hostile = tables.rezipped(good, {part: declaration.encode() + tables.part(good, part)})
    assert refusal(hostile) == "unsafe_xml"


def test_a_zip_bomb_is_refused_before_it_unpacks() -> None:
    bomb = tables.rezipped(tables.workbook([["a"]]), {"xl/worksheets/sheet1.xml": b" " * 40_000_000})
    assert len(bomb) < 100_000
    assert refusal(bomb) == "inflates_too_much"


def test_a_bomb_of_many_parts_is_refused() -> None:
    bomb = tables.rezipped(tables.workbook([["a"]]), {f"xl/media/{n}.bin": b"" for n in range(2_100)})
    assert refusal(bomb) == "inflates_too_much"


def test_a_zip_that_is_no_workbook_is_no_table() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert refusal(held.getvalue()) == "not_a_table"


@pytest.mark.parametrize("part", ["xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"])
def test_a_workbook_with_a_part_missing_is_damaged(part: str) -> None:
    assert refusal(tables.rezipped(tables.workbook([["a"]]), {part: None})) == "damaged_workbook"


def test_merged_cells_are_found() -> None:
    content = sheet('<c r="A1"><v>1</v></c>', after='<mergeCells count="1"><mergeCell ref="A1:C2"/></mergeCells>')
    assert open_document(tables.source(content)).sheets[0].merged() == [(1, 2, "A1:C2")]


def test_a_cell_far_to_the_right_is_refused_without_making_room_for_it() -> None:
    assert refusal(sheet('<c r="XFD1"><v>1</v></c>')) == "too_many_columns"


def test_hidden_sheets_are_left_alone() -> None:
    book = Workbook()
    book.create_sheet("gizli").sheet_state = "hidden"
    held = io.BytesIO()
    book.save(held)
    assert [one.name for one in open_document(tables.source(held.getvalue())).sheets] == ["Sheet"]


def test_a_large_table_is_read_in_little_memory() -> None:
    content = b"a;b;c\n" + b"".join(b"%d;%s;x\n" % (number, b"y" * 200) for number in range(40_000))
    tracemalloc.start()
    count = sum(1 for _row in open_document(tables.source(content)).sheets[0].rows())
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 40_001
    assert most < 6_000_000 < len(content)
