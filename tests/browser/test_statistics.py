"""The pages of figures in a browser: readable by everybody, in both themes, on small screens and by keyboard."""

from collections.abc import Callable
from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kalkan.access.models import InstitutionKind
from kalkan.access.roles import Role
from kalkan.statistics.services import freeze_year, load_official_series
from tests.browser import axe
from tests.factories import make_institution, make_user
from tests.statistics.people import Told, write

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
YEAR = timezone.localdate().year - 1
PATHS = ("nation/?first_year=2004", "provinces/TR-34/", "definitions/", "frozen/", "provinces/")


def _figures() -> None:
    load_official_series()
    places = ("TR-06", "TR-34", "TR-34", "TR-34", "TR-65", None)
    write(
        [
            Told(
                number,
                sex=("female", "female", "male", "unknown")[number % 4],
                citizenships=(("UZ",), ("SY",), ("UA", "MD"), ())[number % 4],
                forms=((("sexual",),), (("labour",),), ())[number % 3],
                age_band=("9-17", "18-20", "24-26", "unknown")[number % 4],
                province=places[number % 6],
                opened_on=date(YEAR - number % 5, 2, 1),
                referred_on=(date(YEAR - number % 5, 3, 1),),
                screened_on=(date(YEAR - number % 5, 2, 3),),
                preliminary_on=(date(YEAR - number % 5, 2, 20),),
                decided_on=date(YEAR - number % 5, 4, 1 + number % 20),
            )
            for number in range(40)
        ]
    )
    freeze_year(YEAR, by=None)


def _analyst() -> object:
    return make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_of_figures_are_accessible(visit: Visit, path: str, theme: str) -> None:
    _figures()
    page = visit(_analyst(), theme=theme)
    page.goto(f"/statistics/{path}")
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
    assert axe.violations(page) == []


@pytest.mark.parametrize("path", PATHS)
def test_pages_of_figures_do_not_scroll_sideways_on_a_small_screen(visit: Visit, path: str) -> None:
    _figures()
    page = visit(_analyst(), width=320)
    page.goto(f"/statistics/{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_tile_is_reached_and_opened_by_keyboard(visit: Visit) -> None:
    _figures()
    page = visit(_analyst())
    page.goto("/statistics/nation/")
    tile = page.get_by_role("link", name="İstanbul: 21")
    tile.focus()
    expect(tile).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/statistics/provinces/TR-34/")
    expect(page.get_by_role("heading", level=1)).to_have_text("İstanbul ili göstergeleri")
