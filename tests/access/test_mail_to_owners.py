"""The owner of an account is told of every change of how one signs in to it."""

import re

import pytest
from django.core import mail as outbox
from django.db import connection, transaction
from django.test import Client

from kalkan.access import invitations, tasks
from kalkan.access.models import User
from kalkan.access.roles import Role
from tests.access import entry
from tests.access.entry import FACTOR
from tests.factories import make_user

NEW = "meşe-dalı-kuşluk"
AGENT = {"user-agent": "Firefox/140 Windows"}


def told() -> list[str]:
    """The references of the accounts whose owners will be told, one for each mail."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args->>'reference' FROM procrastinate_jobs WHERE task_name = 'access.tell_owner' ORDER BY id"
        )
        return [reference for (reference,) in cursor.fetchall()]


@pytest.fixture
def user(db: None) -> User:
    return entry.make_real_user()


def test_each_change_of_a_factor_and_of_the_password_is_told_once(user: User, transactional_db: None) -> None:
    client, mine = Client(headers=AGENT), str(user.reference)
    entry.sign_in(client, user)
    assert told() == []
    entry.set_up_app(client)
    assert told() == [mine]
    client.post(f"{FACTOR}recovery-codes/generate/", secure=True)
    assert told() == [mine] * 2
    form = {"oldpassword": entry.PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/account/password/change/", form, secure=True).status_code == 302
    assert told() == [mine] * 3
    client.post(f"{FACTOR}totp/deactivate/", secure=True)
    assert told() == [mine] * 4


def test_the_owner_is_told_when_the_administrator_makes_a_new_beginning_and_when_it_is_used(user: User) -> None:
    administrator = make_user(Role.ADMINISTRATOR, user.institution)
    token = invitations.renew(user.reference, by=administrator).rstrip("/").rpartition("/")[2]
    assert told() == [str(user.reference)]
    invitations.accept(token, password=NEW)
    assert told() == [str(user.reference)] * 2


def test_a_change_that_is_undone_is_not_told(user: User) -> None:
    administrator = make_user(Role.ADMINISTRATOR, user.institution)
    with transaction.atomic():
        invitations.renew(user.reference, by=administrator)
        transaction.set_rollback(True)
    assert told() == []


@pytest.mark.parametrize(("language", "word"), [("tr", "değiştirildi"), ("en", "was changed")])
def test_the_mail_goes_to_the_owner_and_names_nobody(user: User, language: str, word: str) -> None:
    User.objects.filter(pk=user.pk).update(language=language)
    tasks.tell_owner(str(user.reference))

    (sent,) = outbox.outbox
    text = f"{sent.subject} {sent.body}"
    assert sent.to == [user.email]
    assert word in sent.subject
    assert not re.search(r"\d|@|http", text)
    assert user.full_name not in text
