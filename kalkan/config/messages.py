"""Words in two languages: find them in code and templates, keep each room's Turkish beside it, compile it.

Django's own commands need GNU gettext on the machine; Babel reads the same sources in Python.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import typer
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from kalkan.config.database import ROOT

ROOMS = ROOT / "kalkan"
LANGUAGE = "tr"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
HEADER = """msgid ""
msgstr ""
"Language: tr\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""  # no dates and no names: the file changes only when a word does
Word = str | tuple[str, ...]
app = typer.Typer()


@app.command()
def messages(check: bool = typer.Option(False, help="Write nothing; fail where a word has no Turkish.")) -> None:
    """Bring every room's Turkish up to date with its code and templates, and compile it."""
    missing = 0
    for room in _rooms():
        catalog = gather(room)
        for message in untranslated(catalog):
            missing += 1
            typer.echo(f"{room.name}: {message}", err=True)
        if not check and len(catalog):
            path = _catalog_path(room)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.write(HEADER.encode())
                write_po(file, catalog, omit_header=True, sort_output=True, width=119, no_location=True)
    if not check:
        compile_messages()
    if missing:
        typer.echo(f"{missing} without Turkish", err=True)
        raise typer.Exit(1 if check else 0)


def gather(room: Path) -> Catalog:
    """The room's catalogue: every word in its sources, with the Turkish that its `.po` file already has.

    A word whose Turkish stands in another room's file counts as translated there: rooms share one vocabulary.
    """
    path = _catalog_path(room)
    known = _read(path) if path.exists() else Catalog(locale=LANGUAGE)
    elsewhere = {
        key
        for other in _rooms()
        if other != room and _catalog_path(other).exists()
        for key in _translated(_read(_catalog_path(other)))
    }
    catalog = Catalog(locale=LANGUAGE, charset="utf-8", fuzzy=False)
    for identifier, context in sorted(set(_words(room)), key=str):
        before = known.get(identifier, context)
        key = (identifier, context)
        if key in elsewhere and not (before and _has_string(before.string)):
            continue
        catalog.add(identifier, string=before.string if before else None, context=context)
    return catalog


def untranslated(catalog: Catalog) -> list[str]:
    """The words of `catalog` without Turkish, singular form."""
    return [str(message.id) for message in catalog if message.id and not _has_string(message.string)]


def places(text: str) -> set[str]:
    """The named places for values in `text`, for example `%(day)s`."""
    return set(re.findall(r"%\(\w+\)[a-z]", text))


def compile_messages() -> None:
    """Write the `.mo` file of each room whose `.po` file is newer."""
    for room in _rooms():
        source = _catalog_path(room)
        target = source.with_suffix(".mo")
        if source.exists() and (not target.exists() or target.stat().st_mtime < source.stat().st_mtime):
            buffer = BytesIO()
            write_mo(buffer, _read(source))
            target.write_bytes(buffer.getvalue())


def _rooms() -> list[Path]:
    return sorted(path.parent for path in ROOMS.glob("*/__init__.py"))


def _catalog_path(room: Path) -> Path:
    return room / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def _translated(catalog: Catalog) -> set[tuple[Word, str | None]]:
    return {(_key(message.id), message.context) for message in catalog if message.id and _has_string(message.string)}


def _has_string(string: object) -> bool:
    return bool(string) and (isinstance(string, str) or all(string))  # type: ignore[arg-type]


def _key(identifier: str | tuple[str, ...] | list[str]) -> Word:
    return tuple(identifier) if isinstance(identifier, (list, tuple)) else identifier


def _words(room: Path) -> Iterator[tuple[Word, str | None]]:
    for path in sorted(room.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from _extract(path.read_bytes())
    for pattern in ("*.html", "*.txt"):
        for path in sorted(room.rglob(f"templates/**/{pattern}")):
            source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            # What is left of the template's own text is X's; without its indentation each line is Python again.
            yield from _extract("\n".join(re.sub(r"^\s+", "", line) for line in source.splitlines()).encode())


def _extract(source: bytes) -> Iterator[tuple[Word, str | None]]:
    for _line, message, _comments, context in extract("python", BytesIO(source), keywords=KEYWORDS):
        yield _key(message), context
