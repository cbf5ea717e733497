"""What the pages on security say is tested, is tested: every test that they name exists, and nothing met lacks one."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from kalkan.config.database import ROOT

PAGES = (ROOT / "SECURITY.md", ROOT / "docs" / "security.md", ROOT / "docs" / "asvs.md")
_TEST = re.compile(r"`([a-z_]+/test_[a-z_]+)::(test_\w+)`")
_FILE = re.compile(r"`((?:kalkan|requirements|tests|bench)/[\w./*]+)`")
_ROW = re.compile(r"^\| (V\d+\.\d+) ([^|]+)\| (met|not applicable|open) \| ([^|]+)\|$", re.MULTILINE)
# Version 5.0.0 of the standard: how many sections each chapter has.
_SECTIONS = {
    1: 5,
    2: 4,
    3: 7,
    4: 4,
    5: 4,
    6: 8,
    7: 6,
    8: 4,
    9: 2,
    10: 7,
    11: 7,
    12: 3,
    13: 4,
    14: 3,
    15: 4,
    16: 5,
    17: 3,
}


@cache
def _tests_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_test_and_file_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    named = _TEST.findall(text)
    assert named
    for file, test in named:
        path = ROOT / "tests" / f"{file}.py"
        assert path.exists(), file
        assert test in _tests_in(path), f"{file}::{test}"
    assert len(re.findall(r"::test_", text)) == len(named), "a test is named in another way"
    for pattern in _FILE.findall(text):
        assert list(ROOT.glob(pattern)), pattern


def test_the_standard_is_answered_section_by_section() -> None:
    rows = _ROW.findall((ROOT / "docs" / "asvs.md").read_text())
    wanted = [f"V{chapter}.{number + 1}" for chapter, count in _SECTIONS.items() for number in range(count)]
    assert [row[0] for row in rows] == wanted
    for section, _title, state, said in rows:
        assert _TEST.search(said) if state == "met" else said.strip(), f"{section} is {state} and does not say how"


def test_the_threats_are_all_there() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    for threat in ("outsider", "insider", "laptop", "backup", "server", "upload", "Compelled disclosure"):
        assert re.search(rf"^### .*{threat}", text, re.MULTILINE), threat
