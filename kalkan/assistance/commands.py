"""What the `kalkan` command can do with what a person receives."""

import json

import typer

app = typer.Typer()


@app.command()
def clock(as_json: bool = typer.Option(False, "--json", help="Print JSON.")) -> None:
    """Go over every promise: remind whoever owes something soon, tell the centre what is overdue. Safe to repeat."""
    from kalkan.assistance.services.clock import go_round

    done = go_round()
    typer.echo(json.dumps(done._asdict()) if as_json else f"{done.reminded} reminded, {done.escalated} escalated")


@app.command()
def census(
    until: str = typer.Option("", help="The last night to count (YYYY-MM-DD); last night unless said otherwise."),
    first: str = typer.Option("", help="Where the first census ever begins (YYYY-MM-DD)."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Count who stayed in the shelters in each night not yet counted. What was counted stands; safe to repeat."""
    from datetime import date

    from kalkan.assistance.services.shelters import take_census

    try:
        taken = take_census(
            until=date.fromisoformat(until) if until else None, first=date.fromisoformat(first) if first else None
        )
    except ValueError as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps({day.isoformat(): number for day, number in taken.items()}))
        return
    for day, number in taken.items():
        typer.echo(f"{day} {number}")
    typer.echo(f"{len(taken)} nights counted", err=True)
