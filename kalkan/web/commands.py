"""What the `kalkan` command can do with web."""

import typer

app = typer.Typer()
