"""A small share of `python -m tests.drills`: each part killed once while a dozen writes are under way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.installation import Installation, installed
from tests.drills.__main__ import VICTIMS
from tests.drills.drill import Drill
from tests.drills.invariants import HALVES


@pytest.fixture
def installation(prepared: Path) -> Iterator[Installation]:
    with installed(prepared) as made:
        yield made


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_kill_loses_nothing_acknowledged_and_leaves_nothing_half_written(
    installation: Installation, victim: str
) -> None:
    outcome = Drill(installation, victim, writes=12, kills=1, seed=157).run()
    assert outcome.acknowledged == 12
    assert outcome.kills == 1
    assert outcome.is_clean, f"{outcome.counts()} {outcome.lost}"
    if victim != "worker":
        with installation.database() as connection:
            # The invariants can fail: an opening move taken away by force is found.
            connection.execute("ALTER TABLE cases_stagechange DISABLE TRIGGER USER")
            connection.execute("DELETE FROM cases_stagechange WHERE case_id = (SELECT min(id) FROM cases_case)")
            assert connection.execute(HALVES["case without its opening move"]).fetchone() == (1,)
