"""What the `kalkan` command can do with exchange: `kalkan import` and `kalkan export`."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from kalkan.exchange.backup import commands as backup

if TYPE_CHECKING:
    from kalkan.access.models import User
    from kalkan.exchange.importing import Progress, Report

app = typer.Typer()
app.add_typer(backup.app)


@app.command(name="import")
def run_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The table to import.")],
    format: Annotated[  # noqa: A002
        str, typer.Option("--as", help="Format: ctdc, htcds, or the path of a mapping file (.toml).")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, write nothing.")] = False,
    keep_good: Annotated[
        bool, typer.Option("--keep-good", help="Import the good rows even if others are wrong.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    by: Annotated[str, typer.Option("--by", help="Work e-mail of the person in whose name it is done.")] = "",
) -> None:
    """Import a table. The same file twice changes nothing; one wrong row and nothing is imported (see --keep-good)."""
    from kalkan.audit.models import Channel
    from kalkan.audit.services import acting_through
    from kalkan.exchange import services
    from kalkan.exchange.importing import Report
    from kalkan.exchange.mapping import MappingWrong
    from kalkan.exchange.problems import FileRefused
    from kalkan.exchange.reading import Source

    _refuse_when_behind()
    user = _user(by)
    mode = services.Mode.GOOD if keep_good else services.Mode.ALL
    try:
        with acting_through(Channel.COMMAND), _bar() as progress:
            report, run = services.import_source(
                Source.of_path(file), kind=format, by=user, mode=mode, is_dry_run=dry_run, progress=progress
            )
    except (MappingWrong, services.ActorNeeded) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(2) from None
    except FileRefused as refused:
        report, run = Report(problems=list(refused.problems)), None
    reference = str(run.reference) if run else None
    typer.echo(json.dumps(_as_json(report, reference), ensure_ascii=False, indent=1) if as_json else _as_words(report))
    raise typer.Exit(1 if report.problems else 0)


def _as_json(report: "Report", run: str | None) -> dict[str, Any]:
    return {
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "failed": report.failed,
        "seconds": round(report.seconds, 3),
        "run": run,
        "notices": [str(notice) for notice in report.notices],
        "errors": [
            {
                "row": problem.row,
                "column": problem.column,
                "value": problem.value,
                "code": problem.code,
                "problem": problem.what,
                "mend": problem.mend,
            }
            for problem in report.problems
        ],
    }


def _as_words(report: "Report") -> str:
    from django.utils.translation import gettext as _

    lines = [
        _("%(rows)d rows: %(created)d new, %(updated)d changed, %(unchanged)d as before, %(failed)d not imported.")
        % {name: getattr(report, name) for name in ("rows", "created", "updated", "unchanged", "failed")}
    ]
    lines += [str(notice) for notice in report.notices]
    for problem in report.problems:
        place = _("row %(row)d") % {"row": problem.row} if problem.row else _("the file")
        column = f", {problem.column}" if problem.column else ""
        value = f" “{problem.value}”" if problem.value else ""
        lines.append(f"{place}{column}:{value} {problem.what} {problem.mend}")
    return "\n".join(lines)


@contextmanager
def _bar() -> "Iterator[Progress]":
    """A progress bar on the terminal; nothing where the output goes to a file."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, rows: None
        return
    with Progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, rows: bar.update(task, completed=done, total=rows)


def _user(email: str) -> "User | None":
    from kalkan.access.models import User

    if not email:
        return None
    user = User.objects.select_related("institution").filter(email=email.lower(), is_active=True).first()
    if user is None:
        _refuse("There is no open account with this e-mail address.")
    return user


def _refuse_when_behind() -> None:
    """An empty database was filled before the command began; one of an older version is left for `kalkan prepare`."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        _refuse("The database is behind this version: run `kalkan prepare` first.")


@app.command()
def export(
    name: Annotated[str, typer.Argument(metavar="LIST", help="Name of the list, for example cases or codes.")],
    out: Annotated[Path, typer.Option("--out", help="File to write; it must not exist yet.")],
    by: Annotated[str, typer.Option("--by", help="Work e-mail of the person in whose name it is done.")],
    kind: Annotated[str, typer.Option("--format", help="csv or xlsx.")] = "csv",
    asked: Annotated[
        list[str] | None, typer.Option("--filter", help="NAME=VALUE as in the address of the list's page; repeatable.")
    ] = None,
) -> None:
    """Write a list to a file, as that person may see it. Recorded like an export from the page."""
    from kalkan.access.policy import Refused
    from kalkan.access.session import acting
    from kalkan.audit.models import Channel
    from kalkan.exchange import services, writing
    from kalkan.exchange.lists import LISTS

    user = _user(by)
    if user is None:
        _refuse("An export needs somebody in whose name it is done: give --by E-MAIL.")
    if kind not in writing.FORMATS:
        _refuse(f"There is no format “{kind}”. There are: {', '.join(writing.FORMATS)}.")
    if any("=" not in one for one in asked or []):
        _refuse("A --filter is NAME=VALUE.")
    filters = dict(one.split("=", 1) for one in asked or [])
    try:
        with acting(Channel.COMMAND, user):
            found = services.begin_export(name, by=user, filters=filters)
            with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                writing.write(file, kind, str(found.definition.title), found.headings, found.rows)
    except services.NoSuchList:
        _refuse(f"There is no list “{name}” to export. There are: {', '.join(LISTS)}.")
    except Refused as refused:
        _refuse(f"This person may not do this: {refused}.")
    except OSError as wrong:
        _refuse(f"{out} cannot be written: {wrong.strerror}.")
    typer.echo(f"{found.count} → {out}")


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(2)
