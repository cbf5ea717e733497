"""Text tables (CSV): find the encoding and the separator, then read strictly.

Nothing is repaired by guessing: a byte that no encoding explains, an open quotation mark or a NUL ends the reading
with the number of the line.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from contextlib import closing
from io import TextIOWrapper

from kalkan.exchange import limits
from kalkan.exchange.problems import Notice, refuse
from kalkan.exchange.reading.document import Document, Row, Sheet, Source

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Letters of UTF-8 in a file that is not UTF-8 as a whole: two encodings were pasted together. The lead bytes of
# Latin letters (Ã Ä Å in Windows-1254) are no Turkish letters; Cyrillic and Arabic ones must come in a run.
_UTF8_LETTERS = re.compile(rb"[\xc3-\xc5][\x80-\xbf]|(?:[\xd0\xd1\xd8-\xdb][\x80-\xbf]){2,}")
_SEPARATORS = ",;\t|"
_SEPARATOR_LINE = re.compile(r"^sep=(.)\s*$")


def open_text(source: Source, *, delimiter: str | None = None) -> Document:
    """Raises FileRefused where the bytes are not text in one known encoding."""
    encoding, notices = _encoding(source)
    found = delimiter or _separator(source, encoding)
    return Document("csv", [Sheet("", lambda: _rows(source, encoding, found), is_ragged_wrong=True)], notices)


def _rows(source: Source, encoding: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(limits.CELL)
    with closing(_Lines(source, encoding)) as lines:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        number = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as wrong:
                if "field limit" in str(wrong):
                    raise refuse("long_line", line=lines.number, limit=limits.CELL) from None
                raise refuse("bad_quotes", line=lines.number) from None
            number += 1
            if len(cells) > limits.COLUMNS:
                raise refuse("too_many_columns", row=number, limit=limits.COLUMNS)
            if any(cells) and not (number == 1 and _SEPARATOR_LINE.match(delimiter.join(cells))):
                yield Row(number, [cell.strip() for cell in cells])


class _Lines:
    """The physical lines of a text file, each of bounded length, numbered for messages."""

    def __init__(self, source: Source, encoding: str):
        self._text = TextIOWrapper(source.open(), encoding=encoding, errors="strict", newline="")
        self.number = 0

    def close(self) -> None:
        """Close the file under it as well."""
        self._text.close()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.number += 1
        try:
            line = self._text.readline(limits.LINE + 1)
        except UnicodeError:
            raise refuse("bad_encoding", line=self.number) from None
        if not line:
            raise StopIteration
        if len(line) > limits.LINE:
            raise refuse("long_line", line=self.number, limit=limits.CELL)
        if "\0" in line:
            raise refuse("nul_character", line=self.number)
        return line


def _separator(source: Source, encoding: str) -> str:
    """What the first filled line says: Excel's `sep=;`, or else the separator it holds most often outside quotes."""
    with closing(_Lines(source, encoding)) as lines:
        for line in lines:
            if declared := _SEPARATOR_LINE.match(line):
                return declared[1]
            bare = re.sub(r'"[^"]*"', "", line)
            if bare.strip():
                return max(_SEPARATORS, key=bare.count)
    raise refuse("empty_file")


def _encoding(source: Source) -> tuple[str, list[Notice]]:
    with closing(source.open()) as file:
        head = file.read(4096)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, [] if name == "utf-8-sig" else [Notice("utf_16")]
    if wide := _wide_without_mark(head):
        return wide, [Notice("utf_16")]
    line, is_mixed = _first_line_not_utf8(source)
    if line is None:
        return "utf-8", []
    if is_mixed or not _is_windows_1254(source):
        raise refuse("bad_encoding", line=line)
    return "cp1254", [Notice("windows_1254")]


def _wide_without_mark(head: bytes) -> str | None:
    """UTF-16 without a byte order mark shows as a NUL in every second place of Latin text."""
    pairs = len(head) // 2
    if pairs < 2:
        return None
    if head[1::2].count(0) > pairs * 0.6 and head[0::2].count(0) == 0:
        return "utf-16-le"
    if head[0::2].count(0) > pairs * 0.6 and head[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def _first_line_not_utf8(source: Source) -> tuple[int | None, bool]:
    """The number of the first line that is not UTF-8 (None if all are), and whether UTF-8 letters stand elsewhere."""
    line, wrong, is_mixed, tail = 1, None, False, b""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for chunk in _chunks(source):
        if wrong is None:
            held = decoder.getstate()[0]
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                wrong = line + (held + chunk).count(b"\n", 0, error.start)
            line += chunk.count(b"\n")
        is_mixed = is_mixed or bool(_UTF8_LETTERS.search(tail + chunk))
        tail = chunk[-4:]
    if wrong is None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            wrong = line
    return wrong, is_mixed


def _is_windows_1254(source: Source) -> bool:
    try:
        for chunk in _chunks(source):
            chunk.decode("cp1254")
    except UnicodeDecodeError:
        return False
    return True


def _chunks(source: Source) -> Iterator[bytes]:
    with closing(source.open()) as file:
        while chunk := file.read(limits.MEGABYTE):
            yield chunk
