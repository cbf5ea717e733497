"""The life of a case as a table that a lawyer can read. No queries, no effects."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kalkan.access.roles import Permission

Words = str | Promise


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
    needs: tuple[str, ...]
    title: Words
    done: Words


MOVES: tuple[Move, ...] = (
    # Frontline bodies screen, hold a preliminary interview and must refer (Regulation 29656).
    Move(
        "conclude_screening",
        (Stage.SCREENING,),
        Stage.PRELIMINARY,
        Permission.CASES_SCREEN,
        ("signs",),
        _("Conclude the screening"),
        _("Screening concluded: signs of trafficking"),
    ),
    Move(
        "refer",
        (Stage.PRELIMINARY,),
        Stage.REFERRED,
        Permission.CASES_REFER,
        ("preliminary_interview", "province"),
        _("Refer for identification"),
        _("Referred to the migration authority"),
    ),
    # Only the migration authority identifies, on strong suspicion and without waiting for the criminal case.
    Move(
        "begin_identification",
        (Stage.REFERRED,),
        Stage.IDENTIFICATION,
        Permission.CASES_IDENTIFY,
        ("migration_authority",),
        _("Begin identification"),
        _("Identification begun"),
    ),
    Move(
        "draft_decision",
        (Stage.IDENTIFICATION,),
        Stage.DRAFTED,
        Permission.CASES_IDENTIFY,
        (
            "migration_authority",
            "identification_interview",
            "outcome",
            "elements",
            "grounds",
            "provision",
            "other_hand",
        ),
        _("Draft the decision"),
        _("Decision drafted"),
    ),
    Move(
        "ask_more_facts",
        (Stage.DRAFTED,),
        Stage.IDENTIFICATION,
        Permission.CASES_DECIDE,
        ("migration_authority", "another_hand", "other_hand", "reason"),
        _("Ask for more facts"),
        _("More facts asked for"),
    ),
    Move(
        "recognise",
        (Stage.DRAFTED,),
        Stage.RECOGNISED,
        Permission.CASES_DECIDE,
        ("migration_authority", "another_hand", "other_hand", "grounds", "provision", "reason"),
        _("Recognise as victim"),
        _("Recognised as victim"),
    ),
    Move(
        "not_recognise",
        (Stage.DRAFTED,),
        Stage.NOT_RECOGNISED,
        Permission.CASES_DECIDE,
        ("migration_authority", "another_hand", "other_hand", "grounds", "provision", "reason"),
        _("Do not recognise"),
        _("Not recognised as victim"),
    ),
    # Support rests on information and consent.
    Move(
        "begin_protection",
        (Stage.RECOGNISED,),
        Stage.PROTECTION,
        Permission.CASES_PROTECT,
        ("consent",),
        _("Begin protection"),
        _("Protection begun"),
    ),
    # A refusal is looked at again on new facts, by others than those who drafted and decided it.
    Move(
        "reconsider",
        (Stage.NOT_RECOGNISED,),
        Stage.IDENTIFICATION,
        Permission.CASES_IDENTIFY,
        ("migration_authority", "other_hand", "reason"),
        _("Reconsider the refusal"),
        _("Refusal under reconsideration"),
    ),
    Move(
        "close_without_signs",
        (Stage.SCREENING, Stage.PRELIMINARY),
        Stage.CLOSED,
        Permission.CASES_SCREEN,
        ("no_signs", "reason"),
        _("Close without signs"),
        _("Closed: no signs of trafficking"),
    ),
    # People leave, go missing or die before the work is done: the case ends, and says why.
    Move(
        "break_off",
        (Stage.SCREENING, Stage.PRELIMINARY),
        Stage.CLOSED,
        Permission.CASES_SCREEN,
        ("reason",),
        _("Break off"),
        _("Broken off before referral"),
    ),
    Move(
        "break_off_identification",
        (Stage.REFERRED, Stage.IDENTIFICATION),
        Stage.CLOSED,
        Permission.CASES_IDENTIFY,
        ("migration_authority", "reason"),
        _("Break off identification"),
        _("Identification broken off"),
    ),
    Move(
        "close",
        (Stage.RECOGNISED, Stage.PROTECTION),
        Stage.CLOSED,
        Permission.CASES_PROTECT,
        ("reason",),
        _("Close the case"),
        _("Case closed"),
    ),
)
BY_NAME = {move.name: move for move in MOVES}
MOVE_OF_OUTCOME = {
    Outcome.RECOGNISED: "recognise",
    Outcome.NOT_RECOGNISED: "not_recognise",
    Outcome.MORE_FACTS: "ask_more_facts",
}
# How a case begins: not a move, because it comes from nowhere.
BEGINNINGS: dict[str, Words] = {"open": _("Case opened"), "import": _("Taken over from an earlier record")}

# Consent to one of these is consent to support (code list `consent_purpose`).
SUPPORT_PURPOSES = frozenset({"referral", "shelter", "health", "psychosocial", "legal_aid", "education_work"})

# While a case is at a stage, this term runs. The provision of that code says how long and by which law.
TERMS: dict[Stage, str] = {
    Stage.PRELIMINARY: "preliminary_referral",
    Stage.REFERRED: "identification_deadline",
    Stage.IDENTIFICATION: "identification_deadline",
    Stage.DRAFTED: "decision_deadline",
    Stage.RECOGNISED: "reflection_period",
}
TERM_LABELS: dict[str, Words] = {
    "preliminary_referral": _("Term of referral"),
    "identification_deadline": _("Term of the interview"),
    "decision_deadline": _("Term of the decision"),
    "reflection_period": _("Reflection period"),
}
# Once the person was heard, the term for the decision runs, and goes on running when more facts are asked for.
TERMS_ONCE_HEARD: dict[Stage, str] = {Stage.IDENTIFICATION: "decision_deadline"}

WHY_NOT: dict[str, Words] = {
    "signs": _("Conclude the screening first: this step follows when it found signs of trafficking."),
    "no_signs": _("Conclude the screening without signs, or hold the preliminary interview, before closing this way."),
    "preliminary_interview": _("Record the preliminary interview first."),
    "province": _("Say in which province the person is, so that its directorate receives the case."),
    "migration_authority": _(
        "Only the migration authority identifies: an officer of its centre or provinces does this."
    ),
    "identification_interview": _("Record the identification interview first."),
    "outcome": _("Say what the draft proposes."),
    "elements": _("Recognition rests on act and purpose, for an adult also on means: say that each was found."),
    "grounds": _("Give the grounds of the decision."),
    "provision": _("Cite the provision that the decision rests on."),
    "another_hand": _("This needs another officer: nobody decides on a draft or an interview of their own."),
    "other_hand": _("This needs another officer: a refusal is reconsidered by others than those who made it."),
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
        raise NotPossible(
            name, _("This step is not possible while the case is at “%(stage)s”.") % {"stage": Stage(stage).label}
        )
    for need in move.needs:
        if not facts.get(need):
            raise NotPossible(name, WHY_NOT[need], missing=need)
    return move


def moves_from(stage: str) -> tuple[Move, ...]:
    """The moves that the table has from `stage`, in its order."""
    return tuple(move for move in MOVES if stage in move.sources)


def done(name: str) -> Words:
    """What a move or beginning looks like in a timeline."""
    return BEGINNINGS.get(name) or BY_NAME[name].done


def term(stage: str, *, is_heard: bool) -> str | None:
    """The provision whose term runs at `stage`, before or after the identification interview."""
    return (TERMS_ONCE_HEARD if is_heard else {}).get(Stage(stage)) or TERMS.get(Stage(stage))
