"""The pages of the administrator, the data protection officer and whoever looks up a code."""

from collections.abc import Callable

import pytest

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.services import record
from tests.browser.axe import violations
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser
PAGES = [
    (Role.ADMINISTRATOR, "/access/accounts/"),
    (Role.ADMINISTRATOR, "/access/accounts/new/"),
    (Role.DATA_PROTECTION_OFFICER, "/audit/"),
    (Role.ANALYST, "/access/permissions/"),
    (Role.ANALYST, "/vocabulary/"),
    (Role.ANALYST, "/vocabulary/lists/country/"),
    (Role.ANALYST, "/vocabulary/indicators/"),
    (Role.ANALYST, "/vocabulary/provisions/"),
    (Role.ANALYST, "/vocabulary/days/"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("role", "path"), PAGES)
def test_pages_of_the_offices_are_accessible_and_never_scroll_sideways(
    visit: Visit, account: Callable[..., User], role: Role, path: str, theme: str
) -> None:
    user = account(role, "migration_centre", None)
    record(Event.PERSON_VIEWED, user, by=user, facts={"purpose": "interview"})
    page = visit(user, theme=theme)
    page.goto(path)

    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_an_administrator_makes_an_account_and_its_owner_signs_in(visit: Visit, account: Callable[..., User]) -> None:
    page = visit(account(Role.ADMINISTRATOR, "police"))
    page.goto("/access/accounts/")
    page.get_by_role("link", name="Yeni hesap").click()
    page.get_by_label("Ad soyad").fill("Örnek Görevli")
    page.get_by_label("Kurumsal e-posta").fill("ornek.gorevli@kalkan.invalid")
    page.get_by_label("Rol").select_option("frontline_officer")
    page.get_by_role("button", name="Hesabı aç").click()
    page.get_by_role("button", name="Davet oluştur").click()
    assert violations(page) == []
    link = page.locator("main code").inner_text()

    owner = visit()
    owner.goto(link)
    for field in owner.locator("main input[type=password]").all():
        field.fill("kavak-yeli-eser-2026")
    owner.locator("main button[type=submit]").first.click()
    owner.wait_for_url("**/account/second-factor/**")  # nobody goes on with a password alone

    assert "Örnek Görevli" in owner.locator("header.frame").inner_text()
