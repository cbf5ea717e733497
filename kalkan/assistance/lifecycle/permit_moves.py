"""The life of a permit as a table, and why a step is refused. No queries, no effects."""

from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kalkan.access.roles import Permission
from kalkan.assistance.lifecycle.promises import Words
from kalkan.cases.lifecycle import NotPossible


class State(TextChoices):
    REQUESTED = "requested", _("Asked for")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")


class Move(NamedTuple):
    """One way from a state to another, and who may go it."""

    name: str
    source: State
    target: State
    permission: Permission
    title: Words


MOVES: tuple[Move, ...] = (
    Move("grant", State.REQUESTED, State.GRANTED, Permission.PERMITS_DECIDE, _("Grant the permit")),
    Move("refuse", State.REQUESTED, State.REFUSED, Permission.PERMITS_DECIDE, _("Refuse the permit")),
    # Law 6458 art. 49: three grounds, except where done under force, threat, violence or intimidation.
    Move("cancel", State.GRANTED, State.CANCELLED, Permission.PERMITS_DECIDE, _("Cancel the permit")),
    # Nobody is made to stay: the permit holds until its last day, and somebody said why none follows.
    Move("leave", State.GRANTED, State.GRANTED, Permission.PERMITS_REQUEST, _("Leave the permit to end")),
)
BY_NAME = {move.name: move for move in MOVES}

# What an evaluation report calls the ground on which a permit is cancelled (lists `permit_cancellation` and
# `evaluation_ground`).
REPORTED_AS = {"ties_renewed": "renewed_ties", "obligations_not_met": "obligations", "not_a_victim": "not_a_victim"}

WHY_NOT: dict[str, Words] = {
    "ends_before_it_begins": _("The permit would end before it begins. Give a later last day."),
    "overlaps": _("Another permit of this person holds on these days. A permit begins when the last one ends."),
    "does_not_follow": _("An extension begins on the day on which the last permit ends. Ask for it anew."),
    "nothing_to_extend": _("There is no permit to extend: none was granted, or the last one was cancelled."),
    "beyond_term": _("The permit would be longer than the law allows for one permit. Give an earlier last day."),
    "beyond_total": _(
        "With this permit the person would pass the legal maximum of all permits together. Give an earlier last day."
    ),
    "citizen": _("A citizen needs no residence permit: support and protection are the same without it."),
    "stage": _("A permit rests on the decision: ask for it once the person is recognised as a victim."),
    "before_decision": _("A first permit begins on the day of the decision at the earliest. Give a later day."),
    "open_request": _("A permit was asked for already and waits for a decision."),
    "first_given": _("The first permit of this case was granted already. Ask for an extension."),
    "too_early": _("The next permit was granted already and has not begun. An extension is asked for once it holds."),
    "over": _("These days are over already. Ask for a first permit from today on."),
    "total_reached": _("The legal maximum of all permits is reached. No further permit is possible."),
    "no_rule": _("On this day the law knew no such permit. Look at the day of the beginning."),
    "another_hand": _("This needs another officer: nobody decides on a permit that they asked for."),
    "number": _("Give the number of the permit."),
    "reason": _("Give the reason."),
    "forced": _(
        "What was done under force, threat, violence or intimidation is no ground to cancel: the permit stands."
    ),
    "report": _(
        "Support has begun: an extension rests on an approved evaluation report that says so, written since the last"
        " permit began. Have one approved first."
    ),
    "cancel_report": _(
        "Support has begun: a permit is cancelled on an approved evaluation report with the same ground. Have one"
        " approved first."
    ),
    "left": _("It was said already that this permit is left to end."),
    "next_given": _("The next permit was asked for or granted already: there is nothing left to end."),
    "not_held": _("The permit is over already: there is nothing left to cancel."),
}


def check(name: str, state: str) -> Move:
    """The move `name`. Raises NotPossible where the table does not have it from `state`, KeyError if unknown."""
    move = BY_NAME[name]
    if state != move.source:
        label = State(state).label
        raise NotPossible(name, _("This step is not possible: the permit is “%(state)s”.") % {"state": label})
    return move


def refuse(name: str, why: str) -> NotPossible:
    """The refusal with its sentence, to be raised."""
    return NotPossible(name, WHY_NOT[why], missing=why)
