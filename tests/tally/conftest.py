"""Where the shared reference data is, and what to say where it is not."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of reference data; tests that need it are skipped, with the reason, where it is absent."""
    folder = Path(os.environ.get("KALKAN_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not (folder / "mse").is_dir():
        pytest.skip(f"no reference data at {folder}; set KALKAN_SHARED_DATA")
    return folder
