"""A report's document as one HTML file or as PDF. Nothing in either is fetched from anywhere."""

from __future__ import annotations

import tempfile
from html import escape
from pathlib import Path

from tally.prevalence.pictures import to_svg
from tally.prevalence.report import Document, Section, Table

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.55 system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif; color: #1a1a1a; background: #fff;
  max-width: 50rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 .5rem; padding-top: 1rem; border-top: 1px solid #1a1a1a; }
p.subtitle { margin: 0 0 1.5rem; color: #4a4a4a; }
.verdict { border: 2px solid #1a1a1a; border-left-width: .6rem; padding: .9rem 1.2rem; }
.verdict strong { display: block; font-size: 1.3rem; }
.verdict p { margin: .25rem 0 0; font-size: 1.05rem; }
figure { margin: 1.25rem 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0 1.5rem; font-size: .9rem; width: 100%; }
caption { text-align: left; font-weight: 600; padding-bottom: .35rem; }
th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid #d9d9d9; vertical-align: top; }
thead th { border-bottom: 1px solid #1a1a1a; vertical-align: bottom; }
tbody th { font-weight: 400; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
li { margin: .35rem 0; }
@media print { body { max-width: none; padding: 0; } h2, figure, tr { break-inside: avoid; } h2 { break-after: avoid;
} }
"""


def to_html(document: Document) -> str:
    """One HTML file with its style and pictures inside."""
    sections = "".join(_html_section(section, document.language) for section in document.sections)
    return (
        f'<!DOCTYPE html>\n<html lang="{document.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<h1>{escape(document.title)}</h1>\n<p class="subtitle">{escape(document.subtitle)}</p>\n'
        f'<div class="verdict"><strong>{escape(document.verdict)}</strong><p>{escape(document.headline)}</p></div>\n'
        f"{sections}</main>\n</body>\n</html>\n"
    )


def _html_section(section: Section, language: str) -> str:
    parts = [f"<section>\n<h2>{escape(section.title)}</h2>\n"]
    parts += [f"<p>{escape(note)}</p>\n" for note in section.notes]
    if section.points:
        parts.append("<ul>\n" + "".join(f"<li>{escape(point)}</li>\n" for point in section.points) + "</ul>\n")
    if section.chart is not None:
        picture = to_svg(section.chart(), "system-ui, Liberation Sans, Arial, sans-serif", language)
        parts.append(f'<figure role="img" aria-label="{escape(section.title)}">{picture}</figure>\n')
    parts += [_html_table(table) for table in section.tables]
    return "".join([*parts, "</section>\n"])


def _html_table(table: Table) -> str:
    def cells(row: tuple[str, ...], heading: str, rest: str) -> str:
        found = ""
        for i, cell in enumerate(row):
            tag = heading if i < table.names else rest
            number = "" if i < table.names or not _is_number(table, i) else ' class="n"'
            scope = ' scope="row"' if tag == "th" and heading != rest else ' scope="col"' if tag == "th" else ""
            found += f"<{tag}{scope}{number}>{escape(cell)}</{tag}>"
        return f"<tr>{found}</tr>\n"

    head = cells(table.header, "th", "th")
    body = "".join(cells(row, "th", "td") for row in table.rows)
    return (
        f'<div class="scroll"><table>\n<caption>{escape(table.caption)}</caption>\n'
        f"<thead>\n{head}</thead>\n<tbody>\n{body}</tbody>\n</table></div>\n"
    )


def _is_number(table: Table, column: int) -> bool:
    """Whether a column is to be set flush right: its first cell has a digit or a dash and no letter."""
    first = next((row[column] for row in table.rows if row[column] != "–"), "")
    return not any(character.isalpha() for character in first)


def to_pdf(document: Document) -> bytes:
    """PDF with real text, set by Typst with the fonts that it carries."""
    import typst

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        body = [_typst_section(section, document.language, home, i) for i, section in enumerate(document.sections)]
        source = home / "report.typ"
        source.write_text(_typst_head(document) + "\n".join(body), encoding="utf-8")
        made = typst.compile(str(source), ignore_system_fonts=True)
    if not isinstance(made, bytes):
        raise TypeError("the report is one document and was set as several")
    return made


def _typst_head(document: Document) -> str:
    return f"""#set document(title: {_quoted(document.title)})
#set page(paper: "a4", margin: (x: 22mm, y: 24mm), numbering: "1 / 1")
#set text(font: "Libertinus Serif", size: 10.5pt, lang: {_quoted(document.language)})
#set par(justify: false, leading: 0.62em)
#show heading.where(level: 2): it => block(above: 1.6em, below: 0.7em, sticky: true, text(size: 13pt, it.body))
#set table(stroke: (_, y) => (bottom: if y == 0 {{ 0.7pt }} else {{ 0.3pt + luma(200) }}), inset: (x: 4pt, y: 3.5pt))
#show table.cell: set text(size: 8.5pt)
#show table.cell.where(y: 0): set text(weight: "bold")
#text(size: 21pt, weight: "bold", {_quoted(document.title)})

#text(fill: luma(70), {_quoted(document.subtitle)})

#block(width: 100%, inset: 10pt, stroke: (left: 5pt, rest: 1.2pt))[
#text(size: 14pt, weight: "bold", {_quoted(document.verdict)})

#{_quoted(document.headline)}
]

"""


def _typst_section(section: Section, language: str, home: Path, number: int) -> str:
    parts = ["#block(breakable: false)[", f"#heading(level: 2, {_quoted(section.title)})"]
    parts += [f"#{_quoted(note)}" for note in section.notes]
    if section.points:
        parts.append("\n".join(f"- #{_quoted(point)}" for point in section.points))
    if section.chart is not None:
        name = f"picture{number}.svg"
        (home / name).write_text(to_svg(section.chart(), "Libertinus Serif", language), encoding="utf-8")
        parts.append(f"#align(center, image({_quoted(name)}, width: 88%, alt: {_quoted(section.title)}))")
    parts.append("]")
    parts += [_typst_table(table) for table in section.tables]
    return "\n\n".join(parts) + "\n"


def _typst_table(table: Table) -> str:
    sides = ["left" if i < table.names or not _is_number(table, i) else "right" for i in range(len(table.header))]
    widths = ["1fr" if side == "left" and i > 0 else "auto" for i, side in enumerate(sides)]
    head = ", ".join(f"[#{_quoted(cell)}]" for cell in table.header)
    rows = "\n".join(", ".join(f"[#{_quoted(cell)}]" for cell in row) + "," for row in table.rows)
    return (
        f"#block(above: 1em, below: 0.4em, sticky: true, strong({_quoted(table.caption)}))\n"
        f"#table(columns: ({', '.join(widths)},), align: ({', '.join(sides)},), table.header({head}),\n{rows})"
    )


def _quoted(text: str) -> str:
    """A Typst string: nothing in it is markup."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
