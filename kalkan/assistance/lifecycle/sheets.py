"""Reading the texts for the person (`data/sheets/<name>.<language>.md`): front matter, paragraphs, headings, lists."""

import re
import tomllib

from kalkan.assistance.lifecycle.documents import Part, Sheet

_FRONT = re.compile(r"\A\+\+\+\n(.*?)\n\+\+\+\n(.*)\Z", re.DOTALL)


class NotASheet(ValueError):
    """The file is not of the form that the layouts set. Says what is wrong with it."""


def parse(text: str, *, file: str = "") -> Sheet:
    """The sheet of a file: TOML between two lines of `+++`, then paragraphs, `## ` headings and `- ` lists.

    Raises NotASheet for anything else, so that no mark-up is ever printed as it stands; it names `file`.

    >>> parse('+++\\ntitle = "T"\\nversion = "1"\\nis_verified = false\\n+++\\nA\\nb\\n\\n- c').parts
    (Part(heading='', paragraphs=('A b',), points=('c',)),)
    """
    try:
        return _parse(text)
    except NotASheet as wrong:
        raise NotASheet(f"{file}: {wrong}") from wrong


def _parse(text: str) -> Sheet:
    found = _FRONT.match(text.replace("\r\n", "\n"))
    if found is None:
        raise NotASheet("it does not begin with front matter between two lines of +++")
    try:
        front = tomllib.loads(found[1])
        title, version, is_verified = str(front["title"]), str(front["version"]), bool(front["is_verified"])
    except (tomllib.TOMLDecodeError, KeyError) as wrong:
        raise NotASheet(f"its front matter lacks or garbles {wrong}") from wrong
    parts: list[Part] = []
    for block in re.split(r"^(?=## )", found[2].strip(), flags=re.MULTILINE):
        parts += _parts(block)
    return Sheet(title, version, is_verified, tuple(parts))


def _parts(block: str) -> list[Part]:
    """The parts of one heading: a paragraph that follows a list begins a part of its own, so that the order stays."""
    found: list[Part] = []
    heading = ""
    paragraphs: list[str] = []
    points: list[str] = []
    for piece in re.split(r"\n\s*\n", block.strip()):
        lines = piece.strip().splitlines()
        if lines and lines[0].startswith("## "):
            heading = lines.pop(0)[3:].strip()
        text = lines[: next((place for place, line in enumerate(lines) if line.startswith("- ")), len(lines))]
        if text:
            if points:
                found.append(Part(heading, tuple(paragraphs), tuple(points)))
                heading, paragraphs, points = "", [], []
            paragraphs.append(_plain(" ".join(text)))
        for line in lines[len(text) :]:
            if line.startswith("- "):
                points.append(_plain(line[2:]))
            else:
                points[-1] += f" {_plain(line)}"
    return [*found, Part(heading, tuple(paragraphs), tuple(points))] if heading or paragraphs or points else found


def _plain(text: str) -> str:
    text = " ".join(text.split())
    if text.startswith(("#", "|", ">", "```")) or "**" in text:
        raise NotASheet(f"only paragraphs, ## headings and - lists are set: {text[:40]}")
    return text
