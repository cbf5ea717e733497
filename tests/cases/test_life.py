"""A case from its first signal to its end, and what may not be skipped on the way."""

import pytest

from kalkan.assistance import closing
from kalkan.cases import services
from kalkan.cases.lifecycle import NotPossible, Stage
from tests.cases.story import DAY, Province, at, fresh

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("stage", list(Stage))
def test_a_case_can_be_carried_to_every_stage(team: Province, stage: Stage) -> None:
    case = at(stage, team)
    assert case.stage == stage
    assert case.stage_changes.last().target == stage


def test_a_case_stays_open_while_another_room_still_works_for_the_person(
    team: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = at(Stage.PROTECTION, team)
    monkeypatch.setattr(closing, "HINDRANCES", (lambda _case: "", lambda case: f"{case.number} is still at work."))
    with pytest.raises(NotPossible, match=f"{case.number} is still at work"):
        services.close_case(case.reference, by=team.protector, on=DAY, reason="returned")
    assert fresh(case).stage == Stage.PROTECTION
    monkeypatch.setattr(closing, "HINDRANCES", ())
    assert services.close_case(case.reference, by=team.protector, on=DAY, reason="returned").stage == Stage.CLOSED
