"""The `tally` command: each estimator and release tool has its own sub-command."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from tally.prevalence.command import prevalence

_ELSEWHERE = {
    "attack": "tally.disclosure.command",
    "protect": "tally.disclosure.command",
    "anonymise": "tally.disclosure.command",
    "ledger": "tally.disclosure.command",
    "synthesise": "tally.synthesis.command",
    "compare": "tally.synthesis.command",
}


class _OnDemand(TyperGroup):
    """Loads a release tool when it is asked for: an estimate waits for neither DuckDB nor OpenDP."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *_ELSEWHERE]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        tools = typer.Typer()
        import_module(_ELSEWHERE[cmd_name]).register(tools)
        return typer.main.get_group(tools).commands[cmd_name]


app = typer.Typer(
    cls=_OnDemand, no_args_is_help=True, add_completion=False, help="The arithmetic of national figures."
)
app.command("prevalence")(prevalence)


@app.callback()
def tally() -> None:
    """Keep sub-commands named even while there is only one of them."""


def main() -> None:
    app()
