"""Pictures of every page, for people to look at: `python -m tests.browser.pictures http://127.0.0.1:8157`.

Needs the demonstration running there. Writes into var/pictures, or with `--readme` the five of the README, compressed.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium

PASSWORD = "gosteri-kalkan-157"
OFFICER, EXPERT = "polis.ankara@kalkan.invalid", "uzman.ankara@kalkan.invalid"
DECIDER, CENTRE = "karar.ankara@kalkan.invalid", "merkez@kalkan.invalid"
ADDRESSES = {
    OFFICER: {"officer": "/", "search": "/persons/", "person-new": "/persons/new/"},
    EXPERT: {"work-list": "/", "all-cases": "/?view=every", "code-lists": "/vocabulary/"},
    DECIDER: {"decider": "/"},
    CENTRE: {
        "centre": "/",
        "nation": "/statistics/nation/",
        "oversight": "/cases/oversight/",
        "imports": "/exchange/imports/",
    },
    "analist@kalkan.invalid": {"analyst": "/"},
    "veri.koruma@kalkan.invalid": {"audit": "/audit/"},
    "yonetici@kalkan.invalid": {"accounts": "/access/accounts/"},
}
LOOKS = [("tr", "light", 1280), ("en", "dark", 1280), ("tr", "light", 375)]


def main(base: str, folder: Path) -> None:
    """One picture for each page and look."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=[*chromium.FLAGS, "--lang=tr-TR"])
        for language, theme, width in LOOKS:
            look = f"{language}-{theme}-{width}"
            page = _open(browser, base, None, language, theme, width)
            page.goto("/account/login/")
            _take(page, folder / f"sign-in-{look}.png")
            for user, addresses in ADDRESSES.items():
                page = _open(browser, base, user, language, theme, width)
                for name, address in addresses.items():
                    page.goto(address)
                    _take(page, folder / f"{name}-{look}.png")
                if user in (EXPERT, DECIDER):
                    page.goto("/")
                    page.locator(".work-table th a").first.click()
                    _take(page, folder / f"case-{user.split('.')[0]}-{look}.png")
        browser.close()


def readme(base: str, folder: Path) -> None:
    """Work list, screening question and result, case, national statistics: Turkish, light, what fits a screen."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=[*chromium.FLAGS, "--lang=tr-TR"])
        page = _open(browser, base, EXPERT, "tr", "light", 1200)
        page.goto("/?view=all")
        _take(page, folder / "work-list.png", is_whole=False)
        page.locator(".work-table tbody tr", has_text="Tanımlama").locator("th a").first.click()
        _take(page, folder / "case.png", is_whole=False)
        page.get_by_role("link", name="Cevaplar ve sonuç").first.click()
        _take(page, folder / "screening-result.png", is_whole=False)
        page = _open(browser, base, OFFICER, "tr", "light", 1200)
        page.goto("/?view=all&stage=screening")
        page.locator(".work-table tbody td a").first.click()
        page.goto(page.url.rsplit("/", 2)[0] + "/exploitation/")
        _take(page, folder / "screening-question.png", is_whole=False)
        page = _open(browser, base, CENTRE, "tr", "light", 1200)
        page.goto("/statistics/nation/")
        _take(page, folder / "national-statistics.png", is_whole=False)
        browser.close()


def _open(browser: Browser, base: str, user: str | None, language: str, theme: str, width: int) -> Page:
    context = browser.new_context(base_url=base, viewport={"width": width, "height": 820}, locale="tr-TR")
    for name, value in (("kalkan_language", language), ("kalkan_theme", theme)):
        context.add_cookies([{"name": name, "value": value, "url": base}])
    page = context.new_page()
    if user is not None:
        page.goto("/account/login/")
        page.locator("#id_login").fill(user)
        page.locator("#id_password").fill(PASSWORD)
        page.locator(".entrance-form form:not(.passkey-form) button[type=submit]").click()
        page.locator(".frame-tools summary").click()
        page.locator(f"button[name=language][value={language}]").click()
    return page


def _take(page: Page, path: Path, *, is_whole: bool = True) -> None:
    if not page.locator("main#content").count() or page.locator(".calm").count():
        raise SystemExit(f"{page.url} is not the page that was wanted: is the demonstration running there?")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(300)
    page.screenshot(path=path, full_page=is_whole)


if __name__ == "__main__":
    if "--readme" in sys.argv:
        readme(sys.argv[1], Path("docs/pictures"))
    else:
        main(sys.argv[1], Path("var/pictures"))
