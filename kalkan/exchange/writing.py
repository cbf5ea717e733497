"""Writing tables that a spreadsheet opens without running anything in them."""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from csv import writer
from datetime import date, datetime
from io import StringIO
from typing import TYPE_CHECKING, BinaryIO

from django.utils import timezone
from django.utils.translation import get_language, override

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell

Value = str | int | float | bool | date | datetime | None
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BOM = "\ufeff"
# What a spreadsheet takes for the beginning of a formula, full-width forms and leading blanks included.
_FORMULA = re.compile(r"^[\s\u200b-\u200f\u2060\ufeff\x00]*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212]|^[\t\r\n]")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_CHUNK = 500
_CELL = 32_767  # the longest text that Excel takes
_SHEET = 1_048_576


def harmless(value: Value) -> Value:
    """The value with its text disarmed: what would begin a formula gets an apostrophe before it.

    Numbers are written as numbers, so a negative one stays what it is.

    >>> harmless("=1+1"), harmless(" ＝cmd"), harmless(-5), harmless("a=b")
    ("'=1+1", "' ＝cmd", -5, 'a=b')
    """
    if not isinstance(value, str):
        return value
    text = _UNWRITABLE.sub("", value)
    return f"'{text}" if _FORMULA.match(text) else text


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """The table as CSV in pieces: with a byte order mark, so that Excel reads UTF-8, and with the separator that
    Excel expects in the reader's language (a Turkish Excel opens a comma-separated file as one column).

    The language is that of the caller: the pieces are made later, when the page that asked for them is long gone.
    """
    language = get_language() or "tr"
    pieces = _pieces(";" if language.startswith("tr") else ",", headings, rows)
    return _in_language(language, pieces)


def _in_language(language: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    while True:
        with override(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def _pieces(separator: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    held = StringIO()
    out = writer(held, delimiter=separator, lineterminator="\r\n")
    held.write(_BOM)
    out.writerow([harmless(heading) for heading in headings])
    for number, row in enumerate(rows, 1):
        out.writerow([_plain(harmless(value)) for value in row])
        if number % _CHUNK == 0:
            yield held.getvalue().encode()
            held.seek(0)
            held.truncate()
    yield held.getvalue().encode()


def write_xlsx(file: BinaryIO, title: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """The table as a workbook, row by row; a new sheet where one is full."""
    from openpyxl import Workbook  # half a second, which no start and no page without a workbook waits for
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    name = re.sub(r"[\[\]:*?/\\]", " ", title)[:28] or "Kalkan"
    source = iter(rows)
    row = next(source, None)
    part = 1
    while row is not None or part == 1:
        sheet = book.create_sheet(name if part == 1 else f"{name} {part}")
        sheet.freeze_panes = "A2"
        for index, heading in enumerate(headings, 1):
            sheet.column_dimensions[get_column_letter(index)].width = max(12, min(40, len(heading) + 2))
        sheet.append([_bold(sheet, heading) for heading in headings])
        written = 1
        while row is not None and written < _SHEET:
            sheet.append([_cell(value) for value in row])
            written += 1
            row = next(source, None)
        part += 1
    book.save(file)


def write(file: BinaryIO, kind: str, title: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """The table in one of `FORMATS`."""
    if kind == "xlsx":
        write_xlsx(file, title, headings, rows)
        return
    for piece in as_csv(headings, rows):
        file.write(piece)


def _bold(sheet, heading: str) -> "WriteOnlyCell":
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, harmless(heading))
    cell.font = Font(bold=True)
    return cell


def _cell(value: Value) -> Value:
    value = harmless(value)
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    return value[:_CELL] if isinstance(value, str) else value


def _plain(value: Value) -> Value:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S") if timezone.is_aware(value) else str(value)
    return value.isoformat() if isinstance(value, date) else value


def spooled(write: Callable[[BinaryIO], None]) -> BinaryIO:
    """An unnamed temporary file with what `write` wrote, at its beginning; it is gone when it is closed."""
    file = tempfile.TemporaryFile(prefix="kalkan-export-")  # noqa: SIM115 - whoever takes it closes it
    try:
        write(file)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file
