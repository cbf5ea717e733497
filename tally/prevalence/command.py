"""`tally prevalence`, the estimate from the command line: figures on standard output, the rest on standard error."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from tally.prevalence.result import Estimate
    from tally.prevalence.strata import StrataEstimate

INTERRUPTED = 130
UNUSABLE = 2


def prevalence(
    file: Annotated[
        Path, typer.Argument(help="Capture histories: CSV, Arrow or Parquet; the last column is the count.")
    ],
    method: Annotated[
        list[str] | None,
        typer.Option(help="independence, stepwise, bic, graphical, latent or all; with commas."),
    ] = None,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="p-value below which stepwise lets a term in.")
    ] = 0.02,
    max_order: Annotated[int, typer.Option(min=2, max=3, help="Most lists in a term searched by BIC.")] = 2,
    replicates: Annotated[
        int | None, typer.Option(min=1, help="Resampled tables. Default: until the simulation error is under 1 %.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures.")] = 1,
    level: Annotated[float, typer.Option(min=0.5, max=0.999, help="Level of the intervals.")] = 0.95,
    interval: Annotated[str, typer.Option(help="percentile or bca.")] = "percentile",
    strata: Annotated[list[str] | None, typer.Option(help="Columns to estimate by, with commas.")] = None,
    omit: Annotated[list[str] | None, typer.Option(help="List to leave out; may be repeated.")] = None,
    merge: Annotated[list[str] | None, typer.Option(help="Lists to make one, as NEW=A+B; may be repeated.")] = None,
    rename: Annotated[list[str] | None, typer.Option(help="List to rename, as OLD=NEW; may be repeated.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a report: .html or .pdf.")] = None,
    language: Annotated[str, typer.Option(help="Language of report and reasons: en or tr.")] = "en",
    threads: Annotated[
        int | None, typer.Option(min=1, help="Default: every core. Does not change the figures.")
    ] = None,
    sensitivity: Annotated[bool, typer.Option(help="Vary thresholds and lists.")] = True,
    checkpoints: Annotated[Path | None, typer.Option(help="Where an interrupted run is kept.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output and nothing else.")] = False,
) -> None:
    """Estimate how many people nobody has seen, from overlapping lists; say whether the figure can be published."""
    from tally.prevalence import Checkpoint, UnusableTableError, estimate, estimate_strata
    from tally.prevalence.histories import columns_of
    from tally.prevalence.report_words import WORDS
    from tally.prevalence.strata import STRATA_REPLICATES, collapse

    errors = Console(stderr=True)
    if language not in WORDS:
        raise typer.BadParameter(f"{language!r} is not en or tr", param_hint="--language")
    if report is not None and report.suffix.lower() not in {".html", ".pdf"}:
        raise typer.BadParameter("a report is .html or .pdf", param_hint="--report")
    table_options: dict[str, Any] = {
        "merge": {new: old.split("+") for new, old in _pairs(merge, "--merge")},
        "omit": omit or [],
        "rename": dict(_pairs(rename, "--rename")),
    }
    strata = [name for given in strata or [] for name in given.split(",")]
    kept = Checkpoint(checkpoints or Path(typer.get_app_dir("tally")) / "checkpoints")
    by_stratum = None
    try:
        with _progress_bar(errors) as bar:
            columns = columns_of(file)
            answer = estimate(
                collapse(columns, strata) if strata else columns,
                method=[name for given in method or ["all"] for name in given.split(",")],
                threshold=threshold,
                max_order=max_order,
                level=level,
                interval=interval,
                replicates=replicates,
                seed=seed,
                threads=threads,
                sensitivity=sensitivity,
                progress=bar.watch,
                checkpoint=kept,
                **table_options,
            )
            if strata:
                pooled = answer.recommended if answer.recommended in ("independence", "stepwise", "bic") else "bic"
                by_stratum = estimate_strata(
                    columns,
                    strata,
                    method=pooled,
                    threshold=threshold,
                    max_order=max_order,
                    level=level,
                    seed=seed,
                    threads=threads,
                    progress=bar.watch,
                    replicates=replicates or STRATA_REPLICATES,
                    **table_options,
                )
        if report is not None:
            from tally.prevalence.report import write_report

            write_report(answer, report, language=language, strata=by_stratum, seed=seed)
    except UnusableTableError as refusal:
        errors.print(f"{file}: {refusal}", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(UNUSABLE) from refusal
    except (ValueError, OSError) as fault:
        errors.print(str(fault), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(UNUSABLE) from fault
    except KeyboardInterrupt as stop:
        errors.print("Interrupted. What was drawn is kept: the same command goes on from there.")
        raise typer.Exit(INTERRUPTED) from stop
    kept.finish()
    if as_json:
        sys.stdout.write(json.dumps(_told(answer, by_stratum), ensure_ascii=False, allow_nan=False) + "\n")
    else:
        _print(answer, by_stratum, language)
    if report is not None:
        errors.print(f"{report}", highlight=False, markup=False)


class _Bar(Progress):
    """A progress bar with one line a task, made when the task first reports."""

    def watch(self, task: str, done: int, total: int) -> None:
        for known in self.tasks:
            if known.description == task:
                self.update(known.id, completed=done, total=total)
                return
        self.add_task(task, completed=done, total=total)


def _progress_bar(console: Console) -> _Bar:
    columns = (TextColumn("{task.description:>12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return _Bar(*columns, console=console, transient=True, disable=not console.is_terminal)


def _pairs(options: list[str] | None, name: str) -> list[tuple[str, str]]:
    pairs = []
    for option in options or []:
        left, found, right = option.partition("=")
        if not (found and left and right):
            raise typer.BadParameter(f"{option!r} has no '='", param_hint=name)
        pairs.append((left, right))
    return pairs


def _told(answer: Estimate, by_stratum: StrataEstimate | None) -> dict[str, Any]:
    told = answer.to_dict()
    if by_stratum is not None:
        told["details"]["strata"] = by_stratum.to_dict()
    return told


def _print(answer: Estimate, by_stratum: StrataEstimate | None, language: str) -> None:
    from tally.prevalence.report import compose

    console = Console()
    document = compose(answer, language=language, strata=by_stratum, seed=0)
    console.print(f"[bold]{document.verdict}[/bold]", highlight=False)
    console.print(document.headline, highlight=False)
    for reason in answer.reasons:
        console.print(f"• {getattr(reason, language)}", highlight=False)
    for section in document.sections[1 : 3 if by_stratum else 2]:
        for table in section.tables:
            printed = Table(title=table.caption, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
            for i, name in enumerate(table.header):
                printed.add_column(name, justify="left" if i < table.names else "right")
            for row in table.rows:
                printed.add_row(*row)
            console.print(printed)
