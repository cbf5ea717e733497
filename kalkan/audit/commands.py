"""`kalkan audit`: sealing the log, checking it, and proving that one event belongs."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

app = typer.Typer()
audit = typer.Typer(help="The sealed log: seal, verify, prove.", no_args_is_help=True)
app.add_typer(audit, name="audit")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
KeyFiles = Annotated[
    list[Path] | None, typer.Option("--key", help="Public key that was kept elsewhere; without it, those of here")
]


@audit.command()
def seal(as_json: AsJson = False) -> None:
    """Seal every event that is committed, and add the signed heads to the file of heads."""
    from kalkan.audit import sealing
    from kalkan.audit.signing import KeyMissing, NotAHead

    try:
        heads = sealing.seal()
    except (KeyMissing, NotAHead, sealing.HeadsDiffer) as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from refused
    if as_json:
        typer.echo(json.dumps([asdict(head) for head in heads]))
        return
    typer.echo(f"{sum(head.count for head in heads)} events sealed in {len(heads)} batches")


@audit.command()
def verify(
    head: Annotated[Path | None, typer.Option(help="Heads that were kept elsewhere: nothing may be missing")] = None,
    proof: Annotated[Path | None, typer.Option(help="Check this inclusion proof instead; needs no database")] = None,
    key: KeyFiles = None,
    as_json: AsJson = False,
) -> None:
    """Name the first event altered, removed, inserted or reordered since it was sealed, and end with 1."""
    from kalkan.audit import proofs, signing, verifying

    try:
        keys = signing.known_keys(*key or ())
        if proof is not None:
            event = proofs.check(json.loads(proof.read_text(encoding="utf-8")), keys)
            said = (
                json.dumps(event) if as_json else f"Event {event['reference']} belongs to the log: {event['action']}"
            )
            typer.echo(said)
            return
        report = verifying.verify(keys, kept=signing.read_lines(head) if head else ())
    except (signing.KeyMissing, signing.NotAHead, proofs.NotProven, OSError, json.JSONDecodeError) as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from refused
    if as_json:
        found = report.finding
        named = found and {**asdict(found), "event": found.event and str(found.event), "sentence": found.sentence}
        typer.echo(json.dumps({**asdict(report), "is_whole": report.is_whole, "finding": named}))
    else:
        typer.echo(f"{report.sealed} events in {report.batches} batches are as they were sealed")
        if report.is_whole:
            typer.echo(f"{report.unsealed} newer events are not sealed yet")
        else:
            typer.echo(report.finding.sentence if report.finding else "", err=True)
    if not report.is_whole:
        raise typer.Exit(1)


@audit.command()
def prove(event: Annotated[UUID, typer.Argument(help="Reference of the event")]) -> None:
    """Print the proof that one event belongs to the sealed log, as JSON."""
    from kalkan.audit import proofs

    try:
        typer.echo(json.dumps(proofs.prove(event), indent=2, ensure_ascii=False))
    except proofs.NotProven as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from refused


@audit.command("key")
def public_key() -> None:
    """Print the public key with which anybody can check heads and proofs; keep it away from this machine."""
    from kalkan.audit import signing

    typer.echo(signing.pem(), nl=False)
