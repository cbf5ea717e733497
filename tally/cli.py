"""The `tally` command: each estimator and release tool adds its own sub-command here."""

import typer

from tally.disclosure import command as disclosure
from tally.prevalence.command import prevalence
from tally.synthesis import command as synthesis

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The arithmetic of national figures.")
app.command("prevalence")(prevalence)
disclosure.register(app)
synthesis.register(app)


@app.callback()
def tally() -> None:
    """Keep sub-commands named even while there is only one of them."""


def main() -> None:
    app()
