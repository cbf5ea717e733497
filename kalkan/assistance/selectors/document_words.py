"""How what is known is said in one language of an official document."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from babel import Locale
from django.utils import translation

from kalkan.assistance.lifecycle.documents import Language, Rule
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Provision

# Languages in which code lists and provisions have words; the others get what their layout's own words say.
TRANSLATED = frozenset({Language.TURKISH, Language.ENGLISH})


class Words(NamedTuple):
    """What officers wrote and sealed, opened for one document."""

    grounds: str = ""
    reasons: str = ""
    reasoning: str = ""
    receiver: str = ""


class NotReady(Exception):
    """The document cannot be made of this case yet. The sentence says what comes first."""


def rule_of(provision: Provision, language: Language) -> Rule:
    """The provision in Turkish, or in English for every other language: a citation is not translated freely."""
    with translation.override("tr" if language == Language.TURKISH else "en"):
        text = provision.text if language in TRANSLATED else ""
        return Rule(provision.citation, text, provision.is_verified)


def country(code: str, locale: Locale) -> str:
    """The country's name in the language of the document."""
    return str(locale.territories.get(code, code))


def day(value: date) -> str:
    """A day in Western digits in every language, so that both versions can be compared."""
    return f"{value:%d.%m.%Y}"


def label_of(code_list: str, code: str, language: Language) -> str:
    """The label of a code where the list has words of that language; else the version goes without."""
    if not code or language not in TRANSLATED:
        return ""
    return in_language(language, lambda: vocabulary.label(code_list, code))


def in_language(language: Language, say: Callable[[], object]) -> str:
    """What `say` gives in Turkish, or in English for every other language."""
    with translation.override("tr" if language == Language.TURKISH else "en"):
        return str(say())


def joined(*parts: str) -> str:
    """The parts that are there, on one line."""
    return " · ".join(part for part in parts if part)
