"""Numbers as the reader's language writes them: 35.534 and %12,3 in Turkish, 35,534 and 12.3% in English."""

from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language


def _locale() -> str:
    return "tr" if (get_language() or "tr").startswith("tr") else "en"


def whole(value: int) -> str:
    """A whole number as the reader's language groups it."""
    return format_decimal(value, format="#,##0", locale=_locale())


def decimal(value: float | None) -> str:
    """At most one decimal; a dash where there is nothing to tell."""
    return "–" if value is None else format_decimal(value, format="#,##0.#", locale=_locale())


def share(part: int, of: int) -> str:
    """What part of the whole, with one decimal; a dash where the whole is nothing."""
    pattern = "#,##0.0%" if _locale() == "en" else "%#,##0.0"
    return format_percent(part / of, format=pattern, locale=_locale()) if of else "–"


def separators() -> dict[str, object]:
    """The same for charts, in the words of d3-format."""
    decimal_mark, thousands = (",", ".") if _locale() == "tr" else (".", ",")
    return {"decimal": decimal_mark, "thousands": thousands, "grouping": [3], "currency": ["", ""]}
