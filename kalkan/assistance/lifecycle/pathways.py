"""The life of a need as a table that a lawyer can read. No queries, no effects."""

from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from kalkan.cases.lifecycle import NotPossible

Words = str | Lazy


class Status(TextChoices):
    OPEN = "open", _("In hand")
    HANDED_OVER = "handed_over", _("Handed over, not taken up yet")
    CLOSED = "closed", _("Closed")


LIVE = (Status.OPEN, Status.HANDED_OVER)


class Move(NamedTuple):
    """One way from one of some states to another."""

    name: str
    sources: tuple[str, ...]
    target: Status
    title: Words
    done: Words


MOVES: tuple[Move, ...] = (
    # A need begins with whoever found it, or at once with the institution whose work it is.
    Move("open", ("",), Status.OPEN, _("Open the need"), _("Opened")),
    Move("open_elsewhere", ("",), Status.HANDED_OVER, _("Open the need"), _("Opened with another institution")),
    Move("take_up", (Status.HANDED_OVER,), Status.OPEN, _("Take it up"), _("Taken up")),
    Move("take_step", (Status.OPEN,), Status.OPEN, _("Record a step"), _("A step was taken")),
    Move("hand_over", LIVE, Status.HANDED_OVER, _("Hand over"), _("Handed over")),
    Move("close", LIVE, Status.CLOSED, _("Close the need"), _("Closed")),
)
BY_NAME = {move.name: move for move in MOVES}

# The provision of this code says how long the next step for the need may take.
TERM = "pathway_{need}"

WHY_NOT: dict[str, Words] = {
    "open": _("Somebody already takes care of this need of the person, perhaps in another case. Choose another need."),
    "take_up": _("The need is in hand already. Record a step instead."),
    "take_step": _("Take the need up first."),
    "hand_over": _("Open the need first."),
    "close": _("Open the need first."),
    "closed": _("The need is closed. Where it arises again, open it again from the case."),
    "elsewhere": _("It lies with this institution already. Choose another one."),
    "no_seat": _("Nobody at this institution can take care of needs. Choose another one."),
    "owner": _("The need lies with another institution: only that one can do this."),
    "nothing": _("Choose at least one need."),
    "twice": _("Each need can be opened once."),
    "note": _("You do not see the case, so you cannot write about the person. Leave the note empty."),
    "erased": _("The identity of this person was erased. No need can be opened."),
}


def check(name: str, *, status: str) -> Move:
    """The move `name` if the table has it from `status`.

    Raises NotPossible otherwise, with a sentence that says how to mend it, and KeyError for an unknown move.
    """
    move = BY_NAME[name]
    if status in move.sources:
        return move
    if "" in move.sources:
        raise refusal(name, "open")
    raise refusal(name, "closed" if status == Status.CLOSED else name)


def refusal(name: str, why: str) -> NotPossible:
    """What stands in the way of the move `name`."""
    return NotPossible(name, WHY_NOT[why], missing=why)


def done(name: str) -> Words:
    """What a move looks like in the story of a need."""
    return BY_NAME[name].done
