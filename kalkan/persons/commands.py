"""What the `kalkan` command can do with persons: erase one, and look after the keys."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from uuid import UUID

import typer

if TYPE_CHECKING:
    from kalkan.access.models import User
    from kalkan.persons.models import Erasure
    from kalkan.persons.rotation import Progress

app = typer.Typer()
vault = typer.Typer(help="The keys of the vault.", no_args_is_help=True)
app.add_typer(vault, name="vault")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Kind = Annotated[str, typer.Option("--kind", help="vault: what wraps every person's key; blind: what finds persons.")]


@app.command()
def erase(
    person: Annotated[UUID, typer.Argument(metavar="PERSON-REFERENCE")],
    by: Annotated[str, typer.Option("--by", help="Work e-mail of the officer in whose name it is done.")],
    ground: Annotated[
        str, typer.Option("--ground", help="Code of the provision, for example erasure_on_request.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go and what would stay.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person everywhere: asked for with --ground by one officer, carried out when another says the same."""
    from django.http import Http404

    from kalkan.access.policy import Refused
    from kalkan.audit.models import Channel
    from kalkan.audit.services import acting_through
    from kalkan.persons import erasing
    from kalkan.persons.models import Erasure

    officer = _officer(by)
    try:
        with acting_through(Channel.COMMAND):
            if dry_run:
                outlook = erasing.foresee(person, by=officer)
                _say(outlook._asdict(), as_json)
                raise typer.Exit(1 if outlook.hindrances else 0)
            asked = Erasure.objects.filter(person=person, carried_out_at=None, withdrawn_at=None).first()
            if asked is None or asked.requested_by_id == officer.pk:
                erasure = asked or erasing.ask(person, by=officer, ground=ground)
                _say(_told(erasure), as_json)
                typer.echo("Asked for. Nothing is erased until another officer gives the same command.", err=True)
                return
            if ground and ground != asked.ground:
                _refuse(f"It was asked for under {asked.ground}: carry it out under that ground, or withdraw it.")
            _say(_told(erasing.carry_out(asked.reference, by=officer)), as_json)
    except erasing.NotErasable as refused:
        _refuse(str(refused))
    except Refused as refused:
        _refuse(f"This officer may not do this: {refused}.")
    except Http404:
        _refuse("Nobody with this reference is recorded.")


@vault.command()
def rotate(kind: Kind = "vault", as_json: AsJson = False) -> None:
    """Make a new version of a key and bring every person to it, while everybody works. Cut off, it goes on."""
    from kalkan.audit.models import Channel
    from kalkan.audit.services import acting_through
    from kalkan.persons import rotation
    from kalkan.persons.keyring import VaultError

    _known(kind)
    try:
        with acting_through(Channel.COMMAND), _bar() as progress:
            done = rotation.rotate(kind, progress=progress)
    except VaultError as refused:
        _refuse(str(refused))
    _say(done._asdict(), as_json)


@vault.command()
def retire(kind: Kind = "vault", as_json: AsJson = False) -> None:
    """Destroy the versions of a key that nothing in the database uses. Older backups open with them only."""
    from kalkan.audit.models import Channel
    from kalkan.audit.services import acting_through
    from kalkan.persons import rotation

    _known(kind)
    try:
        with acting_through(Channel.COMMAND):
            names = rotation.retire(kind)
    except rotation.StillUsed as refused:
        _refuse(str(refused))
    _say({"destroyed": names}, as_json)


@vault.command(name="exchange-accounts-key")
def exchange_accounts_key(
    is_sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False, as_json: AsJson = False
) -> None:
    """Make another accounts.key after the old one was lost or seen: all sessions, apps and recovery codes end."""
    from kalkan.audit.models import Channel
    from kalkan.audit.services import acting_through
    from kalkan.persons import rotation

    if not is_sure:
        typer.confirm("Everybody signs in again and sets up the app and codes again. Go on?", abort=True, err=True)
    with acting_through(Channel.COMMAND):
        done = rotation.exchange_accounts_key()
    _say(done._asdict(), as_json)
    typer.echo("Start Kalkan again, and split the keys again: copies hold the old one.", err=True)


@vault.command()
def split(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Where the sealed copy is written.")],
    shares: Annotated[int, typer.Option(help="How many officers get a share.")] = 5,
    threshold: Annotated[int, typer.Option(help="How many of them bring the keys back.")] = 3,
    into_files: Annotated[bool, typer.Option("--files", help="Write each share to a file in the folder.")] = False,
) -> None:
    """Seal a copy of the keys and split its secret among officers. The shares are shown once and kept nowhere."""
    from kalkan.persons import escrow

    try:
        made = escrow.split(folder, shares=shares, threshold=threshold)
    except escrow.Refused as refused:
        _refuse(str(refused))
    for number, words in enumerate(made.shares, 1):
        if into_files:
            path = folder / f"share-{number}.txt"
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(words + "\n")
        else:
            typer.echo(f"\n{number} of {shares}, any {threshold} bring the keys back:\n{words}")
    typer.echo(f"\n{made.sealed}", err=True)


@vault.command()
def combine(
    sealed: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The sealed copy, keys.sealed.")],
    share: Annotated[list[Path] | None, typer.Option("--share", help="File with a share; repeatable.")] = None,
) -> None:
    """Bring the key files back from the sealed copy and enough shares, asked for one by one where no file is given."""
    from django.conf import settings

    from kalkan.persons import escrow

    words = [path.read_text() for path in share or []]
    while not share:
        typed = typer.prompt(f"Share {len(words) + 1} (empty to end)", default="", show_default=False, hide_input=True)
        if not typed.strip():
            break
        words.append(typed)
    try:
        names = escrow.combine(sealed, words, into=Path(settings.KEYS))
    except escrow.Refused as refused:
        _refuse(str(refused))
    typer.echo(f"{', '.join(names) or 'nothing that was not there'} → {settings.KEYS}")


@vault.command()
def check(as_json: AsJson = False) -> None:
    """Say whether the key files are the ones of this database, and how many persons stand under older versions."""
    from kalkan.persons import keyring, rotation

    trouble = keyring.trouble()
    if trouble is not None:
        _say(trouble._asdict(), as_json)
        raise typer.Exit(1)
    versions = {"vault": keyring.current_version(), "blind": keyring.blind_versions()[-1]}
    behind = {kind: rotation.behind(kind, version).count() for kind, version in versions.items()}
    _say({"files": keyring.names(), "versions": versions, "behind": behind}, as_json)


def _told(erasure: "Erasure") -> dict[str, object]:
    return {
        "erasure": str(erasure.reference),
        "person": str(erasure.person),
        "ground": erasure.ground,
        "requested_at": erasure.requested_at.isoformat(),
        "carried_out_at": erasure.carried_out_at.isoformat() if erasure.carried_out_at else None,
        "removed": erasure.removed,
        "kept": erasure.kept,
        "proof": erasure.proof,
    }


def _say(told: dict[str, object], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1, default=str))
        return
    for name, value in told.items():
        if isinstance(value, dict):
            value = ", ".join(f"{one} {_number(number)}" for one, number in value.items())
        elif isinstance(value, list):
            value = ", ".join(map(str, value))
        typer.echo(f"{name + ':':<16}{'' if value is None else value}")


def _number(value: object) -> str:
    return f"{value['number']} ({value['provision']})" if isinstance(value, dict) else str(value)


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


def _officer(email: str) -> "User":
    from kalkan.access.models import User

    user = User.objects.select_related("institution").filter(email=email.lower(), is_active=True).first()
    if user is None:
        _refuse("There is no open account with this e-mail address.")
    return user


def _known(kind: str) -> None:
    if kind not in {"vault", "blind"}:
        _refuse("--kind is vault or blind.")


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(2)
