"""Finding the person whom the gate is asked about, among everybody. Tells records to the service only."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from kalkan.access.models import User
from kalkan.assistance.lifecycle.gate import Verdict
from kalkan.assistance.models import GateCheck
from kalkan.assistance.policy.gate import checks
from kalkan.persons import selectors as persons
from kalkan.persons.details import PersonDetails
from kalkan.persons.models import Person, PossibleSame
from kalkan.persons.selectors import Match, Reason


class Meant(NamedTuple):
    """The records that are the person, and whether others may be, which only somebody can tell."""

    persons: tuple[Person, ...]
    has_others: bool


def meant_by(details: PersonDetails | None, reference: UUID | None) -> Meant:
    """Who is meant by a reference, a document number, or a name and birth.

    The same number is the person unless name or birth speak against it; without a number, the same name and the same
    day of birth are. Whatever is merely alike is left to somebody's eyes. Records judged to be the same person count
    as one; a pair that nobody judged yet makes the answer uncertain.
    """
    if reference is not None:
        found = list(Person.objects.filter(reference=reference))
        matches: list[Match] = []
    else:
        matches = persons.same_as(details, among=Person.objects.all()) if details is not None else []
        found = [match.person for match in matches if _is_certain(match, details)]
    same, unjudged = _pairs(found)
    known = {person.pk for person in [*found, *same]}
    has_others = bool(unjudged - known) or any(match.person.pk not in known for match in matches)
    return Meant((*found, *same), has_others)


def recent(user: User, limit: int = 20) -> list[GateCheck]:
    """What was asked lately and what is still owed, the oldest debt first."""
    rows = checks.visible(user).select_related("asked_by", "institution", "case")
    owed = rows.filter(verdict=Verdict.SCREEN_FIRST, closed_at=None).order_by("screen_by", "id")[:limit]
    return list(owed)


def misses(user: User, since: object) -> int:
    """How many persons this user asked about since then and nobody was found."""
    return GateCheck.objects.filter(asked_by=user, asked_at__gt=since, is_found=False).count()


def asked_today(user: User) -> QuerySet[GateCheck]:
    """What the own institution, or the own province, asked today."""
    return checks.visible(user).filter(asked_at__date=timezone.localdate())


def _is_certain(match: Match, details: PersonDetails | None) -> bool:
    reasons = set(match.reasons)
    if Reason.DOCUMENT_SAME in reasons:
        is_named = details is not None and bool(details.names)
        has_name = bool(reasons & {Reason.NAME_SAME, Reason.NAME_ALIKE})
        return Reason.BIRTH_DIFFERS not in reasons and (has_name or not is_named)
    return {Reason.NAME_SAME, Reason.BIRTH_SAME} <= reasons and Reason.NAME_COMMON not in reasons


def _pairs(found: Sequence[Person]) -> tuple[list[Person], set[int]]:
    """Records judged the same as those found, and the keys of those that nobody judged."""
    if not found:
        return [], set()
    keys = {person.pk for person in found}
    pairs = PossibleSame.objects.filter(Q(person__in=keys) | Q(other__in=keys))
    same: set[int] = set()
    unjudged: set[int] = set()
    for person, other, verdict in pairs.values_list("person", "other", "verdict"):
        if verdict != PossibleSame.Verdict.DIFFERENT:
            kept = same if verdict == PossibleSame.Verdict.SAME else unjudged
            kept |= {person, other} - keys
    return list(Person.objects.filter(pk__in=same)) if same else [], unjudged
