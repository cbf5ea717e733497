"""Information and consent sheets: content in many languages, read from `data/sheets/<name>.<language>.md`.

A file begins with a header in TOML between two lines `+++` (title, version, is_verified) and goes on with headings
(`## `), list items (`- `) and paragraphs, blocks apart by an empty line. Pages and PDF are made from the same files.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import get_language_info

FOLDER: Path = settings.ROOT / "data" / "sheets"
_FENCE = "+++\n"


class Block(NamedTuple):
    """A part of a sheet: `kind` is heading, items or words; a heading and a paragraph have one line."""

    kind: str
    lines: tuple[str, ...]


class Sheet(NamedTuple):
    """One sheet in one language."""

    name: str
    language: str
    title: str
    version: str
    is_verified: bool
    blocks: tuple[Block, ...]

    @property
    def direction(self) -> str:
        """The value of `dir` for its language: rtl or ltr."""
        return "rtl" if get_language_info(self.language)["bidi"] else "ltr"

    @property
    def language_name(self) -> str:
        """The language in its own words."""
        return str(get_language_info(self.language)["name_local"])


@cache
def sheets() -> dict[tuple[str, str], Sheet]:
    """Every sheet by name and language. Raises ValueError for a file whose header is not complete."""
    found = [_read(path) for path in sorted(FOLDER.glob("*.md"))]
    return {(sheet.name, sheet.language): sheet for sheet in found}


def sheet(name: str, language: str) -> Sheet:
    """The sheet in that language. Raises KeyError if there is none."""
    return sheets()[name, language]


def translations(name: str) -> list[Sheet]:
    """The sheet in every language that it has."""
    return [one for (known, _language), one in sheets().items() if known == name]


def _read(path: Path) -> Sheet:
    name, language = path.stem.split(".")
    _before, fence, rest = path.read_text().partition(_FENCE)
    header, end, body = rest.partition(_FENCE)
    said = tomllib.loads(header)
    if not (fence and end) or set(said) != {"title", "version", "is_verified"}:
        raise ValueError(f"{path.name} wants a header with title, version and is_verified")
    blocks = tuple(_block(part.strip()) for part in body.split("\n\n") if part.strip())
    return Sheet(name, language, said["title"], said["version"], said["is_verified"], blocks)


def _block(text: str) -> Block:
    if text.startswith("## "):
        return Block("heading", (text.removeprefix("## "),))
    if text.startswith("- "):
        return Block("items", tuple(line.strip() for line in f"\n{text}".split("\n- ")[1:]))
    return Block("words", (" ".join(text.split("\n")),))
