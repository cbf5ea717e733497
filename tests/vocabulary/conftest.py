from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from django.conf import settings

from kalkan.vocabulary import stamp


@pytest.fixture(autouse=True)
def _memory() -> Iterator[None]:
    """What a test made this process remember ends with the test, as its rows do."""
    before = dict(stamp._remembered)
    yield
    stamp._remembered.clear()
    stamp._remembered.update(before)
    stamp._seen = stamp._now()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the files, to be changed."""
    return Path(copytree(settings.DATA, tmp_path / "data"))
