"""Numbers that an installation may set, each with the reason for its value: `data/limits.toml`."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from kalkan.vocabulary.language import said


class Limit(NamedTuple):
    """One number, what it counts, and why it stands where it does."""

    code: str
    value: int
    label_tr: str
    label_en: str
    why_tr: str
    why_en: str

    @property
    def label(self) -> str:
        return said(self, "label")

    @property
    def why(self) -> str:
        return said(self, "why")


def limit(code: str) -> Limit:
    """The limit of that code. Raises KeyError for one that the file does not have."""
    return _limits(settings.DATA / "limits.toml")[code]


@lru_cache(maxsize=4)
def _limits(path: Path) -> dict[str, Limit]:
    with path.open("rb") as file:
        rows = tomllib.load(file)
    found = {code: Limit(code=code, **row) for code, row in rows.items()}
    wrong = [code for code, row in found.items() if not isinstance(row.value, int) or row.value < 1]
    if wrong:
        raise ValueError(f"{path.name}: not a whole number of 1 or more: {', '.join(wrong)}")
    return found
