"""What is printed leaves the browser as a file: by a click, in Chromium, under the pages' own security policy."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from kalkan.assistance.models import OfficialDocument
from kalkan.cases.lifecycle import Stage
from tests.assistance.referral_story import consented, make_cast, referred
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.cases import story

pytestmark = pytest.mark.browser


def test_the_letter_for_a_receiver_without_an_account_is_downloaded(visit: Visit) -> None:
    cast = make_cast()
    referral = referred(cast, consent=consented(cast, to=cast.quiet_ngo))
    page = visit(cast.protector)
    page.goto(reverse("assistance:referral", args=[referral.reference]))
    page.locator(f"main a[href='{reverse('assistance:referral_letter', args=[referral.reference])}']").click()
    steps.send(page)
    name, content = _downloaded(page, "main a[download]")
    assert name.endswith(".pdf")
    assert content.startswith(b"%PDF-")


def test_an_official_document_is_made_and_downloaded(visit: Visit) -> None:
    team = story.make_province_team()
    case = story.at(Stage.RECOGNISED, team)
    page = visit(team.expert)
    page.goto(reverse("assistance:make_document", args=[case.reference]))
    steps.fill(page, kind="decision", language="ar", purpose="identification")
    steps.send(page)
    made = OfficialDocument.objects.get()
    page.goto(reverse("assistance:open_document", args=[case.reference, made.reference]))
    steps.fill(page, purpose="identification")
    name, content = _downloaded(page, "main form button.btn-primary")
    assert name.endswith(".pdf")
    assert content.startswith(b"%PDF-")


def _downloaded(page: Page, what: str) -> tuple[str, bytes]:
    with page.expect_download() as waited:
        page.locator(what).first.click()
    return waited.value.suggested_filename, Path(waited.value.path()).read_bytes()
