"""What officers do on the pages, as they would: pressing what they see."""

from typing import Any

from playwright.sync_api import Page, expect

from kalkan.access.models import User
from tests.browser.conftest import PASSWORD


def sign_in(page: Page, user: User) -> None:
    """Through the sign-in page, in Turkish."""
    page.goto("/")
    page.get_by_label("Kurumsal e-posta").fill(user.email)
    page.get_by_label("Parola", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Giriş yap", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def find_or_record(page: Page, name: str, *, year: str) -> None:
    """From the work list: search for the person, find nobody, record the person."""
    page.get_by_role("link", name="Tarama başlat").first.click()
    page.locator("main input[name=query]").fill(f"{name} {year}")
    page.locator("main form[role=search] button[type=submit]").click()
    page.locator("main form[action$='/new/'] button[type=submit]").click()
    expect(page.locator("[name=names-0-given]")).to_have_value(name.split()[0])
    page.locator("[name=birth_year]").fill(year)
    page.locator("[name=citizenship_1]").select_option("UZ")
    send(page, "check")
    send(page, "record")


def open_case(page: Page) -> None:
    """For the person just recorded."""
    page.locator("select[name=signal]").select_option("helpline_157")
    send(page)


def screen(page: Page) -> None:
    """Danger first: no. Then every sign is there. The officer concludes like the signs."""
    page.locator("[name=about][value=labour]").check()
    page.locator("[name=age][value=adult]").check()
    send(page)
    while "/result/" not in page.url:
        said = "no" if page.url.endswith("/danger/") else "yes"
        for answer in page.locator(f"main input[type=radio][value={said}]").all():
            answer.check()
        send(page)
    page.locator("[name=conclusion][value=signs]").check()
    send(page)


def interview(page: Page, words: str) -> None:
    """One interview, rights explained."""
    page.locator("[name=rights_explained][value=yes]").check()
    page.locator("select[name=language]").select_option("tr")
    page.locator("[name=interpreter]").first.check()
    page.locator("[name=narrative]").fill(words)
    send(page)


def draft(page: Page) -> None:
    """Act, means and purpose found: recognition is proposed."""
    for element in ("act_found", "means_found", "purpose_found"):
        page.locator(f"[name={element}][value=yes]").check()
    page.locator("[name=proposed][value=recognised]").check()
    page.locator("[name=grounds_codes][value=act_shown]").check()
    page.locator("[name=grounds_codes][value=purpose_shown]").check()
    page.locator("[name=provision]").first.check()
    page.locator("[name=grounds]").fill("Uydurma gerekçe: belgelerine el konulmuş, ücreti ödenmemiş.")
    send(page)


def fill(page: Page, **said: Any) -> None:
    """What the form asks for, by the names of its fields."""
    for name, values in said.items():
        for value in values if isinstance(values, list) else [values]:
            kind = page.locator(f"main [name='{name}']").first.evaluate("field => field.type")
            if value is True:
                page.locator(f"main [name='{name}']").check()
            elif kind in {"radio", "checkbox"}:
                page.locator(f"main [name='{name}'][value='{value}']").check()
            elif kind == "select-one":
                page.locator(f"main [name='{name}']").select_option(str(value))
            else:
                page.locator(f"main [name='{name}']").fill(str(value))


def next_step(page: Page) -> None:
    """Press the one main button of the case's page."""
    page.locator(".next-step a.btn-primary").click()


def send(page: Page, step: str = "") -> None:
    """Press the main button of the form and wait for the next page."""
    button = page.locator(
        f"main button[value={step}].btn-large" if step else "main form.form button:is(.btn-primary, .btn-danger)"
    )
    with page.expect_navigation():
        button.first.click()
    while page.locator("main button[name=confirmed]").count():
        with page.expect_navigation():
            page.locator("main button[name=confirmed]").click()
    problems = page.locator(".error-summary")
    assert problems.count() == 0, f"{page.url}: {problems.inner_text()}"
