"""The forms on which most depends, finished without a mouse: a referral, an admission, a permit."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from kalkan.assistance.lifecycle.permits import FIRST
from kalkan.assistance.models import Permit, Referral
from kalkan.assistance.services import permits
from kalkan.cases.lifecycle import Stage
from kalkan.vocabulary import selectors as vocabulary
from tests.assistance.house import House
from tests.assistance.referral_story import NEED, consented, make_cast
from tests.browser.conftest import Visit
from tests.cases import story

pytestmark = pytest.mark.browser
MOST_STEPS = 80


def test_a_person_is_referred_by_keyboard(visit: Visit) -> None:
    cast = make_cast()
    consent = consented(cast)
    page = visit(cast.protector)
    page.goto(reverse("assistance:refer", args=[cast.case.reference]))

    _choose(page, "basis", f"consent:{consent.reference}")
    _choose(page, "category", "psychosocial")
    _reach(page, "[name=need]")
    page.keyboard.type(NEED)
    _reach(page, "[name=is_urgent]")
    page.keyboard.press("Space")
    _press(page, "main form button.btn-primary")
    _press(page, "main button[name=confirmed]")

    sent = Referral.objects.get(case=cast.case)
    assert (sent.category, sent.is_urgent, sent.receiver) == ("psychosocial", True, cast.ngo)


def test_a_person_is_admitted_to_a_shelter_by_keyboard(visit: Visit) -> None:
    house = House()
    stay = house.request()
    page = visit(house.staff)
    page.goto(reverse("assistance:shelter"))
    _press(page, f"main a[href='{reverse('assistance:stay', args=[stay.reference])}']")
    _press(page, f"main a[href='{reverse('assistance:assess_stay', args=[stay.reference])}']")
    for question in vocabulary.codes("stay_safety"):
        _choose(page, f"safety_{question.code}", "no")
    _press(page, "main form button.btn-primary")

    _press(page, f"main a[href='{reverse('assistance:admit', args=[stay.reference])}']")
    _choose(page, "bed", str(house.beds[1].reference))
    _press(page, "main form button.btn-primary")

    stay.refresh_from_db()
    assert stay.status == "admitted"
    assert stay.bed_uses.get().bed == house.beds[1]


def test_an_extension_is_asked_for_by_keyboard(visit: Visit) -> None:
    team = story.make_province_team()
    case = story.at(Stage.PROTECTION, team, on=timezone.localdate() - timedelta(days=20))
    first = permits.request_permit(case.reference, by=team.protector, kind=FIRST)
    permits.grant_permit(first.reference, by=team.decider, number="UYDURMA-1", version=first.version)
    page = visit(team.protector)
    page.goto(reverse("assistance:permits", args=[case.reference]))
    _press(page, f"main a[href='{reverse('assistance:request_permit', args=[case.reference])}']")
    _choose(page, "ground", "health")
    _press(page, "main form button.btn-primary")
    _press(page, "main button[name=confirmed]")

    first.refresh_from_db()
    assert Permit.objects.get(ground="health").starts_on == first.ends_on


def _reach(page: Page, selector: str) -> None:
    """Tab until the focus is there, and seen."""
    for _step in range(MOST_STEPS):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            break
        page.keyboard.press("Tab")
    else:
        pytest.fail(f"{page.url}: {selector} is not reached with {MOST_STEPS} tabs")
    is_marked = """() => [document.activeElement, document.activeElement.closest(".choice")].some(
        one => one && getComputedStyle(one).outlineStyle !== "none")"""
    assert page.evaluate(is_marked), f"{page.url}: nobody sees that the focus is at {selector}"


def _choose(page: Page, name: str, value: str) -> None:
    """One answer of radio buttons or of a menu, with the arrows."""
    _reach(page, f"[name='{name}']")
    for _step in range(MOST_STEPS):
        chosen = """() => { const one = document.activeElement;
            return one.type === "radio" ? (one.checked ? one.value : "") : one.value; }"""
        if page.evaluate(chosen) == value:
            return
        is_radio = page.evaluate("document.activeElement.type === 'radio' && !document.activeElement.checked")
        page.keyboard.press("Space" if is_radio else "ArrowDown")
    pytest.fail(f"{page.url}: {name} cannot be set to {value} with the arrows")


def _press(page: Page, selector: str) -> None:
    _reach(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")
