"""What the gate answers before a removal or readmission, and why. No queries, no effects."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Verdict(TextChoices):
    """The strictest first: what one reason stops, no other lets through."""

    STOP = "stop", _("Stop: this person may not be removed")
    BY_HAND = "by_hand", _("Check by hand before anything else")
    SCREEN_FIRST = "screen_first", _("Screen the person first")
    GO = "go", _("Nothing here stands in the way")


class Reason(TextChoices):
    """Why. None of them tells which record it rests on."""

    IN_PROGRAMME = "in_programme", _("The person is in the support programme")
    LIVE_PERMIT = "live_permit", _("A residence permit for victims holds")
    DECISION_OPEN = "decision_open", _("Identification has begun and is not decided")
    CITIZEN = "citizen", _("The person is a citizen")
    ALIKE = "alike", _("A record like this one needs a look by a person")
    SCREENING_RUNNING = "screening_running", _("A screening was begun and is not concluded")
    SCREENING_OLD = "screening_old", _("The last screening is too old")
    NEVER_SCREENED = "never_screened", _("Nobody has screened this person")
    SCREENED = "screened", _("The person was screened")


class Rule(NamedTuple):
    """What follows from a reason, and the code of the provision that says so."""

    verdict: Verdict
    provision: str


RULES: dict[Reason, Rule] = {
    Reason.IN_PROGRAMME: Rule(Verdict.STOP, "not_removable"),
    Reason.LIVE_PERMIT: Rule(Verdict.STOP, "permit_first"),
    Reason.DECISION_OPEN: Rule(Verdict.STOP, "formal_identification"),
    Reason.CITIZEN: Rule(Verdict.STOP, "citizen_stays"),
    Reason.ALIKE: Rule(Verdict.BY_HAND, "gate_screening"),
    Reason.SCREENING_RUNNING: Rule(Verdict.SCREEN_FIRST, "gate_screening"),
    Reason.SCREENING_OLD: Rule(Verdict.SCREEN_FIRST, "gate_screening_age"),
    Reason.NEVER_SCREENED: Rule(Verdict.SCREEN_FIRST, "gate_screening"),
    Reason.SCREENED: Rule(Verdict.GO, "gate_screening_age"),
}
_STRICTEST = list(Verdict)


def verdict_of(reasons: Iterable[Reason]) -> Verdict:
    """The strictest of what follows. Without any reason nobody was screened."""
    found = [RULES[reason].verdict for reason in reasons] or [Verdict.SCREEN_FIRST]
    return min(found, key=_STRICTEST.index)
