"""What the `kalkan` command can do with cases."""

from pathlib import Path

import typer

from kalkan.cases.documents import lifecycle_page

app = typer.Typer()


@app.command()
def lifecycle(
    check: bool = typer.Option(False, help="Write nothing; fail if the page is out of date."),
    path: Path = typer.Option(Path("docs/lifecycle.md"), help="Where the page lies."),  # noqa: B008
) -> None:
    """Write the lifecycle of a case, stage by stage and move by move, as a page."""
    page = lifecycle_page()
    if not check:
        path.write_text(page, encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != page:
        typer.echo(f"{path} is out of date: run `kalkan lifecycle`", err=True)
        raise typer.Exit(1)
