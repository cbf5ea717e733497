"""One log-linear model fitted by extended maximum likelihood: estimate, standard error, likelihood and fit."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtri

from tally.prevalence.existence import EXISTS, NO_MAXIMUM, NOT_IDENTIFIABLE, Existence, check_existence
from tally.prevalence.histories import Histories
from tally.prevalence.kernel import CONVERGED, fit_terms, superset_sums


class NoEstimateError(ValueError):
    """The model has no maximum likelihood estimate on this table; `existence` holds the verdict."""

    def __init__(self, message: str, existence: Existence) -> None:
        super().__init__(message)
        self.existence = existence


@dataclass(frozen=True, slots=True, eq=False)
class ModelFit:
    """A fitted model.

    `terms` are the masks of the chosen terms of two or more lists, `empty_terms` those of them (and lists) at minus
    infinity. `log_dark` and `log_dark_se` are the log of the dark figure and its standard error from the observed
    information; `means` the fitted counts of all histories indexed by mask (0 for history 0 and structural zeros).
    `parameters` counts those at minus infinity too.
    """

    histories: Histories
    terms: tuple[int, ...]
    empty_terms: tuple[int, ...]
    existence: Existence
    log_dark: float
    log_dark_se: float
    log_likelihood: float
    parameters: int
    degrees_of_freedom: int
    deviance: float
    pearson: float
    means: NDArray[np.float64]

    @property
    def dark_figure(self) -> float:
        """Estimated number of people on no list."""
        return math.exp(self.log_dark)

    @property
    def estimate(self) -> float:
        """Estimated number of people in all."""
        return self.histories.observed + self.dark_figure

    @property
    def bic(self) -> float:
        """-2 log-likelihood + parameters × log(people observed), as Silverman, Chan and Vincent (2024) define it."""
        return -2 * self.log_likelihood + self.parameters * math.log(self.histories.observed)

    @property
    def aic(self) -> float:
        return -2 * self.log_likelihood + 2 * self.parameters

    def wald(self, level: float = 0.95) -> tuple[float, float]:
        """Limits from the normal approximation to the log of the dark figure, the model taken as given."""
        reach = float(ndtri((1 + level) / 2)) * self.log_dark_se
        observed = self.histories.observed
        return observed + math.exp(self.log_dark - reach), observed + math.exp(self.log_dark + reach)


def closed(terms: Iterable[int]) -> tuple[int, ...]:
    """The terms with every smaller term of two or more lists inside them, small terms first.

    >>> closed([7])
    (3, 5, 6, 7)
    """
    every: set[int] = set()
    for term in terms:
        inside = term
        while inside:
            if inside & (inside - 1):
                every.add(inside)
            inside = (inside - 1) & term
    return tuple(sorted(every, key=lambda mask: (mask.bit_count(), mask)))


def fit_model(histories: Histories, terms: Iterable[int | str] = ()) -> ModelFit:
    """Fit main effects and `terms` by extended maximum likelihood.

    `terms` are masks or names such as `"LA:NG"`; terms inside them are added, so that the model is hierarchical.
    Counts are people; the estimate is people, the standard error is on the log scale.

    Raises NoEstimateError if the estimate does not exist or is not identifiable, ValueError for a term that is not
    one.

    Source: Chan, Silverman and Vincent (2021), JASA 116, 1297–1306, section 2.

    >>> from tally.prevalence import published_table
    >>> round(fit_model(published_table("Korea"), ["b:c"]).estimate, 2)
    268.78
    """
    given = [histories.mask(term) if isinstance(term, str) else int(term) for term in terms]
    bits = len(histories.lists)
    if any(not 0 < term < (1 << bits) - 1 for term in given):
        raise ValueError("a term must be of the lists, and fewer than all of them: the last one cannot be identified")
    masks = closed(given)
    y = histories.full()
    code, beta, means, sup, kept_masks = solve(y, bits, masks)
    # a converged fit with positive means is its own certificate: there is then no margin to report
    certified = Existence(EXISTS, None, 0)
    existence = certified if code == CONVERGED else check_existence(histories, masks)
    if not existence.ok:
        raise NoEstimateError(_why(existence), existence)
    information = sup[np.bitwise_or.outer(kept_masks, kept_masks)]
    unit = np.zeros(len(kept_masks))
    unit[0] = 1.0
    variance = float(np.linalg.solve(information, unit)[0])
    positive = y > 0
    every = [1 << bit for bit in range(bits)] + list(masks)
    log_likelihood = float((y[positive] * np.log(means[positive])).sum() - means.sum() - gammaln(y + 1).sum())
    saturated = float((y[positive] * np.log(y[positive])).sum() - y.sum() - gammaln(y + 1).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        pearson = float(np.nansum(np.where(means > 0, (y - means) ** 2 / means, 0.0)))
    return ModelFit(
        histories=histories,
        terms=masks,
        empty_terms=tuple(term for term in every if term not in kept_masks),
        existence=existence,
        log_dark=float(beta[0]),
        log_dark_se=math.sqrt(variance),
        log_likelihood=log_likelihood,
        parameters=1 + len(every),
        degrees_of_freedom=int((means > 0).sum()) - len(kept_masks),
        deviance=2 * (saturated - log_likelihood),
        pearson=pearson,
        means=means,
    )


def solve(
    y: NDArray[np.float64], bits: int, terms: tuple[int, ...]
) -> tuple[int, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Fit counts indexed by mask: code, coefficients by mask, means, fitted margins, masks of the finite terms."""
    size = 1 << bits
    most = 1 + bits + len(terms)
    ysup = y.copy()
    superset_sums(ysup, bits)
    beta, means, sup, kept = np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size)
    masks = np.zeros(most, np.int64)
    code, p, _ = fit_terms(
        y,
        ysup,
        bits,
        np.array(terms, np.int64),
        False,
        beta,
        means,
        sup,
        masks,
        kept,
        np.empty((most, most)),
        np.empty(most),
        np.empty(most),
        np.empty(size),
    )
    return code, beta, means, sup, masks[:p]


def _why(existence: Existence) -> str:
    return {
        NO_MAXIMUM: "The likelihood of this model has no maximum on this table: some parameter would be infinite.",
        NOT_IDENTIFIABLE: "This model has more parameters than the observed histories can tell apart.",
    }.get(existence.code, "The likelihood of this model has no maximum, and its parameters cannot be told apart.")
