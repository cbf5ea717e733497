"""Signing in with a second factor, in a real browser: an authenticator app, and a passkey of a virtual device."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import CDPSession, Page, expect

from kalkan.access.models import InstitutionKind, Session, User
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from tests.access.entry import code
from tests.browser import axe
from tests.browser.conftest import PASSWORD

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
FACTOR = "/account/second-factor/"


@pytest.fixture
def officer(account: Callable[..., User]) -> User:
    """An account that is not part of a demonstration."""
    user = account(Role.FRONTLINE_OFFICER, InstitutionKind.POLICE)
    user.is_invented = False
    user.save()
    return user


@pytest.fixture
def page(visit: Visit, address: str) -> Page:
    """A page under a name: passkeys do not work under a bare number."""
    page = visit()
    named = address.replace("127.0.0.1", "localhost")
    page.goto(f"{named}/account/login/")
    return page


def device(page: Page) -> tuple[CDPSession, str]:
    """A virtual telephone that holds passkeys and sees its owner's finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session, made["authenticatorId"]


def password(page: Page, user: User) -> None:
    page.get_by_label("Kurumsal e-posta").fill(user.email)
    page.get_by_label("Parola", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Giriş yap", exact=True).click()


def sign_out(page: Page) -> None:
    page.locator(".frame-tools summary").click()
    page.get_by_role("button", name="Çıkış yap").click()
    expect(page.get_by_role("heading", name="Giriş yap")).to_be_visible()


def here(page: Page) -> str:
    return page.url.split("/", 3)[3]


def signed_in_with() -> Any:
    return AuditEvent.objects.filter(action=Event.SIGNED_IN).latest("id").facts["second_factor"]


def test_one_sets_up_an_app_and_signs_in_with_its_codes(page: Page, officer: User) -> None:
    password(page, officer)
    expect(page.get_by_role("heading", level=1)).to_have_text("İkinci adım")
    assert axe.violations(page) == []
    page.get_by_role("link", name="Uygulama kur").click()
    assert page.locator("img.totp-square").evaluate("image => image.naturalWidth") > 0
    assert axe.violations(page) == []
    secret = page.locator(".totp-key").inner_text()
    page.get_by_label("Uygulamanın gösterdiği kod").fill(code(secret))
    page.get_by_role("button", name="Bitir").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    assert axe.violations(page) == []
    kept = page.locator(".recovery-codes li").nth(4).inner_text()
    page.get_by_role("link", name="Kâğıda aldım").click()
    expect(page.locator("nav.frame-nav")).to_be_visible()

    sign_out(page)
    password(page, officer)
    expect(page.get_by_role("heading", level=1)).to_have_text("İkinci adım")
    assert axe.violations(page) == []
    page.get_by_label("Kod", exact=True).fill("000000")
    page.get_by_role("button", name="Giriş yap", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Bu kod doğru değil")
    page.get_by_label("Kod", exact=True).fill(code(secret, ahead=1))
    page.get_by_role("button", name="Giriş yap", exact=True).click()
    expect(page.locator("nav.frame-nav")).to_be_visible()
    assert signed_in_with() == "totp"

    sign_out(page)
    password(page, officer)
    page.get_by_label("Kod", exact=True).fill(kept)
    page.get_by_role("button", name="Giriş yap", exact=True).click()
    expect(page.locator("nav.frame-nav")).to_be_visible()
    assert signed_in_with() == "recovery_codes"


def test_one_adds_a_passkey_and_signs_in_with_it_alone_and_as_second_step(page: Page, officer: User) -> None:
    device(page)
    password(page, officer)
    page.get_by_role("link", name="Geçiş anahtarı ekle").click()
    assert axe.violations(page) == []
    page.get_by_label("Geçiş anahtarının adı").fill("Deneme telefonu")
    page.get_by_role("button", name="Geçiş anahtarı ekle").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    key = Authenticator.objects.get(type="webauthn")
    assert (key.user, key.data["name"]) == (officer, "Deneme telefonu")

    sign_out(page)
    page.get_by_role("button", name="Geçiş anahtarıyla giriş yap").click()
    expect(page.locator("nav.frame-nav")).to_be_visible()
    assert signed_in_with() == "webauthn"
    assert Session.objects.get(user=officer).second_factor == "webauthn"

    sign_out(page)
    password(page, officer)
    assert here(page) == "account/second-factor/authenticate/"
    page.get_by_role("button", name="Geçiş anahtarı kullan").click()
    expect(page.locator("nav.frame-nav")).to_be_visible()
    assert AuditEvent.objects.filter(action=Event.SIGNED_IN).count() == 3


def test_a_passkey_removed_here_but_kept_on_the_device_opens_nothing(page: Page, officer: User) -> None:
    device(page)
    password(page, officer)
    page.get_by_role("link", name="Geçiş anahtarı ekle").click()
    page.get_by_role("button", name="Geçiş anahtarı ekle").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    sign_out(page)
    Authenticator.objects.all().delete()

    page.get_by_role("button", name="Geçiş anahtarıyla giriş yap").click()

    expect(page.locator(".messages")).to_contain_text("Bu geçiş anahtarı burada bir hesap açmıyor")
    assert AuditEvent.objects.latest("id").action == Event.FACTOR_FAILED
    assert not Session.objects.filter(user=officer).exists()


def test_without_a_passkey_on_the_device_the_page_says_so_and_stays(page: Page, officer: User) -> None:
    session, identifier = device(page)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": identifier, "isUserVerified": False})

    page.get_by_role("button", name="Geçiş anahtarıyla giriş yap").click()

    expect(page.locator("[data-passkey-sorry]").first).to_be_visible()
    assert here(page) == "account/login/"


def test_my_sessions_shows_both_browsers_and_ends_the_other(visit: Visit, officer: User) -> None:
    officer.is_invented = True
    officer.save()
    pages = []
    for _number in range(2):
        page = visit()
        page.goto("/account/login/")
        password(page, officer)
        pages.append(page)
    page.goto("/access/sessions/")
    expect(page.locator("tbody tr")).to_have_count(2)
    assert axe.violations(page) == []
    page.get_by_role("button", name="Sonlandır", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    pages[0].goto("/access/sessions/")
    assert "/account/login/" in pages[0].url
