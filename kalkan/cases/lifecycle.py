"""The life of a case as a table that a lawyer can read. No queries, no effects."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kalkan.access.roles import Permission


class Stage(TextChoices):
    SCREENING = "screening", _("Screening")
    PRELIMINARY = "preliminary", _("Preliminary interview")
    REFERRED = "referred", _("Referred for identification")
    IDENTIFICATION = "identification", _("Identification interview")
    DRAFTED = "drafted", _("Draft decision")
    RECOGNISED = "recognised", _("Recognised as victim")
    NOT_RECOGNISED = "not_recognised", _("Not recognised")
    PROTECTION = "protection", _("Protection")
    CLOSED = "closed", _("Closed")


class Outcome(TextChoices):
    """What a decision may say."""

    RECOGNISED = "recognised", _("Recognised as victim")
    NOT_RECOGNISED = "not_recognised", _("Not recognised")
    MORE_FACTS = "more_facts", _("More facts needed")


WITH_FRONTLINE = frozenset({Stage.SCREENING, Stage.PRELIMINARY})
WITH_DIRECTORATE = frozenset({Stage.REFERRED, Stage.IDENTIFICATION, Stage.DRAFTED})
DECIDED = frozenset({Stage.RECOGNISED, Stage.NOT_RECOGNISED, Stage.PROTECTION})
OPEN = frozenset(Stage) - {Stage.CLOSED, Stage.NOT_RECOGNISED}


class Move(NamedTuple):
    """One way from one of some stages to another: who may go it, and which facts it needs."""

    name: str
    sources: tuple[Stage, ...]
    target: Stage
    permission: Permission
    needs: tuple[str, ...] = ()


MOVES: tuple[Move, ...] = (
    # Frontline bodies screen, hold a preliminary interview and must refer (Regulation 29656).
    Move("conclude_screening", (Stage.SCREENING,), Stage.PRELIMINARY, Permission.CASES_SCREEN, ("conclusion",)),
    Move("refer", (Stage.PRELIMINARY,), Stage.REFERRED, Permission.CASES_REFER, ("preliminary_interview",)),
    # Only the migration authority identifies.
    Move("begin_identification", (Stage.REFERRED,), Stage.IDENTIFICATION, Permission.CASES_IDENTIFY),
    Move(
        "draft_decision",
        (Stage.IDENTIFICATION,),
        Stage.DRAFTED,
        Permission.CASES_IDENTIFY,
        ("identification_interview", "outcome", "grounds", "provision"),
    ),
    Move(
        "ask_more_facts", (Stage.DRAFTED,), Stage.IDENTIFICATION, Permission.CASES_DECIDE, ("another_hand", "reason")
    ),
    Move(
        "recognise",
        (Stage.DRAFTED,),
        Stage.RECOGNISED,
        Permission.CASES_DECIDE,
        ("another_hand", "grounds", "provision"),
    ),
    Move(
        "not_recognise",
        (Stage.DRAFTED,),
        Stage.NOT_RECOGNISED,
        Permission.CASES_DECIDE,
        ("another_hand", "grounds", "provision"),
    ),
    Move("begin_protection", (Stage.RECOGNISED,), Stage.PROTECTION, Permission.CASES_PROTECT, ("consent",)),
    # A refusal is looked at again on new facts, by others than those who drafted and decided it.
    Move(
        "reconsider",
        (Stage.NOT_RECOGNISED,),
        Stage.IDENTIFICATION,
        Permission.CASES_IDENTIFY,
        ("another_hand", "reason"),
    ),
    Move(
        "close_without_signs", (Stage.SCREENING, Stage.PRELIMINARY), Stage.CLOSED, Permission.CASES_SCREEN, ("reason",)
    ),
    Move("close", (Stage.RECOGNISED, Stage.PROTECTION), Stage.CLOSED, Permission.CASES_PROTECT, ("reason",)),
)
BY_NAME = {move.name: move for move in MOVES}

WHY_NOT = {
    "conclusion": _("Conclude the screening first."),
    "preliminary_interview": _("Record the preliminary interview first."),
    "identification_interview": _("Record the identification interview first."),
    "outcome": _("Say what the draft proposes."),
    "grounds": _("Give the grounds of the decision."),
    "provision": _("Cite the provision that the decision rests on."),
    "another_hand": _("This needs another officer: nobody decides on their own draft or reviews their own decision."),
    "reason": _("Give the reason."),
    "consent": _("Protection begins with the person's consent: record it first."),
}


class NotPossible(Exception):
    """The move is not in the table from this stage, or a fact that it needs is missing."""

    def __init__(self, move: str, message: Any, *, missing: str = ""):
        super().__init__(str(message))
        self.move, self.missing, self.message = move, missing, message


def check(name: str, *, stage: str, facts: Mapping[str, Any]) -> Move:
    """The move `name` if the table has it from `stage` and each needed fact is truthy.

    Raises NotPossible otherwise, with a sentence that says how to mend it, and KeyError for an unknown move.
    """
    move = BY_NAME[name]
    if stage not in move.sources:
        raise NotPossible(name, _("This step is not possible while the case is at “%s”.") % Stage(stage).label)
    for need in move.needs:
        if not facts.get(need):
            raise NotPossible(name, WHY_NOT[need], missing=need)
    return move


def moves_from(stage: str) -> tuple[Move, ...]:
    """The moves that the table has from `stage`, in its order."""
    return tuple(move for move in MOVES if stage in move.sources)
