"""The address that watches over an installation."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

from kalkan.persons import keyring
from kalkan.web import locked

pytestmark = pytest.mark.django_db


def _worker_seen(ago: timedelta) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [timezone.now() - ago])
    assert ProcrastinateWorker.objects.exists()


def test_an_installation_without_a_worker_is_failing(client: Client) -> None:
    response = client.get("/health/")
    assert response.status_code == 503
    assert response.json()["worker"] is False
    assert response.json()["database"] is True


def test_a_worker_not_heard_of_for_minutes_is_failing(client: Client) -> None:
    _worker_seen(timedelta(minutes=5))
    assert client.get("/health/").status_code == 503


def test_an_installation_with_everything_is_well(client: Client) -> None:
    _worker_seen(timedelta(seconds=1))
    response = client.get("/health/")
    assert response.status_code == 200
    assert set(response.json()) == {"status", "database", "migrations", "worker", "disk", "version"}


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_said_and_no_error_page(client: Client, error: type[Exception]) -> None:
    def away(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if "set_config" in sql:  # a test's own transaction is lost with the connection, a request has none
            return execute(sql, *rest)
        raise error("the connection is closed")

    with connection.execute_wrapper(away):
        response = client.get("/health/")
    assert response.status_code == 503
    assert (response.json()["status"], response.json()["database"]) == ("failing", False)


def test_a_server_that_starts_while_its_database_is_away_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("connection refused")

    locked.trouble.cache_clear()
    monkeypatch.setattr(keyring, "trouble", away)
    assert client.get("/health/").json()["status"] == "failing"
