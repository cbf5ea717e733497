"""The address that watches over an installation."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

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
