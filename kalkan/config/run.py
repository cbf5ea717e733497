"""`kalkan run`: everything that makes a working system, and its clean end. `kalkan manage`: Django's own commands."""

import sys

import typer
from django.core.management import execute_from_command_line

app = typer.Typer()


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def manage(context: typer.Context) -> None:
    """Run one of Django's management commands, for example `kalkan manage check --deploy`."""
    sys.argv = ["kalkan manage", *context.args]
    execute_from_command_line(sys.argv)
