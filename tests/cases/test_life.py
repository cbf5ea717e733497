"""A case from its first signal to its end, and what may not be skipped on the way."""

import pytest

from kalkan.cases.lifecycle import Stage
from tests.cases.story import Province, at

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("stage", list(Stage))
def test_a_case_can_be_carried_to_every_stage(team: Province, stage: Stage) -> None:
    case = at(stage, team)
    assert case.stage == stage
    assert case.stage_changes.last().target == stage
