"""Invented cases for counting, and the same figures counted slowly, one case after another, in Python."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import Any

from django.db import transaction
from hypothesis import strategies as st

from kalkan.access.models import Institution
from kalkan.cases.lifecycle import OPEN
from kalkan.cases.models import Case, Episode, Interview, Screening, StageChange
from kalkan.persons.models import Person, PossibleSame
from tests.factories import make_institution, make_province, make_user

PROVINCES = (None, "TR-06", "TR-34", "TR-65")
_serial = count(1)


@dataclass(frozen=True)
class Told:
    """One case as the test tells it; `person` says which of the persons it is about."""

    person: int = 0
    sex: str = "female"
    age_band: str = "unknown"
    majority: str = "unknown"
    citizenships: tuple[str, ...] = ()
    statelessness: str = ""
    forms: tuple[tuple[str, ...], ...] = ()
    is_child: bool = False
    province: str | None = "TR-06"
    source: str = "kalkan"
    is_historic: bool = False
    stage: str = "protection"
    outcome: str = "recognised"
    opened_on: date = date(2024, 3, 1)
    referred_on: tuple[date, ...] = ()
    decided_on: date | None = date(2024, 6, 1)
    screened_on: tuple[date, ...] = ()
    preliminary_on: tuple[date, ...] = ()
    identification_on: tuple[date, ...] = ()
    next_due_on: date | None = None


DAYS = st.dates(date(2021, 1, 1), date(2025, 12, 31))
SOME_DAYS = st.lists(DAYS, max_size=2).map(tuple)
_CODES = ("unknown", "sexual", "labour", "multiple", "begging")
_OUTCOMES = st.sampled_from(
    [("protection", "recognised"), ("closed", "recognised"), ("not_recognised", "not_recognised"), ("drafted", ""),
     ("screening", ""), ("identification", "not_recognised"), ("closed", "")]
)  # fmt: skip


@st.composite
def told(draw: Callable[..., Any]) -> Told:
    stage, outcome = draw(_OUTCOMES)
    is_historic = draw(st.booleans())
    return Told(
        person=draw(st.integers(0, 6)),
        is_child=draw(st.booleans()),
        forms=tuple(draw(st.lists(st.lists(st.sampled_from(_CODES), max_size=2).map(tuple), max_size=2))),
        province=draw(st.sampled_from(PROVINCES)),
        source="CTDC" if is_historic else "kalkan",
        is_historic=is_historic,
        stage=stage,
        outcome=outcome,
        opened_on=draw(DAYS),
        referred_on=draw(SOME_DAYS),
        decided_on=draw(DAYS) if outcome else None,
        screened_on=draw(SOME_DAYS),
        preliminary_on=draw(SOME_DAYS),
        identification_on=draw(SOME_DAYS),
        next_due_on=draw(st.none() | st.dates(date(2024, 1, 1), date(2030, 1, 1))),
    )


@st.composite
def populations(draw: Callable[..., Any]) -> list[Told]:
    """Cases of up to seven persons; what is said of a person is the same in each of that person's cases."""
    persons = [
        {
            "sex": draw(st.sampled_from(["female", "male", "other", "unknown", ""])),
            "age_band": draw(st.sampled_from(["0-8", "9-17", "48+", "child", "adult", "unknown"])),
            "majority": draw(st.sampled_from(["adult", "child", "presumed_child", "unknown"])),
            "citizenships": tuple(draw(st.lists(st.sampled_from(["UA", "SY", "TR"]), max_size=2, unique=True))),
            "statelessness": draw(st.sampled_from(["", "not_stateless", "stateless"])),
        }
        for _ in range(7)
    ]
    return [replace(one, **persons[one.person]) for one in draw(st.lists(told(), max_size=14))]


@transaction.atomic
def write(cases: Sequence[Told], *, same: Sequence[tuple[int, int]] = ()) -> None:
    """Make the rows that the told cases mean."""
    institution, officer = make_institution(), make_user()
    for province in PROVINCES[1:]:
        make_province(str(province))
    persons = {one.person: _person(one) for one in cases}
    for one in cases:
        _write(one, persons[one.person], institution, officer)
    for left, right in same:
        PossibleSame.objects.create(person=persons[left], other=persons[right], score=1, verdict="same")


def _person(one: Told) -> Person:
    return Person.objects.create(
        sex=one.sex,
        age_band=one.age_band,
        majority=one.majority,
        citizenships=list(one.citizenships),
        statelessness=one.statelessness,
    )


def _write(one: Told, person: Person, institution: Institution, officer: Any) -> Case:
    closing = {"closed_on": date(2026, 1, 1), "closing_reason": "other"} if one.stage == "closed" else {}
    case = Case.objects.create(
        number=f"2024-T-{next(_serial):06d}", person=person, institution=institution, province_id=one.province,
        is_child=one.is_child, source=one.source, is_historic=one.is_historic, stage="screening", outcome=one.outcome,
        opened_on=one.opened_on, decided_on=one.decided_on, next_due_on=one.next_due_on, **closing,
    )  # fmt: skip
    _walk(case, one)
    for on in one.screened_on:
        screening = Screening.objects.create(case=case, profile="child_sexual", held_on=on)
        concluded = {"conclusion": "signs", "advice": "signs", "concluded_by": officer, "concluded_on": on}
        Screening.objects.filter(pk=screening.pk).update(**concluded)
    for kind, days in (("preliminary", one.preliminary_on), ("identification", one.identification_on)):
        for on in days:
            Interview.objects.create(case=case, kind=kind, held_on=on, by=officer)
    for forms in one.forms:
        Episode.objects.create(case=case, forms=list(forms))
    return case


def _walk(case: Case, one: Told) -> None:
    """The case's way, as far as figures look at it; the last change says where it stands, as the database demands."""
    taken_over = {"case": case, "move": "import", "on": one.opened_on}
    Case.objects.filter(pk=case.pk).update(stage="preliminary")
    for on in sorted(one.referred_on):
        StageChange.objects.create(case=case, move="refer", source="preliminary", target="referred", on=on)
    StageChange.objects.create(**taken_over, target=one.stage)
    Case.objects.filter(pk=case.pk).update(stage=one.stage)


def forms_of(one: Told) -> str:
    known = {form for forms in one.forms for form in forms} - {"unknown"}
    return "several" if len(known) > 1 or "multiple" in known else known.pop() if known else "unknown"


def age_band_of(one: Told) -> str:
    if one.age_band in {"0-8", "9-17", "child"}:
        return one.age_band
    if one.is_child:
        return "child"
    if one.age_band != "unknown":
        return one.age_band
    return {"adult": "adult", "unknown": "unknown"}.get(one.majority, "child")


def age_group_of(one: Told) -> str:
    band = age_band_of(one)
    return "unknown" if band == "unknown" else "child" if band in {"0-8", "9-17", "child"} else "adult"


def citizenship_of(one: Told) -> str:
    if not one.citizenships:
        return "stateless" if one.statelessness == "stateless" else "unknown"
    return "several" if len(one.citizenships) > 1 else one.citizenships[0]


def codes(one: Told, on: date, by: Sequence[str]) -> tuple[str, ...]:
    said = {
        "year": str(on.year), "province": one.province or "unknown", "sex": one.sex or "unknown",
        "age_band": age_band_of(one), "age_group": age_group_of(one), "citizenship": citizenship_of(one),
        "form": forms_of(one), "source": one.source, "stage": one.stage,
    }  # fmt: skip
    return tuple(said[code] for code in by)


def _earliest(cases: Sequence[Told], day: str) -> list[tuple[Told, date]]:
    return [(one, min(getattr(one, day))) for one in cases if getattr(one, day)]


def _once(cases: Sequence[Told], day: str) -> list[tuple[Told, date]]:
    """Each person's first case: by day, then in the order written."""
    kept: dict[int, tuple[Told, date]] = {}
    for one in sorted(cases, key=lambda one: getattr(one, day)):
        kept.setdefault(one.person, (one, getattr(one, day)))
    return list(kept.values())


def units(code: str, cases: Sequence[Told], today: date) -> list[tuple[Told, date]]:
    """What an indicator counts, each with its day, told again without SQL."""
    own = [one for one in cases if not one.is_historic]
    recognised = [one for one in cases if one.outcome == "recognised"]
    is_open = [one for one in own if one.stage in {str(stage) for stage in OPEN}]
    overdue = [one for one in is_open if one.next_due_on and one.next_due_on < today]
    refused = [one for one in own if one.stage == "not_recognised"]
    return {
        "screened": lambda: _earliest(cases, "screened_on"),
        "interviewed-preliminary": lambda: _earliest(cases, "preliminary_on"),
        "interviewed-identification": lambda: _earliest(cases, "identification_on"),
        "referred": lambda: _earliest(cases, "referred_on"),
        "identified": lambda: _once([one for one in recognised if not one.is_historic], "decided_on"),
        "not-recognised": lambda: [(one, one.decided_on) for one in refused],
        "open": lambda: [(one, one.opened_on) for one in is_open],
        "overdue": lambda: [(one, one.opened_on) for one in overdue],
        "recorded-victims": lambda: _once(recognised, "opened_on"),
    }[code]()  # type: ignore[return-value]


def slow_count(code: str, cases: Sequence[Told], by: Sequence[str], today: date) -> Counter[tuple[str, ...]]:
    return Counter(codes(one, on, by) for one, on in units(code, cases, today))


def slow_days(cases: Sequence[Told]) -> list[tuple[Told, date, int]]:
    """Each case referred and decided: the day of the decision, and the days since the first referral."""
    decided = [one for one in cases if one.outcome == "recognised" or one.stage == "not_recognised"]
    return [
        (one, one.decided_on, (one.decided_on - min(one.referred_on)).days)
        for one in decided
        if one.referred_on and one.decided_on
    ]
