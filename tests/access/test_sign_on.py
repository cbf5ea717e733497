"""Signing on through the institution's OpenID Connect provider: a real one, in a process of its own."""

import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.config.database import ROOT
from tests.access import entry

pytestmark = pytest.mark.django_db
START = "/account/sign-on/institution/"
SECRET = "only-for-tests-and-long-enough"
NODE = Path(sys.executable).with_name("node")


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = Path(__file__).with_name("provider.mjs")
    command = [NODE, script, str(port), SECRET, f"https://testserver{START}callback/"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        lines: list[str] = []
        for line in process.stdout or ():
            lines.append(line)
            if line.strip() == "ready":
                break
        else:
            pytest.fail("".join(lines), pytrace=False)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout:
            process.stdout.close()


@pytest.fixture
def providers(settings: Any, issuer: str) -> None:
    app = {
        "provider_id": "institution",
        "name": "Deneme Kurumu",
        "client_id": "kalkan",
        "secret": SECRET,
        "settings": {"server_url": issuer},
    }
    settings.OIDC_ISSUER, settings.OIDC_NAME = issuer, "Deneme Kurumu"
    configured = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {**configured, "APPS": [app]}}


@pytest.fixture
def user() -> User:
    return entry.make_real_user(Role.FRONTLINE_OFFICER, email="gorevli@kalkan.invalid")


SignOn = Callable[..., Any]


@pytest.fixture
def sign_on(providers: None, issuer: str) -> SignOn:
    """Go to the provider, sign in there as `name`, come back; the answer of ours to which one returned."""

    def go(name: str, client: Client, tamper: Callable[[str], str] = lambda address: address) -> Any:
        there = client.post(f"{START}", secure=True).headers["Location"]
        asked = parse_qs(urlsplit(there).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert len(asked["nonce"][0]) == 43
        assert sorted(asked["scope"][0].split()) == ["email", "openid"]
        back = _at_the_provider(there, name)
        return client.get(tamper(back.removeprefix("https://testserver")), secure=True)

    return go


def _at_the_provider(address: str, name: str) -> str:
    """Follow the provider's own pages as a browser would, until it sends back to ours."""
    with requests.Session() as browser:
        browser.trust_env = False
        answer = browser.get(address, allow_redirects=False, timeout=10)
        for _step in range(12):
            if answer.is_redirect:
                target = urljoin(answer.url, answer.headers["Location"])
                if target.startswith("https://testserver"):
                    return target
                answer = browser.get(target, allow_redirects=False, timeout=10)
                continue
            form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            assert form, answer.text
            fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', answer.text))
            if 'name="login"' in answer.text:
                fields |= {"login": name, "password": "any"}
            address = urljoin(answer.url, unescape(form[1]))
            answer = browser.post(address, data=fields, allow_redirects=False, timeout=10)
    raise AssertionError("the provider never came back")


def reasons() -> list[str]:
    events = AuditEvent.objects.filter(action=Event.SIGN_IN_FAILED).order_by("id")
    return [event.facts["reason"] for event in events]


def words(answer: Any, client: Client) -> str:
    assert answer.status_code == 302
    return client.get(answer.headers["Location"], secure=True).content.decode()


def test_an_account_that_exists_is_signed_on_and_asked_for_a_second_factor(user: User, sign_on: SignOn) -> None:
    client = Client()
    sign_on("gorevli", client)

    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.get("/access/permissions/", secure=True).headers["Location"] == entry.FACTOR
    assert AuditEvent.objects.get(action=Event.SIGNED_IN).facts["second_factor"] == "none"
    assert SocialAccount.objects.get().user == user


def test_a_second_factor_of_the_provider_is_not_asked_again(user: User, sign_on: SignOn) -> None:
    client = Client()
    sign_on("two-gorevli", client)

    assert client.get("/access/permissions/", secure=True).status_code == 200
    assert AuditEvent.objects.get(action=Event.SIGNED_IN).facts["second_factor"] == "provider"


def test_who_set_one_up_here_is_asked_for_it_unless_the_provider_asked(
    user: User, sign_on: SignOn, transactional_db: None
) -> None:
    first = Client(headers={"user-agent": "Firefox/140 Windows"})
    entry.sign_in(first, user)
    secret = entry.set_up_app(first)

    client = Client(headers={"user-agent": "Firefox/140 Windows"})
    answer = sign_on("gorevli", client)
    assert answer.headers["Location"] == entry.SECOND_STEP
    assert not entry.is_in(client)
    client.post(entry.SECOND_STEP, {"code": entry.code(secret, ahead=1)}, secure=True)
    assert entry.is_in(client)


@pytest.mark.parametrize(
    ("name", "reason", "sentence"),
    [
        ("kimse", "sign_on_unknown", "Bu e-posta adresiyle bir hesap yok"),
        ("unconfirmed-gorevli", "sign_on_address", "doğrulanmış bir e-posta adresi vermedi"),
    ],
)
def test_nobody_gets_an_account_or_one_of_another_from_outside(
    user: User, sign_on: SignOn, name: str, reason: str, sentence: str
) -> None:
    client, before = Client(), User.objects.count()

    assert sentence in words(sign_on(name, client), client)

    assert not entry.is_in(client)
    assert reasons() == [reason]
    assert (User.objects.count(), SocialAccount.objects.count()) == (before, 0)


def test_a_closed_account_stays_closed(user: User, sign_on: SignOn) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    client = Client()

    assert "Bu hesap kapalı" in words(sign_on("gorevli", client), client)
    assert (entry.is_in(client), reasons()) == (False, ["sign_on_closed"])


def test_an_address_that_the_provider_gave_to_somebody_else_opens_nothing(user: User, sign_on: SignOn) -> None:
    sign_on("gorevli", Client())
    client = Client()

    assert "başka birine ait" in words(sign_on("renamed-gorevli", client), client)
    assert (entry.is_in(client), reasons()) == (False, ["sign_on_another"])


@pytest.mark.parametrize("part", ["state", "code"])
def test_a_tampered_way_back_is_refused_and_recorded(user: User, sign_on: SignOn, part: str) -> None:
    client = Client()

    def tamper(address: str) -> str:
        return re.sub(rf"\b{part}=[^&]+", f"{part}=tampered", address)

    assert "giriş yapılamadı" in words(sign_on("gorevli", client, tamper), client)
    assert (entry.is_in(client), reasons()) == (False, ["sign_on_provider"])


def test_a_way_back_is_good_once(user: User, sign_on: SignOn) -> None:
    used: list[str] = []

    def keep(address: str) -> str:
        used.append(address)
        return address

    client = Client()
    sign_on("two-gorevli", client, keep)
    client.post("/account/logout/", secure=True)
    client.get(used[0], secure=True)

    assert not entry.is_in(client)
    assert reasons() == ["sign_on_provider"]


def test_a_token_signed_anew_by_the_provider_is_believed(user: User, sign_on: SignOn) -> None:
    client = Client()
    sign_on("bent-nothing-gorevli", client)

    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(
    ("bent", "why"),
    [
        ("nonce", "answers another request"),
        ("nononce", "MissingRequiredClaimError"),
        ("issuer", "InvalidIssuerError"),
        ("audience", "InvalidAudienceError"),
        ("audiences", "for others too"),
        ("party", "for others too"),
        ("expired", "ExpiredSignatureError"),
        ("endless", "MissingRequiredClaimError"),
        ("early", "ImmatureSignatureError"),
        ("person", "of two people"),
        ("key", "InvalidSignatureError"),
        ("secret", "InvalidAlgorithmError"),
        ("unsigned", "InvalidAlgorithmError"),
    ],
)
def test_a_token_that_is_wrong_in_one_thing_opens_nothing(
    user: User, sign_on: SignOn, caplog: pytest.LogCaptureFixture, bent: str, why: str
) -> None:
    client = Client()

    assert "giriş yapılamadı" in words(sign_on(f"bent-{bent}-gorevli", client), client)

    assert (entry.is_in(client), reasons()) == (False, ["sign_on_provider"])
    assert why in caplog.text
    assert "gorevli" not in caplog.text


def test_each_way_out_has_a_nonce_of_its_own_and_takes_nothing_from_the_address(
    providers: None, client: Client
) -> None:
    address = f"{START}?auth_params=nonce%3Dmine%26redirect_uri%3Dhttps%3A%2F%2Fother.invalid&scope=admin"
    asked = [parse_qs(urlsplit(client.post(address, secure=True).headers["Location"]).query) for _ in range(2)]

    assert asked[0]["nonce"] != asked[1]["nonce"]
    assert {tuple(one["redirect_uri"]) for one in asked} == {(f"https://testserver{START}callback/",)}
    assert all("mine" not in one["nonce"] and "admin" not in one["scope"][0] for one in asked)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda issuer: issuer.replace("127.0.0.1", "localhost"), "another issuer than OIDC_ISSUER"),
        (lambda issuer: "http://provider.invalid", "not https"),
        (lambda issuer: issuer.replace("http:", "ftp:"), "not https"),
    ],
    ids=["issuer", "http", "scheme"],
)
def test_a_provider_that_is_not_the_one_configured_or_not_https_is_not_asked(
    settings: Any,
    providers: None,
    issuer: str,
    caplog: pytest.LogCaptureFixture,
    change: Callable[[str], str],
    why: str,
) -> None:
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"] = {"server_url": change(issuer)}
    client = Client()

    assert "giriş yapılamadı" in words(client.post(START, secure=True), client)
    assert reasons() == ["sign_on_provider"]
    assert why in caplog.text


def test_accounts_are_not_joined(user: User, providers: None) -> None:
    client = Client()
    client.force_login(user)
    answer = client.post(f"{START}?process=connect", secure=True)

    assert answer.status_code == 302  # to the provider; on the way back it is refused
    assert not SocialAccount.objects.exists()


def test_a_provider_that_does_not_answer_is_a_sentence(settings: Any, providers: None) -> None:
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"] = {"server_url": "http://127.0.0.1:9"}
    client = Client()

    assert "giriş yapılamadı" in words(client.post(START, secure=True), client)
    assert reasons() == ["sign_on_provider"]


def test_without_a_provider_there_is_no_such_way_in(client: Client) -> None:
    assert START not in client.get("/account/login/", secure=True).content.decode()
    assert client.post(START, secure=True).status_code == 404


def test_the_sign_in_page_names_the_provider(client: Client, providers: None) -> None:
    assert "Deneme Kurumu ile giriş yap" in client.get("/account/login/", secure=True).content.decode()
