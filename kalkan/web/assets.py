"""The few files that pages need out of the npm packages, gathered where the static finder looks.

Everything else in `node_modules` (300 times as much) never reaches a browser.
"""

import re
from functools import cache
from pathlib import Path

from django.conf import settings

_TABLER = "@tabler/core/dist/css"
_INTER = "@fontsource/inter/files"
_COPIED = {
    f"{_TABLER}/tabler.min.css": "tabler.css",
    f"{_TABLER}/tabler.rtl.min.css": "tabler.rtl.css",
    "htmx.org/dist/htmx.min.js": "htmx.js",
    **{
        f"{_INTER}/inter-{script}-{weight}-normal.woff2": f"inter-{script}-{weight}.woff2"
        for script in ("latin", "latin-ext")
        for weight in (400, 600)
    },
}
_SPRITE = "@tabler/icons-sprite/dist/tabler-sprite.svg"
_SYMBOL = re.compile(r'<symbol id="tabler-([a-z0-9-]+)".*?</symbol>', re.DOTALL)
_USED = re.compile(r"""\bicon(?:\s+|\s*=\s*|"\s*:\s*)["']([a-z0-9-]+)["']""")

_TABLES = re.compile(r"^\w*ICONS\b[^=]*= \{(.*?)^\}", re.DOTALL | re.MULTILINE)
_VALUE = re.compile(r""":\s*["']([a-z0-9-]+)["']""")


class Missing(Exception):
    """The npm packages are not installed, or a page names an icon that Tabler does not have."""


def gather() -> None:
    """Bring `settings.VENDOR` up to date with the packages and with the icons that pages name.

    A file whose content stands already is left untouched, so a second run writes nothing.
    Raises Missing with a sentence that says what to do.
    """
    settings.VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in _COPIED.items():
        _write(name, _without_source_map(_read(source)))
    _write("icons.svg", _sprite(icons_used()))


def icons_used() -> list[str]:
    """Names of all icons in templates and code: after `icon`, `icon=` or `"icon":`, or in a table `…ICONS`."""
    rooms = Path(__file__).resolve().parent.parent
    texts = [file.read_text(encoding="utf-8") for file in rooms.glob("*/templates/**/*.html")]
    for file in rooms.glob("*/**/*.py"):
        text = file.read_text(encoding="utf-8")
        texts += [text, *(f'icon "{name}"' for table in _TABLES.findall(text) for name in _VALUE.findall(table))]
    return sorted({name for text in texts for name in _USED.findall(text)})


def _sprite(names: list[str]) -> bytes:
    symbols = {match.group(1): match.group(0) for match in _SYMBOL.finditer(_read(_SPRITE).decode())}
    if unknown := [name for name in names if name not in symbols]:
        raise Missing(f"Tabler has no icon called {', '.join(unknown)}.")
    body = "".join(symbols[name].replace("tabler-", "", 1) for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{body}</svg>'.encode()


@cache
def _read(name: str) -> bytes:
    try:
        return (settings.NODE_MODULES / name).read_bytes()
    except FileNotFoundError:
        raise Missing(f"{name} is not installed: run `npm ci`, or `make run`, which does it.") from None


def _without_source_map(content: bytes) -> bytes:
    """The map is not shipped, and collecting statics stops at a reference to a file that is not there."""
    return re.sub(rb"\n?/[*/]# sourceMappingURL=[^\n]*", b"", content) if b"sourceMappingURL" in content else content


def _write(name: str, content: bytes) -> None:
    path = settings.VENDOR / name
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)
