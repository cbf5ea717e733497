"""Excel workbooks (.xlsx), read as a stream of cells.

Not openpyxl: it keeps whole parts in memory, cannot tell a formula without a saved result from an empty cell, and
raises whatever its parts happen to raise on a hostile file. Its knowledge of date formats is used.
"""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from functools import partial
from posixpath import join, normpath
from typing import IO
from xml.etree.ElementTree import Element, ParseError  # types only; parsing is defusedxml's
from zipfile import BadZipFile, ZipFile
from zlib import error as DeflateError  # noqa: N812

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from kalkan.exchange import limits
from kalkan.exchange.problems import refuse
from kalkan.exchange.reading.document import Broken, Cell, Document, Row, Sheet, Source

_REFERENCE = re.compile(r"^([A-Z]{1,3})([1-9][0-9]{0,6})$")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})\"")
_MERGED_KEPT = 1000
_IN_CELL = 10_000  # elements inside one cell: a rich text has a few runs
_LAST_ROW = 1_048_576


class _Parts:
    """The parts of the package, each opened for reading; any damage becomes a refusal that names the part."""

    def __init__(self, source: Source):
        self._source = source
        with self._archive() as archive:
            self.sizes = {info.filename: info.file_size for info in archive.infolist()}
            infos = archive.infolist()
        if any(info.flag_bits & 0x1 for info in infos):
            raise refuse("encrypted")
        if len(infos) > limits.PARTS or sum(info.file_size for info in infos) > limits.WORKBOOK:
            raise refuse("inflates_too_much")
        for info in infos:
            if info.file_size > 8 * limits.MEGABYTE and info.file_size > limits.INFLATION * max(info.compress_size, 1):
                raise refuse("inflates_too_much")

    @contextmanager
    def _archive(self) -> Iterator[ZipFile]:
        with closing(self._source.open()) as file:
            try:
                archive = ZipFile(file)
            except (BadZipFile, ValueError, NotImplementedError, OSError, EOFError, UnicodeError):
                raise refuse("damaged_workbook", part="zip") from None
            yield archive

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        with self._archive() as archive:
            try:
                with archive.open(name) as part:
                    yield part
            except LookupError:
                raise refuse("damaged_workbook", part=name) from None
            except (
                BadZipFile,
                DeflateError,
                EOFError,
                NotImplementedError,
                RuntimeError,
                OSError,
                ValueError,
            ) as wrong:
                if isinstance(wrong, DefusedXmlException):
                    raise refuse("unsafe_xml") from None
                raise refuse("damaged_workbook", part=name) from None

    def elements(self, name: str, *, wanted: frozenset[str]) -> Iterator[tuple[str, str, Element]]:
        """("start" or "end", local name, element) of the part; what is finished is dropped, except inside `wanted`."""
        open_elements: list[Element] = []
        kept, inside = 0, 0
        with self.open(name) as part:
            try:
                for event, element in iterparse(part, events=("start", "end"), forbid_dtd=True):
                    tag = element.tag.rpartition("}")[2]
                    if event == "start":
                        open_elements.append(element)
                        kept += tag in wanted
                        inside = inside + 1 if kept else 0
                        if inside > _IN_CELL:
                            raise refuse("damaged_workbook", part=name)
                        yield event, tag, element
                        continue
                    yield event, tag, element
                    open_elements.pop()
                    kept -= tag in wanted
                    if not kept:
                        inside = 0
                        if open_elements:
                            open_elements[-1].clear()
            except ParseError:
                raise refuse("damaged_workbook", part=name) from None


def open_workbook(source: Source) -> Document:
    """Raises FileRefused for an archive that is no workbook, is damaged, locked, or unpacks to too much."""
    parts = _Parts(source)
    main = next((name for name in ("xl/workbook.xml", *sorted(parts.sizes)) if _is_main(parts, name)), None)
    if main is None:
        raise refuse("not_a_table")
    targets = _relations(parts, main)
    sheets, epoch = [], date(1899, 12, 30)
    for event, tag, element in parts.elements(main, wanted=frozenset()):
        if event == "start" and tag == "workbookPr" and element.get("date1904") in {"1", "true"}:
            epoch = date(1904, 1, 1)
        elif event == "start" and tag == "sheet" and element.get("state") in {None, "visible"}:
            identifier = next((value for key, value in element.items() if key.endswith("}id")), "")
            if targets.get(identifier) in parts.sizes:
                sheets.append((element.get("name") or "", targets[identifier]))
    if not sheets:
        raise refuse("damaged_workbook", part=main)
    book = _Book(parts, _strings(parts, targets), _date_styles(parts, targets), epoch)
    return Document(
        "xlsx",
        [Sheet(name, partial(book.rows, target), partial(book.merged, target)) for name, target in sheets],
    )


def _is_main(parts: _Parts, name: str) -> bool:
    return name in parts.sizes and name.endswith("workbook.xml")


def _relations(parts: _Parts, main: str) -> dict[str, str]:
    """Identifier, and kind, of each part that the workbook points to → its name in the archive."""
    folder, _slash, name = main.rpartition("/")
    relations = join(folder, "_rels", f"{name}.rels")
    if relations not in parts.sizes:
        raise refuse("damaged_workbook", part=relations)
    found = {}
    for event, tag, element in parts.elements(relations, wanted=frozenset()):
        if event == "start" and tag == "Relationship" and element.get("TargetMode") != "External":
            target = element.get("Target") or ""
            path = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
            found[element.get("Id") or ""] = found[(element.get("Type") or "").rpartition("/")[2]] = path
    return found


def _strings(parts: _Parts, targets: dict[str, str]) -> list[str]:
    name = targets.get("sharedStrings")
    if name not in parts.sizes:
        return []
    if parts.sizes[name] > limits.SHARED_STRINGS:
        raise refuse("inflates_too_much")
    return [
        _text(element)
        for event, tag, element in parts.elements(name, wanted=frozenset({"si"}))
        if event == "end" and tag == "si"
    ]


def _text(element: Element) -> str:
    """The text of a string or of its runs, without the phonetic reading that East Asian sheets carry beside it."""
    found = []
    for child in element:
        tag = child.tag.rpartition("}")[2]
        if tag == "t":
            found.append(child.text or "")
        elif tag == "r":
            found.append(_text(child))
    return "".join(found)


def _date_styles(parts: _Parts, targets: dict[str, str]) -> frozenset[int]:
    """Indices of the cell formats that show a number as a date."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format  # slow to load, and seldom asked

    name = targets.get("styles")
    if name not in parts.sizes:
        return frozenset()
    formats, dates, index, is_inside = dict(BUILTIN_FORMATS), set(), 0, False
    for event, tag, element in parts.elements(name, wanted=frozenset()):
        if tag == "cellXfs":
            is_inside = event == "start"
        elif event == "start" and tag == "numFmt":
            formats[_number(element.get("numFmtId"))] = element.get("formatCode") or ""
        elif event == "start" and tag == "xf" and is_inside:
            identifier = _number(element.get("numFmtId"))
            if 27 <= identifier <= 36 or 50 <= identifier <= 58 or is_date_format(formats.get(identifier)):
                dates.add(index)
            index += 1
    return frozenset(dates)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1


class _Book:
    """What the sheets of one workbook share."""

    def __init__(self, parts: _Parts, strings: list[str], date_styles: frozenset[int], epoch: date):
        self._parts, self._strings, self._date_styles, self._epoch = parts, strings, date_styles, epoch

    def rows(self, name: str) -> Iterator[Row]:
        """The filled rows of a sheet."""
        number, column = 0, 0
        cells: list[Cell] = []
        for event, tag, element in self._parts.elements(name, wanted=frozenset({"c"})):
            if event == "start" and tag == "row":
                given = _number(element.get("r"))
                number, cells, column = (given if 0 < given <= _LAST_ROW else number + 1), [], 0
            elif event == "end" and tag == "c":
                place = _REFERENCE.match(element.get("r") or "")
                column = _column(place[1]) if place else column + 1
                value = self._value(element)
                if not value:
                    continue
                if column > limits.COLUMNS:
                    raise refuse("too_many_columns", row=number, limit=limits.COLUMNS)
                cells.extend([""] * (column - len(cells)))
                cells[column - 1] = value
            elif event == "end" and tag == "row" and cells:
                yield Row(number, cells)

    def merged(self, name: str) -> list[tuple[int, int, str]]:
        """Merged ranges as (first row, last row, as shown). They stand after the cells: found by a plain scan."""
        found: list[tuple[int, int, str]] = []
        with self._parts.open(name) as part:
            tail = b""
            while chunk := part.read(limits.MEGABYTE):
                text = tail + chunk
                end = 0
                for match in _MERGED.finditer(text):
                    first, top, last, bottom = (group.decode() for group in match.groups())
                    found.append((int(top), int(bottom), f"{first}{top}:{last}{bottom}"))
                    end = match.end()
                tail = text[max(end, len(text) - 300) :]
                if len(found) > _MERGED_KEPT:
                    break
        return found

    def _value(self, cell: Element) -> Cell:
        kind = cell.get("t") or "n"
        parts = {child.tag.rpartition("}")[2]: child for child in cell}
        if kind == "inlineStr":
            return _text(parts["is"]).strip() if "is" in parts else ""
        raw = (parts["v"].text or "") if "v" in parts else ""
        if raw == "":
            return Broken("formula_without_value") if "f" in parts and kind != "str" else ""
        match kind:
            case "s":
                index = _number(raw.strip())
                return self._strings[index].strip() if 0 <= index < len(self._strings) else Broken("excel_error", raw)
            case "str":
                return raw.strip()
            case "b":
                return "TRUE" if raw.strip() == "1" else "FALSE"
            case "e":
                return Broken("excel_error", raw)
            case "d":
                return _iso(raw)
        return self._numeric(raw, _number(cell.get("s")))

    def _numeric(self, raw: str, style: int) -> Cell:
        try:
            number = float(raw)
        except ValueError:
            return Broken("excel_error", raw)
        if style in self._date_styles:
            return self._date(number, raw)
        if number != number or abs(number) == float("inf"):
            return Broken("excel_error", raw)
        return str(int(number)) if number == int(number) and abs(number) < 1e17 else repr(number)

    def _date(self, number: float, raw: str) -> Cell:
        if 1900 <= number <= 2100 and number == int(number):
            return Broken("year_in_date_cell", str(int(number)))
        # Excel counts a 29 February 1900 that never was; before it, days are one later than they seem.
        day = 1 if number < 61 and self._epoch.year == 1899 else 0
        try:
            return self._epoch + timedelta(days=int(number) + day)
        except (OverflowError, ValueError):
            return Broken("no_such_day", raw)


def _iso(raw: str) -> Cell:
    try:
        return date.fromisoformat(raw.strip()[:10])
    except ValueError:
        return Broken("not_a_date", raw)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
