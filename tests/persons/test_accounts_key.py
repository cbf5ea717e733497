"""The key of sessions and second factors: lost, it locks the server; exchanged, what it sealed ends."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from kalkan.access.models import Session, User
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.persons import keyring, rotation
from kalkan.persons.keyfiles import read_or_make
from kalkan.persons.models import KeyFingerprint
from tests.factories import make_user

pytestmark = pytest.mark.django_db
Commits = Callable[..., Any]


@pytest.fixture
def keys(settings: Settings, tmp_path: Path) -> Path:
    KeyFingerprint.objects.all().delete()
    for name in ("vault-1.key", "blind.key", "files.key", "accounts.key"):
        read_or_make(tmp_path / name)
    settings.KEYS = tmp_path
    keyring.register()
    return tmp_path


@pytest.fixture
def user() -> User:
    """Somebody signed in, with every kind of second factor."""
    user = make_user()
    Client().force_login(user)
    for kind in Authenticator.Type.values:
        Authenticator.objects.create(user=user, type=kind, data={"secret": "sealed", "credential": {}})
    return user


def kinds(user: User) -> set[str]:
    return set(Authenticator.objects.filter(user=user).values_list("type", flat=True))


def test_after_an_exchange_sessions_apps_and_codes_are_gone_and_the_server_opens(
    keys: Path, user: User, django_capture_on_commit_callbacks: Commits
) -> None:
    (keys / "accounts.key").unlink()
    assert (trouble := keyring.trouble()) is not None
    assert (trouble.code, trouble.name) == ("key_missing", "accounts.key")

    with django_capture_on_commit_callbacks(execute=True):
        done = rotation.exchange_accounts_key()

    assert keyring.trouble() is None
    assert (done.factors, Session.objects.count(), kinds(user)) == (2, 0, {"webauthn"})
    assert done.sessions >= 1
    assert oct((keys / "accounts.key").stat().st_mode)[-3:] == "600"
    facts = AuditEvent.objects.filter(action=Event.KEYS_ROTATED).latest("id").facts
    assert facts == {"kind": "accounts", **done._asdict()}
    assert [path.name for path in keys.iterdir() if path.name.startswith(".")] == []


def test_the_file_of_before_is_refused_after_an_exchange(
    keys: Path, user: User, django_capture_on_commit_callbacks: Commits
) -> None:
    before = (keys / "accounts.key").read_bytes()
    with django_capture_on_commit_callbacks(execute=True):
        rotation.exchange_accounts_key()
    assert (keys / "accounts.key").read_bytes() != before

    (keys / "accounts.key").write_bytes(before)
    assert (trouble := keyring.trouble()) is not None
    assert (trouble.code, trouble.name) == ("key_wrong", "accounts.key")


def test_an_exchange_that_is_undone_leaves_the_key_and_everybody_signed_in(keys: Path, user: User) -> None:
    before, sessions = (keys / "accounts.key").read_bytes(), Session.objects.count()
    with transaction.atomic():
        rotation.exchange_accounts_key()
        transaction.set_rollback(True)

    assert (keys / "accounts.key").read_bytes() == before
    assert (Session.objects.count(), len(kinds(user))) == (sessions, 3)
    assert keyring.trouble() is None
