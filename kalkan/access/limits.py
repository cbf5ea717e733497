"""The cache in PostgreSQL, exact enough to count attempts on.

django-allauth keeps its rate limits and locks in the cache. Django's own database cache throws a third of its rows
away when there are more than 300, counters that lock an account among them: whoever tries 300 other addresses has
opened the lock. Here nothing goes before it expires, and `add` is one statement, so that of any number of processes
exactly one gets in.
"""

import pickle
from base64 import b64encode
from datetime import UTC, datetime
from random import random
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router
from django.utils import timezone

_SWEEP = 0.01  # one write of a hundred also deletes what has expired


class ExactCache(DatabaseCache):
    """Django's database cache (same table) without culling, with `add` and `set` as one statement each."""

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        if mode == "touch":
            return bool(super()._base_set(mode, key, value, timeout))  # type: ignore[misc]
        until = self.get_backend_timeout(timeout)
        expires = datetime.max.replace(tzinfo=UTC) if until is None else datetime.fromtimestamp(until, tz=UTC)
        connection = connections[router.db_for_write(self.cache_model_class)]
        table = connection.ops.quote_name(self._table)  # type: ignore[attr-defined]
        now = timezone.now()
        is_free = f"WHERE {table}.expires < %s" if mode == "add" else ""
        packed = b64encode(pickle.dumps(value, self.pickle_protocol)).decode()
        with connection.cursor() as cursor:
            if random() < _SWEEP:
                cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])
            cursor.execute(
                f"INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s) ON CONFLICT (cache_key) "
                f"DO UPDATE SET value = EXCLUDED.value, expires = EXCLUDED.expires {is_free} RETURNING 1",
                [key, packed, expires, *([now] if is_free else [])],
            )
            return cursor.fetchone() is not None

    def _cull(self, db: str, cursor: Any, now: Any, num: int) -> None:
        """Nothing goes before it expires."""
