"""What a file turns out to be: sheets of numbered rows, or a refusal that names the reason."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO, NamedTuple

from kalkan.exchange import limits
from kalkan.exchange.problems import Notice, refuse

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ELSE = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"{\\rtf",
    b"\x1f\x8b",
    b"SQLite format 3",
    b"Rar!",
    b"7z\xbc\xaf",
)


class Broken(str):
    """A cell that has no usable value; the text is what the cell shows, `code` the problem."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, shown: str = "") -> "Broken":
        made = super().__new__(cls, shown)
        made.code = code
        return made

    def __bool__(self) -> bool:
        """Something stands there, even where nothing shows."""
        return True


Cell = str | date


class Row(NamedTuple):
    """One row as a spreadsheet numbers it; an empty cell is an empty string."""

    number: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes that can be read from the beginning as often as needed."""

    open: Callable[[], BinaryIO]
    size: int

    @classmethod
    def of_path(cls, path: Path) -> "Source":
        return cls(lambda: path.open("rb"), path.stat().st_size)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a document. `merged` lists merged ranges as (first row, last row, as shown)."""

    name: str
    rows: Callable[[], Iterator[Row]]
    merged: Callable[[], list[tuple[int, int, str]]] = list
    is_ragged_wrong: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """What was read of a file: its sheets, and what a person should know about how they were read."""

    kind: str
    sheets: list[Sheet]
    notices: list[Notice] = field(default_factory=list)


def open_document(source: Source, *, delimiter: str | None = None, limit: int = limits.FILE) -> Document:
    """The document in `source`, recognised by its bytes and never by its name.

    Raises FileRefused for anything that is not a readable table.
    """
    from kalkan.exchange.reading import text, workbook

    if source.size == 0:
        raise refuse("empty_file")
    if source.size > limit:
        raise refuse("too_large", limit=limit // limits.MEGABYTE)
    with closing(source.open()) as file:
        head = file.read(4096)
    if head.startswith(_OLE):
        raise refuse("encrypted" if _is_encrypted_package(source) else "old_excel")
    if head.startswith(_ZIP):
        return workbook.open_workbook(source)
    if head.startswith(_ELSE) or head.lstrip(b"\xef\xbb\xbf \t\r\n")[:5].lower() in {
        b"<?xml",
        b"<html",
        b"<!doc",
        b"<tabl",
    }:
        raise refuse("not_a_table")
    return text.open_text(source, delimiter=delimiter)


def _is_encrypted_package(source: Source) -> bool:
    """True for an .xlsx locked with a password: a compound file with a stream of this name in its directory."""
    wanted = "EncryptedPackage".encode("utf-16-le")
    with closing(source.open()) as file:
        tail = b""
        while chunk := file.read(limits.MEGABYTE):
            if wanted in tail + chunk:
                return True
            tail = chunk[-len(wanted) :]
    return False
