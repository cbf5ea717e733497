"""Counting by definition, the official series, and frozen years told again."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import CharField, Expression, F, Min, QuerySet
from django.db.models.functions import Cast

from kalkan.access.session import Task, beyond_reach
from kalkan.cases.models import Case
from kalkan.persons.models import PossibleSame
from kalkan.statistics import breakdowns
from kalkan.statistics.breakdowns import Breakdown, days_between
from kalkan.statistics.indicators import Indicator, Measure, Unit
from kalkan.statistics.models import OfficialFigure, Snapshot
from kalkan.statistics.tables import SEVERAL, UNKNOWN, Cube, Key, Row, Table, add_up, median, split_last

DAYS = "days"


class UnknownBreakdown(ValueError):
    """The indicator cannot be broken down like this. Carries the breakdowns that it has."""

    def __init__(self, indicator: Indicator, asked: str):
        super().__init__(
            f"{indicator.code} cannot be broken down by {asked}; it can by {', '.join(indicator.breakdowns)}"
        )


@dataclass(frozen=True)
class Filters:
    """Which part of an indicator is asked for; empty means all of it. Years are inclusive."""

    first_year: int | None = None
    last_year: int | None = None
    source: str = ""
    province: str = ""

    @classmethod
    def of_year(cls, year: int | None, *, source: str = "", province: str = "") -> "Filters":
        return cls(year, year, source, province)

    def apply(self, rows: QuerySet, indicator: Indicator) -> QuerySet:
        conditions: dict[str, Any] = {}
        if self.first_year is not None:
            conditions[f"{indicator.date}__gte"] = date(self.first_year, 1, 1)
        if self.last_year is not None:
            conditions[f"{indicator.date}__lte"] = date(self.last_year, 12, 31)
        if self.source:
            conditions[f"{indicator.case}source"] = self.source
        if self.province:
            conditions[f"{indicator.case}province_id"] = None if self.province == UNKNOWN else self.province
        return rows.filter(**conditions)

    def as_data(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value not in (None, "")}


EVERYTHING = Filters()


def cube(indicator: Indicator, dimensions: Sequence[str], filters: Filters = EVERYTHING) -> Cube:
    """The indicator by all `dimensions` at once."""
    return cubes(indicator, [dimensions], filters)[0]


@beyond_reach(Task.FIGURES)
def cubes(indicator: Indicator, wanted: Sequence[Sequence[str]], filters: Filters = EVERYTHING) -> list[Cube]:
    """The indicator by each of the `wanted` combinations of breakdowns.

    One query that reads the rows once, whatever the number of combinations (GROUPING SETS, which the ORM cannot say:
    its own SQL of the rows stands inside). Where persons are counted, the pairs judged the same are read before.
    """
    sets = [tuple(dict.fromkeys(_base(indicator, code) for code in dimensions)) for dimensions in wanted]
    if indicator.measures is Measure.MEDIAN:
        sets = [(*dimensions, DAYS) for dimensions in sets]
    names = list(dict.fromkeys(code for dimensions in sets for code in dimensions))
    rows = filters.apply(_without_repeats(indicator), indicator).order_by()
    told = rows.values_list(*(_expression(indicator, code) for code in names), "pk")
    sql, parameters = told.query.get_compiler(connection=connection).as_sql()
    columns = {code: f"by_{place}" for place, code in enumerate(names)}
    grouped = ", ".join(f"({', '.join(columns[code] for code in dimensions)})" for dimensions in dict.fromkeys(sets))
    heads = "".join(f"{column}, " for column in columns.values())
    mask = f"GROUPING({', '.join(columns.values())})" if names else "0"
    aliases = ", ".join([*columns.values(), "pk"])
    with _counting() as cursor:
        cursor.execute(
            f"SELECT {heads}{mask}, count(*) FROM ({sql}) AS told ({aliases}) GROUP BY GROUPING SETS ({grouped})",
            parameters,
        )
        found = cursor.fetchall()
    return [_of_set(found, names, dimensions) for dimensions in sets]


def count(indicator: Indicator, by: Sequence[str] = (), filters: Filters = EVERYTHING) -> Table:
    """The indicator by some breakdowns, with its total."""
    return table(indicator, cube(indicator, by, filters), by)


def table(indicator: Indicator, counted: Cube, by: Sequence[str]) -> Table:
    """One table out of counts by at least these breakdowns. Rows stand in the order of their code lists.

    A table by one breakdown always has its row `unknown`, even where it counts nothing.
    """
    chosen = [breakdowns.BY_CODE[code] for code in by]
    steps = [(breakdown.of or breakdown.code, breakdown.folded) for breakdown in chosen]
    if indicator.measures is Measure.MEDIAN:
        histograms = split_last(counted.fold([*steps, (DAYS, str)]))
        counts = {codes: sum(histogram.values()) for codes, histogram in histograms.items()}
        medians = {codes: median(histogram) for codes, histogram in histograms.items()}
        whole = median(add_up(histograms.values()))
    else:
        counts, medians, whole = dict(counted.fold(steps)), {}, None
    total = sum(counts.values())
    if len(by) == 1:
        counts.setdefault((UNKNOWN,), 0)
    rows = tuple(Row(codes, counts[codes], medians.get(codes)) for codes in _in_order(counts, chosen)) if by else ()
    return Table(indicator.code, indicator.version, tuple(by), rows, total, whole, indicator.measures.value)


def labels(breakdown: Breakdown) -> dict[str, str]:
    """Code → words in the reader's language. A code that no list knows stands for itself."""
    return {**dict(breakdown.choices()), UNKNOWN: str(breakdowns.NOT_KNOWN), SEVERAL: str(breakdowns.SEVERAL_OF_THEM)}


@beyond_reach(Task.FIGURES)
def sources() -> list[str]:
    """The collections that cases came from, Kalkan's own first."""
    found = set(Case.objects.order_by().values_list("source", flat=True).distinct())
    return sorted(found, key=lambda source: (source != "kalkan", source))


def source_name(source: str) -> str:
    """A collection's name; Kalkan's own is written out."""
    return labels(breakdowns.BY_CODE["source"]).get(source, source)


@beyond_reach(Task.FIGURES)
def first_year() -> int | None:
    """The year of the oldest case."""
    oldest = Case.objects.aggregate(oldest=Min("opened_on"))["oldest"]
    return None if oldest is None else oldest.year


def official_series(measure: str) -> dict[int, list[OfficialFigure]]:
    """Year → what was published about it: the main figure first, then those that contradict it."""
    series: dict[int, list[OfficialFigure]] = {}
    for figure in OfficialFigure.objects.filter(measure=measure).order_by("year", "-is_main", "source"):
        series.setdefault(figure.year, []).append(figure)
    return series


def frozen_cube(snapshot: Snapshot, revision: int | None = None) -> Cube:
    """The counts of a frozen year as first frozen (revision 0), as of a later revision, or as of the latest one."""
    cells: dict[Key, int] = dict(snapshot.cube.cells)
    dimensions = tuple(snapshot.dimensions)
    for one in snapshot.revisions.all():
        if revision is None or one.number <= revision:
            cells.update({tuple(codes): new for *codes, _old, new in one.changes})
    return Cube(dimensions, {key: units for key, units in cells.items() if units})


def frozen(indicator: Indicator, year: int, by: Sequence[str] = (), revision: int | None = None) -> Table:
    """The table of a frozen year, told from what was frozen and never from today's records.

    Raises Snapshot.DoesNotExist where the year of this indicator is not frozen, UnknownBreakdown for a breakdown
    that a year cannot have.
    """
    for code in by:
        if code == "year" or _base(indicator, code) not in breakdowns.FROZEN_DIMENSIONS:
            raise UnknownBreakdown(indicator, code)
    snapshot = Snapshot.objects.prefetch_related("revisions").get(year=year, indicator=indicator.code)
    return table(indicator, frozen_cube(snapshot, revision), by)


@contextmanager
def _counting() -> Iterator[CursorWrapper]:
    """A cursor for reading whole tables once.

    Right after a large import the planner knows nothing of the new rows and would compare each with each: hashing is
    right for every count here, so that is what it may do, with the memory for it. Nothing outside is touched.
    """
    settings = ("enable_nestloop", "off"), ("jit", "off"), ("work_mem", "'64MB'")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {name} = {value}" for name, value in settings))
        yield cursor
        cursor.execute("; ".join(f"SET LOCAL {name} = DEFAULT" for name, _value in settings))


def _of_set(found: Sequence[tuple[Any, ...]], names: Sequence[str], dimensions: tuple[str, ...]) -> Cube:
    """The rows of one grouping set: those whose mask has a bit for each name that is not grouped by."""
    mask = sum(1 << place for place, code in enumerate(reversed(names)) if code not in dimensions)
    places = [names.index(code) for code in dimensions]
    cells = {tuple(row[place] for place in places): row[-1] for row in found if row[-2] == mask}
    return Cube(dimensions, {key: units for key, units in cells.items() if units})


def _base(indicator: Indicator, code: str) -> str:
    if code not in indicator.breakdowns:
        raise UnknownBreakdown(indicator, code)
    return breakdowns.BY_CODE[code].of or code


def _expression(indicator: Indicator, code: str) -> Expression:
    if code == DAYS:
        return Cast(days_between(indicator.days_from, indicator.date), CharField())
    make = breakdowns.BY_CODE[code].expression
    if make is None:
        raise UnknownBreakdown(indicator, code)
    return make(indicator.case, indicator.date)


def _in_order(counts: Mapping[Key, int], chosen: Sequence[Breakdown]) -> list[Key]:
    """The keys of a table as people expect them: as in the code list or by size, `several` and `unknown` last."""
    positions = []
    for place, breakdown in enumerate(chosen):
        listed = {code: position for position, (code, _label) in enumerate(breakdown.choices())}
        sizes: Counter[str] = Counter()
        for key, units in counts.items():
            sizes[key[place]] += units
        positions.append(
            {
                code: (
                    (SEVERAL, UNKNOWN).index(code) + 1 if code in (SEVERAL, UNKNOWN) else 0,
                    -sizes[code] if breakdown.is_by_size else listed.get(code, len(listed)),
                    code,
                )
                for code in sizes
            }
        )
    return sorted(counts, key=lambda key: [position[code] for position, code in zip(positions, key, strict=True)])


def _without_repeats(indicator: Indicator) -> QuerySet:
    """The indicator's rows; where it counts persons, records judged to be of one person count once."""
    rows = indicator.rows()
    if indicator.unit is not Unit.PERSON:
        return rows
    same = _representatives(
        PossibleSame.objects.filter(verdict=PossibleSame.Verdict.SAME).values_list("person", "other")
    )
    if not same:
        return rows
    seen: set[int] = set()
    repeats = []
    for pk, person in rows.filter(person__in=same).order_by(F(indicator.date), "pk").values_list("pk", "person"):
        if same[person] in seen:
            repeats.append(pk)
        seen.add(same[person])
    return rows.exclude(pk__in=repeats)


def _representatives(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each person of the pairs → one and the same person for all who are linked, over however many pairs.

    >>> _representatives([(1, 2), (4, 5), (2, 3)])
    {1: 1, 2: 1, 4: 4, 5: 4, 3: 1}
    """
    parents: dict[int, int] = {}

    def root(person: int) -> int:
        while parents.setdefault(person, person) != person:
            parents[person] = parents[parents[person]]
            person = parents[person]
        return person

    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        parents[high] = low
    return {person: root(person) for person in parents}
