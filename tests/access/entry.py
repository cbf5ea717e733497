"""Signing in as people do: password, code of an app, recovery code."""

import time
from base64 import b32decode
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.test import Client

from kalkan.access.models import User
from kalkan.access.roles import Role
from tests.factories import make_user

PASSWORD = "kavak-yeli-eser-2026"
LOGIN = "/account/login/"
FACTOR = "/account/second-factor/"
SECOND_STEP = f"{FACTOR}authenticate/"


def make_real_user(role: str = Role.FRONTLINE_OFFICER, **fields: Any) -> User:
    """An account that is not part of a demonstration, with a password."""
    user = make_user(role, is_invented=False, **fields)
    user.set_password(PASSWORD)
    user.save()
    return user


def code(secret: str, *, ahead: int = 0) -> str:
    """What an app shows now, or so many half minutes ahead. Computed by another library than the one under test."""
    key = b32decode(secret, casefold=True)
    return TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(int(time.time()) + 30 * ahead).decode()  # noqa: S303


def sign_in(client: Client, user: User, *, password: str = PASSWORD, agent: str = "Firefox/140 Windows") -> Any:
    """The first step: address and password."""
    return client.post(LOGIN, {"login": user.email, "password": password}, secure=True, HTTP_USER_AGENT=agent)


def set_up_app(client: Client, *, agent: str = "Firefox/140 Windows") -> str:
    """Set up an authenticator app; returns its key. Uses the code of now: `ahead=1` is the next to count."""
    page = client.get(f"{FACTOR}totp/activate/", secure=True, HTTP_USER_AGENT=agent)
    secret = page.context["form"].secret
    answer = client.post(f"{FACTOR}totp/activate/", {"code": code(secret)}, secure=True, HTTP_USER_AGENT=agent)
    assert answer.status_code == 302, answer.context["form"].errors
    return secret


def an_hour_later(client: Client) -> None:
    """As if who it is had been confirmed, in this session, an hour ago."""
    session = client.session
    session["account_authentication_methods"] = [
        {**one, "at": one["at"] - 3600} for one in session["account_authentication_methods"]
    ]
    session.save()


def is_in(client: Client) -> bool:
    """True if the session of this client is signed in."""
    return "_auth_user_id" in client.session
