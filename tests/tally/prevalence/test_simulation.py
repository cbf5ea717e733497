"""The study itself: its populations are what they say, and its score-keeping is honest."""

import math

import numpy as np
import pytest

from tally.prevalence.simulation import DESIGNS, Design, Tally, main, simulate, table_of


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_a_design_has_the_shares_and_the_terms_it_names(design: Design) -> None:
    probabilities = design.probabilities()
    lists = len(design.shares)
    on = np.arange(1 << lists)[:, None] >> np.arange(lists) & 1
    assert probabilities.sum() == pytest.approx(1)
    if design.classes:
        return
    assert probabilities @ on == pytest.approx(design.shares, abs=1e-9)
    for positions, effect in design.terms:
        joined = sum(1 << i for i in positions)
        inner = [mask for mask in range(1 << lists) if mask & joined == mask]
        with np.errstate(divide="ignore"):
            logs = np.log(probabilities[inner])
        signs = [(-1) ** (len(positions) - mask.bit_count()) for mask in inner]
        assert float(np.dot(signs, logs)) == pytest.approx(effect)


def test_six_designs_and_more_some_dependent_and_one_with_a_list_of_one_per_cent() -> None:
    assert sum(design.holds for design in DESIGNS) >= 5
    assert sum(bool(design.terms) for design in DESIGNS) >= 5
    assert any(min(design.shares) == 0.01 for design in DESIGNS)
    assert len(DESIGNS) >= 6


def test_coverage_and_bias_are_counted_among_answers_and_open_ends_cover() -> None:
    tally = Tally(5, [90.0, 100.0, 121.0, 110.0], [80.0, -math.inf, 101.0, 90.0], [99.0, 105.0, 130.0, math.inf])
    bias, error, coverage, _, unresolved = tally.row(100)
    assert bias == pytest.approx(5.0)
    assert error == pytest.approx(math.sqrt(np.mean(np.log([0.9, 1.0, 1.21, 1.1]) ** 2)))
    assert coverage == 50.0
    assert unresolved == 50.0
    assert all(math.isnan(figure) for figure in Tally(3, [], [], []).row(100))


def test_a_study_can_be_repeated_and_finds_what_it_should() -> None:
    design = DESIGNS[0]
    once, again = (simulate(design, populations=12, replicates=300, seed=5, latent=1, threads=1) for _ in range(2))
    assert {name: tally.estimates for name, tally in once.items()} == {n: t.estimates for n, t in again.items()}
    bias, _, coverage, _, _ = once["bic, percentile"].row(design.people)
    assert abs(bias) < 5
    assert coverage >= 75
    wrong = simulate(DESIGNS[6], populations=8, replicates=400, seed=5)["independence, percentile"].row(5000)
    assert wrong[0] < -15
    assert wrong[2] < 50
    assert "| bic, percentile |" in table_of(design, once)


def test_the_study_prints_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--populations", "2", "--replicates", "50", "--latent", "0", "--design", "6"])
    assert "### Three lists, one pair dependent" in capsys.readouterr().out
