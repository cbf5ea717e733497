"""The language in which the system speaks to whoever asks. What it says is kept in both, side by side."""

from typing import Any

from django.utils.translation import get_language


def active() -> str:
    """`tr`, or `en` for everybody who did not choose Turkish."""
    return "tr" if (get_language() or "tr").startswith("tr") else "en"


def said(row: Any, name: str) -> str:
    """What `row` keeps as `name` in both languages (`name_tr`, `name_en`), in the active one."""
    return str(getattr(row, f"{name}_{active()}"))
