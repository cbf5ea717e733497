"""`docs/codebook.md`, made from the files under `data/`."""

from collections.abc import Callable
from pathlib import Path

from kalkan.vocabulary.files import Holds, Source, sources

_HEAD = """# Codebook

Made by `kalkan vocabulary document` from the files under `data/`; a test fails when the two differ.
Every answer that is stored as a code is listed here with its words in Turkish and English. How the files are kept, and
the terms of their sources, is told in [data/README.md](../data/README.md).

Lists whose name begins with `htcds_` are those of the Human Trafficking Case Data Standard 2.0
(International Organization for Migration, CC BY 4.0); Kalkan is not endorsed by IOM.
"""
_LONG = 200  # a list of a world standard is counted, not printed


def codebook(directory: Path) -> str:
    """The document as Markdown."""
    lines = [_HEAD]
    for source in sources(directory):
        lines += [f"## {source.label_en} · {source.label_tr}", "", f"`{source.code}`. Source: {source.source}.", ""]
        lines += [*_TABLES.get(source.holds, _codes)(source), ""]
    return "\n".join(lines)


def _codes(source: Source) -> list[str]:
    rows = source.rows()
    if len(rows) > _LONG:
        return [f"{len(rows)} codes: see [`{source.path.name}`](../data/code_lists/{source.path.name})."]
    parent = f" Parent (`{source.parent_list}`) |" if source.parent_list else ""
    lines = [f"| Code | Türkçe | English |{parent}", "|---|---|---|" + ("---|" if parent else "")]
    for row in rows:
        cells = [f"`{row['code']}`", row["label_tr"], row["label_en"], *([row["parent"] or "–"] if parent else [])]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _provinces(source: Source) -> list[str]:
    lines = ["| Code | Name | Region |", "|---|---|---|"]
    return lines + [f"| `{row['code']}` | {row['name']} | `{row['region']}` |" for row in source.rows()]


def _indicators(source: Source) -> list[str]:
    lines = ["| Code | Dimension | Türkçe | English |", "|---|---|---|---|"]
    return lines + [
        f"| {row['code']} | `{row['dimension']}` | {row['label_tr']} | {row['label_en']} |" for row in source.rows()
    ]


def _weights(source: Source) -> list[str]:
    lines = ["| Indicator | Profile | Weight | How sure |", "|---|---|---|---|"]
    return lines + [
        f"| {row['indicator_id']} | `{row['profile']}` | {row['weight']} | {row['verification']} |"
        for row in source.rows()
    ]


def _provisions(source: Source) -> list[str]:
    lines = ["| Code | Citation | Term | From | Until | Verified |", "|---|---|---|---|---|---|"]
    for row in source.rows():
        term = f"{row['amount']} {row['unit'].replace('_', ' ')}" if row["amount"] else "–"
        sure = "yes" if row["is_verified"] else "no"
        until = row["valid_to"] or "–"
        lines.append(f"| `{row['code']}` | {row['citation_en']} | {term} | {row['valid_from']} | {until} | {sure} |")
    return lines


def _days(source: Source) -> list[str]:
    lines = ["| Day | Türkçe | English | Working day |", "|---|---|---|---|"]
    return lines + [
        f"| {row['day']} | {row['label_tr']} | {row['label_en']} | {'yes' if row['is_working'] else 'no'} |"
        for row in source.rows()
    ]


_TABLES: dict[str, Callable[[Source], list[str]]] = {
    Holds.PROVINCES: _provinces,
    Holds.INDICATORS: _indicators,
    Holds.WEIGHTS: _weights,
    Holds.PROVISIONS: _provisions,
    Holds.DAYS: _days,
}
