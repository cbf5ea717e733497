"""`tally synthesise` and `tally compare`."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table as Sheet

from tally.counting import CountingError, Records, open_records
from tally.disclosure.ledger import Ledger, LedgerError, data_hash
from tally.disclosure.report import write_report
from tally.disclosure.write import as_csv, whole_file
from tally.synthesis.account import account
from tally.synthesis.compare import CompareError, compare
from tally.synthesis.domain import DomainError, check_columns, fit_to, look_up, read_domain, said_to_be_public
from tally.synthesis.membership import attacks
from tally.synthesis.privacy import PrivacyError, Purse
from tally.synthesis.release import USABLE, Release, labels
from tally.synthesis.release import synthesise as make

REFUSALS = (CountingError, DomainError, PrivacyError, LedgerError, CompareError)


def refuse(error: Exception) -> typer.Exit:
    """Say on standard error why nothing was done; exit code 2."""
    typer.echo(f"tally: {error}", err=True)
    return typer.Exit(2)


def synthesise(
    file: Annotated[Path, typer.Argument(help="Records, .csv or .parquet, one line a person")],
    epsilon: Annotated[float, typer.Option(help="Privacy budget of this release")],
    delta: Annotated[float, typer.Option(help="Probability that the promise does not hold")] = 1e-6,
    rows: Annotated[Path | None, typer.Option(help="Write made-up records here (.csv)")] = None,
    tables: Annotated[Path | None, typer.Option(help="Write tables with error bars here (.csv)")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a report here (.html or .pdf)")] = None,
    domain: Annotated[Path | None, typer.Option(help="Public code lists (.json); else they are looked up")] = None,
    codes_are_public: Annotated[
        bool, typer.Option(help="State that the values in the file are a public list")
    ] = False,
    declare: Annotated[list[str] | None, typer.Option(help="Only this table, e.g. year*sex; repeat for more")] = None,
    columns: Annotated[str | None, typer.Option(help="Only these columns, separated by commas")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="Leave this column out; repeat for more")] = None,
    ledger: Annotated[Path | None, typer.Option(help="Ledger that must hold the budget")] = None,
    approved_by: Annotated[str, typer.Option(help="Who approved the release (needed with --ledger)")] = "",
    seed: Annotated[int | None, typer.Option(help="Repeats the fitting, never the noise")] = None,
    engine: Annotated[str, typer.Option(help="duckdb or spark")] = "duckdb",
    language: Annotated[str, typer.Option(help="Language of the report: en or tr")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Say what was done as JSON")] = False,
) -> None:
    """Differentially private tables and records."""
    try:
        if rows is None and tables is None:
            raise DomainError("nothing to write: give --rows, --tables or both")
        if report is not None and report.suffix.lower() not in {".html", ".pdf"}:
            raise DomainError("a report is .html or .pdf")
        if language not in {"en", "tr"}:
            raise DomainError("the report is in en or tr")
        looks_up = domain is None and not codes_are_public
        purse = Purse(epsilon, delta, 0.3 * delta if looks_up else 0.0)
        with _opened(file, columns, drop or [], engine) as records:
            check_columns(records)
            lists = fit_to(read_domain(domain), records) if domain else None
            wanted = [part.split("*") for part in declare] if declare else None
            for table in wanted or []:
                if missing := [c for c in table if c not in records.columns]:
                    raise DomainError(f"no column {', '.join(map(repr, missing))} for the declared table")
            if ledger is not None:  # written down before any noise is drawn: a release that fails has still been paid
                Ledger(ledger).record(
                    rho=purse.rho, epsilon=epsilon, delta=delta, lookup_delta=purse.delta_for_lookup,
                    data=data_hash(file), about=f"synthetic release of {file.name}", by=approved_by,
                    at=datetime.now(UTC),
                )  # fmt: skip
            if lists is None:
                lists = look_up(records, purse) if looks_up else said_to_be_public(records)
            release = make(records, lists, purse, declared=wanted, rng=np.random.default_rng(seed))
        _write(release, rows, tables)
        if report is not None:
            title = f"{file.stem}: güvenli yayın" if language == "tr" else f"{file.stem}: safe release"
            blocks = account(release, title=title, language=language, approved_by=approved_by)  # type: ignore[arg-type]
            write_report(blocks, report, language=language)  # type: ignore[arg-type]
    except REFUSALS as error:
        raise refuse(error) from error
    _say(release, rows, as_json=as_json)
    if rows is not None and not release.is_usable:
        raise typer.Exit(3)


def _opened(file: Path, columns: str | None, drop: list[str], engine: str) -> Records:
    wanted = columns.split(",") if columns else None
    if drop:
        with open_records(file, columns=wanted, engine=engine) as records:  # type: ignore[arg-type]
            missing = [column for column in drop if column not in records.columns]
            if missing:
                raise DomainError(f"no column {missing[0]!r} to leave out; there are {', '.join(records.columns)}")
            wanted = [column for column in records.columns if column not in drop]
    return open_records(file, columns=wanted, engine=engine)  # type: ignore[arg-type]


def _write(release: Release, rows: Path | None, tables: Path | None) -> None:
    """Tables and, where they are usable, records; each file whole or not at all."""
    if tables is not None:
        whole_file(tables, tables_csv(release))
    if rows is not None and release.is_usable:
        made = labels(release)
        whole_file(rows, as_csv(list(made), zip(*made.values(), strict=True)))


def tables_csv(release: Release) -> bytes:
    """All released tables in long format; every row carries epsilon, delta and its 95 % limits.

    Columns: table, then one for each column of the domain (Total where the table does not break down by it), then
    count, low, high, sigma, epsilon, delta. Cells that are zero with a lower limit of zero are left out.
    """
    names = release.domain.columns
    lines = []
    for table in release.tables:
        for index in zip(*np.nonzero((table.counts > 0) | (table.low > 0)), strict=True):
            at = {c: release.domain.levels[c][i] for c, i in zip(table.columns, index, strict=True)}
            figures = [int(table.counts[index]), int(table.low[index]), int(table.high[index]), round(table.sigma, 3)]
            place = [at.get(name, "Total") for name in names]
            lines.append(
                [" × ".join(table.columns), *place, *figures, f"{release.epsilon:.6g}", f"{release.delta:.6g}"]
            )
    return as_csv(["table", *names, "count", "low", "high", "sigma", "epsilon", "delta"], lines)


def _say(release: Release, rows: Path | None, *, as_json: bool) -> None:
    summary = {
        "epsilon": release.epsilon,
        "delta": release.delta,
        "records": release.records if release.is_usable else 0,
        "tables": len(release.tables),
        "code_lists": release.domain.origin,
        "expected_two_way_error": None if math.isnan(release.expected_error) else round(release.expected_error, 4),
        "rows_usable": release.is_usable,
    }
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False))
        return
    for key, value in summary.items():
        typer.echo(f"{key.replace('_', ' ')}: {value}")
    if rows is not None and not release.is_usable:
        reason = "only the declared tables were asked for"
        if not math.isnan(release.expected_error):
            reason = (
                f"two-way counts would be off by about {release.expected_error:.0%} (limit {USABLE:.0%}). "
                f"The budget went into {len(release.tables)} tables instead, off by about "
                f"{release.expected_one_way:.1%}; "
                "name those that matter most with --declare"
            )
        typer.echo(f"tally: no records were made: {reason}", err=True)


def compare_files(
    real: Annotated[Path, typer.Argument(help="The real records")],
    synthetic: Annotated[Path, typer.Argument(help="The released records")],
    held_out: Annotated[
        Path | None, typer.Option(help="Real records that the release never saw, for the attacks")
    ] = None,
    seed: Annotated[int, typer.Option(help="For drawing the records that are asked about")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """How right released records are, and how well they resist. The result is internal: it is computed from real "
    "data."""
    try:
        results = compare(real, synthetic)
        found = None
        if held_out is not None:
            found = attacks(*_codes(real, held_out, synthetic), rng=np.random.default_rng(seed))
    except REFUSALS as error:
        raise refuse(error) from error
    content = {"ways": [one.as_json() for one in results], "attacks": found.as_json() if found else None}
    if as_json:
        typer.echo(json.dumps(content, ensure_ascii=False))
        return
    sheet = Sheet("ways", "WAPE", "lost", "fabricated", title="Count error")
    for one in results:
        sheet.add_row(str(one.ways), f"{one.wape:.2%}", f"{one.lost:.1%}", f"{one.fabricated:.1%}")
    console = Console()
    console.print(sheet)
    bands = Sheet("ways", "real count", "cells", "WAPE", "lost", title="By size of the real cell")
    for one in results:
        for band in one.as_json()["bands"]:
            row = (band["real_count"], str(band["cells"]), f"{band['wape']:.1%}", f"{band['lost']:.1%}")
            bands.add_row(str(one.ways), *row)
    console.print(bands)
    if found:
        for key, value in found.as_json().items():
            console.print(f"{key.replace('_', ' ')}: {value}")


def _codes(*files: Path) -> list["np.ndarray[tuple[int, ...], np.dtype[np.int32]]"]:
    """The records of several files as codes on one list of levels, on the columns of the last."""
    from tally.counting.duck import DuckRecords

    columns: tuple[str, ...] | None = None
    opened = []
    for file in reversed(files):
        with DuckRecords(file, columns) as records:
            columns = records.columns
            opened.append((records.levels, records.matrix()))
    at = {
        c: {v: i for i, v in enumerate(sorted({v for levels, _ in opened for v in levels[c]}))} for c in columns or ()
    }
    shifted = [
        np.stack([np.array([at[c][v] for v in levels[c]], np.int32)[codes[:, i]] for i, c in enumerate(at)], axis=1)
        for levels, codes in opened
    ]
    return shifted[::-1]


def register(app: typer.Typer) -> None:
    """Add the sub-commands to `tally`."""
    app.command("synthesise")(synthesise)
    app.command("compare")(compare_files)
