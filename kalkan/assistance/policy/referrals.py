"""Whose referrals a user sees: those that the own institution sent or received, and those of the cases that exist.

Inside one (package, thread) look its two parties while it lasts, and whoever sees the case and may reveal. Whether it
lasts is asked of the database, because a receiver sees no consent: `assistance_referral_holds`, one answer for both
walls.
"""

from collections.abc import Sequence

from django.db.models import BooleanField, F, Func, Q

from kalkan.access.models import Emergency, User
from kalkan.access.policy import Rows, has
from kalkan.access.policy import require as require
from kalkan.access.roles import Permission, Scope
from kalkan.assistance.lifecycle.referrals import LIVE
from kalkan.assistance.models import Referral, ReferralCode, ReferralMessage, ReferralMove, ReferralPackage
from kalkan.cases import policy as cases


class Holds(Func):
    """Whether what the referral rests on stands today: not revoked, not expired, the consent live."""

    function = "assistance_referral_holds"
    output_field = BooleanField()

    def __init__(self, referral: str):
        super().__init__(F(referral))


def _scope(user: User, referral: str = "") -> Q:
    match user.scope:
        case Scope.NATION:
            return Q()
        case Scope.NONE:
            return Q(pk__in=[])
    own = Q(**{f"{referral}sender": user.institution_id}) | Q(**{f"{referral}receiver": user.institution_id})
    return own | _by_case(user, referral)


def _by_case(user: User, referral: str = "") -> Q:
    return Q(**{f"{referral}case__in": cases.cases.own(user)})


def _shown(emergencies: Sequence[Emergency], referral: str = "") -> Q:
    return Q(**{f"{referral}case__reference__in": [one.case for one in emergencies if one.case]})


def _inside(user: User) -> Q:
    received = Q(referral__receiver=user.institution_id, referral__status__in=LIVE)
    parties = (received | Q(referral__sender=user.institution_id)) & Q(Holds("referral_id"))
    return parties | _by_case(user, "referral__") if has(user, Permission.PERSONS_REVEAL) else parties


def _shown_inside(emergencies: Sequence[Emergency]) -> Q:
    reveals = [one for one in emergencies if has(one.user, Permission.PERSONS_REVEAL)]
    return _shown(reveals, "referral__")


def _codes(user: User) -> Q:
    return Q(referral__sender=user.institution_id) | _by_case(user, "referral__")


referrals = Rows(Referral, scope=_scope, needs=Permission.REFERRALS_VIEW, shown=_shown)
moves = Rows(
    ReferralMove,
    scope=lambda user: _scope(user, "referral__"),
    needs=Permission.REFERRALS_VIEW,
    shown=lambda emergencies: _shown(emergencies, "referral__"),
)
packages = Rows(ReferralPackage, scope=_inside, needs=Permission.REFERRALS_VIEW, shown=_shown_inside)
messages = Rows(ReferralMessage, scope=_inside, needs=Permission.REFERRALS_VIEW, shown=_shown_inside)
codes = Rows(ReferralCode, scope=_codes, needs=Permission.REFERRALS_SEND)


def is_receiver(user: User, referral: Referral) -> bool:
    """True for officers of the institution that the person was referred to."""
    return user.institution_id == referral.receiver_id


def is_sender(user: User, referral: Referral) -> bool:
    """True for the institution that sent it, and for whoever works on its case and may refer."""
    if user.institution_id == referral.sender_id:
        return True
    return has(user, Permission.REFERRALS_SEND) and cases.cases.own(user).filter(pk=referral.case_id).exists()
