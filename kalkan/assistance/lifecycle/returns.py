"""Voluntary and safe return as a table that a lawyer can read. No queries, no effects."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kalkan.access.roles import Permission
from kalkan.assistance.lifecycle.promises import Words
from kalkan.cases.lifecycle import NotPossible


class Stage(TextChoices):
    OFFERED = "offered", _("Offered")
    DECLINED = "declined", _("Declined by the person")
    ASSESSED = "risk_assessed", _("Risks assessed")
    DECIDED = "decided", _("Decided by the person")
    APPROVED = "approved", _("Approved")
    DEPARTED = "departed", _("Departed")
    FOLLOWED_UP = "followed_up", _("Followed up")
    COMPLETED = "completed", _("Completed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Risk(TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


BEFORE_DEPARTURE = frozenset({Stage.OFFERED, Stage.ASSESSED, Stage.DECIDED, Stage.APPROVED})
AFTER_DEPARTURE = frozenset({Stage.DEPARTED, Stage.FOLLOWED_UP})
ARRANGEABLE = frozenset({Stage.ASSESSED, Stage.DECIDED})
OPEN = BEFORE_DEPARTURE | AFTER_DEPARTURE
FOLLOW_UP_MONTHS = (1, 3, 6, 12)
GRAVE = "grave"  # parent of the questions of which one alone makes the risk high


class Move(NamedTuple):
    """One way from one of some stages to another: who may go it, and which facts it needs."""

    name: str
    sources: tuple[Stage, ...]
    target: Stage
    permission: Permission
    needs: tuple[str, ...]
    title: Words


_PLAN, _APPROVE = Permission.RETURNS_PLAN, Permission.RETURNS_APPROVE
MOVES: tuple[Move, ...] = (
    Move("decline", (Stage.OFFERED, Stage.ASSESSED), Stage.DECLINED, _PLAN, (), _("The person declines")),
    Move("assess", (Stage.OFFERED,), Stage.ASSESSED, _PLAN, ("destination",), _("Assess the risks")),
    Move(
        "decide",
        (Stage.ASSESSED,),
        Stage.DECIDED,
        _PLAN,
        ("recognised", "informed", "consent"),
        _("Record the person's decision"),
    ),
    # By another officer, after the days that the person has to think it over.
    Move(
        "approve",
        (Stage.DECIDED,),
        Stage.APPROVED,
        _APPROVE,
        ("another_hand", "recognised", "consent", "cooled_off", "arranged", "ground"),
        _("Approve the return"),
    ),
    Move("depart", (Stage.APPROVED,), Stage.DEPARTED, _PLAN, ("consent",), _("Record the departure")),
    Move("follow_up", (Stage.DEPARTED, Stage.FOLLOWED_UP), Stage.FOLLOWED_UP, _PLAN, ("departed",), _("Follow up")),
    Move("complete", (Stage.FOLLOWED_UP,), Stage.COMPLETED, _PLAN, ("all_followed_up",), _("Complete the return")),
    # Until the departure the person may change their mind, for no reason at all.
    Move("withdraw", tuple(sorted(BEFORE_DEPARTURE)), Stage.WITHDRAWN, _PLAN, (), _("Withdraw the return")),
)
BY_NAME = {move.name: move for move in MOVES}

WHY_NOT: dict[str, Words] = {
    "undecided": _("The decision on this person is still open. A return is offered once the person is recognised."),
    "moment": _("Return is offered during or at the end of support once protection has begun. Choose another moment."),
    "open_plan": _("A return is planned for this person already. Go on with that plan, or withdraw it first."),
    "recognised": _("The case is not that of a recognised victim any more: look at the case first."),
    "destination": _("Say to which country the person would return."),
    "informed": _("The person decides on full information in their own language: explain it first."),
    "consent": _("Return rests on the person's own consent for return, which is not there or was withdrawn."),
    "another_hand": _("This needs another officer: nobody approves a return that they planned."),
    "cooled_off": _("The days for thinking it over are not over yet. Approve it after the last of them."),
    "arranged": _("Record travel papers, escort and the receiving organisation first."),
    "ground": _("The risk is high: without a written ground of the approving officer the return cannot be approved."),
    "departed": _("This day lies before the departure. Give a later one."),
    "all_followed_up": _("Record the follow-ups after 1, 3, 6 and 12 months first."),
    "arrangeable": _("The journey is arranged once the risks are assessed, and before the return is approved."),
    "month": _("Follow-ups are held after 1, 3, 6 and 12 months; each is recorded once."),
    "arrived": _("The arrival is confirmed once, after the departure."),
}


def check(name: str, *, stage: str, facts: Mapping[str, Any]) -> Move:
    """The move `name` if the table has it from `stage` and each needed fact is truthy.

    Raises NotPossible otherwise, with a sentence that says how to mend it, and KeyError for an unknown move.
    """
    move = BY_NAME[name]
    if stage not in move.sources:
        label = Stage(stage).label
        raise NotPossible(name, _("This step is not possible while the return is “%(stage)s”.") % {"stage": label})
    for need in move.needs:
        if not facts.get(need):
            raise NotPossible(name, WHY_NOT[need], missing=need)
    return move


def refuse(name: str, why: str) -> NotPossible:
    """The refusal with its sentence, to be raised."""
    return NotPossible(name, WHY_NOT[why], missing=why)


def risk_of(*, grave: Collection[str], other: Collection[str], unknown: Collection[str]) -> Risk:
    """High if one grave risk was found, medium if any other was or a question stayed open, else low."""
    if grave:
        return Risk.HIGH
    return Risk.MEDIUM if other or unknown else Risk.LOW


def next_moves(stage: str) -> tuple[Move, ...]:
    """The moves that the table has from `stage`, in its order."""
    return tuple(move for move in MOVES if stage in move.sources)
