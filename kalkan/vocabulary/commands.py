"""`kalkan vocabulary`: the reference data from the command line."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()
vocabulary = typer.Typer(help="Code lists, indicators and provisions.", no_args_is_help=True)
app.add_typer(vocabulary, name="vocabulary")


@vocabulary.command()
def load(
    directory: Annotated[Path | None, typer.Argument(help="Default: the data folder of the installation")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, write nothing")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Load code lists, indicators and provisions from files, and show what changed."""
    from kalkan.audit.models import Channel
    from kalkan.audit.services import acting_through
    from kalkan.vocabulary import services
    from kalkan.vocabulary.files import Malformed

    try:
        with acting_through(Channel.COMMAND):
            differences = services.load(directory, dry_run=dry_run)
    except Malformed as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if as_json:
        lists = [asdict(difference) for difference in differences]
        typer.echo(json.dumps({"dry_run": dry_run, "lists": lists}, ensure_ascii=False))
        return
    for difference in differences:
        typer.echo(f"{difference.code} (version {difference.version})")
        for sign, keys in (("+", difference.added), ("~", difference.changed), ("-", difference.retired)):
            for key in keys:
                typer.echo(f"  {sign} {key}")
    counts = [sum(len(getattr(d, name)) for d in differences) for name in ("added", "changed", "retired")]
    typer.echo("{} added, {} changed, {} retired in {} lists".format(*counts, len(differences)))


@vocabulary.command()
def document(path: Annotated[Path, typer.Argument(help="Where to write")] = Path("docs/codebook.md")) -> None:
    """Write the codebook."""
    from django.conf import settings

    from kalkan.vocabulary.documents import codebook

    path.write_text(codebook(settings.DATA), encoding="utf-8")
