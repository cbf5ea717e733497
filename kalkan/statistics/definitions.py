"""The definitions as a page for people: docs/indicators.md."""

from django.utils.translation import override

from kalkan.statistics.breakdowns import BREAKDOWNS, BY_CODE
from kalkan.statistics.indicators import INDICATORS, Indicator
from kalkan.statistics.words import Words

HEAD = """# Indicators

Written from the definitions in `kalkan/statistics/indicators.py` by `kalkan indicators --markdown`; a test keeps it
current. Every page, command, export and frozen year asks the same definition. A change that may change a figure
raises the version.
"""


def as_markdown() -> str:
    """Every indicator and every breakdown, in both languages."""
    parts = [HEAD, "## Indicators\n"]
    parts += [_indicator(indicator) for indicator in INDICATORS]
    parts += ["## Breakdowns\n", "Each gives every unit exactly one row, so rows add up to the total. Every table has"]
    parts[-1] += " its row `unknown`;\nwhat can be several at once has a row `several`.\n"
    parts.append("| code | Türkçe | English | counted how |\n|---|---|---|---|")
    for one in BREAKDOWNS:
        parts.append(f"| `{one.code}` | {one.name.tr} | {one.name.en} | {one.note.tr}<br>{one.note.en} |")
    return "\n".join(parts) + "\n"


def _indicator(indicator: Indicator) -> str:
    breakdowns = ", ".join(f"`{code}`" for code in (one for one in BY_CODE if one in indicator.breakdowns))
    with override("en"):
        unit, measure = str(indicator.unit.label), str(indicator.measures.label)
    lines = [
        f"### `{indicator.code}` (version {indicator.version})\n",
        f"**{indicator.name.tr}** · {indicator.name.en}\n",
        f"- Counting unit: {unit.lower()}; measure: {measure.lower()}",
        *_both("Date basis", indicator.date_basis),
        *_both("Counts", indicator.filter),
        f"- Breakdowns: {breakdowns}",
        f"- Source rooms: {', '.join(indicator.rooms)}",
        f"- Frozen yearly: {'no' if indicator.is_state else 'yes'}",
        *_both("Note", indicator.note),
        "",
    ]
    return "\n".join(lines)


def _both(name: str, words: Words) -> list[str]:
    return [f"- {name}: {words.en}.".replace("..", "."), f"  <br>{words.tr}.".replace("..", ".")]
