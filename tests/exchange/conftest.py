"""Doing imports in tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.exchange import services
from kalkan.exchange.importing import Report
from tests.exchange import tables
from tests.factories import make_institution, make_user


@pytest.fixture(autouse=True)
def _files(settings, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def centre(db: None) -> User:
    """Somebody of the central unit, who may import and export."""
    return make_user(Role.CENTRAL_UNIT, make_institution("migration_centre", None))


@pytest.fixture
def bring(db: None) -> Callable[..., Report]:
    """Import some bytes and return the report."""

    def run(
        content: bytes, *, kind: str = "ctdc", by: User | None = None, mode: str = "all", dry: bool = False
    ) -> Report:
        return services.import_source(
            tables.source(content), kind=kind, by=by, mode=mode, is_dry_run=dry, progress=lambda done, rows: None
        )[0]

    return run
