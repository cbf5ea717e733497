"""The privacy budget and the noise. Every random bit that protects a person is drawn by OpenDP, and by it alone.

The unit of protection is one record: two files are neighbours if one has a record that the other lacks. Budgets are
held as zero-concentrated differential privacy (rho), which adds up over steps; OpenDP turns the sum into epsilon at a
delta. Counts are integers, noise is OpenDP's discrete Gaussian (exact, from a cryptographic source), so no
floating-point number that depends on the data meets the noise.

Sources: M. Bun and T. Steinke, Concentrated differential privacy (TCC 2016); C. Canonne, G. Kamath and T. Steinke,
The discrete Gaussian for differential privacy (NeurIPS 2020).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import opendp.prelude as dp
from scipy.optimize import brentq

dp.enable_features("contrib")

_SAFETY = 1e-9


class PrivacyError(ValueError):
    """The budget is no budget, or is spent."""


def check(epsilon: float, delta: float) -> None:
    """Raise PrivacyError unless 0 < epsilon ≤ 50 and 0 < delta ≤ 0.001."""
    if not math.isfinite(epsilon) or epsilon <= 0:
        raise PrivacyError("epsilon must be more than 0: with 0 nothing can be said")
    if epsilon > 50:
        raise PrivacyError("an epsilon over 50 promises nothing; the usual range is 0.1 to 10")
    if not math.isfinite(delta) or not 0 < delta <= 1e-3:
        raise PrivacyError("delta must be over 0 and at most 0.001; well below one in the number of records")


def epsilon_of(rho: float, delta: float) -> float:
    """The epsilon that a total of rho gives at this delta, as OpenDP computes it (the tight conversion).

    >>> round(epsilon_of(0.311, 1e-6), 2)
    4.0
    """
    if rho <= 0:
        return 0.0
    scale = math.sqrt(1 / (2 * rho))
    one = dp.m.make_gaussian(dp.atom_domain(T="i64"), dp.absolute_distance(T="f64"), scale=scale)
    return float(dp.c.make_zCDP_to_approxDP(one).map(1.0).epsilon(delta))


def rho_of(epsilon: float, delta: float) -> float:
    """The largest total rho whose epsilon at this delta is not over `epsilon`.

    Raises PrivacyError as `check`.

    >>> rho = rho_of(1.0, 1e-6)
    >>> epsilon_of(rho, 1e-6) <= 1.0
    True
    """
    check(epsilon, delta)
    rho = float(brentq(lambda r: epsilon_of(r, delta) - epsilon, 1e-9, 2 * epsilon + 50, rtol=1e-10))
    while epsilon_of(rho, delta) > epsilon:
        rho *= 1 - 1e-7
    return rho


@dataclass
class Purse:
    """A total of rho (and of delta, for looking up values) that can be spent once. Every step is written down.

    Raises PrivacyError when a step would overdraw it.
    """

    epsilon: float
    delta: float
    delta_for_lookup: float = 0.0
    rho: float = field(init=False)
    spent: float = field(default=0.0, init=False)
    delta_spent: float = field(default=0.0, init=False)
    steps: list[tuple[str, float]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        check(self.epsilon, self.delta)
        if not 0 <= self.delta_for_lookup < self.delta:
            raise PrivacyError("the delta set aside for looking up values must be less than delta")
        self.rho = rho_of(self.epsilon, self.delta - self.delta_for_lookup)

    @property
    def left(self) -> float:
        """What is not spent, in rho."""
        return max(self.rho - self.spent, 0.0)

    def pay(self, what: str, rho: float, delta: float = 0.0) -> None:
        """Take a step's cost, as OpenDP's map states it."""
        if self.spent + rho > self.rho * (1 + _SAFETY) or self.delta_spent + delta > self.delta_for_lookup:
            raise PrivacyError(f"the budget is spent: {what} would cost rho {rho:.3g}, {self.left:.3g} is left")
        self.spent += rho
        self.delta_spent += delta
        self.steps.append((what, rho))

    def noisy(self, what: str, counts: npt.NDArray[np.int64], rho: float) -> "Noisy":
        """Counts with discrete Gaussian noise for this much rho; one record changes one of them by one.

        `counts` may have any shape; the noise is drawn for each cell, empty ones too.
        """
        if rho <= 0:
            raise PrivacyError(f"nothing is left in the budget for {what}")
        scale = math.sqrt(1 / (2 * rho)) * (1 + _SAFETY)
        space = (dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64"))
        mechanism = dp.m.make_gaussian(*space, scale=scale)
        self.pay(what, float(mechanism.map(1.0)))
        released = mechanism(counts.ravel().astype(np.int64).tolist())
        return Noisy(np.array(released, dtype=np.int64).reshape(counts.shape), scale)

    def noisy_scores(self, what: str, scores: npt.NDArray[np.int64], rho: float) -> "Noisy":
        """Scores of which one record changes each by at most one, so their vector by at most √(number of scores)."""
        if rho <= 0:
            raise PrivacyError(f"nothing is left in the budget for {what}")
        reach = math.sqrt(len(scores))
        scale = reach * math.sqrt(1 / (2 * rho)) * (1 + _SAFETY)
        space = (dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64"))
        mechanism = dp.m.make_gaussian(*space, scale=scale)
        self.pay(what, float(mechanism.map(reach)))
        return Noisy(np.array(mechanism(scores.astype(np.int64).tolist()), dtype=np.int64), scale)

    def values(self, what: str, counts: Mapping[str, int], rho: float, delta: float) -> dict[str, int]:
        """The values that occur often enough to be shown, with noisy counts: a private look-up of a code list.

        Values whose noisy count is under a threshold stay unknown; rare ones are lost by design.
        """
        scale = math.sqrt(1 / (2 * rho)) * (1 + _SAFETY)
        domain = dp.map_domain(dp.atom_domain(T=str), dp.atom_domain(T="i64"))
        metric = dp.l02inf_distance(dp.absolute_distance(T="f64"))
        threshold = 2
        while True:
            mechanism = dp.m.make_gaussian_threshold(domain, metric, scale=scale, threshold=threshold)
            cost, risk = mechanism.map((1, 1.0, 1.0))
            if risk <= delta:
                break
            threshold = max(threshold + 1, math.ceil(threshold * 1.05))
        self.pay(what, float(cost), float(risk))
        return {str(value): int(count) for value, count in mechanism(dict(counts)).items()}

    def total(self) -> tuple[float, float]:
        """Epsilon and delta of everything spent so far."""
        left = self.delta - self.delta_for_lookup
        return epsilon_of(self.spent, left), left + self.delta_spent


@dataclass(frozen=True)
class Noisy:
    """Counts with noise, and its standard deviation in counts."""

    counts: npt.NDArray[np.int64]
    sigma: float
