"""The people of one province, and English sentences to look for."""

from collections.abc import Iterator

import pytest
from django.utils.translation import override

from tests.cases.conftest import team as team


@pytest.fixture
def in_english() -> Iterator[None]:
    with override("en"):
        yield
