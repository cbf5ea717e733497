"""What the `kalkan` command can do with persons."""

import typer

app = typer.Typer()
