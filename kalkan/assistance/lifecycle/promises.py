"""What is owed to a person, by when it is warned of, and to whom it goes when nobody keeps it.

A table that a lawyer can read: every kind of promise that the room makes stands here. No queries, no effects.
"""

from dataclasses import dataclass

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

Words = str | Lazy
GATE = "gate_screening"  # the one kind that may be about nobody yet: whom the gate did not find has no case


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
    PromiseKind("pathway_step", _("Next step for a need"), "assistance:pathway", warn_days=(1,), escalates=True),
    PromiseKind(
        "paper_examination", _("Examine a doubtful document"), "assistance:examine_paper", (2,), escalates=True
    ),
    # referrals
    PromiseKind("referral_answer", _("Answer a referral"), "assistance:referral", warn_days=(2, 1), escalates=True),
    PromiseKind("referral_feedback", _("Report back on a referral"), "assistance:referral", escalates=True),
    PromiseKind(
        "referral_reply", _("Answer a question about a referral"), "assistance:referral", (1,), escalates=True
    ),
    PromiseKind(
        "referral_elsewhere",
        _("Find other help after a refused referral"),
        "assistance:referral",
        (1,),
        escalates=True,
    ),
    # support programme
    PromiseKind(
        "programme_review", _("Review of the support programme"), "assistance:programme_review", (14, 7, 1), True
    ),
    PromiseKind("goal", _("Goal of the support plan"), "assistance:owed"),
    PromiseKind("evaluation_report", _("Answer to an evaluation report"), "assistance:report", (3, 1), True),
    PromiseKind("conference_decision", _("Decision of a case conference"), "assistance:owed"),
    PromiseKind("plan_answer", _("Settle what an institution answered"), "assistance:owed", warn_days=(1,)),
    # shelters
    PromiseKind("stay_answer", _("Answer the request for a place"), "assistance:stay", (1,), escalates=True),
    PromiseKind("stay_elsewhere", _("Find a place for the person"), "assistance:stay", (1,), escalates=True),
    PromiseKind("stay_review", _("Review the stay"), "assistance:stay"),
    PromiseKind("absence_follow_up", _("Find out where the person is"), "assistance:stay", (), escalates=True),
    PromiseKind("incident_follow_up", _("Follow up the incident"), "assistance:incident", (1,), escalates=True),
    # permits and returns
    PromiseKind("permit_decision", _("Decide on a permit"), "assistance:permit", escalates=True),
    PromiseKind("permit_expiry", _("Extend or end a permit"), "assistance:permit", (30, 14, 7, 1), escalates=True),
    PromiseKind("reflection_end", _("Learn what the person decided"), "assistance:permit", (7, 1)),
    PromiseKind("return_cooling_off", _("Ask again whether the person wants to return"), "assistance:return", (1,)),
    PromiseKind("return_follow_up_1", _("Follow up a return after 1 month"), "assistance:return", escalates=True),
    PromiseKind("return_follow_up_3", _("Follow up a return after 3 months"), "assistance:return", escalates=True),
    PromiseKind("return_follow_up_6", _("Follow up a return after 6 months"), "assistance:return", escalates=True),
    PromiseKind("return_follow_up_12", _("Follow up a return after 12 months"), "assistance:return", escalates=True),
    PromiseKind(GATE, _("Screen a person before a removal"), "assistance:gate_check", escalates=True),
)
BY_CODE = {kind.code: kind for kind in KINDS}
