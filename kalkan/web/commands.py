"""What the `kalkan` command can do with web."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def doors(path: Annotated[Path, typer.Argument(help="Where to write.")] = Path("docs/doors.md")) -> None:
    """Write the document of every door of the system and who may go through it."""
    from kalkan.web.doors import document

    path.write_text(document(), encoding="utf-8")
