"""What a plan asks of an institution: the narrow page of whoever owes it, and the answers as the plan shows them."""

from uuid import UUID

from django.db.models import Prefetch
from django.http import Http404
from django.urls import reverse

from kalkan.access.models import User
from kalkan.access.policy import has
from kalkan.access.roles import Permission
from kalkan.assistance.lifecycle.referrals import LIVE
from kalkan.assistance.models import ConferenceDecision, Duty, Goal, Referral
from kalkan.assistance.policy import duties as policy
from kalkan.assistance.policy import programmes, referrals


def duty_about(subject: UUID, user: User) -> Duty:
    """The last duty about a goal or decision, if it exists for the user. Raises Http404."""
    found = policy.duties.visible(user).filter(promise__subject=subject).order_by("-pk")
    duty = found.select_related("promise__institution__province", "asked_by__institution__province").first()
    if duty is None:
        raise Http404("No duty here")
    return duty


def settling_page(duty: Duty, user: User) -> str:
    """The address at which the user settles the part of the plan behind a duty. Empty for whoever runs none."""
    if not has(user, Permission.PROGRAMME_WORK):
        return ""
    if programmes.goals.own(user).filter(duties=duty).exists():
        return reverse("assistance:goal", args=[duty.promise.subject])
    if programmes.decisions.own(user).filter(duties=duty).exists():
        return reverse("assistance:conference_decision", args=[duty.promise.subject])
    return ""


def referral_behind(duty: Duty, user: User) -> Referral | None:
    """The live referral of that person to the user's institution: what may be known of the person stands there."""
    rows = referrals.referrals.own(user).filter(
        case=duty.promise.case_id, receiver=user.institution_id, status__in=LIVE
    )
    return rows.annotate(is_held=referrals.Holds("pk")).filter(is_held=True).order_by("-sent_at").first()


def asked(user: User, part: str = "") -> Prefetch:
    """Of each goal or decision (at the end of `part`) its duties that exist for the user, as a list `asked`."""
    rows = policy.duties.visible(user).select_related("promise__institution__province")
    return Prefetch(f"{part}duties", queryset=rows, to_attr="asked")


def last_duty(part: Goal | ConferenceDecision, user: User) -> Duty | None:
    """The last duty about a part of a plan, as the page on which it is settled shows it."""
    rows = policy.duties.visible(user).filter(promise__subject=part.reference)
    return rows.select_related("promise__institution__province").last()
