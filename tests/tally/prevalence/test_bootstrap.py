"""Replicates depend on the seed and their number, and on nothing else."""

from pathlib import Path

import numpy as np
import pytest

from tally.prevalence import Checkpoint, published_table
from tally.prevalence.bootstrap import Replicates, extend, jackknife, resample
from tally.prevalence.procedure import Procedure, run_procedure

TABLE = published_table("UKdat_5")
STEPWISE = Procedure("stepwise", 5)


@pytest.mark.parametrize("method", ["independence", "stepwise", "bic"])
def test_the_number_of_threads_changes_nothing(method: str) -> None:
    procedure = Procedure(method, 5)
    one, four = (extend(Replicates(), TABLE, procedure, seed=3, until=700, threads=t) for t in (1, 4))
    assert np.array_equal(one.estimates, four.estimates)
    assert np.array_equal(one.models, four.models)


def test_drawing_on_gives_what_drawing_at_once_gives() -> None:
    at_once = extend(Replicates(), TABLE, STEPWISE, seed=3, until=900)
    in_parts = extend(Replicates(), TABLE, STEPWISE, seed=3, until=100)
    extend(in_parts, TABLE, STEPWISE, seed=3, until=900)
    assert np.array_equal(at_once.estimates, in_parts.estimates)


def test_another_seed_gives_other_replicates() -> None:
    first, second = (resample(TABLE, seed, 0, 20) for seed in (1, 2))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first[0], first[1])


def test_replicates_have_the_mean_and_the_variance_of_the_multinomial() -> None:
    drawn = resample(TABLE, 5, 0, 4000)
    counts = TABLE.full()
    assert (drawn.sum(axis=1) == TABLE.observed).all()
    variance = counts * (1 - counts / TABLE.observed)
    assert np.abs(drawn.mean(axis=0) - counts).max() < 5 * np.sqrt(variance.max() / 4000)
    seen = counts > 10
    np.testing.assert_allclose(drawn.var(axis=0)[seen], variance[seen], rtol=0.15)
    assert (drawn[:, counts == 0] == 0).all()


def test_every_replicate_is_estimated_as_its_table_alone_would_be() -> None:
    drawn = resample(TABLE, 9, 0, 30)
    together = run_procedure(Procedure("bic", 5), drawn, threads=2).log_dark
    alone = [run_procedure(Procedure("bic", 5), drawn[i : i + 1]).log_dark[0] for i in range(30)]
    assert together.tolist() == alone


def test_an_empty_list_in_a_replicate_is_counted() -> None:
    small = published_table("Artificial_3")
    sample = extend(Replicates(), small, Procedure("independence", 3), seed=1, until=3000)
    by_hand = (resample(small, 1, 0, 3000)[:, [4, 5, 6, 7]].sum(axis=1) == 0).sum()
    assert sample.empty_list == by_hand
    no_overlap = (resample(small, 1, 0, 3000)[:, 3] == 0).sum()
    assert np.isinf(sample.estimates).sum() == no_overlap > 0


def test_the_jackknife_leaves_each_kind_of_person_out_once() -> None:
    estimates, weights = jackknife(TABLE, STEPWISE)
    assert weights.sum() == TABLE.observed
    for position in (0, 7, 17):
        counts = TABLE.full()
        counts[TABLE.masks[position]] -= 1
        alone = run_procedure(STEPWISE, counts[None, :])
        assert estimates[position] == TABLE.observed - 1 + np.exp(alone.log_dark[0])


def test_a_checkpoint_gives_back_what_was_kept_and_nothing_of_another_run(tmp_path: Path) -> None:
    kept = Checkpoint(tmp_path)
    drawn = extend(Replicates(), TABLE, STEPWISE, seed=3, until=50)
    kept.save(TABLE, STEPWISE, 3, drawn)
    again = kept.load(TABLE, STEPWISE, 3)
    assert np.array_equal(again.estimates, drawn.estimates)
    assert len(kept.load(TABLE, STEPWISE, 4)) == 0
    assert len(kept.load(TABLE, Procedure("stepwise", 5, 0.05), 3)) == 0
    assert len(kept.load(published_table("Ned_5"), STEPWISE, 3)) == 0
    kept.finish()
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_checkpoint_is_ignored(tmp_path: Path) -> None:
    kept = Checkpoint(tmp_path)
    kept.save(TABLE, STEPWISE, 3, extend(Replicates(), TABLE, STEPWISE, seed=3, until=50))
    for file in tmp_path.iterdir():
        file.write_bytes(b"half a file")
    assert len(kept.load(TABLE, STEPWISE, 3)) == 0
