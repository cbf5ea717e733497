"""The page about the house stays true: rooms, sizes, habits."""

import ast
import re
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from kalkan.config.database import ROOT
from kalkan.config.settings import ROOMS
from tests.conftest import LONGEST

SOURCES = sorted(
    path for folder in ("kalkan", "tally") for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_rooms_import_only_what_stands_below_them() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_every_folder_of_kalkan_is_a_room_that_says_what_it_is_for() -> None:
    folders = {path.parent.name for path in (ROOT / "kalkan").glob("*/__init__.py")}
    assert folders == {*ROOMS, "config"}
    for folder in folders:
        assert ast.get_docstring(ast.parse((ROOT / "kalkan" / folder / "__init__.py").read_text())), folder


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_keeps_to_the_house_rules(path: Path) -> None:
    source = path.read_text()
    assert source.count("\n") <= 400, "over 400 lines: make it a package by topic"
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            assert not (node.module or "").startswith("django.db.models.signals"), f"line {node.lineno}: signals"
        if isinstance(node, ast.ExceptHandler):
            is_broad = node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception")
            raises = any(isinstance(inner, ast.Raise) for statement in node.body for inner in ast.walk(statement))
            assert not is_broad or raises, f"line {node.lineno}: an exception is swallowed"


def test_every_public_function_of_a_room_is_explained() -> None:
    silent = []
    for path in SOURCES:
        if path.name in {"views.py", "urls.py", "forms.py", "apps.py"} or {"views", "forms"} & set(path.parts):
            continue
        for node in ast.parse(path.read_text()).body:
            if (
                isinstance(node, ast.FunctionDef | ast.ClassDef)
                and not node.name.startswith("_")
                and not ast.get_docstring(node)
                and node.name not in {"main", "Meta"}
                and not (isinstance(node, ast.ClassDef) and _is_plain_table(node))
            ):
                silent.append(f"{_name(path)}:{node.lineno} {node.name}")
    assert silent == []


def _is_plain_table(node: ast.ClassDef) -> bool:
    """Choices, named tuples and managers whose name and members say it all."""
    bases = {ast.unparse(base).split("[")[0].rpartition(".")[2] for base in node.bases}
    return bool(bases & {"TextChoices", "NamedTuple", "BaseUserManager", "AppConfig", "Protocol"})


def test_every_file_that_begins_first_is_there() -> None:
    assert [path for path in LONGEST if not (ROOT / path).is_file()] == []


def test_no_file_names_a_registry_or_a_machine() -> None:
    # Written apart, so that this file does not name them either.
    forbidden = re.compile(
        "|".join(["p" + "ypi[.]org", "python" + "hosted", "registry[.]" + "npm", "deb[.]" + "debian"])
    )
    for pattern in ("requirements/*.txt", "package*.json", ".npmrc", "pyproject.toml", "Makefile", ".ci/run"):
        for path in ROOT.glob(pattern):
            assert not forbidden.search(path.read_text()), _name(path)


def test_every_requirement_is_locked_with_a_hash() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        pins = re.findall(r"^\S+==", text, flags=re.MULTILINE)
        assert pins
        for block in re.split(r"\n(?=\S)", text):
            if "==" in block.split("\n")[0]:
                assert "--hash=sha256:" in block, block.split("\n")[0]
