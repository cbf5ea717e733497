"""`kalkan access`: accounts and permissions from the command line."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()
access = typer.Typer(help="Accounts and permissions.", no_args_is_help=True)
app.add_typer(access, name="access")


@access.command("create-account")
def create_account(
    email: Annotated[str, typer.Argument(help="Work e-mail of the account's owner")],
    name: Annotated[str, typer.Option(help="Full name")],
    role: Annotated[str, typer.Option(help="Code of the role, see docs/permissions.md")],
    institution: Annotated[str, typer.Option(help="Code of the institution, see data/institutions.csv")],
) -> None:
    """Make an account, for example the first administrator's, and print the address of its invitation."""
    from kalkan.access import invitations, services
    from kalkan.access.models import Institution
    from kalkan.access.roles import Role

    try:
        seat = Institution.objects.get(code=institution)
        user = services.create_user(email, full_name=name, role=Role(role), institution=seat, by=None)
    except (Institution.DoesNotExist, ValueError, services.AccountRefused) as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from refused
    typer.echo(invitations.invite(user.reference, by=None))


@access.command()
def document(path: Annotated[Path, typer.Argument(help="Where to write")] = Path("docs/permissions.md")) -> None:
    """Write the document of roles and permissions."""
    from kalkan.access.documents import permissions

    path.write_text(permissions(), encoding="utf-8")
