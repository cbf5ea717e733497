"""The way of a travel document through the check, and what stands in the way. No queries, no effects."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kalkan.access.roles import Permission
from kalkan.assistance.lifecycle.mrz import DOUBTFUL
from kalkan.cases.lifecycle import NotPossible

Words = str | Promise
EXAMINATION = "paper_examination"  # the promise, and the provision of its term
# A document that somebody keeps from its owner is a sign of trafficking (indicators 2.5 and 5.1).
KEPT_FROM_OWNER = frozenset({"withheld"})
SIGNS_OF_KEEPING = ("5.1", "2.5")


class Verdict(TextChoices):
    """What the officer says after the check."""

    CLEAR = "clear", _("No doubt")
    DOUBT = "doubt", _("Doubt: to a document expert of the police")


class State(TextChoices):
    """Where a document stands; told from its row."""

    NEW = "new", _("Not checked yet")
    CLEAR = "clear", _("Checked, no doubt")
    SENT = "sent", _("With the document expert")
    EXAMINED = "examined", _("Examined by the document expert")


class Move(NamedTuple):
    """One step: from where, to where, who may go it, and which facts it needs."""

    name: str
    source: State
    target: State
    permission: Permission
    needs: tuple[str, ...]


MOVES = (
    Move("clear", State.NEW, State.CLEAR, Permission.PAPERS_CHECK, ("right_digits", "no_alteration")),
    Move("doubt", State.NEW, State.SENT, Permission.PAPERS_CHECK, ("expert",)),
    Move("find", State.SENT, State.EXAMINED, Permission.PAPERS_EXAMINE, ("finding", "other_hand")),
)
BY_NAME = {move.name: move for move in MOVES}

WHY_NOT: dict[str, Words] = {
    "right_digits": _("A field is wrong. Compare it with the document and type it again, or say that you doubt it."),
    "no_alteration": _("You marked a sign of alteration: say that you doubt the document, or take the mark away."),
    "expert": _("Choose the police unit whose document expert shall examine it."),
    "finding": _("Say what you found."),
    "other_hand": _("This needs another officer: nobody examines a document of their own check."),
}


def check(name: str, *, state: State, facts: Mapping[str, Any]) -> Move:
    """The step `name` if the table has it from `state` and each needed fact is truthy. Raises NotPossible."""
    move = BY_NAME[name]
    if state != move.source:
        raise NotPossible(
            name, _("This step is not possible: the document stands at “%(state)s”.") % {"state": state.label}
        )
    for need in move.needs:
        if not facts.get(need):
            raise NotPossible(name, WHY_NOT[need], missing=need)
    return move


def has_wrong_field(result: Mapping[str, str]) -> bool:
    """Whether a kept result (field → finding) says that a field is wrong."""
    return any(finding in DOUBTFUL for finding in result.values())
