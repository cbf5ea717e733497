"""What the `kalkan` command can do with vocabulary."""

import typer

app = typer.Typer()
