"""What the pages of figures show: each picture with the table that it was drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Prefetch
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kalkan.access.models import User
from kalkan.statistics import charts, numbers, selectors
from kalkan.statistics.breakdowns import BY_CODE as BREAKDOWNS
from kalkan.statistics.charts import Point, Series
from kalkan.statistics.forms import FilterForm
from kalkan.statistics.indicators import BY_CODE, Indicator, Measure
from kalkan.statistics.models import OfficialFigure, Revision, Snapshot
from kalkan.statistics.selectors import Filters
from kalkan.statistics.tables import UNKNOWN, Cube, Row, Table
from kalkan.vocabulary.language import active

PICTURED = 12  # bars of a chart; its table has every row
KEY_FIGURES = (
    "screened",
    "interviewed-preliminary",
    "interviewed-identification",
    "referred",
    "identified",
    "not-recognised",
    "days-to-decision",
    "open",
    "overdue",
)
SHOWN = ("sex", "age_group", "age_band", "citizenship", "form", "source")


@dataclass(frozen=True)
class Key:
    """One number at the top of the page."""

    indicator: Indicator
    value: str
    under: str
    is_bad: bool = False


@dataclass(frozen=True)
class Line:
    """One row of a shown table: words, then numbers as the reader's language writes them."""

    label: str
    cells: tuple[str, ...]
    is_unknown: bool = False


@dataclass(frozen=True)
class Figure:
    """A table, and the picture drawn from it if there is something to draw."""

    anchor: str
    title: str
    note: str
    head: tuple[str, ...]
    lines: tuple[Line, ...]
    foot: Line | None
    picture: SafeString | str = ""
    export: str = ""


def yearly(filters: Filters) -> dict[str, Cube]:
    """Every indicator of the chain by year, from the first year to the last: read once for all that goes by year."""
    whole = replace(filters, first_year=None, last_year=None)
    return {
        code: selectors.cube(BY_CODE[code], () if BY_CODE[code].is_state else ("year",), whole) for code in KEY_FIGURES
    }


def keys(found: Mapping[str, Cube], filters: Filters) -> list[Key]:
    """The figures of the whole chain, from screening to decision, and the state of the work today."""
    shown = []
    first, last = str(filters.first_year), str(filters.last_year)
    for code, cube in found.items():
        indicator = BY_CODE[code]
        if indicator.is_state:
            # How things stand today does not go by the years asked for.
            shown.append(Key(indicator, numbers.whole(cube.total), _("today"), code == "overdue" and cube.total > 0))
            continue
        whole = selectors.table(indicator, cube.where("year", lambda year: first <= year <= last), ())
        latest = selectors.table(indicator, cube.where("year", lambda year: year == last), ())
        shown.append(Key(indicator, _value(whole), f"{last}: {_value(latest)}"))
    return shown


def _value(table: Table) -> str:
    return numbers.decimal(table.median) if table.measures == Measure.MEDIAN else numbers.whole(table.total)


def series(measure: str, codes: Sequence[str], found: Mapping[str, Cube]) -> Figure:
    """Our yearly figures beside the published ones: every source that contradicts another stays visible."""
    ours = {code: selectors.table(BY_CODE[code], found[code], ("year",)).counts for code in codes}
    official = selectors.official_series(measure)
    own_years = {int(year) for counts in ours.values() for year, count in counts.items() if year != UNKNOWN and count}
    years = sorted(own_years | set(official), reverse=True)
    names = {code: str(BY_CODE[code].name) for code in codes}
    lines = tuple(
        Line(
            str(year),
            (
                *(numbers.whole(ours[code].get(str(year), 0)) if year in own_years else "–" for code in codes),
                *_published(official.get(year, [])),
            ),
        )
        for year in years
    )
    title = _("Identified each year: our count and the official series")
    if measure == OfficialFigure.Measure.INTERVIEWED:
        title = _("Interviewed each year: our count and the official series")
    head = (_("Year"), *names.values(), _("Official"), _("Source"), _("Doubts"))
    return Figure(
        anchor=f"series-{measure}",
        title=title,
        note=_("Published figures contradict each other; each source is shown, and none is corrected here."),
        head=head,
        lines=lines,
        foot=None,
        picture=_yearly(title, names, ours, official, own_years),
    )


def shown(found: Table, indicator: Indicator, filters: Filters) -> Figure:
    """A table by one breakdown in words, with its picture."""
    (code,) = found.by
    breakdown = BREAKDOWNS[code]
    words = selectors.labels(breakdown)
    title = _("%(figure)s by %(breakdown)s") % {"figure": indicator.name, "breakdown": _small(str(breakdown.name))}
    rows = [(words.get(row.codes[0], row.codes[0]), row.count) for row in found.rows]
    return Figure(
        anchor=f"by-{code}",
        title=title,
        note=str(breakdown.note),
        head=(str(breakdown.name), *_heads(found)),
        lines=tuple(_line(words, row, found) for row in found.rows),
        foot=Line(_("Total"), _numbers(Row((), found.total, found.median), found)),
        picture=charts.bars(_most(rows), description=_described(title)) if found.total else "",
        export=export_query(indicator, (code,), filters),
    )


def crossed(rows: str, columns: str, cube: Cube, indicator: Indicator, filters: Filters) -> Figure:
    """Two breakdowns across each other, with the totals of both; every number adds up both ways."""
    cells = {row.codes: row.count for row in selectors.table(indicator, cube, (rows, columns)).rows}
    row_codes = [row.codes[0] for row in selectors.table(indicator, cube, (rows,)).rows]
    column_codes = [row.codes[0] for row in selectors.table(indicator, cube, (columns,)).rows]
    row_words, column_words = selectors.labels(BREAKDOWNS[rows]), selectors.labels(BREAKDOWNS[columns])

    def line(label: str, counts: list[int], *, is_unknown: bool = False) -> Line:
        return Line(label, tuple(numbers.whole(count) for count in [*counts, sum(counts)]), is_unknown)

    return Figure(
        anchor="cross",
        title=_("%(figure)s by %(rows)s and %(columns)s")
        % {
            "figure": indicator.name,
            "rows": _small(str(BREAKDOWNS[rows].name)),
            "columns": _small(str(BREAKDOWNS[columns].name)),
        },
        note="",
        head=(
            str(BREAKDOWNS[rows].name),
            *(column_words.get(code, code) for code in column_codes),
            _("Total"),
        ),
        lines=tuple(
            line(
                row_words.get(row, row),
                [cells.get((row, column), 0) for column in column_codes],
                is_unknown=row == UNKNOWN,
            )
            for row in row_codes
        ),
        foot=line(_("Total"), [sum(cells.get((row, column), 0) for row in row_codes) for column in column_codes]),
        export=export_query(indicator, (rows, columns), filters),
    )


@dataclass(frozen=True)
class FrozenYear:
    """One frozen indicator of one year, with what was revised since."""

    year: int
    name: str
    total: str
    frozen_at: datetime
    frozen_by: User | None
    revisions: tuple[dict[str, Any], ...]


def frozen_years() -> list[FrozenYear]:
    """All frozen years, the latest first, without the cells themselves."""
    found = Snapshot.objects.select_related("frozen_by").defer("cells")
    revised = Prefetch("revisions", Revision.objects.defer("changes"))
    return [
        FrozenYear(
            year=one.year,
            name=str(BY_CODE[one.indicator].name) if one.indicator in BY_CODE else one.indicator,
            total=numbers.whole(one.total),
            frozen_at=one.frozen_at,
            frozen_by=one.frozen_by,
            revisions=tuple(
                {
                    "number": revision.number,
                    "old_total": numbers.whole(revision.old_total),
                    "new_total": numbers.whole(revision.new_total),
                    "reason": revision.get_reason_display(),
                    "frozen_at": revision.frozen_at,
                }
                for revision in one.revisions.all()
            ),
        )
        for one in found.prefetch_related(revised)
    ]


def export_query(indicator: Indicator, by: Sequence[str], filters: Filters) -> str:
    """The address parameters with which `exchange` asks for the same table."""
    return urlencode({"indicator": indicator.code, "by": ",".join(by), **filters.as_data()})


def _heads(found: Table) -> tuple[str, ...]:
    return (_("Count"), _("Share"), *([_("Median")] if found.measures == Measure.MEDIAN else []))


def _numbers(row: Row, found: Table) -> tuple[str, ...]:
    median = [numbers.decimal(row.median)] if found.measures == Measure.MEDIAN else []
    return (numbers.whole(row.count), numbers.share(row.count, found.total), *median)


def _line(words: dict[str, str], row: Row, found: Table) -> Line:
    return Line(words.get(row.codes[0], row.codes[0]), _numbers(row, found), row.codes[0] == UNKNOWN)


def _most(rows: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The rows that a chart has room for; the rest stand together, and still add up."""
    if len(rows) <= PICTURED:
        return rows
    kept = rows[: PICTURED - 2]
    *others, unknown = rows[PICTURED - 2 :]
    return [*kept, (_("Others"), sum(count for _label, count in others)), unknown]


def _published(found: list[OfficialFigure]) -> tuple[str, str, str]:
    """The main figure, its source, and every doubt: its own note and what other sources say."""
    if not found:
        return ("–", "", "")
    main, *others = found
    doubts = [main.note] if main.note else []
    for other in others:
        said = f"{other.source_name}: {numbers.whole(other.value)}"
        doubts.append(f"{said} ({other.note})" if other.note else said)
    return (numbers.whole(main.value), main.source_name, "; ".join(doubts))


def _yearly(
    title: str,
    names: dict[str, str],
    ours: dict[str, dict[str, int]],
    official: dict[int, list[OfficialFigure]],
    own_years: set[int],
) -> SafeString | str:
    looks = [
        Series(name, charts.OURS, dash, shape)
        for name, dash, shape in zip(names.values(), ([1, 0], [2, 3]), ("circle", "diamond"), strict=False)
    ]
    points = [
        Point(names[code], year, counts.get(str(year), 0))
        for code, counts in ours.items()
        for year in sorted(own_years)
    ]
    main, other = _("Official series"), _("Other sources")
    for year, (first, *others) in sorted(official.items()):
        points.append(Point(main, year, first.value))
        points += [Point(other, year, one.value) for one in others]
    looks += [
        Series(main, charts.OFFICIAL, [7, 4], "square"),
        Series(other, charts.OFFICIAL, [1, 0], "triangle-up", is_line=False),
    ]
    drawn = {point.series for point in points}
    return (
        charts.lines(points, [one for one in looks if one.name in drawn], description=_described(title))
        if points
        else ""
    )


def _described(title: str) -> str:
    return _("Chart: %(title)s. The table below it holds the same numbers.") % {"title": title}


def _small(name: str) -> str:
    """A heading's word inside a sentence. Turkish İ and I have their own small letters."""
    return name[:1].translate({ord("İ"): "i", ord("I"): "ı"} if active() == "tr" else {}).lower() + name[1:]


def context(form: FilterForm, filters: Filters, more: Sequence[str]) -> dict[str, Any]:
    """What national and provincial page share; `more` are breakdowns that only the one has, given as `tables`."""
    indicator, asked = form.indicator, form.asked
    across = (asked["rows"], asked["columns"])
    parts = [(code,) for code in (*SHOWN, *more)]
    *single, crossing = selectors.cubes(indicator, [*parts, across], filters)
    tables = {code: selectors.table(indicator, cube, (code,)) for (code,), cube in zip(parts, single, strict=True)}
    found = yearly(filters)
    return {
        "form": form,
        "indicator": indicator,
        "yearly": found,
        "keys": keys(found, form.filters(filters.province)),
        "tables": tables,
        "figures": [shown(tables[code], indicator, filters) for code in SHOWN],
        "cross": crossed(*across, crossing, indicator, filters),
    }
