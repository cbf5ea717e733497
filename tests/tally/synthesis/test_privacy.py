"""The budget is OpenDP's, to the last digit, and cannot be overdrawn."""

import math

import numpy as np
import opendp.prelude as dp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tally.synthesis.privacy import PrivacyError, Purse, check, epsilon_of, rho_of

SPACE = (dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64"))


def test_epsilon_of_many_steps_is_what_opendp_says_of_their_composition() -> None:
    purse = Purse(4, 1e-6)
    shares = [0.1, 0.25, 0.3]
    for number, share in enumerate(shares):
        purse.noisy(f"step {number}", np.zeros((3, 2), dtype=np.int64), purse.rho * share)
    scales = [math.sqrt(1 / (2 * purse.rho * share)) * (1 + 1e-9) for share in shares]
    together = dp.c.make_composition([dp.m.make_gaussian(*SPACE, scale=scale) for scale in scales])
    epsilon, delta = purse.total()
    assert purse.spent == pytest.approx(together.map(1.0), rel=1e-12)
    assert epsilon == pytest.approx(dp.c.make_zCDP_to_approxDP(together).map(1.0).epsilon(delta), rel=1e-6)


@settings(max_examples=25)
@given(st.floats(0.05, 10), st.sampled_from([1e-4, 1e-6, 1e-9]))
def test_the_whole_purse_never_costs_more_than_epsilon(epsilon: float, delta: float) -> None:
    purse = Purse(epsilon, delta)
    mechanism = dp.m.make_gaussian(*SPACE, scale=math.sqrt(1 / (2 * purse.rho)))
    assert dp.c.make_zCDP_to_approxDP(mechanism).map(1.0).epsilon(delta) <= epsilon * (1 + 1e-9)
    assert epsilon_of(purse.rho, delta) > 0.999 * epsilon


def test_a_purse_is_not_overdrawn() -> None:
    purse = Purse(1, 1e-6)
    purse.noisy("all", np.zeros(3, dtype=np.int64), purse.rho * (1 - 1e-7))
    with pytest.raises(PrivacyError, match="the budget is spent"):
        purse.noisy("more", np.zeros(3, dtype=np.int64), purse.rho * 0.01)
    with pytest.raises(PrivacyError, match="nothing is left"):
        purse.noisy("none", np.zeros(3, dtype=np.int64), 0.0)


def test_scores_cost_as_a_vector_that_one_record_moves_everywhere() -> None:
    purse = Purse(2, 1e-6)
    noisy = purse.noisy_scores("scores", np.zeros(16, dtype=np.int64), 0.01)
    assert purse.spent == pytest.approx(0.01, rel=1e-6)
    assert noisy.sigma == pytest.approx(4 * math.sqrt(1 / 0.02), rel=1e-6)


def test_noise_is_whole_centred_and_as_wide_as_said() -> None:
    noisy = Purse(1, 1e-6).noisy("n", np.full(20_000, 100, dtype=np.int64), 0.005)
    off = noisy.counts - 100
    assert noisy.counts.dtype == np.int64
    assert abs(off.mean()) < 6 * noisy.sigma / math.sqrt(20_000)
    assert off.std() == pytest.approx(noisy.sigma, rel=0.05)
    assert noisy.sigma == pytest.approx(10, rel=1e-6)


def test_a_look_up_shows_common_values_and_never_rare_ones() -> None:
    purse = Purse(1, 1e-6, 3e-7)
    found = purse.values("v", {"common": 5000, "rare": 1}, 0.01, 1e-7)
    assert set(found) == {"common"}
    assert purse.total()[1] <= 1e-6
    with pytest.raises(PrivacyError, match="the budget is spent"):
        purse.values("v", {"common": 5000}, purse.rho, 1e-7)


@pytest.mark.parametrize(
    ("epsilon", "delta"), [(0, 1e-6), (-1, 1e-6), (math.nan, 1e-6), (math.inf, 1e-6), (51, 1e-6), (1, 0), (1, 0.5)]
)
def test_no_budget_is_refused(epsilon: float, delta: float) -> None:
    with pytest.raises(PrivacyError):
        check(epsilon, delta)
    with pytest.raises(PrivacyError):
        rho_of(epsilon, delta)
