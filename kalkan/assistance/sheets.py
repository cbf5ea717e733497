"""Information and consent sheets: content in many languages, read from `data/sheets/<name>.<language>.md`.

Pages and PDF are made from the same files, whose form is that of `lifecycle.sheets`.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import get_language_info

from kalkan.assistance.lifecycle.documents import Sheet
from kalkan.assistance.lifecycle.sheets import parse

FOLDER: Path = settings.DATA / "sheets"


class Translation(NamedTuple):
    """One sheet in one language."""

    name: str
    language: str
    text: Sheet

    @property
    def direction(self) -> str:
        """The value of `dir` for its language: rtl or ltr."""
        return "rtl" if get_language_info(self.language)["bidi"] else "ltr"

    @property
    def language_name(self) -> str:
        """The language in its own words."""
        return str(get_language_info(self.language)["name_local"])


@cache
def sheets() -> dict[tuple[str, str], Translation]:
    """Every sheet by name and language. Raises NotASheet for a file that is not of the form, naming it."""
    found = {}
    for path in sorted(FOLDER.glob("*.md")):
        name, language = path.stem.split(".")
        found[name, language] = Translation(name, language, parse(path.read_text(encoding="utf-8"), file=path.name))
    return found


def sheet(name: str, language: str) -> Translation:
    """The sheet in that language. Raises KeyError if there is none."""
    return sheets()[name, language]


def translations(name: str) -> list[Translation]:
    """The sheet in every language that it has."""
    return [one for (known, _language), one in sheets().items() if known == name]
