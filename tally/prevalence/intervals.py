"""Confidence limits from bootstrap replicates, with the Monte Carlo error of each limit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

FEWEST_BEHIND_A_LIMIT = 10


@dataclass(frozen=True, slots=True)
class Interval:
    """Limits in people. A limit that is not resolved is None, and so is its Monte Carlo standard error.

    `resolved` says that each limit rests on at least ten replicates; `replicates` is their number, and 0 for an
    interval that is not simulated. `beyond_low` and `beyond_high` hold the most extreme value that was resolved, for
    saying "below" or "above" it where the limit itself is not.
    """

    level: float
    method: str
    low: float | None
    high: float | None
    mc_se_low: float | None
    mc_se_high: float | None
    resolved: bool
    replicates: int
    beyond_low: float | None = None
    beyond_high: float | None = None

    def to_dict(self) -> dict[str, float | str | bool | None]:
        """The published keys of an interval."""
        return {
            "level": self.level,
            "method": self.method,
            "low": self.low,
            "high": self.high,
            "mc_se_low": self.mc_se_low,
            "mc_se_high": self.mc_se_high,
            "resolved": self.resolved,
        }


def percentile(replicates: NDArray[np.float64], level: float = 0.95) -> Interval:
    """Percentile interval (Efron 1979): the quantiles of the replicates.

    `replicates` are B estimates in people, infinite where a replicate has no estimate; `level` is between 0 and 1.
    Raises ValueError without replicates.

    >>> interval = percentile(np.arange(1.0, 2000.0))
    >>> round(interval.low), round(interval.high), interval.resolved
    (50, 1950, True)
    """
    tail = (1 - level) / 2
    return _interval(replicates, level, "percentile", (tail, 0.0), (1 - tail, 0.0), 0.5)


def acceleration(estimates: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Acceleration of the BCa interval from the jackknife: `weights` people share each leave-one-out estimate.

    Estimates that are infinite are left out. Source: Efron and Tibshirani (1993), equation 14.15.

    >>> round(acceleration(np.array([1.0, 2.0, 4.0]), np.array([10.0, 5.0, 1.0])), 4)
    -0.0791
    """
    finite = np.isfinite(estimates)
    if not finite.any():
        return 0.0
    estimates, weights = estimates[finite], weights[finite]
    deviations = np.average(estimates, weights=weights) - estimates
    spread = float((weights * deviations**2).sum())
    if spread == 0.0:
        return 0.0
    return float((weights * deviations**3).sum()) / (6 * spread**1.5)


def bca(replicates: NDArray[np.float64], estimate: float, accelerated: float, level: float = 0.95) -> Interval:
    """Bias-corrected and accelerated interval (Efron 1987).

    `replicates` are B estimates in people, `estimate` the estimate on the table itself, `accelerated` from
    `acceleration`. Raises ValueError without replicates.

    >>> interval = bca(np.arange(1.0, 2000.0), 1000.0, 0.0)
    >>> round(interval.low), round(interval.high)
    (50, 1950)
    """
    total = len(replicates)
    below = float((replicates < estimate).sum() + 0.5 * (replicates == estimate).sum())
    share = min(max(below / max(total, 1), 0.5 / max(total, 1)), 1 - 0.5 / max(total, 1))
    bias = float(ndtri(share))
    quantiles = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        reach = bias + float(ndtri(tail))
        bend = 1 - accelerated * reach
        if bend <= 0:  # the correction has no meaning this far out; the limit is then not resolved
            quantiles.append((0.0 if reach < 0 else 1.0, 0.0))
            continue
        at = bias + reach / bend
        density = math.exp(-at * at / 2) / math.exp(-bias * bias / 2)
        quantiles.append((float(ndtr(at)), density * (1 + 1 / bend**2)))
    return _interval(replicates, level, "bca", quantiles[0], quantiles[1], share)


def _interval(
    replicates: NDArray[np.float64],
    level: float,
    method: str,
    lower: tuple[float, float],
    upper: tuple[float, float],
    share: float,
) -> Interval:
    """Limits at two quantiles; each comes with its derivative in the share of replicates below the estimate."""
    total = len(replicates)
    if total == 0:
        raise ValueError("an interval needs replicates")
    if not 0 < level < 1:
        raise ValueError("the level is between 0 and 1")
    ordered = np.sort(replicates)
    low, low_error = _limit(ordered, *lower, share, from_below=True)
    high, high_error = _limit(ordered, *upper, share, from_below=False)
    behind = min(FEWEST_BEHIND_A_LIMIT, total) - 1
    finite = ordered[np.isfinite(ordered)]
    return Interval(
        level=level,
        method=method,
        low=low,
        high=high,
        mc_se_low=low_error,
        mc_se_high=high_error,
        resolved=low is not None and high is not None,
        replicates=total,
        beyond_low=float(ordered[behind]) if np.isfinite(ordered[behind]) else None,
        beyond_high=float(finite[max(0, len(finite) - 1 - behind)]) if len(finite) else None,
    )


def _limit(
    ordered: NDArray[np.float64], level: float, slope: float, share: float, *, from_below: bool
) -> tuple[float | None, float | None]:
    """A quantile of the ordered replicates and its Monte Carlo standard error; None, None if it is not resolved.

    The error is that of `quantile(level + slope × error of share)`: both errors come from the same empirical
    distribution, so their covariance is the Brownian bridge's.
    """
    total = len(ordered)
    behind = total * (level if from_below else 1 - level)
    if behind < FEWEST_BEHIND_A_LIMIT:
        return None, None
    limit = _order_statistic(ordered, level)
    if not math.isfinite(limit):
        return None, None
    step = math.sqrt(level * (1 - level) / total)
    lower, upper = max(level - step, 0.5 / total), min(level + step, 1 - 0.5 / total)
    above = _order_statistic(ordered, upper)
    if not math.isfinite(above):
        return None, None
    steepness = (above - _order_statistic(ordered, lower)) / (upper - lower)
    joint = min(level, share) * (1 - max(level, share))
    variance = level * (1 - level) + slope**2 * share * (1 - share) - 2 * slope * joint
    return limit, steepness * math.sqrt(max(variance, 0.0) / total)


def _order_statistic(ordered: NDArray[np.float64], level: float) -> float:
    """Quantile of definition 6 of Hyndman and Fan (1996): position (B + 1) × level, interpolated."""
    position = min(max((len(ordered) + 1) * level, 1.0), float(len(ordered)))
    below = int(position)
    if below >= len(ordered) or position == below:
        return float(ordered[below - 1])
    low, high = ordered[below - 1], ordered[below]
    return float(low + (position - below) * (high - low)) if np.isfinite(high) else float(high)
