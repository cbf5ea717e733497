"""Documentation under test: what is not written down fails the build."""

import re
from pathlib import Path

import pytest
import typer.main

from kalkan.config.cli import application
from kalkan.config.database import ROOT

GUIDES = "\n".join(path.read_text() for path in (ROOT / "docs").rglob("*.md"))
README = (ROOT / "README.md").read_text()


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
