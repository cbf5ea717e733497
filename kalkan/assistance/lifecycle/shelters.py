"""The way of a stay in a shelter as a table: from the request to the day on which the person leaves."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kalkan.access.roles import Permission
from kalkan.cases.lifecycle import NotPossible

Words = str | Promise


class Status(TextChoices):
    """Where a stay stands. While it is with the shelter it is requested or waiting."""

    REQUESTED = "requested", _("Requested")
    WAITING = "waiting", _("On the waiting list")
    ADMITTED = "admitted", _("Admitted")
    LEFT = "left", _("Left")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Severity(TextChoices):
    """How bad an incident was. A severe one is followed up by the protection officer."""

    MINOR = "minor", _("Minor")
    SERIOUS = "serious", _("Serious")
    SEVERE = "severe", _("Severe")


class Said(TextChoices):
    """The answers to a question of safety."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("Not known")


class Part(TextChoices):
    """The shifts of a day."""

    MORNING = "morning", _("Morning")
    EVENING = "evening", _("Evening")
    NIGHT = "night", _("Night")


class Move(NamedTuple):
    """One way from one of some statuses to another, who may go it and what it needs."""

    name: str
    sources: tuple[Status, ...]
    target: Status
    permission: Permission
    needs: tuple[str, ...]


ASKED = (Status.REQUESTED, Status.WAITING)
OPEN = frozenset({*ASKED, Status.ADMITTED})
URGENCIES = ("now", "soon", "planned")  # the waiting list is ranked so, then by the day of the request

MOVES: tuple[Move, ...] = (
    Move("keep_waiting", (Status.REQUESTED,), Status.WAITING, Permission.STAYS_MANAGE, ()),
    Move(
        "admit",
        ASKED,
        Status.ADMITTED,
        Permission.STAYS_MANAGE,
        ("assessed", "ground", "another_hand", "bed"),
    ),
    Move("decline", ASKED, Status.DECLINED, Permission.STAYS_MANAGE, ("reason",)),
    Move("withdraw", ASKED, Status.WITHDRAWN, Permission.STAYS_REQUEST, ("reason",)),
    Move("move_bed", (Status.ADMITTED,), Status.ADMITTED, Permission.STAYS_MANAGE, ("bed",)),
    Move("leave", (Status.ADMITTED,), Status.LEFT, Permission.STAYS_MANAGE, ("reason",)),
)
BY_NAME = {move.name: move for move in MOVES}

WHY_NOT: dict[str, Words] = {
    "assessed": _("Answer the questions on safety first: nobody is admitted without them."),
    "ground": _(
        "The house does not fit the person, or the risk is high. Say on which ground the person is admitted even so."
    ),
    "another_hand": _("An admission against the assessment needs a second officer: ask a colleague to admit."),
    "bed": _("Choose a bed that is free from this day on."),
    "reason": _("Give the reason."),
    "bed_taken": _("Somebody has just been given this bed, or it is taken from this day on. Choose another one."),
    "bed_closed": _("This bed is out of service on that day. Choose another one, or put it back into service."),
    "in_use": _("Somebody sleeps in this bed in that time. Move the person to another bed first."),
    "elsewhere": _(
        "The person is in a shelter already on that day. A move from there is asked for by the protection officer."
    ),
    "asked_already": _("This shelter was asked for this person already, and the request is open."),
    "order": _("This day lies before the day on which the stay began. Give that day or a later one."),
    "future": _("This day has not come yet. Give the day on which it happened."),
    "away": _("The person is away already: record the return first."),
    "before_it_began": _("The end lies before the beginning. Correct the days."),
    "other_house": _("This bed is in another shelter."),
    "here_already": _("The person stays in this shelter already."),
    "nothing_owed": _("Nobody waits for a place here any more: the person has one, or none is needed."),
    "another_hand_again": _("The risk has risen: a colleague of the officer who admitted has to assess it."),
}
CLOSED_CASE: Words = _("The case is closed: a place in a shelter is asked for in an open one.")


def check(name: str, *, status: str, facts: Mapping[str, Any]) -> Move:
    """The move, if the table has it from `status` and each needed fact is truthy. Raises NotPossible otherwise."""
    move = BY_NAME[name]
    if status not in move.sources:
        message = _("This step is not possible: the stay is at “%(status)s”.") % {"status": Status(status).label}
        raise NotPossible(name, message)
    for need in move.needs:
        if not facts.get(need):
            raise not_possible(name, need)
    return move


def not_possible(act: str, why: str) -> NotPossible:
    """The refusal with its sentence."""
    return NotPossible(act, WHY_NOT[why], missing=why)


# A yes to one of these makes the risk high, as do two to any question.
HIGH = frozenset({"trafficker_near", "address_known", "tied_resident"})


def is_high_risk(answers: Mapping[str, str]) -> bool:
    """True where an answer says that the house may not be safe for the person or through the person."""
    return any(answers.get(question) == Said.YES for question in HIGH) or (
        sum(said == Said.YES for said in answers.values()) > 1
    )


def misfits(
    profiles: list[str], *, is_accessible: bool, sex: str, is_child: bool, children: int, needs: list[str]
) -> list[str]:
    """In which ways the house does not fit: codes of `MISFITS`, none where it fits.

    `children` is the number of children who come along. A child with nobody fits a house for children alone.
    """
    found = []
    houses = set(profiles)
    if is_child:
        if not houses & {"children", "families"}:
            found.append("age")
    elif children:
        if "families" not in houses:
            found.append("family")
    elif (sex == "female" and not houses & {"women", "families"}) or (sex == "male" and "men" not in houses):
        found.append("sex")
    if "step_free" in needs and not is_accessible:
        found.append("access")
    if "medical" in needs and "special_needs" not in houses:
        found.append("care")
    return found


MISFITS: dict[str, Words] = {
    "age": _("The house takes no children."),
    "family": _("The house takes no families."),
    "sex": _("The house takes people of the other sex."),
    "access": _("The house has no step-free access."),
    "care": _("The house cannot give the care needed."),
}
