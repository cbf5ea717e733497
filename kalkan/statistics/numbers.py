"""Numbers as the reader's language writes them: 35.534 and %12,3 in Turkish, 35,534 and 12.3% in English."""

from babel.numbers import format_decimal, format_percent

from kalkan.vocabulary.language import active


def whole(value: int) -> str:
    """A whole number as the reader's language groups it."""
    return format_decimal(value, format="#,##0", locale=active())


def decimal(value: float | None) -> str:
    """At most one decimal; a dash where there is nothing to tell."""
    return "–" if value is None else format_decimal(value, format="#,##0.#", locale=active())


def share(part: int, of: int) -> str:
    """What part of the whole, with one decimal; a dash where the whole is nothing."""
    pattern = "#,##0.0%" if active() == "en" else "%#,##0.0"
    return format_percent(part / of, format=pattern, locale=active()) if of else "–"


def separators() -> dict[str, object]:
    """The same for charts, in the words of d3-format."""
    decimal_mark, thousands = (",", ".") if active() == "tr" else (".", ",")
    return {"decimal": decimal_mark, "thousands": thousands, "grouping": [3], "currency": ["", ""]}
