"""The lifecycle written out for people, from the same table that the code and the database use."""

from django.utils.translation import override

from kalkan.cases.lifecycle import MOVES, WHY_NOT, Stage, term

HEAD = """# The life of a case

This page is written by `kalkan lifecycle` from `kalkan/cases/lifecycle.py`; a test fails when it is out of date.

A case is at one stage. It changes stage only by a move of this table; every move is kept in a log that nothing can
change. Code and database hold the same table: a move that is not in it is refused by both.
"""


def lifecycle_page() -> str:
    """The page `docs/lifecycle.md`, in English."""
    with override("en"):
        return "\n".join([HEAD, *_stages(), *_moves(), *_needs(), *_picture()])


def _stages() -> list[str]:
    rows = [f"| {stage.label} | `{stage.value}` | {_term(stage)} |" for stage in Stage]
    lead = (
        "The term is a provision of the law with its citation and dates; working days follow the calendar of Türkiye."
    )
    return ["## Stages", "", lead, "", "| Stage | Code | Term that runs |", "|---|---|---|", *rows, ""]


def _term(stage: Stage) -> str:
    before, after = term(stage, is_heard=False), term(stage, is_heard=True)
    if before == after:
        return f"`{before}`" if before else "–"
    return f"`{before}`; once the person was heard `{after}`"


def _moves() -> list[str]:
    rows = [
        f"| {move.title} | `{move.name}` | {', '.join(str(stage.label) for stage in move.sources)} "
        f"| {move.target.label} | {move.permission.label} | {', '.join(f'`{need}`' for need in move.needs)} |"
        for move in MOVES
    ]
    head = "| Move | Code | From | To | Who (permission) | Needs |"
    return ["## Moves", "", head, "|---|---|---|---|---|---|", *rows, ""]


def _needs() -> list[str]:
    rows = [f"| `{need}` | {sentence} |" for need, sentence in WHY_NOT.items()]
    lead = "A move whose need is missing is refused with this sentence."
    return ["## Needs", "", lead, "", "| Need | What the officer reads |", "|---|---|", *rows, ""]


def _picture() -> list[str]:
    arrows = [f"    {source.value} --> {move.target.value}: {move.title}" for move in MOVES for source in move.sources]
    return ["## Picture", "", "```mermaid", "stateDiagram-v2", "    [*] --> screening: Open", *arrows, "```", ""]
