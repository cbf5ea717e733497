"""A real Chromium against a live server on loopback."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.test import Client
from django.test.testcases import LiveServerThread, _StaticFilesHandler
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from kalkan.access.models import Institution, User
from tests.browser import chromium
from tests.factories import make_institution, make_user

PASSWORD = "gizli-deneme-parolasi"
_serial = count(1)
Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        executable = chromium.find()
    except chromium.NoChromium as none:
        pytest.fail(str(none), pytrace=False)
    patch = pytest.MonkeyPatch()
    # Playwright's synchronous interface keeps an event loop in this thread; the ORM is only used between its calls.
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(chromium.FLAGS))
        yield browser
        browser.close()
    patch.undo()


@pytest.fixture
def address(transactional_db: None) -> Iterator[str]:
    """Where the system answers during one test."""
    server = LiveServerThread("127.0.0.1", _StaticFilesHandler, connections_override={})
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()
    connections.close_all()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """Open the system as somebody: `visit(user, language="tr", theme="light", width=1280)` gives a page.

    Fails the test where a page reports an error in its console: a blocked script, a missing file, a fault.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(
        user: User | None = None, *, language: str = "tr", theme: str = "light", width: int = 1280, height: int = 900
    ) -> Page:
        context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": height},
            locale="tr-TR",
            timezone_id="Europe/Istanbul",
            color_scheme=theme,  # type: ignore[arg-type]
            bypass_csp=False,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        cookies = {django_settings.LANGUAGE_COOKIE_NAME: language, django_settings.THEME_COOKIE_NAME: theme}
        if user is not None:
            if user.language != language:
                user.language = language
                user.save(update_fields=["language"])
            client = Client()
            client.force_login(user)
            cookies[django_settings.SESSION_COOKIE_NAME] = client.cookies[django_settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on(
            "console", lambda message: faults.append(f"{page.url}: {message.text}") if _is_fault(message) else None
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def _is_fault(message: ConsoleMessage) -> bool:
    # A page that answers 4xx on purpose (a refusal under test) is reported by the browser, and is no fault.
    return message.type == "error" and "the server responded with a status of 4" not in message.text


@pytest.fixture
def account(transactional_db: None) -> Callable[..., User]:
    """An account with a password, at the institution of that kind in that province."""

    def make(role: str, kind: str, province: str | None = "TR-06", name: str = "") -> User:
        institutions = Institution.objects.filter(kind=kind, province_id=province).order_by("code")
        user = make_user(
            role, institutions.first() or make_institution(kind, province), full_name=name or f"Deneme {next(_serial)}"
        )
        user.set_password(PASSWORD)
        user.save()
        return user

    return make
