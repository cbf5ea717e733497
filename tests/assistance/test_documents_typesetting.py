"""Official documents as PDF: every kind in every language, no letter lost, nothing of the person in the properties."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest
from django.conf import settings as django_settings

from kalkan.assistance.lifecycle import sheets
from kalkan.assistance.lifecycle.documents import RIGHT_TO_LEFT, DocumentKind, Language
from kalkan.assistance.lifecycle.sheets import NotASheet
from kalkan.assistance.services import typesetting
from kalkan.assistance.services.typesetting import LAYOUTS, CannotBeSet, set_pdf, words_of
from tests.assistance.filled import NAMES, filled

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
EVERY = [(kind, language) for kind in DocumentKind for language in Language]


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_every_document_is_set_in_every_language(kind: DocumentKind, language: Language) -> None:
    made = set_pdf(filled(kind, language), at=AT)
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "tr"
        assert all(abs(float(page.MediaBox[3]) - 841.89) < 0.1 for page in pdf.pages), "A4"
        with pdf.open_metadata() as properties:
            assert properties.pdfa_status == "2A"
            assert properties.get("pdfuaid:part") == "1"
        fonts = {str(font.BaseFont) for page in pdf.pages for font in page.Resources.Font.values()}
    assert fonts
    assert all("Noto" in font for font in fonts), "only fonts of the packages"
    assert any("Naskh" in font for font in fonts) is (language in RIGHT_TO_LEFT)


@pytest.mark.parametrize("kind", [kind for kind in DocumentKind if kind is not DocumentKind.INFORMATION])
def test_the_properties_name_nobody(kind: DocumentKind) -> None:
    reader = pypdf.PdfReader(io.BytesIO(set_pdf(filled(kind, Language.TURKISH), at=AT).content))
    said = str(reader.metadata) + str(reader.xmp_metadata and reader.xmp_metadata.dc_title)
    assert words_of(Language.TURKISH)["titles"][kind.value] in said
    for part in NAMES[Language.TURKISH].split():
        assert part not in said


def test_each_page_says_what_it_is_of_how_many_and_how_secret() -> None:
    made = set_pdf(filled(DocumentKind.DECISION, Language.ENGLISH), at=AT)
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made.content)).pages]
    for number, text in enumerate(pages, 1):
        plain = " ".join(text.split())
        assert f"{number} / {len(pages)}" in plain
        assert made.layout in plain
        assert made.content_sha256[:16] in plain
        assert "GİZLİ" in plain or "CONFIDENTIAL" in plain
    assert "Karar" in pages[0]
    assert any("recognise the person as a victim" in " ".join(text.split()) for text in pages[1:])


def test_the_same_content_gives_the_same_bytes_and_another_content_another_digest() -> None:
    one, same = (set_pdf(filled(DocumentKind.CONSENT, Language.ARABIC), at=AT) for _ in range(2))
    other = set_pdf(filled(DocumentKind.CONSENT, Language.ARABIC, name="Başka Biri"), at=AT)
    assert one == same
    assert one.content_sha256 != other.content_sha256


@pytest.mark.parametrize(
    "name",
    [
        "Gülşen Işıklı Öğüt İpek Çağrı",
        "Ўғлон Шокиров Ҷамшед Ғаниев",
        "Ұлжан Қасымова Әсел Өмір Нұр",
        "ნინო ბერიძე",
        "Անահիտ Հակոբյան",
        "نور الهدى",
        "پریسا کیانی‌پور",
        "ځلاند کړی ټولنه",
        "ڑباب ہے",
        "Ñandú Đặng Thị Hằng",
        "राम बहादुर थापा",
        "মোহাম্মদ রহমান",
        "አበበ ቢቂላ",
        "สมชาย ใจดี",
        "נועה כהן",
        "Ιωάννης Παπαδόπουλος",
        "رۆژان کوردی",
    ],
)
def test_a_name_in_the_script_of_its_bearer_is_printed(name: str) -> None:
    set_pdf(filled(DocumentKind.IDENTIFICATION, Language.ENGLISH, name=name), at=AT)
    set_pdf(filled(DocumentKind.IDENTIFICATION, Language.ARABIC, name=name), at=AT)


@pytest.mark.parametrize("name", ["张伟", "김민수", "ᠮᠣᠩᠭᠣᠯ", "A\U0001f600"])
def test_a_letter_without_a_font_is_refused_and_named_never_printed_as_a_box(name: str) -> None:
    with pytest.raises(CannotBeSet) as refused:
        set_pdf(filled(DocumentKind.IDENTIFICATION, Language.ENGLISH, name=name), at=AT)
    assert any(letter in str(refused.value) for letter in name)


def test_what_looks_like_a_command_of_the_layout_is_printed_as_it_stands() -> None:
    name = '#read("/etc/passwd") $x$ *a* \\ @b <c>'
    made = set_pdf(filled(DocumentKind.IDENTIFICATION, Language.TURKISH, name=name), at=AT)
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made.content)).pages)
    assert "#read(" in text
    assert "root:" not in text


def test_a_layout_of_the_installation_takes_the_place_of_ours(settings: Any, tmp_path: Path) -> None:
    settings.DOCUMENT_LAYOUTS = str(tmp_path)
    ours = (LAYOUTS / "consent.typ").read_text()
    (tmp_path / "consent.typ").write_text(ours.replace("// version 1", "// version GIB-2027", 1))
    assert set_pdf(filled(DocumentKind.CONSENT, Language.TURKISH), at=AT).layout.startswith("consent/GIB-2027/")
    assert set_pdf(filled(DocumentKind.DECISION, Language.TURKISH), at=AT).layout.startswith("decision/1/")


@pytest.mark.parametrize(
    ("text", "said"),
    [("#let x = 1\n", "does not say its version"), ("// version 1\n#nonsense()\n", "unknown variable")],
)
def test_a_broken_layout_is_named(settings: Any, tmp_path: Path, text: str, said: str) -> None:
    settings.DOCUMENT_LAYOUTS = str(tmp_path)
    (tmp_path / "consent.typ").write_text(text)
    with pytest.raises(CannotBeSet) as refused:
        set_pdf(filled(DocumentKind.CONSENT, Language.TURKISH), at=AT)
    assert "consent" in str(refused.value)
    assert said in str(refused.value) or "sürümünü" in str(refused.value)


def test_a_layout_reaches_no_file_beside_the_layouts(settings: Any, tmp_path: Path) -> None:
    settings.DOCUMENT_LAYOUTS = str(tmp_path)
    (tmp_path / "consent.typ").write_text('// version 1\n#read("/../../../../../../etc/hostname")\n')
    with pytest.raises(CannotBeSet):
        set_pdf(filled(DocumentKind.CONSENT, Language.TURKISH), at=AT)


def test_missing_fonts_are_named(settings: Any, tmp_path: Path) -> None:
    settings.NODE_MODULES = tmp_path
    typesetting._fonts.cache_clear()
    with pytest.raises(FileNotFoundError, match="npm ci"):
        set_pdf(filled(DocumentKind.CONSENT, Language.TURKISH), at=AT)


def test_every_language_has_every_word() -> None:
    def keys(value: object, path: str = "") -> set[str]:
        if isinstance(value, dict):
            return {key for name, inner in value.items() for key in keys(inner, f"{path}.{name}")}
        return {f"{path}[{len(value)}]" if isinstance(value, list) else path}

    wanted = keys(words_of(Language.TURKISH))
    for language in Language:
        words = words_of(language)
        assert keys(words) == wanted, language
        empty = [key for key, value in words.items() if not value and not (key == "translation" and language == "tr")]
        assert empty == [], language


def test_no_lock_file_names_a_registry_and_every_font_is_free() -> None:
    locked = json.loads((django_settings.ROOT / "package-lock.json").read_text())["packages"]
    for font in typesetting.FONTS:
        package = locked[f"node_modules/@expo-google-fonts/{font}"]
        assert "resolved" not in package
        assert "OFL-1.1" in package["license"]


@pytest.mark.parametrize(
    "text",
    [
        "No front matter",
        '+++\ntitle = "T"\n+++\nA',
        '+++\ntitle = "T"\nversion = "1"\nis_verified = false\n+++\n| a | b |',
        '+++\ntitle = "T"\nversion = "1"\nis_verified = false\n+++\n**bold**',
        '+++\ntitle = "T"\nversion = "1"\nis_verified = false\n+++\n### deep',
    ],
)
def test_a_sheet_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(NotASheet):
        sheets.parse(text)


def test_the_order_of_a_sheet_stays() -> None:
    front = '+++\ntitle = "T"\nversion = "2"\nis_verified = true\n+++\n'
    sheet = sheets.parse(f"{front}One\ntwo\n\n## H\n\nA\n\n- b\n- c\n  d\n\nE\n")
    assert (sheet.title, sheet.version, sheet.is_verified) == ("T", "2", True)
    assert [(part.heading, part.paragraphs, part.points) for part in sheet.parts] == [
        ("", ("One two",), ()),
        ("H", ("A",), ("b", "c d")),
        ("", ("E",), ()),
    ]


@pytest.mark.parametrize("file", sorted((django_settings.DATA / "sheets").glob("*.md")), ids=lambda file: file.name)
def test_every_sheet_that_is_there_can_be_set(file: Path) -> None:
    assert sheets.parse(file.read_text(encoding="utf-8")).parts
