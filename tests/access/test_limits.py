"""Locks hold: whatever else is tried, and however many try at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from tests.access import entry
from tests.factories import make_user

ROUNDS, AT_ONCE = 3, 8


@pytest.fixture
def user(transactional_db: None) -> User:
    user = make_user(Role.FRONTLINE_OFFICER)
    user.set_password(entry.PASSWORD)
    user.save()
    return user


def together(act: Any, count: int) -> list[Any]:
    """The answers of `count` threads, each with a connection of its own, as two server processes have."""

    def one(number: int) -> Any:
        try:
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache")
        return cursor.fetchone()[0]


def test_four_hundred_other_attempts_do_not_open_a_lock(user: User) -> None:
    for _attempt in range(5):
        entry.sign_in(Client(), user, password="yanlis-parola-123")
    before = rows()
    for number in range(400):  # what one attempt with another address leaves behind
        cache.set(f"allauth:rl:other:{number}", [1.0], 900)

    client = Client()
    entry.sign_in(client, user)

    assert rows() >= before + 400
    assert not entry.is_in(client)
    assert AuditEvent.objects.latest("id").facts == {"reason": "locked"}


def test_of_many_attempts_at_once_five_are_tried_and_not_one_more(user: User) -> None:
    def attempt(number: int) -> None:
        entry.sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), user, password="yanlis-parola-123")

    for _round in range(ROUNDS):
        together(attempt, AT_ONCE)

    failures = AuditEvent.objects.filter(action=Event.SIGN_IN_FAILED)
    tried = [event.facts["reason"] for event in failures]
    assert len(tried) == ROUNDS * AT_ONCE
    assert tried.count("password") == 5


@pytest.mark.parametrize("is_expired", [False, True])
def test_of_many_that_take_a_free_key_at_once_exactly_one_gets_it(transactional_db: None, is_expired: bool) -> None:
    for number in range(20):
        key = f"taken-{number}"
        if is_expired:
            cache.set(key, "old", -1)
        got = together(lambda one, key=key: cache.add(key, one, 60), AT_ONCE)
        assert got.count(True) == 1
        assert cache.get(key) == got.index(True)


def test_what_has_expired_is_swept_away(transactional_db: None) -> None:
    cache.set("gone", 1, -1)
    for number in range(2000):
        cache.set(f"kept-{number % 3}", number, 60)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache WHERE cache_key LIKE '%%gone'")
        assert cursor.fetchone() == (0,)
    assert cache.get("kept-1") is not None
