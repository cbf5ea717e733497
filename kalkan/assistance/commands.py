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
