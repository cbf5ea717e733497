"""Words of a definition, which must stand in both languages side by side."""

from dataclasses import dataclass

from django.utils.translation import get_language


@dataclass(frozen=True)
class Words:
    """The same words in Turkish and in English; reads as the reader's language."""

    tr: str
    en: str

    def __str__(self) -> str:
        return self.tr if (get_language() or "tr").startswith("tr") else self.en
