"""What the `kalkan` command can do with statistics."""

import csv
import json
import sys
from typing import Annotated, NoReturn

import typer
from django.core.exceptions import PermissionDenied
from rich.console import Console
from rich.table import Table as Grid

from kalkan.access.models import User
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.statistics import definitions, selectors, services
from kalkan.statistics.breakdowns import BY_CODE as BREAKDOWNS
from kalkan.statistics.indicators import BY_CODE, INDICATORS, Indicator
from kalkan.statistics.models import Revision, Snapshot
from kalkan.statistics.tables import Row, Table

app = typer.Typer()
snapshot = typer.Typer(no_args_is_help=True, help="Freeze years and prove that they are as they were.")
app.add_typer(snapshot, name="snapshot")


@app.command()
def indicators(
    markdown: Annotated[bool, typer.Option("--markdown", help="Whole, as docs/indicators.md.")] = False,
) -> None:
    """List the figures that can be counted, each by its one definition."""
    if markdown:
        typer.echo(definitions.as_markdown(), nl=False)
        return
    for indicator in INDICATORS:
        typer.echo(f"{indicator.code:28} v{indicator.version}  {indicator.name.en} / {indicator.name.tr}")


@app.command()
def indicator(
    code: Annotated[str, typer.Argument(help="Code of the indicator; `kalkan indicators` lists them.")],
    by: Annotated[list[str] | None, typer.Option(help="Break down by this; may be given several times.")] = None,
    year: Annotated[int | None, typer.Option(help="Only this year.", min=1, max=9999)] = None,
    source: Annotated[str, typer.Option(help="Only this source, for example CTDC.")] = "",
    province: Annotated[str, typer.Option(help="Only this province, for example TR-06; `unknown` for none.")] = "",
    frozen: Annotated[bool, typer.Option("--frozen", help="From the frozen year instead of today's records.")] = False,
    revision: Annotated[int | None, typer.Option(help="With --frozen: 0 is the first freeze.", min=0)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Count one indicator, whole or broken down."""
    definition = BY_CODE.get(code)
    if definition is None:
        _refuse(f"There is no indicator “{code}”. There are: {', '.join(BY_CODE)}.")
    if frozen and (year is None or source or province):
        _refuse("A frozen year is told whole: give --year, and break it down with --by source or --by province.")
    if revision is not None and not frozen:
        _refuse("--revision goes with --frozen.")
    filters = selectors.Filters.of_year(year, source=source, province=province)
    try:
        counted = (
            selectors.frozen(definition, year, by or [], revision)
            if frozen and year is not None
            else selectors.count(definition, by or [], filters)
        )
    except selectors.UnknownBreakdown as unknown:
        _refuse(f"{unknown}.")
    except Snapshot.DoesNotExist:
        _refuse(f"{code} of {year} is not frozen. Freeze it with: kalkan snapshot freeze {year}")
    asked = {**filters.as_data(), **({"frozen": True} if frozen else {})}
    record(Event.FIGURE_COUNTED, by=None, facts={"indicator": code, "by": list(counted.by), **asked})
    if as_json:
        typer.echo(json.dumps(counted.as_data(asked), ensure_ascii=False, indent=2))
    elif as_csv:
        _write_csv(counted)
    else:
        _show(definition, counted)


@snapshot.command()
def freeze(
    year: Annotated[int, typer.Argument(help="A year that is over.", min=1, max=9999)],
    by: Annotated[str, typer.Option(help="Account (e-mail) that answers for it.")] = "",
    reason: Annotated[str, typer.Option(help=f"Why it changed: {', '.join(Revision.Reason.values)}.")] = "",
) -> None:
    """Freeze a year's figures; where they are frozen and changed since, record a revision."""
    actor = User.objects.filter(email=by.lower(), is_active=True).first() if by else None
    if by and actor is None:
        _refuse("There is no open account with this address.")
    try:
        done = services.freeze_year(year, by=actor, reason=reason)
    except (services.NotPossible, PermissionDenied) as refusal:
        _refuse(str(refusal))
    for one in done:
        what = "unchanged" if not one.is_new else "frozen" if not one.revision else f"revision {one.revision}"
        typer.echo(f"{one.indicator:28} {one.total:>10}  {what}")


@snapshot.command()
def verify(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Check that frozen years are as they were written, and say what today's records would give."""
    findings = list(services.verify_snapshots())
    if as_json:
        lines = [
            {
                "year": one.snapshot.year,
                "indicator": one.snapshot.indicator,
                "intact": one.is_intact,
                "same": one.is_same,
                "frozen": one.frozen_total,
                "today": one.live_total,
                "changed_cells": one.changed_cells,
            }
            for one in findings
        ]
        typer.echo(json.dumps(lines, indent=2))
    else:
        for one in findings:
            state = "intact" if one.is_intact else "DAMAGED"
            today = "same today" if one.is_same else f"today {one.live_total} ({one.changed_cells} cells differ)"
            typer.echo(f"{one.snapshot.year} {one.snapshot.indicator:28} {one.frozen_total:>10}  {state}  {today}")
        typer.echo(f"{len(findings)} frozen, {sum(not one.is_intact for one in findings)} damaged")
    if not all(one.is_intact for one in findings):
        raise typer.Exit(1)


def _refuse(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)


def _write_csv(table: Table) -> None:
    has_median = table.measures == "median"
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([*table.by, "count", *(["median"] if has_median else [])])
    for row in table.rows:
        writer.writerow([*row.codes, row.count, *([row.median] if has_median else [])])
    if not table.by:
        writer.writerow([table.total, *([table.median] if has_median else [])])


def _show(indicator: Indicator, table: Table) -> None:
    has_median = table.measures == "median"
    words = [selectors.labels(BREAKDOWNS[code]) for code in table.by]
    grid = Grid(title=str(indicator.name), show_footer=bool(table.by))
    for place, code in enumerate(table.by):
        grid.add_column(str(BREAKDOWNS[code].name), "Σ" if place == 0 else "")
    grid.add_column("n", str(table.total), justify="right")
    if has_median:
        grid.add_column("median", _plain(table.median), justify="right")
    whole = () if table.by else (Row((), table.total, table.median),)
    for row in table.rows or whole:
        labels = [names.get(code, code) for names, code in zip(words, row.codes, strict=False)]
        grid.add_row(*labels, str(row.count), *([_plain(row.median)] if has_median else []))
    Console().print(grid)


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
