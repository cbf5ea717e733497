"""The life of a referral as a table that a lawyer can read. No queries, no effects."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kalkan.cases.lifecycle import NotPossible

Words = str | Promise


class Status(TextChoices):
    SENT = "sent", _("Sent, not answered yet")
    ASKED = "asked", _("Question to the sender")
    ANSWERED = "answered", _("Question answered")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    RETURNED = "returned", _("Returned")
    COMPLETED = "completed", _("Completed")
    WITHDRAWN = "withdrawn", _("Withdrawn by the sender")
    REVOKED = "revoked", _("Revoked: consent withdrawn")
    EXPIRED = "expired", _("Expired: consent ended")


WAITING = (Status.SENT, Status.ASKED, Status.ANSWERED)
# While it lives, its receiver sees the package and the thread.
LIVE = (*WAITING, Status.ACCEPTED)


class Side(StrEnum):
    """Whose step a move is."""

    RECEIVER = "receiver"
    SENDER = "sender"
    SYSTEM = "system"


class Move(NamedTuple):
    """One way from one of some states to another: whose step it is and what it needs."""

    name: str
    sources: tuple[Status, ...]
    target: Status
    side: Side
    needs: tuple[str, ...]
    title: Words
    done: Words


MOVES: tuple[Move, ...] = (
    Move("accept", WAITING, Status.ACCEPTED, Side.RECEIVER, ("receiver", "basis"), _("Accept"), _("Accepted")),
    Move(
        "decline",
        WAITING,
        Status.DECLINED,
        Side.RECEIVER,
        ("receiver", "reason"),
        _("Decline"),
        _("Declined"),
    ),
    Move(
        "ask",
        (Status.SENT, Status.ANSWERED),
        Status.ASKED,
        Side.RECEIVER,
        ("receiver", "basis", "text"),
        _("Ask the sender"),
        _("Question to the sender"),
    ),
    Move(
        "answer",
        (Status.ASKED,),
        Status.ANSWERED,
        Side.SENDER,
        ("sender", "basis", "text"),
        _("Answer the question"),
        _("Question answered"),
    ),
    Move(
        "return",
        (Status.ACCEPTED,),
        Status.RETURNED,
        Side.RECEIVER,
        ("receiver", "reason"),
        _("Return"),
        _("Returned to the sender"),
    ),
    Move(
        "complete",
        (Status.ACCEPTED,),
        Status.COMPLETED,
        Side.RECEIVER,
        ("receiver", "basis", "reason", "text"),
        _("Complete and report back"),
        _("Completed, with a report to the sender"),
    ),
    Move(
        "withdraw",
        LIVE,
        Status.WITHDRAWN,
        Side.SENDER,
        ("sender", "reason"),
        _("Withdraw the referral"),
        _("Withdrawn by the sender"),
    ),
    # Who takes consent back is obeyed at once, whatever the institutions are doing at that moment.
    Move("revoke", LIVE, Status.REVOKED, Side.SYSTEM, (), _("Revoke"), _("Revoked: the person withdrew consent")),
    Move("expire", LIVE, Status.EXPIRED, Side.SYSTEM, (), _("Expire"), _("Expired: the consent has ended")),
)
BY_NAME = {move.name: move for move in MOVES}
BEGINNING = "send"
# The code list of the reason that a move gives.
REASONS = {
    "decline": "referral_decline",
    "return": "referral_return",
    "withdraw": "referral_withdrawal",
    "complete": "referral_outcome",
}
# What a move puts into the thread.
MESSAGES = {"ask": "question", "answer": "answer", "complete": "feedback"}

# The promise of an answer: the provision of this code with the category or `urgent` behind it, or this one itself.
ANSWER = "referral_answer"
REPLY, FEEDBACK = "referral_reply", "referral_feedback"
# Whom nobody took on is not forgotten: the sender owes other help, in hours where it was urgent.
ELSEWHERE = "referral_elsewhere"
REFUSED = (Status.DECLINED, Status.RETURNED)

WHY_NOT: dict[str, Words] = {
    "receiver": _("The institution that the person was referred to does this."),
    "sender": _("The institution that sent the referral does this."),
    "basis": _("The person's consent no longer holds: nothing more is passed on or worked on under it."),
    "reason": _("Choose the reason."),
    "text": _("Write what is to be said."),
    "category": _("Choose the kind of service."),
    "case": _("Refer while the case is open."),
    "receiver_open": _("This institution is not at work any more. Choose another."),
    "not_self": _("Refer to another institution than your own."),
    "need": _("Say what the receiver is asked to do."),
    "one_basis": _("Choose one basis: a consent of the person, or a provision."),
    "consent": _(
        "There is no live consent of the person that names this receiver. Record it first: what may be passed on "
        "follows from it."
    ),
    "purpose": _("Nothing is passed on for this purpose: choose a consent to a kind of support."),
    "child": _("This provision holds for a child only. For an adult, ask for consent."),
    "life": _(
        "This provision holds where life is in danger. Record the immediate danger in the case first, or ask for "
        "consent."
    ),
    "provision": _("This provision is no basis of a referral, or does not hold today."),
    "once": _("The person is already referred to this institution for this service. Look at that referral."),
    "accepted": _("Accept the referral before you refer the person on."),
    "onward_law": _("A referral under a provision is sent on under the same provision only."),
    "no_account": _("This institution has accounts: it answers here. A letter is for those who have none."),
    "live": _("This referral has ended."),
    "nothing_owed": _("Nothing is owed about this referral: other help was found, or somebody took the person on."),
}


def why_not(act: str, need: str) -> NotPossible:
    """The refusal of `act` for want of `need`, with the sentence that says how to mend it."""
    return NotPossible(act, WHY_NOT[need], missing=need)


def check(name: str, *, status: str, facts: Mapping[str, Any]) -> Move:
    """The move `name` if the table has it from `status` and each needed fact is truthy. Raises NotPossible."""
    move = BY_NAME[name]
    if status not in move.sources:
        if status in (Status.REVOKED, Status.EXPIRED):
            raise why_not(name, "basis")
        raise NotPossible(
            name,
            _now("This step is not possible while the referral is at “%(status)s”.")
            % {"status": Status(status).label},
        )
    for need in move.needs:
        if not facts.get(need):
            raise why_not(name, need)
    return move


def moves_from(status: str, *sides: Side) -> tuple[Move, ...]:
    """The moves that these sides can make from `status`, in the order of the table."""
    return tuple(move for move in MOVES if status in move.sources and move.side in sides)


def done(name: str) -> Words:
    """What a move looks like in the list of what happened."""
    return _("Sent") if name == BEGINNING else BY_NAME[name].done
