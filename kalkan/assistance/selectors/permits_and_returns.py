"""The lists of permits and returns that an office works from: case numbers and days, never a name or a country."""

from django.db.models import Case as Choose
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kalkan.access.models import User
from kalkan.assistance.lifecycle.permit_moves import State
from kalkan.assistance.lifecycle.returns import AFTER_DEPARTURE, BEFORE_DEPARTURE, FOLLOW_UP_MONTHS, Stage
from kalkan.assistance.models import Permit, Promise, ReturnPlan
from kalkan.assistance.policy.permits import permits as permits_of
from kalkan.assistance.policy.returns import returns as returns_of
from kalkan.assistance.selectors.section import Box

_FOLLOW_UPS = [f"return_follow_up_{months}" for months in FOLLOW_UP_MONTHS]
_STEP = Choose(*(When(stage=stage, then=Value(rank)) for rank, stage in enumerate(Stage)))
_NEXT = F("follow_up_at").asc(nulls_last=True)


def permits(user: User) -> list[Box]:
    """The permits that exist for the user: those that hold or are to come, the earliest end first; what waits for a
    decision, the longest first; and what is over. `is_extended` and `is_asked` say what follows a permit."""
    rows, runs = _permits(user), Q(state=State.GRANTED, ends_on__gte=timezone.localdate())
    return [
        Box("running", _("Running"), rows.filter(runs).order_by("ends_on", "pk")),
        Box("requested", _("To be decided"), rows.filter(state=State.REQUESTED).order_by("requested_on", "pk")),
        Box("over", _("Over"), rows.exclude(runs | Q(state=State.REQUESTED)).order_by("-ends_on", "-pk")),
    ]


def permits_in(user: User, box: str) -> QuerySet[Permit]:
    """The permits of one box; all of them, the last to end first, where there is no such box."""
    boxes = {one.name: one.rows for one in permits(user)}
    return boxes[box] if box in boxes else _permits(user).order_by("-ends_on", "-pk")


def days_left(permit: Permit) -> int | None:
    """How many days from today a granted permit holds or is to hold; None for any other."""
    left = (permit.ends_on - timezone.localdate()).days
    return left if permit.state == State.GRANTED and left >= 0 else None


def returns(user: User, stage: str = "") -> list[Box]:
    """The returns that exist for the user: before the departure step by step, the longest offered first; after it
    the next follow-up first; and those that have ended. With `stage` only those that stand there."""
    rows = _returns(user, stage)
    before, after = sorted(BEFORE_DEPARTURE), sorted(AFTER_DEPARTURE)
    last = F("ended_on").desc(nulls_last=True)
    return [
        Box("planned", _("Before the departure"), rows.filter(stage__in=before).order_by(_STEP, "offered_on", "pk")),
        Box("gone", _("After the departure"), rows.filter(stage__in=after).order_by(_NEXT, "pk")),
        Box("ended", _("Ended"), rows.exclude(stage__in=[*before, *after]).order_by(last, "-pk")),
    ]


def returns_in(user: User, box: str, stage: str = "") -> QuerySet[ReturnPlan]:
    """The returns of one box; all of them, the last offered first, where there is no such box."""
    boxes = {one.name: one.rows for one in returns(user, stage)}
    return boxes[box] if box in boxes else _returns(user, stage).order_by("-offered_on", "-pk")


def _permits(user: User) -> QuerySet[Permit]:
    same = Permit.objects.filter(person=OuterRef("person"))
    return (
        permits_of.own(user)
        .select_related("case__province")
        .annotate(
            is_extended=Exists(same.filter(state=State.GRANTED, starts_on=OuterRef("ends_on"))),
            is_asked=Exists(same.filter(state=State.REQUESTED)),
        )
    )


def _returns(user: User, stage: str) -> QuerySet[ReturnPlan]:
    owed = Promise.objects.filter(subject=OuterRef("reference"), kind__in=_FOLLOW_UPS, kept_at=None, dropped_at=None)
    rows = returns_of.own(user).select_related("case__province")
    rows = rows.annotate(follow_up_at=Subquery(owed.order_by("due_at").values("due_at")[:1]))
    return rows.filter(stage=stage) if stage in Stage.values else rows
