"""`GET /health/`: can this installation work? 503 when it cannot, for whoever watches it."""

import shutil
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

from kalkan.access.session import Task, beyond_reach

LEAST_FREE = 1024**3


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _worker() -> bool:
    with beyond_reach(Task.QUEUE):
        return ProcrastinateWorker.objects.filter(last_heartbeat__gt=timezone.now() - timedelta(seconds=60)).exists()


def _disk() -> bool:
    return shutil.disk_usage(settings.VAR).free > LEAST_FREE


@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """Each part answers true or false; the whole is well when every part is."""
    state: dict[str, Any] = {}
    for part in (_database, _migrations, _worker, _disk):
        try:
            state[part.__name__.strip("_")] = part()
        except (Error, OSError):
            state[part.__name__.strip("_")] = False
    is_well = all(state.values())
    return JsonResponse(
        {"status": "ok" if is_well else "failing", **state, "version": settings.VERSION},
        status=200 if is_well else 503,
    )


urlpatterns = [path("", health, name="health")]
