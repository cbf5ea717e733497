"""What is read of persons. Search tells who may be meant and why; it shows no identity."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from kalkan.access.models import User
from kalkan.access.sensitivity import Act, Sensitivity, require
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.persons import blind, keyring, matching, policy
from kalkan.persons.details import PersonDetails
from kalkan.persons.matching import Match, Reason
from kalkan.persons.models import Consent, Erasure, LegalHold, Person, PossibleSame
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Provision

__all__ = [
    "Found",
    "Likely",
    "Match",
    "Reason",
    "alike",
    "erasures",
    "holds",
    "kept_under",
    "likely_same",
    "live_consents",
    "matches_to_judge",
    "provision_of",
    "same_as",
    "search",
]


class Found(NamedTuple):
    """A person that a search found: how well it fits, 0 to 100, and codes of `Reason`."""

    person: Person
    score: float
    reasons: tuple[str, ...]


class Likely(NamedTuple):
    """A person who may be the one about to be recorded."""

    person: Person
    score: float
    reasons: tuple[str, ...]


def search(user: User, query: str, *, limit: int = 25) -> list[Found]:
    """The visible persons that `query` may mean, best first.

    Takes a name in any script and order, whole or in part and roughly spelt, a phone number, a document number, a
    date or a year of birth, or several of these. The log keeps who was shown, never what was typed.
    """
    _require_search(user)
    matches: list[Match] = []
    for rows in _under_each_key(policy.persons.own(user)):
        asked = blind.read(query, today=timezone.localdate())
        if asked.is_empty:
            break
        wanted = matching.wanted_by(asked)
        people = matching.candidates(rows, wanted, is_loose=False)
        if len(asked.words) > 2 and not people:
            people = matching.candidates(rows, wanted, is_loose=True)
        matches += [match for match in matching.compared(people, wanted) if match.reasons]
    found = [Found(*_parts(match)) for match in _best_first(matches)[:limit]]
    record(Event.PERSONS_SEARCHED, *(one.person for one in found), by=user, facts={"shown": len(found)})
    return found


def likely_same(user: User, details: PersonDetails, *, limit: int = 10) -> list[Likely]:
    """The visible persons who may be the one of `details`, for the officer about to record. Recorded like a search."""
    _require_search(user)
    likely = [Likely(*_parts(match)) for match in same_as(details, among=policy.persons.own(user))][:limit]
    record(Event.PERSONS_SEARCHED, *(one.person for one in likely), by=user, facts={"shown": len(likely)})
    return likely


def same_as(details: PersonDetails, *, among: QuerySet[Person]) -> list[Match]:
    """Those `among` who may be the person of `details`, best first. Shows nothing to anyone: the caller does."""
    matches: list[Match] = []
    for rows in _under_each_key(among):
        wanted = matching.wanted_like(details)
        people = matching.candidates(rows, wanted, is_loose=True, is_same=True)
        matches += [match for match in matching.compared(people, wanted) if match.score >= matching.LIKELY]
    return _best_first(matches)


def alike(user: User, person: Person) -> list[Person]:
    """The visible persons who may be the same as `person` and were not judged different."""
    pairs = PossibleSame.objects.exclude(verdict=PossibleSame.Verdict.DIFFERENT)
    others = Q(pk__in=pairs.filter(person=person).values("other"))
    others |= Q(pk__in=pairs.filter(other=person).values("person"))
    return list(policy.persons.visible(user).filter(others).order_by("pk"))


def matches_to_judge(user: User, *, verdict: str = PossibleSame.Verdict.OPEN) -> QuerySet[PossibleSame]:
    """Pairs with this verdict, the likeliest first. Tells reasons and references, no identity."""
    pairs = policy.matches.visible(user).filter(verdict=verdict)
    return pairs.select_related("person", "other", "judged_by").order_by("-score", "pk")


def erasures(user: User) -> QuerySet[Erasure]:
    """Requests to erase and proofs: what waits first, then the newest."""
    rows = policy.erasures.visible(user).select_related("requested_by", "carried_out_by")
    return rows.order_by(F("carried_out_at").desc(nulls_first=True), F("withdrawn_at").desc(nulls_first=True), "-pk")


def provision_of(erasure: Erasure) -> Provision | None:
    """The provision that an erasure rests on, as it stood on the day of the request."""
    try:
        return vocabulary.provision(erasure.ground, on=timezone.localdate(erasure.requested_at))
    except vocabulary.NoProvision:
        return None


def kept_under(kept: Mapping[str, Any]) -> list[Provision]:
    """The provisions that an erasure cites for what stays, each once."""
    cited = dict.fromkeys(one["provision"].partition("/")[::2] for one in kept.values())
    return [vocabulary.provision(code, on=date.fromisoformat(day)) for code, day in cited]


def holds(user: User) -> QuerySet[LegalHold]:
    """Legal holds, those that stand first."""
    rows = policy.holds.visible(user).select_related("set_by", "lifted_by")
    return rows.order_by(F("lifted_at").desc(nulls_first=True), "-pk")


def live_consents(person: Person, *, purpose: str | None = None, on: date | None = None) -> QuerySet[Consent]:
    """The person's consents that hold on day `on` (today): given, not expired, not withdrawn."""
    day = on or timezone.localdate()
    live = Consent.objects.filter(Q(expires_on=None) | Q(expires_on__gte=day), person=person, given_on__lte=day)
    live = live.filter(withdrawn_at=None)
    return live if purpose is None else live.filter(purpose=purpose)


def _require_search(user: User) -> None:
    """What one looks for is a name, a document, a birth or a telephone: two classes, both must be allowed."""
    require(user, Act.SEARCH, Sensitivity.IDENTITY)
    require(user, Act.SEARCH, Sensitivity.CONTACT)


def _under_each_key(rows: QuerySet[Person]) -> Iterator[QuerySet[Person]]:
    """The rows that each version of the blind key made, with that version in use: one, except during a rotation."""
    versions = keyring.blind_versions()
    for version in versions:
        with blind.under(version):
            yield rows if len(versions) == 1 else rows.filter(blind_version=version)


def _best_first(matches: list[Match]) -> list[Match]:
    # A person whose keys are rebuilt between two looks may be found under both.
    once = {match.person.pk: match for match in sorted(matches, key=lambda match: match.score)}
    return sorted(once.values(), key=lambda match: (-match.score, match.person.pk))


def _parts(match: Match) -> tuple[Person, float, tuple[str, ...]]:
    return match.person, match.score, match.reasons
