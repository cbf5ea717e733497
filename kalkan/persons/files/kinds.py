"""Which files may be kept, and what a file is by its content: what its name and its sender say is only compared.

No list of signatures decides: each kind is read by what would read it later (an image is decoded, a PDF is parsed, an
Office file is taken apart), so that a file that merely begins like one is refused. See `cleaning`.
"""

import re
from typing import NamedTuple

OFFICE = "application/vnd.openxmlformats-officedocument"


class Kind(NamedTuple):
    """One kind of file: its media type, and the endings and types under which it may be declared."""

    media_type: str
    ending: str
    endings: frozenset[str]
    declared: frozenset[str]


def _kind(media_type: str, *endings: str, also: tuple[str, ...] = ()) -> Kind:
    return Kind(media_type, endings[0], frozenset(endings), frozenset({media_type, *also}))


PDF = _kind("application/pdf", "pdf")
JPEG = _kind("image/jpeg", "jpg", "jpeg", "jpe", also=("image/jpg", "image/pjpeg"))
PNG = _kind("image/png", "png")
TEXT = _kind("text/plain", "txt")
DOCX = _kind(f"{OFFICE}.wordprocessingml.document", "docx")
XLSX = _kind(f"{OFFICE}.spreadsheetml.sheet", "xlsx")
KINDS = (PDF, JPEG, PNG, TEXT, DOCX, XLSX)
# A browser that does not know an ending says one of these: it claims nothing.
_UNSAID = frozenset({"", "application/octet-stream", "binary/octet-stream"})

_DANGEROUS_TEXT = re.compile(rb"\s*(?:#!|<\?|<!doctype|<html|<script|<svg|%!PS|\{\\rt|MZ|PK\x03|%PDF)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def looks_like(content: bytes) -> Kind | None:
    """The kind that the content begins like; None where nothing fits. Office files come as DOCX: see `cleaning`."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"PK\x03\x04"):
        return DOCX
    return TEXT if is_text(content) else None


def is_text(content: bytes) -> bool:
    """True for words in UTF-8, UTF-16 with its mark, or Windows-1254, that begin like no program and no page."""
    if not content or _DANGEROUS_TEXT.match(content.removeprefix(b"\xef\xbb\xbf")):
        return False
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if is_wide else ("utf-8", "cp1254"):
        try:
            return not _CONTROL.search(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    return False


def is_never_a_table(content: bytes) -> bool:
    """True for programs, pages, documents and pictures. What is merely damaged is the business of who reads it."""
    begins = (b"\x7fELF", b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh")
    is_package = content.startswith(b"PK\x03\x04")
    return content.startswith(begins) or (not is_package and bool(_DANGEROUS_TEXT.match(content)))


def fits_its_name(kind: Kind, *, name: str, declared: str) -> bool:
    """True if ending and declared type are those of the kind: a file that says it is another one is refused."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    said = declared.partition(";")[0].strip().lower()
    return ending in kind.endings and (said in kind.declared or said in _UNSAID)


def by_media_type(media_type: str) -> Kind:
    """The kind of a kept file. Raises KeyError."""
    return {kind.media_type: kind for kind in KINDS}[media_type]
