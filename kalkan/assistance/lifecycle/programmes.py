"""A support programme as tables that a lawyer can read: goals, grounds of an evaluation report, refusals.

No queries, no effects.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import IntegerChoices, TextChoices
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from kalkan.access.roles import Permission
from kalkan.cases.lifecycle import NotPossible

Words = str | Lazy


class NeedLevel(IntegerChoices):
    """How much help one area of life needs."""

    NONE = 0, _("0 – no need")
    SMALL = 1, _("1 – small")
    MODERATE = 2, _("2 – moderate")
    GREAT = 3, _("3 – great")
    URGENT = 4, _("4 – urgent")


class GoalState(TextChoices):
    OPEN = "open", _("Open")
    REACHED = "reached", _("Reached")
    DROPPED = "dropped", _("Dropped")


class Verdict(TextChoices):
    """What an evaluation report decides."""

    CONTINUE = "continue", _("The programme continues")
    END = "end", _("The programme ends")
    EXTEND_PERMIT = "extend_permit", _("The residence permit should be extended")
    CANCEL_PERMIT = "cancel_permit", _("The residence permit should be cancelled")


class ReportState(TextChoices):
    WRITTEN = "written", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Returned to its author")


class CareKind(TextChoices):
    PSYCHOSOCIAL = "psychosocial", _("Psychosocial note")
    HEALTH = "health", _("Health note")


class Move(NamedTuple):
    """One way from some states to another: who may go it, and which facts it needs."""

    name: str
    sources: tuple[str, ...]
    target: str
    permission: Permission
    needs: tuple[str, ...]
    title: Words


GOAL_MOVES: tuple[Move, ...] = (
    Move("reach", (GoalState.OPEN,), GoalState.REACHED, Permission.PROGRAMME_WORK, (), _("Goal reached")),
    Move("drop", (GoalState.OPEN,), GoalState.DROPPED, Permission.PROGRAMME_WORK, ("reason",), _("Drop the goal")),
    Move("reopen", (GoalState.REACHED, GoalState.DROPPED), GoalState.OPEN, Permission.PROGRAMME_WORK,
         ("target",), _("Open the goal again")),
)  # fmt: skip
REPORT_MOVES: tuple[Move, ...] = (
    Move("approve", (ReportState.WRITTEN,), ReportState.APPROVED, Permission.PROGRAMME_APPROVE,
         ("another_hand",), _("Approve the report")),
    Move("return", (ReportState.WRITTEN,), ReportState.RETURNED, Permission.PROGRAMME_APPROVE,
         ("another_hand", "reason"), _("Return it to its author")),
)  # fmt: skip
GOALS = {move.name: move for move in GOAL_MOVES}
REPORTS = {move.name: move for move in REPORT_MOVES}


@dataclass(frozen=True)
class Ground:
    """A ground of an evaluation report: the provision it rests on and what it can decide.

    `asks_force`: what the person did under force, threat, violence or intimidation is no such ground (6458 art. 49).
    """

    code: str
    provision: str
    verdicts: tuple[Verdict, ...]
    asks_force: bool = False


_END = (Verdict.END,)
_AGAINST = (Verdict.END, Verdict.CANCEL_PERMIT)
_FOR = (Verdict.CONTINUE, Verdict.EXTEND_PERMIT)
# The codes of list `evaluation_ground`.
GROUNDS: tuple[Ground, ...] = (
    Ground("goals_reached", "support_programme", _END),
    Ground("consent_withdrawn", "support_programme", _END),
    Ground("returned", "voluntary_return", _END),
    Ground("contact_lost", "support_programme", _END),
    Ground("died", "support_programme", _END),
    Ground("renewed_ties", "permit_cancellation", _AGAINST, asks_force=True),
    Ground("obligations", "permit_cancellation", _AGAINST, asks_force=True),
    Ground("not_a_victim", "permit_cancellation", _AGAINST),
    Ground("needs_go_on", "support_programme", (Verdict.CONTINUE,)),
    Ground("safety", "permit_extension", _FOR),
    Ground("health", "permit_extension", _FOR),
    Ground("special_situation", "permit_extension", _FOR),
)
BY_CODE = {ground.code: ground for ground in GROUNDS}

WHY_NOT: dict[str, Words] = {
    "protection": _("A support programme begins once protection has begun: begin protection first."),
    "consent": _("Support rests on consent, and none held on that day: record the person's consent first."),
    "one_programme": _("A support programme of this case is running already: go on with that one."),
    "running": _("This programme has ended. What belongs to a new one needs a new beginning."),
    "reason": _("Give the reason."),
    "target": _("Give the day by which it should be reached."),
    "another_hand": _("This needs another officer: nobody approves a report of their own."),
    "one_report": _("A report of this programme is waiting for approval: it is answered first."),
    "verdict": _("This ground does not carry that decision. Choose the decision that the provision allows."),
    "force_unanswered": _("Say whether it happened under force, threat, violence or intimidation."),
    "force": _(
        "What was done under force, threat, violence or intimidation is no ground against the person (Law 6458"
        " art. 49). Choose another ground, and look again at the person's safety."
    ),
    "order": _("The end lies before the beginning. Give the day on which it truly ended, or correct the beginning."),
    "interpreter": _("This interpreter is booked at that time already. Choose another time or another interpreter."),
    "sheet": _("There is no such sheet in that language. Choose another language."),
    "levels": _("Say for at least one area how much help it needs."),
    "ahead": _("This day has passed. Give a day by which it can still be done."),
    "done": _("This was done already: look at how it stands now."),
    "outcome": _("Say what came of the service."),
    "before": _("This day lies before the programme began. Give that day or a later one."),
    "officer": _("Choose an officer who runs support programmes and sees this case."),
    "words": _("Write the note, and say which kind it is."),
    "self": _("This is the person's own case. Give the case of the one who came along."),
    "twice": _("This case is already recorded as one that came along."),
    "amount": _("Give an amount above zero."),
    "participants": _("Say which institutions took part."),
    "closing": _(
        "The support programme is still running. It ends by an evaluation report: have one approved, then close."
    ),
}


def check(moves: Mapping[str, Move], name: str, *, state: str, facts: Mapping[str, Any]) -> Move:
    """The move `name` if its table has it from `state` and each needed fact is truthy.

    Raises NotPossible otherwise, with a sentence that says how to mend it, and KeyError for an unknown move.
    """
    move = moves[name]
    if state not in move.sources:
        raise refusal(name, "done")
    for need in move.needs:
        if not facts.get(need):
            raise refusal(name, need)
    return move


def check_ground(code: str, verdict: str, *, under_force: bool | None) -> Ground:
    """The ground if it carries the verdict and is not shut out by force. Raises NotPossible, and KeyError."""
    ground = BY_CODE[code]
    if verdict not in ground.verdicts:
        raise refusal("evaluate", "verdict")
    if ground.asks_force and under_force is None:
        raise refusal("evaluate", "force_unanswered")
    if ground.asks_force and under_force:
        raise refusal("evaluate", "force")
    return ground


def refusal(act: str, why: str) -> NotPossible:
    """The refusal with its sentence."""
    return NotPossible(act, WHY_NOT[why], missing=why)
