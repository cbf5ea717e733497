"""How long who a person is stays recorded: rules as data, what they would erase, and erasing it.

The rules stand in `data/retention.toml`, their terms in provisions. What is kept without identity needs no rule.
"""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Case as Either
from django.db.models import CharField, Exists, F, Max, OuterRef, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from kalkan.cases.lifecycle import OPEN, Outcome
from kalkan.cases.models import Case
from kalkan.persons import erasing
from kalkan.persons.models import LegalHold, Person
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.calendar import due_on
from kalkan.vocabulary.models import Provision

PERSONS = ("recognised", "not_recognised", "undecided", "without_case")
STARTS = ("last_case_ended", "met")
_SHORTEST = {
    "hours": 1 / 24,
    "days": 1,
    "working_days": 1,
    "months": 28,
    "years": 365,
}  # days that one unit has at least


class RulesWrong(Exception):
    """`data/retention.toml` does not say what it must. Carries a sentence."""


class Rule(NamedTuple):
    """One line of the rules: for whom, from when, and under which provision."""

    code: str
    persons: str
    starts: str
    provision: str


class Due(NamedTuple):
    """A person whose term has ended, or will: under which rule, since which day, and whether a hold stands."""

    person: UUID
    rule: str
    provision: str
    started_on: date
    due_on: date
    is_held: bool


def rules() -> list[Rule]:
    """The rules of this installation. Raises RulesWrong."""
    path = settings.DATA / "retention.toml"
    try:
        found = [Rule(**one) for one in tomllib.loads(path.read_text(encoding="utf-8")).get("rule", [])]
    except (OSError, TypeError, tomllib.TOMLDecodeError) as wrong:
        raise RulesWrong(f"{path.name} cannot be read: {wrong}") from wrong
    known = {row.code for row in vocabulary.provisions() if row.kind == Provision.Kind.DEADLINE}
    for rule in found:
        for value, allowed in ((rule.persons, PERSONS), (rule.starts, STARTS), (rule.provision, known)):
            if value not in allowed:
                raise RulesWrong(f"{path.name}, rule {rule.code}: “{value}” is not known.")
    if len({rule.persons for rule in found}) != len(found):
        raise RulesWrong(f"{path.name}: two rules are for the same persons.")
    return found


def due(*, on: date | None = None) -> Iterator[Due]:
    """The persons whose identity is to be erased by day `on` (today), the longest overdue first in each rule.

    Only who has an identity recorded and no open case. Persons under a hold are told of and stay.
    """
    day = on or timezone.localdate()
    for rule in rules():
        started = F("last_ended_on") if rule.starts == "last_case_ended" else F("met_on")
        rows = _persons(rule.persons).annotate(started_on=started)
        rows = rows.filter(started_on__lte=_latest_start(rule, day)).order_by("started_on", "pk")
        for reference, started_on, is_held in rows.values_list("reference", "started_on", "is_held").iterator():
            try:
                ends = due_on(vocabulary.provision(rule.provision, on=started_on), started_on)
            except vocabulary.NoProvision:
                continue  # no term held on that day: nothing is erased without a rule
            if ends < day:
                yield Due(reference, rule.code, rule.provision, started_on, ends, is_held)


def apply(*, on: date | None = None) -> tuple[list[Due], list[Due]]:
    """Erase everybody whose term has ended, each for itself; those erased and those who were not."""
    erased, left = [], []
    for one in list(due(on=on)):
        try:
            if one.is_held:
                raise erasing.NotErasable
            erasing.carry_out_rule(one.person, rule=one.rule, ground=one.provision)
        except (erasing.NotErasable, Person.DoesNotExist):
            left.append(one)  # a hold, a new case or another hand came first
        else:
            erased.append(one)
    return erased, left


def _persons(kind: str) -> QuerySet[Person]:
    """Persons of this kind with something to erase and no open case; when their last case ended, and whether held."""
    cases = Case.objects.filter(person=OuterRef("pk"))
    holds = LegalHold.objects.filter(person=OuterRef("reference"), lifted_at=None)
    recognised = cases.filter(outcome=Outcome.RECOGNISED)
    refused = cases.filter(outcome=Outcome.NOT_RECOGNISED)
    kinds = Either(
        When(~Exists(cases), then=Value("without_case")),
        When(Exists(recognised), then=Value("recognised")),
        When(Exists(refused), then=Value("not_recognised")),
        default=Value("undecided"),
        output_field=CharField(),
    )
    rows = Person.objects.filter(~Exists(cases.filter(stage__in=sorted(OPEN))), wrapped_key__isnull=False)
    last = Greatest("cases__closed_on", "cases__decided_on")  # of PostgreSQL: what is null does not count
    rows = rows.annotate(kind=kinds, last_ended_on=Max(last), is_held=Exists(holds))
    return rows.filter(kind=kind, erased_at=None)


def _latest_start(rule: Rule, day: date) -> date:
    """No term that began later can have ended by `day`: what the database may leave out without reckoning."""
    terms = [row for row in vocabulary.provisions() if row.code == rule.provision]
    return day - min(timedelta(days=(row.amount or 0) * _SHORTEST[row.unit]) for row in terms)
