"""What is owed to a person, by when it is warned of, and to whom it goes when nobody keeps it.

A table that a lawyer can read: every kind of promise that the room makes stands here. No queries, no effects.
"""

from dataclasses import dataclass

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

Words = str | Lazy


@dataclass(frozen=True)
class PromiseKind:
    """One kind of promise.

    `warn_days`: days before it is due on which its owner is reminded. `page` is the address that keeps the promise;
    it takes the reference of the promise's subject. `escalates`: the centre is told once it is overdue.
    """

    code: str
    label: Words
    page: str
    warn_days: tuple[int, ...] = (7, 1)
    escalates: bool = False


KINDS: tuple[PromiseKind, ...] = (
    # pathways and travel documents
    #
    # referrals
    #
    # support programme
    #
    # shelters
    PromiseKind("stay_answer", _("Answer the request for a place"), "assistance:stay", (1,), escalates=True),
    PromiseKind("stay_review", _("Review the stay"), "assistance:stay"),
    PromiseKind("absence_follow_up", _("Find out where the person is"), "assistance:stay", (), escalates=True),
    PromiseKind("incident_follow_up", _("Follow up the incident"), "assistance:incident", (1,), escalates=True),
    # permits and returns
    #
)
BY_CODE = {kind.code: kind for kind in KINDS}


def label(code: str) -> Words:
    """What the promise is called. Raises KeyError for a kind that is not in the table."""
    return BY_CODE[code].label
