"""Words of a definition, which must stand in both languages side by side."""

from dataclasses import dataclass

from kalkan.vocabulary.language import active


@dataclass(frozen=True)
class Words:
    """The same words in Turkish and in English; reads as the reader's language."""

    tr: str
    en: str

    def __str__(self) -> str:
        return self.tr if active() == "tr" else self.en
