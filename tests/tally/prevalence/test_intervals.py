"""Limits, their Monte Carlo error, and what is not known."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from tally.prevalence import fit_model, profile_interval, published_table
from tally.prevalence.intervals import acceleration, bca, percentile


def test_bca_limits_are_efrons() -> None:
    replicates = np.random.default_rng(1).gamma(4, 100, 9999)
    estimate, accelerated = 420.0, 0.06
    bias = norm.ppf((replicates < estimate).mean())
    interval = bca(replicates, estimate, accelerated)
    for limit, tail in ((interval.low, 0.025), (interval.high, 0.975)):
        reach = bias + norm.ppf(tail)
        level = norm.cdf(bias + reach / (1 - accelerated * reach))
        assert limit == pytest.approx(np.quantile(replicates, level, method="weibull"), rel=1e-9)


@pytest.mark.parametrize("kind", ["percentile", "bca"])
@pytest.mark.parametrize("shape", ["gamma", "normal"])
def test_the_stated_error_of_a_limit_is_the_error_it_has(kind: str, shape: str) -> None:
    generator = np.random.default_rng(7)
    centre = 275.0 if shape == "gamma" else 1010.0
    limits, errors = [], []
    for _ in range(600):
        replicates = generator.gamma(3, 100, 3000) if shape == "gamma" else generator.normal(1000, 100, 3000)
        interval = percentile(replicates) if kind == "percentile" else bca(replicates, centre, 0.02)
        limits.append((interval.low, interval.high))
        errors.append((interval.mc_se_low, interval.mc_se_high))
    np.testing.assert_allclose(np.mean(errors, axis=0), np.std(limits, axis=0), rtol=0.15)


def test_a_limit_on_fewer_than_ten_replicates_is_not_given() -> None:
    interval = percentile(np.arange(300.0))
    assert (interval.low, interval.high, interval.mc_se_low, interval.mc_se_high) == (None,) * 4
    assert not interval.resolved
    assert (interval.beyond_low, interval.beyond_high) == (9.0, 290.0)
    assert percentile(np.arange(500.0)).resolved


def test_a_bca_limit_pushed_to_the_last_replicates_is_not_given() -> None:
    """SparseMSE returns the smallest replicate here, without a word."""
    interval = bca(np.arange(1000.0, 2000.0), 1150.0, 0.0)
    assert interval.low is None
    assert interval.high is not None
    assert not interval.resolved


def test_replicates_without_an_estimate_push_the_upper_limit_beyond_reach() -> None:
    replicates = np.append(np.arange(1000.0), np.full(40, math.inf))
    interval = percentile(replicates)
    assert interval.low is not None
    assert interval.high is None
    assert interval.beyond_high == 990.0
    few = percentile(np.append(np.arange(2000.0), np.full(10, math.inf)))
    assert few.high is not None


def test_nothing_is_made_of_nothing() -> None:
    with pytest.raises(ValueError, match="needs replicates"):
        percentile(np.empty(0))
    with pytest.raises(ValueError, match="between 0 and 1"):
        percentile(np.arange(100.0), 1.0)


def test_acceleration_counts_each_history_as_often_as_it_was_seen() -> None:
    estimates, weights = np.array([1.0, 2.0, 4.0]), np.array([3.0, 2.0, 1.0])
    spelled_out = np.repeat(estimates, weights.astype(int))
    assert acceleration(estimates, weights) == pytest.approx(acceleration(spelled_out, np.ones(6)))
    assert acceleration(np.array([math.inf, 1.0]), np.ones(2)) == 0.0
    assert acceleration(np.full(3, math.inf), np.ones(3)) == 0.0


def test_profile_limits_are_where_the_likelihood_ratio_reaches_the_quantile() -> None:
    """Two lists have a closed form: with three independent lists the profile is checked against a grid."""
    from scipy.special import gammaln

    from tally.prevalence.loglinear import ModelFit

    fit: ModelFit = fit_model(published_table("Korea"))
    table = fit.histories
    sizes = np.diag(table.overlap())

    def likelihood(total: float) -> float:
        share = sizes / total
        unseen = total - table.observed
        terms = sizes * np.log(share) + (total - sizes) * np.log1p(-share)
        return float(terms.sum() + gammaln(total + 1) - gammaln(unseen + 1))

    totals = np.linspace(table.observed + 1e-6, 200, 200_001)
    curve = np.array([likelihood(total) for total in totals])
    inside = totals[curve >= curve.max() - 3.841458820694124 / 2]
    assert profile_interval(fit) == pytest.approx((inside[0], inside[-1]), abs=2e-3)


def test_a_profile_that_never_falls_has_no_upper_limit() -> None:
    from tally.prevalence import Histories

    nearly_apart = Histories(("A", "B", "C"), (1, 2, 3, 4), (400, 300, 1, 200))
    low, high = profile_interval(fit_model(nearly_apart), 0.999999999)
    assert low > 901
    assert high is None or high > 1e6
