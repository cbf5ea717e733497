"""Which needs the answers of a screening suggest: `data/needs.csv`. They advise; an officer opens them or not."""

import csv
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from kalkan.cases.assessment import SEEN
from kalkan.cases.models import Case, Screening
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Code

SOURCES = ("conclusion", "answer", "signal", "child", "statelessness")


class Hint(NamedTuple):
    """One line of the table: what suggests the need."""

    need: str
    source: str
    code: str


class Suggestion(NamedTuple):
    """One need, and what suggests it: nothing, for most."""

    need: Code
    reasons: tuple[str, ...]


def suggestions(case: Case) -> list[Suggestion]:
    """Every need of the list with what in the case suggests it, those suggested first. Two queries."""
    facts = set(_facts(case))
    reasons: dict[str, list[str]] = {}
    for hint in hints():
        if (hint.source, hint.code) in facts:
            reasons.setdefault(hint.need, []).append(_words(hint))
    found = [Suggestion(need, tuple(dict.fromkeys(reasons.get(need.code, ())))) for need in vocabulary.codes("need")]
    return sorted(found, key=lambda one: not one.reasons)


def hints() -> tuple[Hint, ...]:
    """The table. Raises ValueError for a source that it does not know."""
    return _hints(settings.DATA / "needs.csv")


@lru_cache(maxsize=4)
def _hints(path: Path) -> tuple[Hint, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        found = tuple(Hint(row["need"], row["source"], row["code"]) for row in csv.DictReader(file))
    wrong = sorted({hint.source for hint in found} - set(SOURCES))
    if wrong:
        raise ValueError(f"{path.name}: not a source: {', '.join(wrong)}")
    return found


def _facts(case: Case) -> Iterator[tuple[str, str]]:
    """What is known, as the table speaks of it: the last screening, how the case began, what is said of the person."""
    yield "signal", case.signal
    yield "statelessness", case.person.statelessness
    if case.is_child or case.person.is_child:
        yield "child", "yes"
    last: Screening | None = case.screenings.order_by("-id").prefetch_related("answers").first()
    if last is not None:
        yield "conclusion", last.conclusion
        yield from (("answer", answer.question) for answer in last.answers.all() if answer.said in SEEN)


def _words(hint: Hint) -> str:
    match hint.source:
        case "conclusion":
            return _("The screening found signs of trafficking.")
        case "child":
            return _("The rules for children apply.")
        case "signal":
            return _("The case began with: %(signal)s") % {"signal": vocabulary.label("signal", hint.code)}
        case "statelessness":
            return vocabulary.label("statelessness", hint.code)
    named = {indicator.code: indicator.label for indicator in vocabulary.indicators(retired=True)}
    return named.get(hint.code) or vocabulary.label("immediate_danger", hint.code)
