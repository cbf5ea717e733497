"""Files as people and attackers send them. Nothing real in them."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import pikepdf
from openpyxl import Workbook
from PIL import Image

PLACE = "Siginak-Sokagi-157"  # what the camera wrote down and nobody may ever read
_OFFICE = "application/vnd.openxmlformats-officedocument"


def jpeg(size: tuple[int, int] = (40, 20), **options: Any) -> bytes:
    """A photograph of a telephone: turned on its side, with place, comment and model."""
    image = Image.new("RGB", size, "red")
    image.putpixel((0, 0), (0, 0, 255))
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn right
    exif[0x0110] = PLACE  # model
    exif.get_ifd(0x8825).update({1: "N", 2: (41.0, 0.0, 49.0), 3: "E", 4: (28.0, 58.0, 1.0), 27: PLACE})
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=PLACE.encode(), quality=95, **options)
    return out.getvalue()


def png() -> bytes:
    """A picture with a note in it."""
    from PIL.PngImagePlugin import PngInfo

    note = PngInfo()
    note.add_text("Location", PLACE)
    out = io.BytesIO()
    Image.new("RGBA", (30, 30), (0, 200, 0, 120)).save(out, "PNG", pnginfo=note)
    return out.getvalue()


def pdf(*, picture: bytes | None = None, **root: Any) -> bytes:
    """One page, with an author, perhaps a picture, perhaps something in the catalogue that acts by itself."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(200, 200))
    document.docinfo["/Author"] = PLACE
    with document.open_metadata() as metadata:
        metadata["dc:title"] = PLACE
    if picture is not None:
        image = pikepdf.Stream(document, picture)
        image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        image.Width, image.Height, image.BitsPerComponent = 40, 20, 8
        image.ColorSpace, image.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=document.make_indirect(image)))
    for name, value in root.items():
        document.Root[f"/{name}"] = value
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def script() -> pikepdf.Dictionary:
    """An action that a reader would run."""
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def xlsx() -> bytes:
    """A workbook as Excel writes it."""
    book = Workbook()
    book.active.append(["Deneme", 1])
    book.properties.creator = PLACE
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def docx(more: Mapping[str, bytes] | None = None, *, main: str = "document.main+xml", without: str = "") -> bytes:
    """A document as Word writes it, with parts added or left out."""
    kind = f"{_OFFICE}.wordprocessingml.{main}"
    parts = {
        "[Content_Types].xml": (
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
        ).encode(),
        "word/document.xml": b"<w:document xmlns:w='x'>Deneme</w:document>",
        "docProps/core.xml": f"<cp:coreProperties xmlns:cp='x'>{PLACE}</cp:coreProperties>".encode(),
        "word/media/image1.jpeg": jpeg(),
        **(more or {}),
    }
    return packed({name: content for name, content in parts.items() if name != without})


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A zip archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def link(target: str, kind: str) -> bytes:
    """A relationship that leads outside."""
    return (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="http://x/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    ).encode()
