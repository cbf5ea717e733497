"""A report as blocks of words, tables and pictures, written as one HTML page or one PDF that needs nothing else."""

import html
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import typst
import vl_convert

from tally.disclosure.write import whole_file

Language = Literal["en", "tr"]


@dataclass(frozen=True)
class Heading:
    """A heading; the first of a report is its title."""

    text: str


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Note:
    """A paragraph that must not be missed."""

    text: str


@dataclass(frozen=True)
class Grid:
    """A table with a caption."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Picture:
    """A Vega-Lite chart, what it shows in words, and the table behind it."""

    text: str
    chart: dict[str, Any]
    table: Grid


Block = Heading | Words | Note | Grid | Picture


def number(value: float, language: Language, places: int = 0) -> str:
    """A number as the language writes it.

    >>> number(1234.5, "tr", 1), number(1234.5, "en", 1)
    ('1.234,5', '1,234.5')
    """
    text = f"{value:,.{places}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "tr" else text


def percent(share: float, language: Language, places: int = 1) -> str:
    """A share as a percentage, written as the language does.

    >>> percent(0.125, "tr"), percent(0.125, "en")
    ('%12,5', '12.5 %')
    """
    text = number(100 * share, language, places)
    return f"%{text}" if language == "tr" else f"{text} %"


def bars(rows: Sequence[tuple[str, float]], *, x: str, y: str, line: float | None = None) -> dict[str, Any]:
    """A horizontal bar chart of (label, value), in the order given, with values written at the bars."""
    order = [label for label, _ in rows]
    encoding = {
        "y": {"field": "label", "type": "nominal", "sort": order, "title": y, "axis": {"labelLimit": 320}},
        "x": {"field": "value", "type": "quantitative", "title": x, "axis": {"grid": False}},
    }
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "bar", "color": "#1f5a7a"}, "encoding": encoding},
        {
            "mark": {"type": "text", "align": "left", "dx": 4, "color": "#222"},
            "encoding": {**encoding, "text": {"field": "value", "type": "quantitative", "format": ",.4~r"}},
        },
    ]
    if line is not None:
        layers.append({"mark": {"type": "rule", "strokeDash": [4, 3]}, "encoding": {"x": {"datum": line}}})
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": 460,
        "height": {"step": 24},
        "data": {"values": [{"label": label, "value": value} for label, value in rows]},
        "layer": layers,
        "config": {"view": {"stroke": None}, "font": "sans-serif", "axis": {"labelFontSize": 12, "titleFontSize": 12}},
    }


def write_report(blocks: Sequence[Block], path: Path, *, language: Language = "en") -> None:
    """Write the report; the ending of the path says the kind: .html or .pdf.

    Raises ValueError for another ending.
    """
    kind = path.suffix.lower()
    if kind == ".html":
        whole_file(path, _html(blocks, language).encode())
    elif kind == ".pdf":
        with tempfile.TemporaryDirectory(prefix="tally-") as folder:
            for place, block in enumerate(blocks):
                if isinstance(block, Picture):
                    (Path(folder) / f"{place}.svg").write_text(_svg(block), encoding="utf-8")
            main = Path(folder) / "main.typ"
            main.write_text(_typst(blocks, language), encoding="utf-8")
            whole_file(path, typst.compile(str(main), format="pdf"))
    else:
        raise ValueError(f"a report is .html or .pdf, not {kind or path.name!r}")


def _svg(picture: Picture) -> str:
    return str(vl_convert.vegalite_to_svg(json.dumps(picture.chart)))


_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.8rem; line-height: 1.2; } h2 { font-size: 1.25rem; margin-top: 2.2rem; }
table { border-collapse: collapse; margin: .8rem 0; }
caption { text-align: start; font-weight: 600; padding: .3rem 0; }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #9995; text-align: start; vertical-align: top; }
td.n { text-align: end; font-variant-numeric: tabular-nums; }
.note { border-inline-start: .3rem solid #b5541c; padding: .4rem .9rem; background: #b5541c18; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; background: #fff; }
"""


def _html(blocks: Sequence[Block], language: Language) -> str:
    parts = []
    title = next((b.text for b in blocks if isinstance(b, Heading)), "")
    level = 1
    for block in blocks:
        match block:
            case Heading(text):
                parts.append(f"<h{level}>{html.escape(text)}</h{level}>")
                level = 2
            case Words(text):
                parts.append(f"<p>{html.escape(text)}</p>")
            case Note(text):
                parts.append(f'<p class="note" role="note">{html.escape(text)}</p>')
            case Grid():
                parts.append(_html_grid(block))
            case Picture(text, _, table):
                label = html.escape(text, quote=True)
                parts.append(
                    f'<figure role="group" aria-label="{label}"><figcaption>{html.escape(text)}</figcaption>'
                    f'<div aria-hidden="true">{_svg(block)}</div>{_html_grid(table)}</figure>'
                )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _is_number(text: str) -> bool:
    return any(c.isdigit() for c in text) and not any(c.isalpha() for c in text)


def _html_grid(grid: Grid) -> str:
    head = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in grid.head)
    rows = "".join(
        "<tr>"
        + "".join(f"<td{' class=n' if _is_number(text) else ''}>{html.escape(text)}</td>" for text in row)
        + "</tr>"
        for row in grid.rows
    )
    caption = f"<caption>{html.escape(grid.caption)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _typst(blocks: Sequence[Block], language: Language) -> str:
    parts = [
        f'#set text(lang: "{language}", size: 10pt)\n#set page(paper: "a4", margin: 2.2cm, numbering: "1")\n'
        "#set par(justify: false)\n#show heading: set block(above: 1.4em, below: 0.8em)\n"
    ]
    level = "="
    for place, block in enumerate(blocks):
        match block:
            case Heading(text):
                parts.append(f"{level} #{_quoted(text)}\n")
                level = "=="
            case Words(text):
                parts.append(f"#par[#{_quoted(text)}]\n")
            case Note(text):
                parts.append(
                    f'#block(stroke: (left: 3pt + rgb("b5541c")), inset: 8pt, fill: rgb("fbf1ec"))[#{_quoted(text)}]\n'
                )
            case Grid():
                parts.append(_typst_grid(block))
            case Picture(text, _, table):
                parts.append(f'#par[#{_quoted(text)}]\n#image("{place}.svg", width: 90%)\n{_typst_grid(table)}')
    return "\n".join(parts)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _typst_grid(grid: Grid) -> str:
    head = ", ".join(f"[*#{_quoted(text)}*]" for text in grid.head)
    cells = ", ".join(f"[#{_quoted(text)}]" for row in grid.rows for text in row)
    aligned = ", ".join(
        "right" if grid.rows and all(_is_number(row[i]) for row in grid.rows) else "left"
        for i in range(len(grid.head))
    )
    return (
        f"#block(above: 1em)[*#{_quoted(grid.caption)}*]\n#table(columns: {len(grid.head)}, align: ({aligned},), "
        f'stroke: (x: none, y: 0.4pt + rgb("aaaaaa")), table.header({head}), {cells})\n'
    )
