"""Setting an official document as PDF with Typst: in memory, with our own fonts, and never with a letter missing.

Layouts lie in `kalkan/assistance/layouts`; a file of the same name in the folder `DOCUMENT_LAYOUTS` takes the place of
ours, because official forms are not public. What a layout is filled with goes to it in memory and lies on no disk.
"""

import hashlib
import json
import re
import tempfile
import tomllib
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from shutil import copyfile
from typing import Any, NamedTuple, cast

import typst
from django.conf import settings
from django.utils.translation import gettext as _

from kalkan.assistance.lifecycle.documents import RIGHT_TO_LEFT, Filled, Language

LAYOUTS = Path(__file__).resolve().parent.parent / "layouts"
# Accessible and made to last: tags, a language and a reading order (UA), everything inside the file (A).
STANDARDS: list[Any] = ["a-2a", "ua-1"]
FONTS = (
    *("noto-sans", "noto-naskh-arabic", "noto-sans-armenian", "noto-sans-bengali", "noto-sans-devanagari"),
    *("noto-sans-ethiopic", "noto-sans-georgian", "noto-sans-hebrew", "noto-sans-thai"),
)
_WEIGHTS = ("400Regular", "700Bold")
_MISSING = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_VERSION = re.compile(r"\A// version (\S+)\n")


class CannotBeSet(Exception):
    """The document cannot be printed as it is. The sentence says why and what to do; it may quote a name."""


class Pdf(NamedTuple):
    """A document as PDF, and what it was made of."""

    content: bytes
    layout: str
    content_sha256: str


def set_pdf(filled: Filled, *, at: datetime) -> Pdf:
    """The PDF of a document, dated `at`; the same content gives the same bytes.

    Raises CannotBeSet where a letter is in none of the fonts, or a layout of the installation is at fault.
    """
    name = filled.kind.value
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for file in LAYOUTS.glob("*.typ"):
            copyfile(_chosen(file), home / file.name)
        layout = _layout(home, name)
        content = _content(filled, layout)
        sha256 = hashlib.sha256(content.encode()).hexdigest()
        sys_inputs = {"content": content, "digest": sha256[:16]}
        try:
            made = typst.Compiler(str(home / f"{name}.typ"), root=str(home), font_paths=_fonts()).compile(
                sys_inputs=sys_inputs, pdf_standards=STANDARDS, timestamp=int(at.timestamp())
            )
        except typst.TypstError as refused:
            raise _refusal(refused, name) from None  # its text may quote a name: it goes to the officer, not to a log
    return Pdf(cast(bytes, made), layout, sha256)  # one file; only pictures come page by page


@cache
def _fonts() -> typst.Fonts:
    """The fonts, read once. Raises FileNotFoundError where the npm packages are not installed."""
    home = settings.NODE_MODULES / "@expo-google-fonts"
    folders = [home / font / weight for font in FONTS for weight in _WEIGHTS]
    for folder in folders:
        if not folder.is_dir():
            raise FileNotFoundError(f"{folder} is missing: run `npm ci`, or `make run`, which does it.")
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder) for folder in folders]
    )


@cache
def words_of(language: Language) -> dict[str, Any]:
    """The fixed words of the layouts in one language."""
    return tomllib.loads((LAYOUTS / "words" / f"{language.value}.toml").read_text(encoding="utf-8"))


def _chosen(file: Path) -> Path:
    own = Path(settings.DOCUMENT_LAYOUTS) / file.name if settings.DOCUMENT_LAYOUTS else file
    return own if own.is_file() else file


def _layout(home: Path, name: str) -> str:
    """Name, version and digest of the layout with the page that it stands on."""
    text = (home / f"{name}.typ").read_text(encoding="utf-8")
    version = _VERSION.match(text)
    if version is None:
        raise CannotBeSet(
            _("The layout %(name)s does not say its version: its first line must be “// version 1”.") % {"name": name}
        )
    digest = hashlib.sha256(text.encode() + (home / "page.typ").read_bytes()).hexdigest()
    return f"{name}/{version[1]}/{digest[:8]}"


def _content(filled: Filled, layout: str) -> str:
    versions = [
        {
            "language": version.language.value,
            "direction": "rtl" if version.language in RIGHT_TO_LEFT else "ltr",
            "words": words_of(version.language),
            "issued": asdict(version.issued),
            "content": asdict(version.content),
        }
        for version in filled.versions
    ]
    kept = {"kind": filled.kind.value, "layout": layout, "versions": versions}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def _refusal(refused: typst.TypstError, name: str) -> CannotBeSet:
    message = str(refused)
    missing = _MISSING.search(message)
    if missing is not None:
        return CannotBeSet(
            _(
                "“%(text)s” has letters that none of the fonts can print. Tick “names in Latin letters”, or correct "
                "the record; the document was not made."
            )
            % {"text": missing[1]}
        )
    return CannotBeSet(
        _("The layout %(name)s cannot be set: %(why)s. Tell whoever looks after the layouts.")
        % {"name": name, "why": message[:200]}
    )
