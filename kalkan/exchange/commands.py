"""What the `kalkan` command can do with exchange."""

import typer

app = typer.Typer()
