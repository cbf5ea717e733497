"""From a search that finds nobody to a recorded person, and every page of the room under axe."""

import re

import pytest
from playwright.sync_api import Page, expect

from kalkan.access.models import InstitutionKind
from kalkan.access.roles import Role
from kalkan.persons import services
from kalkan.persons.models import PossibleSame
from tests.browser import axe
from tests.browser.conftest import Visit
from tests.factories import make_institution, make_user
from tests.persons.people import full_details

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_who_is_not_found_is_recorded_by_keyboard_and_then_found(visit: Visit) -> None:
    page = visit(make_user(Role.HELPLINE_OPERATOR))
    page.goto("/persons/")
    page.keyboard.type("Zümrüt Kurgusoy")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Kimse bulunamadı")).to_be_focused()
    page.get_by_role("button", name="Yeni kişi kaydet").press("Enter")
    expect(page.locator("#id_names-0-given")).to_have_value("Zümrüt")
    page.get_by_label("Kadın", exact=True).check()
    page.get_by_role("button", name="Başka ad ekle").click()
    expect(page.locator("#id_names-1-given")).to_be_visible()
    page.locator("#id_birth_year").fill("1403")
    page.locator("#id_birth_year").press("Enter")  # the form's own button, not the one that adds a name
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(".error-summary")).to_contain_text("takvime ait")
    page.locator("#id_birth_year").fill("1999")
    page.get_by_role("button", name="Cevaplarınızı kontrol edin").last.click()
    expect(page.get_by_text("Zümrüt Kurgusoy")).to_be_visible()
    page.get_by_role("button", name="Bu kişiyi kaydet").click()
    expect(page.get_by_text("Kişi kaydedildi.")).to_be_visible()
    assert "Zümrüt" not in page.content()
    page.goto("/persons/")
    page.keyboard.type("zumrut kurgusoy")
    page.keyboard.press("Enter")
    expect(page.get_by_text("ad aynı")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 320)])
def test_every_page_of_a_person_is_accessible_and_fits(visit: Visit, theme: str, width: int) -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    person, _other = (services.record_person(full_details(), by=officer) for _ in range(2))
    page = visit(officer, theme=theme, width=width)
    for path in ("", "new/", f"{person.reference}/", f"{person.reference}/consent/", f"{person.reference}/correct/"):
        page.goto(f"/persons/{path}")
        assert axe.violations(page) == []
        assert no_sideways_scroll(page), path
    page.get_by_role("button", name="Cevaplarınızı kontrol edin").last.click()
    expect(page.get_by_role("heading", name="Cevaplarınızı kontrol edin")).to_be_visible()
    assert axe.violations(page) == []
    page.goto(f"/persons/{person.reference}/reveal/")
    page.locator("input[value=interview]").check()
    page.get_by_role("button", name="Göster").click()
    expect(page.get_by_text("Гульнара Абдуллаева")).to_be_visible()
    assert axe.violations(page) == []
    assert no_sideways_scroll(page)


def test_the_page_of_possible_same_persons_is_accessible(visit: Visit) -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    for _ in range(2):
        services.record_person(full_details(), by=officer)
    page = visit(make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None)))
    page.goto("/persons/possible-same/")
    assert axe.violations(page) == []
    page.get_by_role("button", name=re.compile("^Aynı kişi")).click()
    expect(page.get_by_text("Kaydedildi: Aynı kişi.")).to_be_visible()
    assert PossibleSame.objects.get().verdict == "same"
