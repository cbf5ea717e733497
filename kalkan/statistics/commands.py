"""What the `kalkan` command can do with statistics."""

import typer

app = typer.Typer()
