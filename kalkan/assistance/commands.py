"""What the `kalkan` command can do with what a person receives."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

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


@app.command()
def gate(
    by: Annotated[str, typer.Option("--by", help="Work e-mail of the person in whose name it is asked.")],
    document: Annotated[str, typer.Option(help="Number of a passport or card.")] = "",
    given: Annotated[str, typer.Option(help="Given names.")] = "",
    family: Annotated[str, typer.Option(help="Family name.")] = "",
    birth: Annotated[str, typer.Option(help="Date of birth: YYYY-MM-DD, or the year.")] = "",
    person: Annotated[str, typer.Option(help="Reference of a person, instead.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask whether a person may be removed or readmitted. Ends with 0 only where nothing stands in the way, else 3."""
    from kalkan.access.models import User
    from kalkan.access.policy import Refused
    from kalkan.access.session import acting
    from kalkan.assistance.forms.gate import details
    from kalkan.assistance.services.gate import ask_gate
    from kalkan.audit.models import Channel
    from kalkan.cases.lifecycle import NotPossible
    from kalkan.persons.details import RoughDate
    from kalkan.persons.models import Precision

    user = User.objects.select_related("institution").filter(email=by, is_active=True).first()
    if user is None:
        typer.echo(f"There is no open account {by}.", err=True)
        raise typer.Exit(2)
    try:
        is_year = len(birth) == 4
        value = date.fromisoformat(f"{birth}-01-01" if is_year else birth) if birth else None
        born = RoughDate(value, Precision.YEAR if is_year else Precision.DAY) if value else None
        asked = details(number=document, given=given, family=family, birth=born)
        with acting(Channel.COMMAND, user):
            answer, check = ask_gate(asked, by=user, person=UUID(person) if person else None)
    except (NotPossible, Refused, ValueError) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from None
    told = {
        "verdict": str(answer.verdict),
        "reasons": [str(reason) for reason in answer.reasons],
        "provisions": [provision.citation for provision in answer.provisions],
        "check": str(check.reference),
    }
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        typer.echo(f"{answer.verdict.label}: {', '.join(str(reason.label) for reason in answer.reasons)}")
        for provision in answer.provisions:
            typer.echo(f"  {provision.citation}: {provision.text}")
    if not answer.is_removable:
        raise typer.Exit(3)


@app.command()
def census(
    until: str = typer.Option("", help="The last night to count (YYYY-MM-DD); last night unless said otherwise."),
    first: str = typer.Option("", help="Where the first census ever begins (YYYY-MM-DD)."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Count who stayed in the shelters in each night not yet counted. What was counted stands; safe to repeat."""
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
