"""Profile likelihood limits for the number of people, the model taken as given."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import chdtri, gammaln

from tally.prevalence.kernel import CONVERGED, newton, superset_sums
from tally.prevalence.loglinear import ModelFit

NOBODY = math.log(1e-3)
PRECISION = 1e-8
FARTHEST = 40.0  # log dark figures beyond this many units from the estimate are not looked at


def profile_interval(fit: ModelFit, level: float = 0.95) -> tuple[float, float | None]:
    """Limits in people where the profile log-likelihood of N has fallen by half a chi-square quantile.

    The likelihood is the multinomial one of all N people, seen and unseen, maximised over everything but N. It does
    not know that the model was chosen, so it is reported beside the bootstrap interval and never in its place. The
    upper limit is None where the likelihood stays above the line however large N is.

    Source: Cormack (1992), Biometrics 48, 567–576.

    >>> from tally.prevalence import fit_model, published_table
    >>> [round(limit) for limit in profile_interval(fit_model(published_table("UKdat_5")))]
    [11985, 15166]
    """
    curve = _Profile(fit)
    peak = _highest(curve, fit.log_dark - 1, fit.log_dark + 1)
    line = curve(peak) - float(chdtri(1, 1 - level)) / 2
    observed = fit.histories.observed
    low = observed + (0.0 if curve(NOBODY) >= line else math.exp(_crossing(curve, line, NOBODY, peak)))
    reach = 1.0
    while curve(peak + reach) > line:
        reach *= 2
        if reach > FARTHEST:
            return low, None
    return low, observed + math.exp(_crossing(curve, line, peak + reach, peak))


def _highest(curve: Callable[[float], float], low: float, high: float) -> float:
    """Where a curve with one peak between `low` and `high` is highest, by golden sections."""
    section = (math.sqrt(5) - 1) / 2
    left, right = high - section * (high - low), low + section * (high - low)
    at_left, at_right = curve(left), curve(right)
    while high - low > PRECISION:
        if at_left < at_right:
            low, left, at_left = left, right, at_right
            right = low + section * (high - low)
            at_right = curve(right)
        else:
            high, right, at_right = right, left, at_left
            left = high - section * (high - low)
            at_left = curve(left)
    return (low + high) / 2


def _crossing(curve: Callable[[float], float], line: float, below: float, above: float) -> float:
    """Where the curve crosses the line, by halving, from a point where it is below and one where it is above."""
    while abs(above - below) > PRECISION:
        middle = (below + above) / 2
        if curve(middle) < line:
            below = middle
        else:
            above = middle
    return (below + above) / 2


class _Profile:
    """Profile log-likelihood as a function of the log of the dark figure, warm-started from call to call."""

    def __init__(self, fit: ModelFit) -> None:
        self.bits = len(fit.histories.lists)
        size = 1 << self.bits
        every = (*(1 << bit for bit in range(self.bits)), *fit.terms)
        self.masks = np.array([0] + [term for term in every if term not in fit.empty_terms])
        self.kept = (fit.means > 0).astype(float)
        self.kept[0] = 1.0
        self.counts = fit.histories.full()
        p = len(self.masks)
        self.beta = self._start(fit)
        self.space = (np.empty(size), np.empty(size), np.empty((p, p)), np.empty(p), np.empty(size))

    def _start(self, fit: ModelFit) -> np.ndarray:
        """Coefficients of the fit, from its log-means by differences over subsets."""
        log_means = np.log(np.where(fit.means > 0, fit.means, 1.0))
        log_means[0] = fit.log_dark
        coefficients = log_means.copy()
        for bit in range(self.bits):
            for mask in range(1 << self.bits):
                if mask >> bit & 1:
                    coefficients[mask] -= coefficients[mask ^ 1 << bit]
        return np.ascontiguousarray(coefficients[self.masks])

    def __call__(self, log_dark: float) -> float:
        counts = self.counts
        counts[0] = math.exp(log_dark)
        total = counts.sum()
        sums = counts.copy()
        superset_sums(sums, self.bits)
        beta = self.beta.copy()
        mu, sup, hess, step, eta = self.space
        code = newton(counts, sums, self.kept, self.masks, len(self.masks), self.bits, beta, mu, sup, hess, step, eta)
        if code != CONVERGED:
            return -math.inf
        self.beta = beta
        seen = counts > 0
        likelihood = float((counts[seen] * np.log(mu[seen] / total)).sum())
        return likelihood + float(gammaln(total + 1) - gammaln(counts[0] + 1))
