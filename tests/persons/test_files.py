"""What may be kept of a file: nothing that acts, nothing that tells where a picture was taken, nothing in disguise."""

import io
import zipfile

import pikepdf
import pytest
from django.test import override_settings
from PIL import Image

from kalkan.access.models import User
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.persons.files import door, kinds
from tests import files
from tests.factories import make_user

pytestmark = pytest.mark.django_db
OFFICE = "application/vnd.openxmlformats-officedocument"
TEXT = "Uydurma bir anlatı. Ğüşiöç".encode()


@pytest.fixture
def officer() -> User:
    return make_user()


def admit(content: bytes, name: str, by: User, declared: str = "") -> door.Admitted:
    return door.admit(content, name=name, declared=declared, by=by)


def refused(content: bytes, name: str, by: User, declared: str = "") -> str:
    with pytest.raises(door.Refusal) as refusal:
        admit(content, name, by, declared)
    assert str(refusal.value)
    event = AuditEvent.objects.filter(action=Event.UPLOAD_REFUSED, actor=by).order_by("-id").first()
    assert event is not None
    assert event.facts == {"reason": refusal.value.code, "bytes": len(content)}
    return refusal.value.code


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (files.pdf(), "belge.pdf", kinds.PDF),
        (files.jpeg(), "IMG_0157.JPG", kinds.JPEG),
        (files.png(), "ekran.png", kinds.PNG),
        (TEXT, "not.txt", kinds.TEXT),
        (TEXT.decode().encode("cp1254"), "eski.txt", kinds.TEXT),
        (TEXT.decode().encode("utf-16"), "defter.txt", kinds.TEXT),
        (files.docx(), "tutanak.docx", kinds.DOCX),
        (files.xlsx(), "liste.xlsx", kinds.XLSX),
    ],
    ids=lambda value: getattr(value, "ending", None),
)
def test_each_kind_that_is_kept_is_known_by_its_content(
    content: bytes, name: str, kind: kinds.Kind, officer: User
) -> None:
    admitted = admit(content, name, officer, "application/octet-stream")
    assert admitted.kind is kind
    assert admitted.name.endswith(f".{kind.ending}")
    assert files.PLACE.encode() not in admitted.content
    # What was cleaned once stays as it is by its kind: it can be attached again after a download.
    assert admit(admitted.content, admitted.name, officer, kind.media_type).kind is kind


@pytest.mark.parametrize("content", [files.jpeg(), files.png()], ids=["jpeg", "png"])
def test_a_picture_loses_everything_but_its_points(content: bytes, officer: User) -> None:
    name = "a.jpg" if content.startswith(b"\xff") else "a.png"
    kept = admit(content + b"<script>hidden behind the picture</script>", name, officer).content
    with Image.open(io.BytesIO(kept)) as image:
        assert not image.getexif()
        assert not {"comment", "exif", "Location", "xmp", "icc_profile"} & set(image.info)
        if image.format == "JPEG":
            assert image.size == (20, 40), "turned upright before the note of its orientation was dropped"
            assert image.getpixel((19, 0))[2] > image.getpixel((0, 39))[2], "and turned the right way"  # type: ignore[index]
    for hidden in (files.PLACE.encode(), b"Exif", b"GPS", b"script"):
        assert hidden not in kept


def test_a_document_loses_its_author_and_the_place_in_its_pictures(officer: User) -> None:
    kept = admit(files.pdf(picture=files.jpeg()), "a.pdf", officer).content
    with pikepdf.open(io.BytesIO(kept)) as document:
        assert "/Info" not in document.trailer
        assert "/Metadata" not in document.Root
        streams = [one for one in document.objects if isinstance(one, pikepdf.Stream)]
        pictures = [one.read_raw_bytes() for one in streams if one.get("/Subtype") == "/Image"]
    assert len(pictures) == 1
    with Image.open(io.BytesIO(pictures[0])) as image:
        image.load()
        assert not image.getexif()
    package = zipfile.ZipFile(io.BytesIO(admit(files.docx(), "a.docx", officer).content))
    assert package.testzip() is None
    for part in package.namelist():
        assert files.PLACE.encode() not in package.read(part), part
    with Image.open(io.BytesIO(package.read("word/media/image1.jpeg"))) as image:
        assert not image.getexif()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (files.pdf(OpenAction=files.script()), "a.pdf"),
        (files.pdf(AA=pikepdf.Dictionary(WC=files.script())), "a.pdf"),
        (files.pdf(X=pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))), "a.pdf"),
        (files.pdf(X=pikepdf.Dictionary(EF=pikepdf.Dictionary())), "a.pdf"),
        (files.docx({"word/vbaProject.bin": b"macro"}), "a.docx"),
        (files.docx({"word/embeddings/oleObject1.bin": b"x"}), "a.docx"),
        (files.docx({"word/activeX/activeX1.xml": b"<x/>"}), "a.docx"),
        (files.docx({"../../etc/cron.d/x": b"x"}), "a.docx"),
        (files.docx({"word/_rels/s.xml.rels": files.link("http://evil.example/t", "attachedTemplate")}), "a.docx"),
        (files.docx({"word/_rels/a.xml.rels": files.link("\\\\evil.example\\x", "image")}), "a.docx"),
    ],
)  # fmt: skip
def test_what_acts_when_it_is_opened_is_refused(content: bytes, name: str, officer: User) -> None:
    assert refused(content, name, officer) == "active_content"


def test_a_link_to_click_is_no_danger(officer: User) -> None:
    clicked = files.link("https://www.goc.gov.tr/", "hyperlink")
    assert admit(files.docx({"word/_rels/document.xml.rels": clicked}), "a.docx", officer).kind is kinds.DOCX


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%PDF-1.7\nno objects at all", "a.pdf"),
        (files.jpeg()[:200], "a.jpg"),
        (files.png()[:60], "a.png"),
        (b"\x89PNG\r\n\x1a\n" + bytes(400), "a.png"),
        (files.docx(without="[Content_Types].xml"), "a.docx"),
        (files.docx()[:300], "a.docx"),
        (files.docx({"[Content_Types].xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}), "a.docx"),
        (files.docx({"word/_rels/a.xml.rels": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}), "a.docx"),
        (files.docx({"word/large.xml": bytes(30_000_000)}), "a.docx"),
        (files.docx({"word/media/image2.png": b"not a picture"}), "a.docx"),
        (files.packed({"a.txt": b"an ordinary archive"}), "a.docx"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_whole_is_refused(content: bytes, name: str, officer: User) -> None:
    assert refused(content, name, officer) == "unreadable"


def test_a_picture_with_more_points_than_a_camera_makes_is_refused(officer: User) -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert refused(out.getvalue(), "a.png", officer) == "unreadable"


def test_a_locked_document_is_refused(officer: User) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(files.pdf())) as document:
        document.save(out, encryption=pikepdf.Encryption(user="", owner="x"))
    assert refused(out.getvalue(), "a.pdf", officer) == "unreadable"


@pytest.mark.parametrize(
    ("content", "name", "declared"),
    [
        (files.jpeg(), "a.pdf", ""),
        (files.jpeg(), "a.jpg", "application/pdf"),
        (files.jpeg(), "a.jpg.exe", ""),
        (files.jpeg(), "jpg", ""),
        (files.xlsx(), "a.docx", ""),
        (files.docx(), "a.docx", f"{OFFICE}.spreadsheetml.sheet"),
        (TEXT, "a.html", ""),
        (TEXT, "a.txt", "text/html"),
    ],
)
def test_a_file_that_says_it_is_another_kind_is_refused(
    content: bytes, name: str, declared: str, officer: User
) -> None:
    assert refused(content, name, officer, declared) == "not_as_declared"


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00" + bytes(100),
        b"\x7fELF" + bytes(100),
        b"#!/bin/sh\nrm -rf /",
        b"<html><script>alert(1)</script></html>",
        b"  <!DOCTYPE html>",
        b"\xef\xbb\xbf<?php system('x');",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"{\\rtf1 x}",
        b"GIF89a" + bytes(30),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
        b"a\0b",
        b"Rar!\x1a\x07\x00",
    ],
)
def test_every_other_kind_is_refused_whatever_it_is_called(content: bytes, officer: User) -> None:
    for name in ("a.txt", "a.pdf", "a.jpg"):
        assert refused(content, name, officer) == "not_allowed"


def test_an_empty_and_a_too_large_file_are_refused(officer: User) -> None:
    assert refused(b"", "a.txt", officer) == "empty"
    with override_settings(ATTACHMENT_LIMIT=10):
        assert refused(TEXT, "a.txt", officer) == "too_large"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\Users\\x\\pasaport.jpeg", "pasaport.jpg"),
        ("foto\u202egpj.exe.jpg", "foto gpj.exe.jpg"),
        ("a\r\nX: y.jpg", "a X y.jpg"),
        ("\0.jpg", None),
        ("A" * 500 + ".jpg", "A" * 120 + ".jpg"),
        ("Şığınak fotoğrafı.jpg", "Şığınak fotoğrafı.jpg"),
        ("....jpg", None),
    ],
)
def test_a_name_keeps_its_words_and_loses_its_tricks(name: str, kept: str | None) -> None:
    made = door.safe_name(name, kinds.JPEG)
    assert made == kept or (kept is None and made.endswith(".jpg") and len(made) > 4)
    assert not set(made) & set('/\\\0\r\n\u202e"')
