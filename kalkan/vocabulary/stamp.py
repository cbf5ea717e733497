"""How a process learns, without a query, that another one has loaded new reference data.

Every process of an installation shares its `var` folder. A load replaces one small file there once it is committed;
a look at the file's identity tells the others that what they remember is old.
"""

import os
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings

Value = TypeVar("Value")

_remembered: dict[Any, Any] = {}
_seen: tuple[int, int] | None = None


def renew() -> None:
    """Tell every process that the reference data changed."""
    path = settings.VAR / "vocabulary.stamp"
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch()
    draft.replace(path)


def forget() -> None:
    """Drop what this process remembers."""
    _remembered.clear()


def remember(key: Any, find: Callable[[], Value]) -> Value:
    """The value of `key`, found once and kept until the reference data change."""
    global _seen
    now = _now()
    if now != _seen:
        forget()
        _seen = now
    if key not in _remembered:
        _remembered[key] = find()
    return _remembered[key]


def _now() -> tuple[int, int] | None:
    try:
        status = (settings.VAR / "vocabulary.stamp").stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns
