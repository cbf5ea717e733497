"""What the pages that need several rooms show."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise

from kalkan.access.emergencies import unreviewed
from kalkan.access.models import Emergency, User
from kalkan.access.policy import has, open_emergencies
from kalkan.access.roles import MATRIX, Permission, Role
from kalkan.cases import policy
from kalkan.cases.assessment import departs
from kalkan.cases.lifecycle import MOVES, Stage, moves_from
from kalkan.cases.models import (
    AllegedPerpetrator,
    Case,
    CaseAttachment,
    Deadline,
    Decision,
    Episode,
    Interview,
    Screening,
)
from kalkan.cases.selectors import (
    Entry,
    Step,
    attachments_of,
    linked_cases,
    next_step,
    possible_moves,
    timeline,
    work_list,
)
from kalkan.persons.models import Consent, Person
from kalkan.persons.selectors import live_consents

Words = str | Promise
# The way that most cases go, for the row of steps at the head of a case.
WAY = (
    Stage.SCREENING,
    Stage.PRELIMINARY,
    Stage.REFERRED,
    Stage.IDENTIFICATION,
    Stage.DRAFTED,
    Stage.RECOGNISED,
    Stage.PROTECTION,
)


# Moves that are not the next step of most cases, and where they are made.
PAGES = {
    "close_without_signs": "cases:close",
    "break_off": "cases:break_off",
    "break_off_identification": "cases:break_off",
    "close": "cases:close",
    "reconsider": "cases:reconsider",
}


class OtherMove(NamedTuple):
    """One more way to go from here, for this user."""

    title: Words
    url: str


class Mark(NamedTuple):
    """One stage on the way of a case: done, current or ahead."""

    label: str
    state: str


class CaseFile(NamedTuple):
    """Everything that the page of one case shows; no identity among it."""

    case: Case
    person: Person
    step: Step | None
    actors: list[str]
    way: list[Mark]
    other_moves: list[OtherMove]
    screenings: list[tuple[Screening, bool]]  # with whether the officer departed from the signs
    interviews: list[Interview]
    decisions: list[Decision]
    episodes: list[Episode]
    perpetrators: list[AllegedPerpetrator]
    deadlines: list[Deadline]
    consents: list[Consent]
    links: list[tuple[str, Case]]
    attachments: list[CaseAttachment]
    entries: list[Entry]


class Emergencies(NamedTuple):
    """What of emergencies stands on a home page: the own ones that are open, and how many of others wait."""

    open: tuple[Emergency, ...]
    waiting: int
    overdue: int


def emergencies_for(user: User) -> Emergencies:
    """The emergencies that `user` holds open, and those of others that are not reviewed yet. Two queries at most."""
    today = timezone.localdate()
    late = Q(review_due_on__lt=today)
    if not (has(user, Permission.EMERGENCY_REVIEW) or has(user, Permission.EMERGENCY_WATCH)):
        return Emergencies(open_emergencies(user), 0, 0)
    counted = unreviewed(user).order_by().aggregate(waiting=Count("id"), overdue=Count("id", filter=late))
    return Emergencies(open_emergencies(user), counted["waiting"], counted["overdue"])


def waiting_for(user: User, **narrow: Any) -> QuerySet[Case]:
    """Open cases whose next step is for `user`: at a stage that the role moves on, and in nobody else's hands.

    A draft waits for whoever may decide, except those who had a hand in it.
    """
    stages = {stage for move in MOVES if has(user, move.permission) for stage in move.sources}
    free = Q(assigned_to=user) | Q(assigned_to=None) | Q(stage=Stage.DRAFTED)
    had_a_hand = Q(stage=Stage.DRAFTED) & (Q(has_written=True) | Q(has_refused=True))
    return work_list(user, **narrow).filter(free, stage__in=sorted(stages)).exclude(had_a_hand)


def case_file(user: User, reference: UUID) -> CaseFile:
    """The case with all that belongs to it, in a fixed number of queries. Raises Http404 where it is not visible."""
    rows = policy.cases.visible(user)
    case = policy.cases.fetch(user, reference=reference)
    case = (
        rows.select_related("person", "institution", "province", "assigned_to__institution", "opened_by__institution")
        .prefetch_related(
            "screenings",
            Prefetch("interviews", Interview.objects.select_related("by__institution")),
            Prefetch("decisions", Decision.objects.select_related("provision", "drafted_by", "decided_by")),
            Prefetch("episodes", Episode.objects.select_related("province")),
            "alleged_perpetrators",
            Prefetch("deadlines", Deadline.objects.select_related("provision")),
        )
        .get(pk=case.pk)
    )
    step = next_step(case, user)
    return CaseFile(
        case=case,
        person=case.person,
        step=step,
        actors=who_moves(case.stage),
        way=way_of(case.stage),
        other_moves=_other_moves(case, user, step),
        screenings=[(one, _departs(one)) for one in case.screenings.all()],
        interviews=list(case.interviews.all()),
        decisions=list(case.decisions.all()),
        episodes=list(case.episodes.all()),
        perpetrators=list(case.alleged_perpetrators.all()),
        deadlines=list(case.deadlines.all()),
        consents=list(live_consents(case.person).select_related("recipient__place__province")),
        links=linked_cases(case, user),
        attachments=attachments_of(case),
        entries=timeline(case, user),
    )


def who_moves(stage: str) -> list[str]:
    """The roles that take a case on from `stage`, in words."""
    needed = {move.permission for move in moves_from(stage)}
    return [str(role.label) for role in _roles_with(needed)]


def way_of(stage: str) -> list[Mark]:
    """The stages on the way of a case that stands at `stage`."""
    if stage == Stage.CLOSED:
        return []
    is_refused = stage == Stage.NOT_RECOGNISED
    way = [*WAY[: WAY.index(Stage.RECOGNISED)], Stage.NOT_RECOGNISED] if is_refused else [*WAY]
    here = way.index(Stage(stage))
    return [
        Mark(str(one.label), "done" if place < here else "current" if place == here else "ahead")
        for place, one in enumerate(way)
    ]


def _departs(screening: Screening) -> bool:
    return bool(screening.conclusion) and departs(screening.advice, screening.conclusion)


def _other_moves(case: Case, user: User, step: Step | None) -> list[OtherMove]:
    """One door for each page, leaving out the one that the next step opens already."""
    doors: dict[str, OtherMove] = {}
    for move in possible_moves(case, user):
        page = PAGES.get(move.name)
        if page and not (step is not None and step.is_yours and step.page == page):
            doors.setdefault(page, OtherMove(move.title, reverse(page, args=[case.reference])))
    return list(doors.values())


def _roles_with(permissions: Iterable[Permission]) -> list[Role]:
    return [role for role, (_scope, held) in MATRIX.items() if held & set(permissions)]
