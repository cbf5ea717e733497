"""The bulk door: cases that were led elsewhere, taken over with what is known of them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from kalkan.access.bulk import copy_rows, reserve_ids
from kalkan.access.models import Institution, User
from kalkan.access.policy import require
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.lifecycle import Outcome, Stage
from kalkan.cases.models import Case, Episode, StageChange
from kalkan.cases.policy import AUTHORITY
from kalkan.cases.services.opening import allocate_numbers

CLOSED_AS = "imported_historic"


class HistoricCase(NamedTuple):
    """One case as another collection tells it, with its one episode of exploitation.

    A closed one is history: it has the outcome that was found there. An open one begins here with a screening,
    whatever was found elsewhere (`found_elsewhere`), because only the migration authority identifies.
    """

    reference: UUID
    person: UUID
    opened_on: date
    opened_on_precision: str = "day"
    is_open: bool = False
    is_child: bool = False
    closed_on: date | None = None
    found_elsewhere: str = ""
    signal: str = ""
    province: str | None = None
    charged_articles: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    sub_forms: tuple[str, ...] = ()
    sector: str = ""
    means: tuple[str, ...] = ()
    recruitment: tuple[str, ...] = ()
    recruiter_relation: str = ""
    countries: tuple[str, ...] = ()
    began_on: date | None = None
    began_precision: str = ""
    ended_on: date | None = None
    ended_precision: str = ""

    @property
    def stage(self) -> Stage:
        return Stage.SCREENING if self.is_open else Stage.CLOSED

    @property
    def outcome(self) -> str:
        """What was decided, for history only: of an open case nothing is decided yet."""
        return "" if self.is_open else self.found_elsewhere

    @property
    def day_of_closing(self) -> date | None:
        return None if self.is_open else self.closed_on or self.opened_on

    @property
    def has_episode(self) -> bool:
        """True if anything is said about the exploitation itself."""
        return any(getattr(self, name) for name in _EPISODE)


_CASE = (
    *("opened_on", "opened_on_precision", "is_child", "signal", "province_id", "outcome", "decided_on", "closed_on"),
    *("closing_reason", "charged_articles", "is_historic"),
)
_EPISODE = (
    *("forms", "sub_forms", "sector", "means", "recruitment", "recruiter_relation", "countries"),
    *("began_on", "began_precision", "ended_on", "ended_precision"),
)


class Standing(NamedTuple):
    """How an imported case stands now: what an import must know before it changes one."""

    reference: UUID
    number: str
    version: int
    is_open: bool
    person: UUID
    person_version: int


@transaction.atomic
def record_historic_cases(
    cases: Sequence[HistoricCase],
    *,
    persons: dict[UUID, int],
    source: str,
    institution: Institution,
    by: User | None,
) -> dict[UUID, int]:
    """Write these cases of `persons` (reference → primary key), led by `institution`; the key of each reference.

    Each gets its number, its beginning in the log of moves, and its episode where one is told. `by` is None for the
    system itself, on the command line of the machine it runs on.
    """
    _require(by)
    keys = reserve_ids(Case, len(cases))
    author = by.pk if by else None
    is_with_authority = institution.kind in AUTHORITY
    copy_rows(
        Case,
        (
            *("id", "reference", "number", "person_id", "stage", "institution_id", "is_with_authority", "source"),
            *("opened_by_id", *_CASE),
        ),
        (
            (
                *(key, case.reference, number, persons[case.person], str(case.stage), institution.pk),
                *(is_with_authority, source, author, *_case(case)),
            )
            for key, case, number in zip(keys, cases, _numbers(cases), strict=True)
        ),
    )
    copy_rows(
        StageChange,
        ("case_id", "move", "target", "by_id", "on", "facts"),
        (
            (key, "import", str(case.stage), author, case.day_of_closing or case.opened_on, _facts(case, source))
            for key, case in zip(keys, cases, strict=True)
        ),
    )
    _write_episodes([(key, case) for key, case in zip(keys, cases, strict=True) if case.has_episode])
    record(Event.RECORD_IMPORTED, *(case.reference for case in cases), by=by, facts={"source": source})
    return {case.reference: key for key, case in zip(keys, cases, strict=True)}


@transaction.atomic
def change_historic_cases(cases: Sequence[HistoricCase], *, source: str, by: User | None) -> None:
    """Bring imported cases to what the collection now says. Their stage never changes here: see `standing`."""
    _require(by)
    assigned = ", ".join(f'"{name}" = %s' for name in _CASE)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE cases_case SET {assigned}, version = version + 1 WHERE reference = %s AND source = %s",
            [(*_case(case), case.reference, source) for case in cases],
        )
    keys = dict(Case.objects.filter(reference__in=[case.reference for case in cases]).values_list("reference", "id"))
    Episode.objects.filter(request_key__in=keys).delete()
    _write_episodes([(keys[case.reference], case) for case in cases if case.has_episode])
    facts = {"source": source, "changed": True}
    record(Event.RECORD_IMPORTED, *(case.reference for case in cases), by=by, facts=facts)


def standing(keys: Collection[int]) -> dict[int, Standing]:
    """How the cases with these primary keys and their persons stand now, locked until the transaction ends."""
    rows = Case.objects.select_for_update(of=("self", "person")).filter(pk__in=keys).order_by("pk")
    return {
        row.pk: Standing(
            reference=row.reference,
            number=row.number,
            version=row.version,
            is_open=row.stage != Stage.CLOSED,
            person=row.person.reference,
            person_version=row.person.version,
        )
        for row in rows.select_related("person")
    }


def _numbers(cases: Sequence[HistoricCase]) -> list[str]:
    """A number for each case, in order, with one draw per year and province."""
    groups: dict[tuple[int, str | None], list[int]] = defaultdict(list)
    for position, case in enumerate(cases):
        groups[case.opened_on.year, case.province].append(position)
    numbers = [""] * len(cases)
    for (year, province), positions in sorted(groups.items(), key=lambda group: (group[0][0], group[0][1] or "")):
        drawn = allocate_numbers(year, province, count=len(positions))
        for position, number in zip(positions, drawn, strict=True):
            numbers[position] = number
    return numbers


def _case(case: HistoricCase) -> tuple[Any, ...]:
    closing = case.day_of_closing
    return (
        *(case.opened_on, case.opened_on_precision, case.is_child, case.signal, case.province, case.outcome),
        closing if case.outcome in {Outcome.RECOGNISED, Outcome.NOT_RECOGNISED} else None,
        *(closing, "" if case.is_open else CLOSED_AS, list(case.charged_articles), not case.is_open),
    )


def _facts(case: HistoricCase, source: str) -> dict[str, str]:
    facts = {"source": source}
    if case.found_elsewhere:
        facts["found_elsewhere"] = case.found_elsewhere
    return facts


def _write_episodes(episodes: Sequence[tuple[int, HistoricCase]]) -> None:
    """The reference of the case is the idempotency key of its imported episode, so that a later import finds it."""
    copy_rows(
        Episode,
        ("case_id", "request_key", *_EPISODE),
        (
            (key, case.reference, *(list(v) if isinstance(v := getattr(case, n), tuple) else v for n in _EPISODE))
            for key, case in episodes
        ),
    )


def _require(by: User | None) -> None:
    if by is not None:
        require(by, Permission.IMPORT_RUN)
