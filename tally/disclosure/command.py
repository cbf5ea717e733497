"""`tally attack`, `tally protect`, `tally anonymise`, `tally ledger …`."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from tally.counting import CountingError, open_records
from tally.disclosure import account
from tally.disclosure.anonymise import AnonymiseError, anonymise, smallest_class
from tally.disclosure.attack import NEAR, Attack, Rounding, attack
from tally.disclosure.cube import ProtectError, from_published
from tally.disclosure.hierarchy import Hierarchy, HierarchyError, read_hierarchy
from tally.disclosure.ledger import Ledger, LedgerError, data_hash
from tally.disclosure.noise import protect_by_noise
from tally.disclosure.protect import Protected, cubes_of, protect_by_rounding, protect_by_suppression, write
from tally.disclosure.published import PublishedError, read_tables
from tally.disclosure.report import write_report
from tally.disclosure.write import as_csv, whole_file
from tally.synthesis.domain import DomainError
from tally.synthesis.privacy import PrivacyError

REFUSALS = (
    AnonymiseError,
    CountingError,
    DomainError,
    HierarchyError,
    LedgerError,
    PrivacyError,
    ProtectError,
    PublishedError,
)

Hierarchies = Annotated[
    list[str] | None, typer.Option("--hierarchy", help="column=file.csv with child,parent; repeat for more")
]
Report = Annotated[Path | None, typer.Option(help="Write a report here (.html or .pdf)")]
Lang = Annotated[str, typer.Option(help="Language of the report: en or tr")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def _refuse(error: Exception) -> typer.Exit:
    typer.echo(f"tally: {error}", err=True)
    return typer.Exit(2)


def _hierarchies(options: list[str] | None) -> dict[str, Hierarchy]:
    found = {}
    for option in options or []:
        name, sign, path = option.partition("=")
        if not sign or not Path(path).is_file():
            raise HierarchyError(f"--hierarchy {option!r}: column=file.csv is needed, and the file must exist")
        found[name.casefold()] = read_hierarchy(Path(path))
    return found


def _check_report(report: Path | None, language: str) -> None:
    if report is not None and report.suffix.lower() not in {".html", ".pdf"}:
        raise ProtectError("a report is .html or .pdf")
    if language not in {"en", "tr"}:
        raise ProtectError("the report is in en or tr")


def attack_files(
    files: Annotated[list[Path], typer.Argument(help="Tables (.csv), or folders of related tables")],
    value: Annotated[str | None, typer.Option(help="The column that holds the counts")] = None,
    hierarchy: Hierarchies = None,
    incomplete: Annotated[list[str] | None, typer.Option(help="A column whose parts do not make up the total")] = None,
    lowest: Annotated[int, typer.Option(help="The least that a '<5' may stand for")] = 0,
    near: Annotated[int, typer.Option(help="A hidden range spanning less than this is narrowed")] = NEAR,
    codes: Annotated[list[str] | None, typer.Option(help="column=file with one code a line")] = None,
    base: Annotated[int | None, typer.Option(help="The tables are rounded to multiples of this")] = None,
    within: Annotated[int | None, typer.Option(help="By how much rounded margins may have moved")] = None,
    report: Report = None,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Find what published tables give away. Exit code 1 if a hidden count was worked out."""
    try:
        _check_report(report, language)
        lists = {}
        for option in codes or []:
            name, _, path = option.partition("=")
            if not Path(path).is_file():
                raise PublishedError(f"--codes {option!r}: column=file is needed, and the file must exist")
            lists[name.casefold()] = Path(path).read_text(encoding="utf-8").split("\n")
        result = attack(
            read_tables(files, value=value), hierarchies=_hierarchies(hierarchy), incomplete=incomplete or (),
            lowest=lowest, codes=lists, near=near, rounding=Rounding(base, within or base - 1) if base else None,
        )  # fmt: skip
        if report is not None:
            title = "Yayımlanmış tablolara saldırı" if language == "tr" else "An attack on published tables"
            blocks = account.of_attack(result, title=title, language=language)  # type: ignore[arg-type]
            write_report(blocks, report, language=language)  # type: ignore[arg-type]
    except REFUSALS as error:
        raise _refuse(error) from error
    if as_json:
        typer.echo(json.dumps(result.as_json(), ensure_ascii=False))
    else:
        _tell(result)
    if not result.is_clean:
        raise typer.Exit(1)


def _tell(result: Attack) -> None:
    for finding in result.findings:
        typer.echo(f"{finding.kind}: {finding.message}")
        for step in finding.derivation:
            typer.echo(f"    {step}")
    for key, count in result.as_json().items():
        if key != "findings":
            typer.echo(f"{key.replace('_', ' ')}: {count}")


def protect(
    files: Annotated[list[Path], typer.Argument(help="True tables (.csv), or one file of records with --by")],
    out: Annotated[Path, typer.Option(help="Where to write: a .csv file, or a folder for several tables")],
    method: Annotated[str, typer.Option(help="suppress, round or noise")] = "suppress",
    by: Annotated[list[str] | None, typer.Option(help="A table to make from records, e.g. province*sex")] = None,
    threshold: Annotated[int, typer.Option(help="Counts from 1 to one less than this are hidden")] = 5,
    base: Annotated[int, typer.Option(help="Round to multiples of this")] = 5,
    epsilon: Annotated[float | None, typer.Option(help="Privacy budget, for noise")] = None,
    delta: Annotated[float, typer.Option(help="For noise")] = 1e-6,
    domain: Annotated[Path | None, typer.Option(help="Public code lists (.json), for noise")] = None,
    codes_are_public: Annotated[bool, typer.Option(help="State that the values are a public list, for noise")] = False,
    hierarchy: Hierarchies = None,
    weight: Annotated[str, typer.Option(help="Loss of hiding a cell: cells, counts or logarithm")] = "logarithm",
    keep_total: Annotated[bool, typer.Option(help="The grand total must be printed")] = False,
    value: Annotated[str | None, typer.Option(help="The column that holds the counts")] = None,
    ledger: Annotated[Path | None, typer.Option(help="Ledger that must hold the budget, for noise")] = None,
    approved_by: Annotated[str, typer.Option(help="Who approved the release (needed with --ledger)")] = "",
    report: Report = None,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Make tables safe, attack them, and write them only if nothing is found."""
    try:
        _check_report(report, language)
        trees = _hierarchies(hierarchy)
        if weight not in {"cells", "counts", "logarithm"}:
            raise ProtectError("--weight is cells, counts or logarithm")
        tables = [[part.strip() for part in one.split("*")] for one in by or []]
        if tables and len(files) != 1:
            raise ProtectError("--by makes tables from one file of records")
        if method == "noise":
            if not tables or epsilon is None:
                raise ProtectError("noise needs records: one file, --by and --epsilon")
            if ledger is not None and not approved_by.strip():
                raise LedgerError("who approved the release must be named")
            done = protect_by_noise(
                files[0], tables, epsilon=epsilon, delta=delta, domain=domain, codes_are_public=codes_are_public,
                hierarchies=trees, spend=_spend(ledger, files[0], epsilon, delta, approved_by),
            )  # fmt: skip
        elif method in {"suppress", "round"}:
            if tables:
                with open_records(files[0]) as records:
                    cubes = cubes_of(records, tables, trees)
            else:
                cubes = from_published(read_tables(files, value=value), trees)
            done = (
                protect_by_suppression(
                    cubes, threshold=threshold, hierarchies=trees, weight=weight, keep_total=keep_total  # type: ignore[arg-type]
                )
                if method == "suppress"
                else protect_by_rounding(cubes, base=base, hierarchies=trees)
            )  # fmt: skip
        else:
            raise ProtectError("--method is suppress, round or noise")
        paths = write(done, out)
        if report is not None:
            title = "Korunan tablolar" if language == "tr" else "Protected tables"
            blocks = account.of_protection(done, title=title, language=language, threshold=threshold)  # type: ignore[arg-type]
            write_report(blocks, report, language=language)  # type: ignore[arg-type]
    except REFUSALS as error:
        raise _refuse(error) from error
    summary = _summary(done, paths)
    typer.echo(
        json.dumps(summary) if as_json else "\n".join(f"{k.replace('_', ' ')}: {v}" for k, v in summary.items())
    )


def _spend(ledger: Path | None, file: Path, epsilon: float, delta: float, by: str) -> Any:
    def spend(rho: float, lookup_delta: float) -> None:
        if ledger is not None:
            Ledger(ledger).record(
                rho=rho, epsilon=epsilon, delta=delta, lookup_delta=lookup_delta, data=data_hash(file),
                about=f"noisy tables of {file.name}", by=by, at=datetime.now(UTC),
            )  # fmt: skip

    return spend


def _summary(done: Protected, paths: list[Path]) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "method": done.method,
        "files": [path.name for path in paths],
        "cells": done.audit.cells,
    }
    if done.loss is not None:
        loss = done.loss
        summary |= {key: value for key, value in asdict(loss).items() if key not in {"cells"}}
        summary |= {"information_lost": round(loss.share, 4), "times_the_bound": round(loss.over_bound, 3)}
    if done.base:
        summary |= {"base": done.base, "margins_within": done.within, "mean_change": round(done.mean_change, 4)}
    if done.epsilon:
        summary |= {"epsilon": done.epsilon, "delta": done.delta}
    return {**summary, "determined_cells": done.audit.derived_exactly}


def anonymise_file(
    file: Annotated[Path, typer.Argument(help="Records, .csv or .parquet")],
    out: Annotated[Path, typer.Option(help="Where to write the records (.csv)")],
    k: Annotated[int, typer.Option(help="Every combination of all columns occurs at least this often")] = 11,
    hierarchy: Hierarchies = None,
    drop: Annotated[list[str] | None, typer.Option(help="Leave this column out; repeat for more")] = None,
    as_json: AsJson = False,
) -> None:
    """k-anonymity over all columns, by hiding and generalising as few values as possible."""
    try:
        with open_records(file) as records:
            columns = [column for column in records.columns if column not in (drop or [])]
        trees = _hierarchies(hierarchy)
        by_name = {column: trees[column.casefold()] for column in columns if column.casefold() in trees}
        result = anonymise(file, k=k, columns=columns, hierarchies=by_name)
        order = np.random.default_rng().permutation(len(next(iter(result.columns.values()))))
        rows = zip(*(values[order] for values in result.columns.values()), strict=True)
        whole_file(out, as_csv(list(result.columns), rows))
        smallest = smallest_class(out)
    except REFUSALS as error:
        raise _refuse(error) from error
    summary = {
        "k": k, "records": len(order), "smallest_class": smallest, "information_lost": round(result.loss, 5),
        "records_touched": result.records_touched, "cells_touched": result.cells_touched,
        "records_lost_by_dropping_instead": round(result.dropping, 5),
    }  # fmt: skip
    typer.echo(
        json.dumps(summary) if as_json else "\n".join(f"{k.replace('_', ' ')}: {v}" for k, v in summary.items())
    )


ledger_app = typer.Typer(no_args_is_help=True, help="What has been spent, and what is left.")


@ledger_app.command("open")
def open_ledger(
    file: Annotated[Path, typer.Argument(help="The ledger to start")],
    epsilon: Annotated[float, typer.Option(help="Budget for all releases together")],
    by: Annotated[str, typer.Option(help="Who sets the budget")],
    delta: Annotated[float, typer.Option(help="Delta of the total")] = 1e-6,
) -> None:
    """Start a ledger with a budget that is set once."""
    try:
        balance = Ledger(file).open(epsilon=epsilon, delta=delta, by=by, at=datetime.now(UTC))
    except REFUSALS as error:
        raise _refuse(error) from error
    typer.echo(json.dumps(asdict(balance)))


@ledger_app.command("show")
def show_ledger(file: Path) -> None:
    """Print the balance and every line, as JSON."""
    try:
        typer.echo(json.dumps(Ledger(file).as_json(), ensure_ascii=False, indent=1))
    except REFUSALS as error:
        raise _refuse(error) from error


@ledger_app.command("verify")
def verify_ledger(file: Path, head: Annotated[str | None, typer.Option(help="A seal kept elsewhere")] = None) -> None:
    """Check that nothing was changed, removed or added."""
    try:
        balance = Ledger(file).verify(head)
    except REFUSALS as error:
        raise _refuse(error) from error
    typer.echo(f"the ledger is whole: {balance.releases} releases, head {balance.head}")


def register(app: typer.Typer) -> None:
    """Add the sub-commands to `tally`."""
    app.command("attack")(attack_files)
    app.command("protect")(protect)
    app.command("anonymise")(anonymise_file)
    app.add_typer(ledger_app, name="ledger")
