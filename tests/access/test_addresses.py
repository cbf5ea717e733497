"""Every address asks for sign-in, except those of a short list."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

# Who can open these without an account, and why.
PUBLIC = {
    "health": "whoever watches the installation",
    "retrieve": "whoever received a referral on paper, with the code of the letter",
    "account_login": "the way in",
    "account_logout": "a session may have ended already",
    "account_signup": "says that accounts are made by administrators",
    "account_inactive": "says that the account is closed",
    "account_reset_password": "the way back in",
    "account_reset_password_done": "the way back in",
    "account_reset_password_from_key": "the way back in, with a key",
    "account_reset_password_from_key_done": "the way back in, with a key",
    "mfa_authenticate": "the second step of the way in",
    "mfa_login_webauthn": "the way in with a passkey",
    "openid_connect_login": "the way in through one's institution",
    "openid_connect_callback": "the way back from one's institution",
    "invitation": "the first way in, with a one-time link",
    "accept_invitation": "the first way in, with a one-time link",
    "set_language": "before sign-in too",
    "set_theme": "before sign-in too",
    "policy_report": "the browser of whoever sees a page says that it was tampered with",
}


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern


ALL = list(_patterns(get_resolver()))


@pytest.mark.parametrize(("address", "pattern"), ALL, ids=[address for address, _pattern in ALL])
def test_an_address_asks_for_sign_in_or_is_on_the_public_list(address: str, pattern: URLPattern) -> None:
    asks = getattr(pattern.callback, "login_required", True)

    assert asks or pattern.name in PUBLIC, f"{address} ({pattern.name}) is open to anyone"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [address for address, pattern in ALL if "<" not in address and "(" not in address and pattern.name not in PUBLIC],
)
def test_a_stranger_is_sent_to_sign_in(address: str) -> None:
    answer = Client().get(f"/{address}", secure=True)

    assert (answer.status_code, answer.headers.get("Location", "")[:15]) == (302, "/account/login/")


def test_the_public_list_names_nothing_that_asks_for_sign_in() -> None:
    open_to_anyone = {
        pattern.name for _address, pattern in ALL if not getattr(pattern.callback, "login_required", True)
    }

    assert open_to_anyone == set(PUBLIC)
