"""What the `kalkan` command can do with what a person receives."""

import json
from pathlib import Path

import typer

app = typer.Typer()
directory = typer.Typer(help="The directory of services.", no_args_is_help=True)
app.add_typer(directory, name="directory")


@directory.callback()
def _group() -> None:
    """Keeps `export` a command of its own."""


@directory.command()
def export(
    output: Path = typer.Option(..., "--output", help="The file to write."),  # noqa: B008
    format: str = typer.Option("hsds", "--format", help="hsds: Human Services Data Specification 3, JSON."),  # noqa: A002
    force: bool = typer.Option(False, help="Write over a file that is there."),
) -> None:
    """Write the services offered now to a file that other directories can read. Shelters are not in it."""
    from kalkan.assistance.selectors import hsds
    from kalkan.audit.events import Event
    from kalkan.audit.models import Channel
    from kalkan.audit.services import acting_through, record

    if format != "hsds":
        typer.echo(f"{format}: no such format. There is: hsds", err=True)
        raise typer.Exit(2)
    if output.exists() and not force:
        typer.echo(f"{output} is there already. Choose another name, or say --force.", err=True)
        raise typer.Exit(2)
    with acting_through(Channel.COMMAND):
        document = hsds.document(None)
        record(Event.DIRECTORY_EXPORTED, by=None, facts={"services": document["total_items"], "format": format})
    try:
        output.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as wrong:
        typer.echo(f"{output}: {wrong.strerror}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{document['total_items']} services written to {output}")


@app.command()
def clock(as_json: bool = typer.Option(False, "--json", help="Print JSON.")) -> None:
    """Go over every promise: remind whoever owes something soon, tell the centre what is overdue. Safe to repeat."""
    from kalkan.assistance.services.clock import go_round

    done = go_round()
    typer.echo(json.dumps(done._asdict()) if as_json else f"{done.reminded} reminded, {done.escalated} escalated")
