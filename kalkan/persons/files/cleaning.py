"""A file as it may be kept: without macros, scripts and links that open by themselves, and without hidden particulars.

A telephone writes the place into every picture; a picture taken in a shelter must not say where the shelter is. So
images are decoded and written anew, and pictures inside documents too. Whatever cannot be read whole is refused:
`Unreadable` where it is damaged, `Harmful` where it would do something by itself.
"""

import io
import re
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo
from zlib import error as DeflateError  # noqa: N812

import pikepdf
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import Image, ImageOps

from kalkan.persons.files import kinds
from kalkan.persons.files.kinds import Kind

PIXELS = 64_000_000  # a telephone of today makes 50 million
PARTS = 2_000
UNPACKED = 200 * 1024 * 1024
INFLATION = 250  # unpacked ÷ packed, for parts above one megabyte
OBJECTS = 200_000

_ACTIVE = frozenset(
    {
        *("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/GoToE", "/RichMediaExecute"),
        *("/EmbeddedFile", "/RichMedia", "/Movie"),
    }
)
DEEPEST = 60
_HARMFUL_PART = re.compile(
    r"vbaproject|vbadata|activex|oleobject|/embeddings/|(?<!/printersettings\d)(?<!/printersettings\d\d)\.bin$|\.exe$|\.dll$|\.js$|\.vbs$|macrosheets|customui",
    re.IGNORECASE,
)
_MAIN = {
    f"{kinds.OFFICE}.wordprocessingml.document.main+xml": kinds.DOCX,
    f"{kinds.OFFICE}.spreadsheetml.sheet.main+xml": kinds.XLSX,
}
_NO_PROPERTIES = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties '
    b'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)


class Unreadable(Exception):
    """The file is damaged, locked, or larger inside than outside."""


class Harmful(Exception):
    """The file carries something that acts when it is opened."""


def clean(content: bytes, kind: Kind) -> tuple[bytes, Kind]:
    """What may be kept of the file, and what it really is. Raises Unreadable or Harmful."""
    if kind in {kinds.JPEG, kinds.PNG}:
        return _picture(content, kind), kind
    if kind is kinds.PDF:
        return _pdf(content), kind
    if kind is kinds.DOCX:
        return _office(content)
    return content, kind


def _picture(content: bytes, kind: Kind) -> bytes:
    """The same picture, upright, with nothing but its points: no place, no camera, no second picture inside."""
    image_format = "JPEG" if kind is kinds.JPEG else "PNG"
    try:
        with Image.open(io.BytesIO(content), formats=[image_format]) as opened:
            if opened.width * opened.height > PIXELS:
                raise Unreadable
            opened.load()
            image = ImageOps.exif_transpose(opened)
            modes = {"RGB", "L"} if image_format == "JPEG" else {"RGB", "RGBA", "L", "LA", "1"}
            plain = image.convert("RGBA" if image_format == "PNG" and image.has_transparency_data else "RGB")
            kept = image if image.mode in modes else plain
            bare = Image.frombytes(kept.mode, kept.size, kept.tobytes())
    except (OSError, SyntaxError, ValueError, EOFError, ArithmeticError, Image.DecompressionBombError) as damaged:
        raise Unreadable from damaged
    out = io.BytesIO()
    options = {"quality": 90} if image_format == "JPEG" else {}
    bare.save(out, image_format, optimize=True, **options)
    return out.getvalue()


def _pdf(content: bytes) -> bytes:
    """The document without its particulars, written anew. Scripts, launches and files inside are refused."""
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            if document.is_encrypted:
                raise Unreadable
            if len(document.objects) > OBJECTS:
                raise Unreadable
            for one in document.objects:
                _refuse_active(one)
                if isinstance(one, pikepdf.Stream):
                    _strip_picture(one)
            if "/Info" in document.trailer:
                del document.trailer["/Info"]
            out = io.BytesIO()
            document.save(out, linearize=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError, ArithmeticError) as damaged:
        raise Unreadable from damaged
    return out.getvalue()


def _refuse_active(one: object, depth: int = 0) -> None:
    """Look at an object and at what stands in it; what it only points to is looked at in its own turn."""
    if depth > DEEPEST:
        raise Unreadable
    if isinstance(one, pikepdf.Array):
        inner = list(one)
    elif isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
        says = {str(one.get(name, "")) for name in ("/S", "/Type", "/Subtype")}
        if says & _ACTIVE or any(name in one for name in ("/JS", "/EF", "/XFA")):
            raise Harmful
        if "/Metadata" in one:
            del one["/Metadata"]
        inner = [value for _name, value in one.items()]
    else:
        return
    for value in inner:
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            _refuse_active(value, depth + 1)


def _strip_picture(stream: pikepdf.Stream) -> None:
    filters = stream.get("/Filter")
    names = [str(one) for one in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    if names == ["/DCTDecode"]:
        stream.write(_without_segments(stream.read_raw_bytes()), filter=pikepdf.Name("/DCTDecode"))
    elif "/DCTDecode" in names or "/JPXDecode" in names:
        raise Unreadable  # a picture packed in a way that hides its particulars


def _without_segments(jpeg: bytes) -> bytes:
    """A JPEG stream without its application and comment segments: the points stay bit for bit.

    Adobe's segment (APP14) says how colours are coded and stays.
    """
    if not jpeg.startswith(b"\xff\xd8"):
        raise ValueError("not a JPEG stream")
    kept, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        is_hidden = (0xE0 <= marker <= 0xEF and marker != 0xEE) or marker == 0xFE
        if not is_hidden:
            kept.append(jpeg[at : at + 2 + length])
        at += 2 + max(length, 2)
    return b"".join([*kept, jpeg[at:]])


def _office(content: bytes) -> tuple[bytes, Kind]:
    """The package written anew, part by part: nothing before, between or behind the parts survives."""
    out = io.BytesIO()
    try:
        with ZipFile(io.BytesIO(content)) as package, ZipFile(out, "w", ZIP_DEFLATED) as kept:
            parts = package.infolist()
            names = [part.filename for part in parts]
            _refuse_bomb(parts)
            if len(set(names)) != len(names) or any(part.flag_bits & 0x1 for part in parts):
                raise Unreadable
            kind = _kind_of_package(package, names)
            for part in parts:
                if not part.is_dir():
                    kept.writestr(ZipInfo(part.filename), _part(part.filename, package.read(part)), ZIP_DEFLATED)
    except (BadZipFile, DeflateError, DefusedXmlException) as damaged:
        raise Unreadable from damaged
    except (OSError, EOFError, LookupError, ValueError, NotImplementedError, SyntaxError) as damaged:
        raise Unreadable from damaged
    return out.getvalue(), kind


def _refuse_bomb(parts: list[ZipInfo]) -> None:
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
        raise Unreadable
    for part in parts:
        if part.file_size > 1024 * 1024 and part.file_size > INFLATION * max(part.compress_size, 1):
            raise Unreadable
        if part.filename.startswith("/") or ".." in part.filename.split("/") or "\\" in part.filename:
            raise Harmful
        if _HARMFUL_PART.search(part.filename):
            raise Harmful


def _kind_of_package(package: ZipFile, names: list[str]) -> Kind:
    if "[Content_Types].xml" not in names:
        raise Unreadable
    types = {str(one.get("ContentType", "")) for one in fromstring(package.read("[Content_Types].xml"))}
    if any("macroenabled" in one.lower() or "vba" in one.lower() for one in types):
        raise Harmful
    found = {_MAIN[one] for one in types if one in _MAIN}
    if len(found) != 1:
        raise Unreadable
    return found.pop()


def _part(name: str, content: bytes) -> bytes:
    lower = name.lower()
    if lower.endswith((".jpg", ".jpeg")):
        return _picture(content, kinds.JPEG)
    if lower.endswith(".png"):
        return _picture(content, kinds.PNG)
    if lower == "docprops/core.xml":
        return _NO_PROPERTIES
    if lower.endswith(".rels"):
        for link in fromstring(content):
            # A link that a reader clicks may lead outside; a template or picture fetched by itself may not.
            is_outside = str(link.get("TargetMode", "")).lower() == "external"
            if is_outside and not str(link.get("Type", "")).endswith("/hyperlink"):
                raise Harmful
    return content
