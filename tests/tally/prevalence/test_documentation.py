"""The documentation is under test: its examples run, its links lead somewhere, and every public name is in it."""

import doctest
import re
from pathlib import Path

import pytest

from tally import prevalence
from tests.tally.conftest import REPOSITORY

PAGES = sorted((REPOSITORY / "docs" / "prevalence").glob("*.md"))
DECISIONS = sorted((REPOSITORY / "docs" / "decisions").glob("01*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_on_a_page_give_what_the_page_says(page: Path) -> None:
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert result.failed == 0


@pytest.mark.parametrize("page", [*PAGES, *DECISIONS], ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).is_file(), link


def test_every_decision_named_in_the_code_is_written_down() -> None:
    numbers = {page.name[:4] for page in DECISIONS}
    for source in (REPOSITORY / "tally" / "prevalence").glob("*.py"):
        assert set(re.findall(r"decision (\d{4})", source.read_text(encoding="utf-8"))) <= numbers


@pytest.mark.parametrize("name", prevalence.__all__)
def test_every_public_name_says_what_it_is(name: str) -> None:
    documented = getattr(prevalence, name)
    if isinstance(documented, (str, tuple)):
        return
    assert documented.__doc__
    if not isinstance(documented, type):
        assert ">>>" in documented.__doc__, f"{name} has no example"
