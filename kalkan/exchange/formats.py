"""The formats that can be imported: the mappings under `data/mappings/`, or a file of one's own."""

from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from kalkan.exchange import mapping
from kalkan.exchange.mapping import MappingWrong, TableMapping
from kalkan.exchange.models import ImportRun
from kalkan.vocabulary.language import said

OWN = "own"


def shipped() -> dict[str, Path]:
    """Name of each format that comes along → its mapping file."""
    return {path.stem: path for path in sorted((settings.DATA / "mappings").glob("*.toml"))}


def choices() -> list[tuple[str, str]]:
    """The formats for a form, with a last one for a mapping of one's own."""
    found = [(name, title(mapping.read(path))) for name, path in shipped().items()]
    return [*found, (OWN, _("Another table, with a mapping file of one's own"))]


def title(read: TableMapping) -> str:
    """The format's title in the language of whoever reads."""
    return said(read, "title")


def named(name: str) -> TableMapping:
    """A shipped format by name, or the mapping file at that path. Raises MappingWrong."""
    known = shipped()
    if name in known:
        return mapping.read(known[name])
    if not name.endswith(".toml"):
        sentence = _(
            "There is no format “%(name)s”. Known are: %(known)s; or give the path of a mapping file (.toml)."
        )
        raise MappingWrong([sentence % {"name": name, "known": ", ".join(known)}])
    return mapping.read(Path(name))


def of_run(run: ImportRun) -> TableMapping:
    """The mapping that a run goes through. Raises MappingWrong."""
    return mapping.parse(run.mapping.encode()) if run.format == OWN else named(run.format)
