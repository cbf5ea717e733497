"""From page to page as those who use them, in one look."""

from collections.abc import Callable, Iterable, Iterator

import pytest
from playwright.sync_api import Page

from kalkan.access.models import User
from tests.browser import axe, steps
from tests.browser.shown import Shown

Visit = Callable[..., Page]
LOOKS = pytest.mark.parametrize(
    ("language", "theme", "width"), [("tr", "light", 1280), ("en", "dark", 1280), ("tr", "dark", 320)]
)
EXPECTED = {"not-found": 404, "refused": 403, "invitation-refused": 410}
# 1280 pixels zoomed to 200 % are laid out as 640; 320 is the narrowest of WCAG 1.4.10.
NARROW = (640, 320)


def each(pages: Iterable[Shown], visit: Visit, **look: str | int) -> Iterator[tuple[Shown, Page]]:
    """Every page opened by its user, each user in a window of their own."""
    windows: dict[User | None, Page] = {}
    for shown in list(pages):
        if shown.user not in windows:
            windows[shown.user] = visit(shown.user, **look)
        page = windows[shown.user]
        answer = page.goto(shown.address)
        assert answer is not None, shown
        assert answer.status == EXPECTED.get(shown.name, 200), f"{shown.name} {shown.address}: {answer.status}"
        assert page.url.endswith(shown.address), f"{shown.name}: led on to {page.url}"
        if shown.answers is not None:
            steps.fill(page, **shown.answers)
            with page.expect_navigation() as onward:
                page.locator("main form button:is(.btn-primary, .btn-danger)").first.click()
            assert onward.value is not None
            assert onward.value.status == 200, f"{shown.name}: {page.locator('main').inner_text()}"
        yield shown, page


def problems(pages: Iterable[Shown], visit: Visit, *, language: str, theme: str, width: int) -> list[str]:
    """What is wrong with these pages in one look, for eyes and for screen readers; if narrow, where they overflow."""
    found: list[str] = []
    for shown, page in each(pages, visit, language=language, theme=theme, width=width):
        found += [f"{shown.name}: {one}" for one in axe.violations(page)]
        found += [f"{shown.name}: no picture {name}" for name in _missing_pictures(page)]
        if width in NARROW:
            found += [f"{shown.name}: scrolls sideways at {one}" for one in NARROW if _is_wider_than(page, one)]
            page.set_viewport_size({"width": width, "height": 900})
    return found


def _is_wider_than(page: Page, width: int) -> bool:
    page.set_viewport_size({"width": width, "height": 800})
    return bool(page.evaluate("document.documentElement.scrollWidth") > width)


def _missing_pictures(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        """async () => {
            const uses = [...document.querySelectorAll("use")].map(use => use.getAttribute("href"));
            if (!uses.length) return [];
            const sprite = await (await fetch(uses[0].split("#")[0])).text();
            return [...new Set(uses.map(use => use.split("#")[1]))].filter(name => !sprite.includes(`id="${name}"`));
        }"""
    )
    return found
