"""`docs/permissions.md`, made from the matrix itself."""

from django.utils import translation

from kalkan.access.roles import Role
from kalkan.access.selectors import classes, matrix, seats

_HEAD = """# Permissions

Made by `kalkan access document` from `kalkan/access/roles.py`; a test fails when the two differ.
The same tables are a page of the system, at `/access/permissions/`.

Two things are asked of every row and every act.

1. *Does the row exist for this person?* That follows from the scope of the role and the place of the row: a row
   outside the scope is not forbidden, it is not there (404).
2. *May this person do it?* That follows from the permissions below; where the answer is no, the refusal (403) is
   recorded.
"""


def permissions() -> str:
    """The document as Markdown, in English."""
    with translation.override("en"):
        lines = [
            _HEAD,
            "## Roles",
            "",
            "| Role | Code | Whose records exist | Where it can sit |",
            "|---|---|---|---|",
            *(
                f"| {seat.role.label} | `{seat.role.value}` | {seat.scope.label} | "
                f"{'; '.join(str(kind.label) for kind in seat.kinds)} |"
                for seat in seats()
            ),
            "",
            "## What each role may do",
            "",
            "| Permission | " + " | ".join(str(role.label) for role in Role) + " |",
            "|---|" + ":-:|" * len(Role),
            *(
                f"| {row.permission.label} (`{row.permission.value}`) | "
                + " | ".join("●" if held else " " for held in row.held)
                + " |"
                for row in matrix()
            ),
            "",
            *_classes(),
            "",
        ]
        return "\n".join(lines)


def _classes() -> list[str]:
    """Class × role. Each field has its class in the `sensitivity.py` of its room."""
    return [
        "## What each role may do with fields of each class",
        "",
        "In rows within its reach, behind doors open to it. The class of each field is in `sensitivity.py` of its "
        "room; the rules are in `kalkan/access/sensitivity.py`.",
        "",
        "| Class | " + " | ".join(str(role.label) for role in Role) + " |",
        "|---|" + "---|" * len(Role),
        *(
            f"| {row.sensitivity.label} (`{row.sensitivity.value}`) | "
            + " | ".join(", ".join(str(act.label) for act in acts) or " " for acts in row.allowed)
            + " |"
            for row in classes()
        ),
    ]
