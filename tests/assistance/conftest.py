"""The people of one province."""

import pytest

from tests.cases.story import Province, make_province_team


@pytest.fixture
def team(db: None) -> Province:
    return make_province_team()
