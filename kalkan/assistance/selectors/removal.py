"""Whether a person may be removed from the country, and why not. The gate and the case page ask the same function."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from kalkan.assistance.lifecycle.gate import RULES, Reason, Verdict, verdict_of
from kalkan.assistance.lifecycle.permit_moves import State
from kalkan.assistance.models import Permit, Programme
from kalkan.cases.lifecycle import DECIDED, WITH_DIRECTORATE, Stage
from kalkan.cases.models import Case, Screening
from kalkan.persons.models import Person
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Provision

UNDECIDED = WITH_DIRECTORATE | {Stage.PRELIMINARY}
PROTECTED = {Stage.RECOGNISED, Stage.PROTECTION}


class Answer(NamedTuple):
    """What follows, why, and by which provisions. Names no record."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    provisions: tuple[Provision, ...]

    @property
    def is_removable(self) -> bool:
        return self.verdict == Verdict.GO


def in_programme(persons: Collection[int]) -> QuerySet[Case]:
    """The cases by which these persons are in the support programme: the one place that says what that means.

    From recognition on, while the person thinks it over and while support is offered, until an evaluation report ended
    the programme.
    """
    programmes = Programme.objects.filter(case=OuterRef("pk"))
    runs, ended = Exists(programmes.filter(ended_on=None)), Exists(programmes.exclude(ended_on=None))
    protected = Q(stage=Stage.RECOGNISED) | Q(stage=Stage.PROTECTION) & (runs | ~ended)
    return Case.objects.filter(protected, person__in=persons)


def is_removable(person: Person, on: date | None = None) -> Answer:
    """Whether a person may be removed on a day (today). Looks at every case and permit, whoever may see them:

    for services that tell reasons only, inside `beyond_reach(Task.GATE)` where the person is not the actor's own.
    """
    return answer(reasons_for([person], on or timezone.localdate()), on or timezone.localdate())


def reasons_for(persons: Sequence[Person], on: date) -> list[Reason]:
    """Every reason that speaks for or against the removal of these records of one person. Four queries at most.

    Short ones, one after the other: planned as one, with the row policies of each table in it, they took longer.
    """
    keys = [person.pk for person in persons]
    cases = list(Case.objects.filter(person__in=keys).values("pk", "stage", "decided_on"))
    found: list[Reason] = []
    if any(case["stage"] in PROTECTED for case in cases) and in_programme(keys).exists():
        found.append(Reason.IN_PROGRAMME)
    held = Permit.objects.filter(person__in=keys, state=State.GRANTED, starts_on__lte=on, ends_on__gte=on)
    if held.exists():
        found.append(Reason.LIVE_PERMIT)
    if any(case["stage"] in UNDECIDED for case in cases):
        found.append(Reason.DECISION_OPEN)
    if any("TR" in person.citizenships for person in persons):
        found.append(Reason.CITIZEN)
    concluded = Screening.objects.filter(case__in=[case["pk"] for case in cases]).exclude(conclusion="")
    return [*found, _screened(cases, dict(concluded.values_list("case").annotate(Max("concluded_on"))), on)]


def answer(reasons: Sequence[Reason], on: date) -> Answer:
    """The verdict with its provisions as they stand on the day; a reason whose rule did not hold yet cites none."""
    verdict = verdict_of(reasons)
    told = tuple(reason for reason in dict.fromkeys(reasons) if RULES[reason].verdict == verdict)
    provisions = []
    for code in dict.fromkeys(RULES[reason].provision for reason in told):
        try:
            provisions.append(vocabulary.provision(code, on=on))
        except vocabulary.NoProvision:
            continue
    return Answer(verdict, told, tuple(provisions))


def _screened(cases: Sequence[Any], screened_on: Mapping[int, date | None], on: date) -> Reason:
    """How the screenings of these cases stand: the last one is concluded and young enough, or what is missing.

    `screened_on`: for each case with a concluded screening the day of the last one, where it is known.
    """
    if any(case["stage"] == Stage.SCREENING and case["pk"] not in screened_on for case in cases):
        return Reason.SCREENING_RUNNING
    days = [day for day in screened_on.values() if day]
    days += [case["decided_on"] for case in cases if case["decided_on"] and case["stage"] in {*DECIDED, Stage.CLOSED}]
    if not days:
        return Reason.NEVER_SCREENED
    try:
        is_old = calendar.due_on(vocabulary.provision("gate_screening_age", on=on), max(days)) < on
    except vocabulary.NoProvision:
        is_old = False
    return Reason.SCREENING_OLD if is_old else Reason.SCREENED
