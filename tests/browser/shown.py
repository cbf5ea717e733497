"""One page of the system as somebody opens it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from kalkan.access.models import User


class Shown(NamedTuple):
    """One page as one user opens it; with `answers`, the page that follows its form once it is filled in so."""

    name: str
    user: User | None
    address: str
    answers: Mapping[str, Any] | None = None
