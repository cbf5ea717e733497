"""What the `kalkan` command can do with cases."""

import json
from datetime import date
from pathlib import Path

import typer

from kalkan.cases.documents import lifecycle_page

app = typer.Typer()


@app.command()
def lifecycle(
    check: bool = typer.Option(False, help="Write nothing; fail if the page is out of date."),
    path: Path = typer.Option(Path("docs/lifecycle.md"), help="Where the page lies."),  # noqa: B008
) -> None:
    """Write the lifecycle of a case, stage by stage and move by move, as a page."""
    page = lifecycle_page()
    if not check:
        path.write_text(page, encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != page:
        typer.echo(f"{path} is out of date: run `kalkan lifecycle`", err=True)
        raise typer.Exit(1)


@app.command()
def retention(
    dry_run: bool = typer.Option(False, "--dry-run", help="List who would be erased, and erase nobody."),
    on: str = typer.Option("", help="As of this day (YYYY-MM-DD), for a look ahead; only with --dry-run."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Erase the identities whose term has ended (data/retention.toml), except under a legal hold or an open case."""
    from kalkan.audit.models import Channel
    from kalkan.audit.services import acting_through
    from kalkan.cases import retention as rules

    try:
        if on and not dry_run:
            raise rules.RulesWrong("A day can be given with --dry-run only: nobody is erased before the time.")
        day = date.fromisoformat(on) if on else None
        with acting_through(Channel.COMMAND):
            if dry_run:
                erased: list[rules.Due] = []
                left = list(rules.due(on=day))
            else:
                erased, left = rules.apply()
    except (rules.RulesWrong, ValueError) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(2) from None
    if as_json:
        told = {"erased": [one._asdict() for one in erased], "left": [one._asdict() for one in left]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1, default=str))
        return
    for sign, rows in (("erased", erased), ("due" if dry_run else "left", left)):
        for one in rows:
            held = " (legal hold)" if one.is_held else ""
            typer.echo(f"{sign:<8}{one.person}  {one.rule:<16} {one.provision:<26} {one.due_on}{held}")
    typer.echo(f"{len(erased)} erased, {len(left)} {'due' if dry_run else 'left'}", err=True)
