"""Documentation under test: what is not written down fails the build."""

import re
from pathlib import Path

import pytest
import typer.main
from babel.messages.pofile import read_po

from kalkan.config.cli import application
from kalkan.config.database import ROOT

GUIDES = "\n".join(path.read_text() for path in (ROOT / "docs").rglob("*.md"))
README = (ROOT / "README.md").read_text()
WALK = README.split("## A case in five minutes")[1].split("\n## ")[0]


def test_every_setting_is_explained() -> None:
    source = "\n".join((ROOT / "kalkan" / "config" / f"{name}.py").read_text() for name in ("settings", "run"))
    names = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", source)) | set(re.findall(r"envvar=\"([A-Z_]+)\"", source))
    assert {"DATABASE_URL", "PORT", "HTTPS"} <= names
    explained = (ROOT / "docs" / "installation.md").read_text()
    assert [name for name in sorted(names) if f"`{name}`" not in explained] == []


def test_every_command_is_explained() -> None:
    commands = typer.main.get_command(application()).commands  # type: ignore[attr-defined]
    assert {"run", "import", "indicator"} <= set(commands)
    assert [name for name in commands if f"kalkan {name}" not in GUIDES + README] == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=str)
def test_every_link_between_pages_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", path.read_text()):
        if "://" not in target and not target.startswith("mailto:"):
            assert (path.parent / target).exists(), target


def test_readme_shows_the_two_commands() -> None:
    assert "make run" in README
    assert "make test" in README


def test_every_turkish_word_of_the_walk_stands_on_a_page() -> None:
    shown = set()
    for path in (ROOT / "kalkan").glob("*/locale/tr/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            shown |= {message.string for message in read_po(file) if isinstance(message.string, str)}
    institutions = (ROOT / "data" / "institutions.csv").read_text()
    steps = WALK[WALK.index("1. ") : WALK.index("![")]
    words = [" ".join(found.split()) for found in re.findall(r"\*{1,2}([^*]+)\*{1,2}", steps)]
    assert len(words) >= 20
    assert [word for word in words if word not in shown and f",{word}," not in institutions] == []


def test_every_account_of_the_walk_is_one_of_the_demonstration() -> None:
    accounts = set(re.findall(r"`([^`]+@kalkan\.invalid)`", WALK))
    assert len(accounts) == 5
    demonstration = (ROOT / "kalkan" / "web" / "demonstration.py").read_text()
    assert [email for email in sorted(accounts) if f'"{email}": (Role.' not in demonstration] == []
