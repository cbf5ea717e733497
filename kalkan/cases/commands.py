"""What the `kalkan` command can do with cases."""

import typer

app = typer.Typer()
