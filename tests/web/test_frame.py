"""What holds for every page."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.config.database import ROOT
from kalkan.web.navigation import MOST
from tests.factories import make_user

pytestmark = pytest.mark.django_db
TEMPLATES = sorted(ROOT.glob("kalkan/*/templates/**/*.html"))


def test_the_browser_does_not_choose_the_language_turkish_comes_first(client: Client) -> None:
    page = client.get("/account/login/", headers={"accept-language": "en-GB,en"}).content.decode()
    assert '<html lang="tr" dir="ltr"' in page
    assert "Giriş yap" in page


def test_the_switch_turns_pages_to_english_before_sign_in(client: Client) -> None:
    client.post("/language/", {"language": "en", "next": "/account/login/"})
    assert "Sign in" in client.get("/account/login/").content.decode()


def test_the_language_follows_the_account_to_another_computer(signed_in: Callable[..., Client]) -> None:
    user = make_user()
    signed_in(user).post("/language/", {"language": "en", "next": "/"})
    assert User.objects.get(pk=user.pk).language == "en"
    assert '<html lang="en"' in signed_in(User.objects.get(pk=user.pk)).get("/").content.decode()


def test_the_account_outweighs_what_somebody_else_chose_on_the_same_computer(signed_in: Callable[..., Client]) -> None:
    client = signed_in(make_user(language="tr"))
    client.cookies["kalkan_language"] = "en"
    assert '<html lang="tr"' in client.get("/").content.decode()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_is_kept(client: Client, theme: str) -> None:
    response = client.post("/theme/", {"theme": theme, "next": "/account/login/"})
    assert response["Location"] == "/account/login/"
    assert f'data-bs-theme="{theme}"' in client.get("/account/login/").content.decode()


def test_without_a_choice_the_theme_is_the_systems(client: Client) -> None:
    client.post("/theme/", {"theme": "system", "next": "/account/login/"})
    page = client.get("/account/login/").content.decode()
    assert "data-bs-theme" not in page
    assert 'content="light dark"' in page


@pytest.mark.parametrize("value", ["neon", "", '"><script>'])
def test_an_unknown_theme_or_language_changes_nothing(client: Client, value: str) -> None:
    assert not client.post("/theme/", {"theme": value}).cookies
    assert not client.post("/language/", {"language": value}).cookies


@pytest.mark.parametrize("target", ["https://elsewhere.invalid/", "//elsewhere.invalid/", "javascript:alert(1)"])
def test_a_switch_never_leads_off_the_site(client: Client, target: str) -> None:
    assert client.post("/theme/", {"theme": "dark", "next": target})["Location"] == "/"


@pytest.mark.parametrize("address", ["/", "/account/login/", "/account/password/reset/", "/nothing/"])
def test_no_page_is_kept_by_browser_or_proxy(signed_in: Callable[..., Client], address: str) -> None:
    assert "no-store" in signed_in(Role.FRONTLINE_OFFICER).get(address)["Cache-Control"]


def test_every_page_has_the_quick_exit_the_skip_link_and_one_main_part(signed_in: Callable[..., Client]) -> None:
    for page in (Client().get("/account/login/"), signed_in(Role.ANALYST).get("/"), Client().get("/nothing/")):
        source = page.content.decode()
        assert 'href="https://www.mgm.gov.tr/"' in source
        assert 'href="#content"' in source
        assert source.count("<main") == 1
        assert source.count("<h1") == 1


def test_pages_say_that_the_demonstration_is_invented_and_only_then(client: Client, settings) -> None:
    sentence = "uydurmadır"
    settings.IS_DEMONSTRATION = False
    assert sentence not in client.get("/account/login/").content.decode()
    settings.IS_DEMONSTRATION = True
    assert sentence in client.get("/nothing/").content.decode()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_no_inline_script_style_or_handler(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"\sstyle\s*=", source)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", source)
    assert "<style" not in source
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", source)
    assert "javascript:" not in source


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline(client: Client) -> None:
    policy = client.get("/account/login/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("role", Role.values)
def test_every_role_has_a_start_and_its_navigation_leads_somewhere(
    signed_in: Callable[..., Client], role: str
) -> None:
    client = signed_in(role)
    page = client.get("/")
    assert page.status_code == 200
    places = page.context["navigation"]
    assert len(places.bar) <= MOST
    assert len(places.more) != 1
    for address in {item.url for item in (*places.bar, *places.more)}:
        assert client.get(address, follow=True).status_code == 200, address


def test_what_stands_behind_more_is_marked_where_one_is(signed_in: Callable[..., Client]) -> None:
    client = signed_in("central_unit")
    assert not client.get("/").context["navigation"].is_in_more
    page = client.get("/vocabulary/")
    assert page.context["navigation"].is_in_more
    assert '<summary aria-current="true">' in page.content.decode()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_whoever_has_no_mouse_can_scroll_a_wide_table(path: Path) -> None:
    for region in re.findall(r'<div class="table-responsive[^>]*>', path.read_text()):
        assert 'tabindex="0"' in region
        assert "aria-label" in region
