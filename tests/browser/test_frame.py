"""The frame in a browser: leaving quickly, small screens, keyboards, accessibility."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from kalkan.access.models import InstitutionKind, User
from kalkan.access.roles import Role
from tests.browser import axe
from tests.browser.conftest import PASSWORD
from tests.factories import make_user

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
NEUTRAL = "https://www.mgm.gov.tr/"


def _catch_neutral_page(page: Page) -> None:
    page.route(NEUTRAL, lambda route: route.fulfill(body="<h1>Hava durumu</h1>", content_type="text/html"))


@pytest.mark.parametrize("way", ["press", "escape"])
def test_quick_exit_leaves_at_once_ends_the_session_and_leaves_nothing_to_come_back_to(visit: Visit, way: str) -> None:
    page = visit(make_user(Role.FRONTLINE_OFFICER))
    _catch_neutral_page(page)
    page.goto("/")
    if way == "press":
        page.get_by_role("link", name="Hızlı çıkış").click()
    else:
        for _press in range(3):
            page.keyboard.press("Escape")
    page.wait_for_url(NEUTRAL)
    page.go_back()
    assert page.url == "about:blank"
    page.goto("/")
    assert "/account/login/" in page.url


def test_without_script_quick_exit_is_a_plain_link(visit: Visit) -> None:
    page = visit()
    page.goto("/account/login/")
    assert page.get_by_role("link", name="Hızlı çıkış").get_attribute("href") == NEUTRAL


@pytest.mark.parametrize("language", ["tr", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/account/login/", "/account/password/reset/", "/nothing/"])
def test_pages_before_sign_in_are_accessible(visit: Visit, language: str, theme: str, path: str) -> None:
    page = visit(language=language, theme=theme)
    page.goto(path)
    page.locator(".frame-tools summary").click()
    assert axe.violations(page) == []


@pytest.mark.parametrize("path", ["/account/login/", "/"])
def test_nothing_scrolls_sideways_at_320_pixels(visit: Visit, path: str) -> None:
    page = visit(make_user(Role.FRONTLINE_OFFICER) if path == "/" else None, width=320)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_one_signs_in_switches_language_and_theme_and_signs_out_by_keyboard(
    visit: Visit, account: Callable[..., User]
) -> None:
    user = account(Role.FRONTLINE_OFFICER, InstitutionKind.POLICE)
    page = visit(theme="light")
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(user.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.locator(".frame-tools summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="English").focus()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator(".frame-tools summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Dark").focus()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.locator(".frame-tools summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_wrong_password_is_summed_up_and_takes_the_focus(visit: Visit) -> None:
    page = visit()
    page.goto("/account/login/")
    page.get_by_label("Kurumsal e-posta").fill("kimse@kalkan.invalid")
    page.get_by_label("Parola", exact=True).fill("yanlis-parola-dene")
    page.get_by_role("button", name="Giriş yap", exact=True).click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert page.title().startswith("Hata:")
    assert axe.violations(page) == []
