"""What an institution answers to what a support plan asks of it. No queries, no effects."""

from django.db.models import TextChoices
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from kalkan.cases.lifecycle import NotPossible

OWED = ("goal", "conference_decision")  # the kinds of promises that a plan asks of an institution
TO_SETTLE = "plan_answer"  # what the asker owes in turn, once it was answered


class Answer(TextChoices):
    """What became of it, as the institution that owes it says."""

    DONE = "done", _("It was done")
    CANNOT = "cannot", _("It cannot be done")


WHY_NOT: dict[str, str | Lazy] = {
    "day": _("Say on which day it was done."),
    "reason": _("Choose why it cannot be done."),
    "answer": _("Say whether it was done or cannot be done."),
    "answered": _("Your institution has answered already. Tell the institution that asks if it stands otherwise now."),
    "settled": _("This is no longer owed: the institution that asked has settled it."),
    "owes": _("The institution that owes it answers. Whoever runs the support programme settles it there."),
}


def refusal(why: str) -> NotPossible:
    """The refusal to take an answer, with its sentence."""
    return NotPossible("answer_duty", WHY_NOT[why], missing=why)
