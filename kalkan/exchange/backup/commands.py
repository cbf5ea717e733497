"""`kalkan backup`, `kalkan restore` and `kalkan backup-key`."""

import json
import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer

app = typer.Typer()
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="Folder that receives the file.")],
    to: Annotated[
        list[str] | None, typer.Option("--to", help="Public key (age1…) or a file with some; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write everything but the keys into one encrypted file, while everybody works, and read it again."""
    from django.conf import settings

    from kalkan.audit.models import Channel
    from kalkan.audit.services import acting_through
    from kalkan.exchange.backup import Refused, container, writing

    try:
        recipients = container.recipients(to or settings.BACKUP_RECIPIENTS)
        with acting_through(Channel.COMMAND):
            done = writing.back_up(folder, to=recipients)
    except Refused as refused:
        _refuse(refused)
    _say(done._asdict(), as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    key: Annotated[list[Path] | None, typer.Option("--key", help="File with the private key; repeatable.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Give up what is in the database now.")] = False,
    drill: Annotated[bool, typer.Option("--drill", help="Restore beside, compare, and throw away.")] = False,
    ledger: Annotated[Path | None, typer.Option("--ledger", help="Kept copy of the ledger of erasures.")] = None,
    without_ledger: Annotated[bool, typer.Option("--without-ledger", help="Nobody was ever erased.")] = False,
    signed_by: Annotated[
        list[Path] | None,
        typer.Option("--signed-by", help="Public key of the installation that wrote it (`kalkan audit key`)."),
    ] = None,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="Take a backup that nobody signed, of a version before signatures.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back: read to its end, compared, made to forget who was erased, and only then put in place."""
    from kalkan.audit.models import Channel
    from kalkan.audit.services import acting_through
    from kalkan.exchange.backup import Refused, container, restoring

    try:
        identities = container.identities(key or [])
        with acting_through(Channel.COMMAND):
            done = restoring.restore(
                file,
                keys=identities,
                replace=replace,
                ledger_path=ledger,
                without_ledger=without_ledger,
                drill=drill,
                signed_by=signed_by or (),
                unsigned=unsigned,
            )
    except Refused as refused:
        _refuse(refused)
    _say(done._asdict(), as_json)
    typer.echo("The drill went well; nothing was changed." if drill else "Restored.", err=True)


@app.command(name="backup-key")
def backup_key(
    file: Annotated[Path, typer.Argument(help="Where the private key is written: never on the server.")],
) -> None:
    """Make a pair of keys for backups: print the public half, write the private one. Run it on another machine."""
    import pyrage
    from django.conf import settings

    if file.resolve().is_relative_to(Path(settings.VAR).resolve()):
        _refuse("The private key does not belong beside the data that it opens. Choose another place.")
    identity = pyrage.x25519.Identity.generate()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as wrong:
        _refuse(f"{file} cannot be written: {wrong.strerror}.")
    with os.fdopen(handle, "w") as out:
        out.write(f"# public key: {identity.to_public()}\n{identity}\n")
    typer.echo(str(identity.to_public()))


def _say(told: dict[str, object], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1, default=str))
        return
    for name, value in told.items():
        typer.echo(f"{name + ':':<16}{value}")


def _refuse(sentence: object) -> NoReturn:
    typer.echo(str(sentence), err=True)
    raise typer.Exit(2)
