"""Dirichlet-process mixture of latent classes, by Gibbs sampling in several chains (Manrique-Vallier 2016).

People fall into classes that nobody sees; inside a class the lists are independent. The number of classes is bounded
by a truncated stick-breaking process, and the prior of the total N is proportional to 1/N. Chains start far apart;
their agreement is measured before anything is reported, because such mixtures often have several modes.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from tally.prevalence.histories import Histories
from tally.prevalence.kernel import compiled

CLASSES = 10
SHAPE = RATE = 0.25
CHAINS = 4
DRAWS = 2_000
THINNING = 100
BURN_IN = 20_000
LARGEST_R_HAT = 1.01
SMALLEST_EFFECTIVE_SIZE = 400
MOST_UNSEEN = 1e12


@dataclass(frozen=True, slots=True, eq=False)
class LatentPosterior:
    """Draws of the total N (chains × draws, people), with R-hat and the effective number of draws."""

    totals: NDArray[np.float64]
    r_hat: float
    effective_size: float

    @property
    def agrees(self) -> bool:
        """Whether the chains agree well enough for the posterior to be reported."""
        return self.r_hat <= LARGEST_R_HAT and self.effective_size >= SMALLEST_EFFECTIVE_SIZE

    @property
    def median(self) -> float:
        return float(np.median(self.totals))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Central credible interval."""
        low, high = np.quantile(self.totals, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)

    def errors(self, level: float = 0.95) -> tuple[float, float]:
        """Monte Carlo standard errors of the limits, from the effective number of draws."""
        found = []
        for at in ((1 - level) / 2, (1 + level) / 2):
            step = math.sqrt(at * (1 - at) / max(self.effective_size, 1.0))
            below, above = np.quantile(self.totals, [max(at - step, 0.0), min(at + step, 1.0)])
            found.append(float(above - below) / 2)
        return found[0], found[1]


def sample_latent_classes(
    histories: Histories,
    *,
    seed: int = 1,
    classes: int = CLASSES,
    chains: int = CHAINS,
    draws: int = DRAWS,
    thinning: int = THINNING,
    burn_in: int = BURN_IN,
    threads: int | None = None,
) -> LatentPosterior:
    """Sample the posterior of the total; look at `agrees` before using it.

    Every chain has its own counter-based generator under (seed, chain), so the draws do not depend on the threads.
    Raises ValueError for fewer than two chains or one class.

    Source: Manrique-Vallier (2016), Biometrics 72, 1246–1254; R-hat and effective size by ranks, Vehtari, Gelman,
    Simpson, Carpenter and Bürkner (2021), Bayesian Analysis 16, 667–718.

    >>> from tally.prevalence import published_table
    >>> posterior = sample_latent_classes(published_table("Kosovo"), draws=50, thinning=1, burn_in=50)
    >>> posterior.totals.shape
    (4, 50)
    """
    if chains < 2 or classes < 1:
        raise ValueError("the sampler needs two chains and one class at the least")
    masks, counts = np.array(histories.masks), np.array(histories.counts)

    def one_chain(chain: int) -> NDArray[np.float64]:
        generator = np.random.Generator(np.random.Philox(key=np.array([seed, 1 + chain], np.uint64)))
        spread = (chain + 0.5) / chains  # starting share of people unseen, from few to nearly all
        return gibbs(
            generator, masks, counts, len(histories.lists), classes, spread, SHAPE, RATE, burn_in, draws, thinning
        )

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        totals = np.array(list(pool.map(one_chain, range(chains))))
    return LatentPosterior(totals, r_hat(totals), effective_size(totals))


@compiled
def gibbs(generator, masks, counts, lists, classes, unseen_share, shape, rate, burn_in, draws, thinning):
    """One chain: returns the total N after every `thinning` sweeps following `burn_in`."""
    observed = counts.sum()
    totals = np.empty(draws)
    seen_by = np.empty((classes, lists))  # probability of list j in class k
    weight = np.empty(classes)
    log_weight = np.empty(classes)
    members = np.empty(classes)
    captured = np.empty((classes, lists))
    share = np.empty(classes)
    concentration = 1.0
    for k in range(classes):
        weight[k] = 1.0 / classes
        log_weight[k] = -math.log(classes)
        for j in range(lists):
            seen_by[k, j] = (1.0 - unseen_share) * generator.random()
    for sweep in range(burn_in + draws * thinning):
        members[:] = 0.0
        captured[:] = 0.0
        for h in range(masks.size):
            total = 0.0
            for k in range(classes):
                likelihood = weight[k]
                for j in range(lists):
                    likelihood *= seen_by[k, j] if masks[h] >> j & 1 else 1.0 - seen_by[k, j]
                share[k] = likelihood
                total += likelihood
            _allocate(generator, float(counts[h]), share, total, masks[h], lists, members, captured)
        unseen_weight = 0.0
        for k in range(classes):
            likelihood = weight[k]
            for j in range(lists):
                likelihood *= 1.0 - seen_by[k, j]
            share[k] = likelihood
            unseen_weight += likelihood
        # N has a prior proportional to 1/N, so the unseen are negative binomial: a gamma mixture of Poissons
        odds = unseen_weight / max(1.0 - unseen_weight, 1e-12)
        rate_of_unseen = generator.standard_gamma(observed) * odds
        unseen = float(generator.poisson(min(rate_of_unseen, MOST_UNSEEN)))
        _allocate(generator, unseen, share, unseen_weight, 0, lists, members, captured)
        if sweep >= burn_in and (sweep - burn_in) % thinning == thinning - 1:
            totals[(sweep - burn_in) // thinning] = observed + unseen
        _swap_labels(generator, log_weight, members, captured, lists, sweep)
        beyond = members.sum()
        log_left = 0.0
        for k in range(classes):
            beyond -= members[k]
            if k < classes - 1:
                stay = generator.standard_gamma(1.0 + members[k])
                go = generator.standard_gamma(concentration + max(beyond, 0.0))
                log_weight[k] = log_left + math.log(max(stay / (stay + go), 1e-300))
                log_left += math.log(max(go / (stay + go), 1e-300))
            else:
                log_weight[k] = log_left
            weight[k] = math.exp(log_weight[k])
            for j in range(lists):
                on = generator.standard_gamma(1.0 + captured[k, j])
                off = generator.standard_gamma(1.0 + max(members[k] - captured[k, j], 0.0))
                seen_by[k, j] = on / (on + off)
        concentration = generator.standard_gamma(shape - 1.0 + classes) / (rate - log_weight[classes - 1])
    return totals


@compiled
def _swap_labels(generator, log_weight, members, captured, lists, sweep):
    """Propose to exchange the people of two classes while the weights stay (Papaspiliopoulos and Roberts 2008).

    The order of the sticks matters to the prior, so a big class with a late label blocks a plain Gibbs sampler.
    """
    classes = members.size
    for first in range(classes - 1):
        second = first + 1 + int(generator.random() * (classes - 1 - first)) if sweep % 2 else first + 1
        log_ratio = (members[second] - members[first]) * (log_weight[first] - log_weight[second])
        if math.log(generator.random()) < log_ratio:
            members[first], members[second] = members[second], members[first]
            for j in range(lists):
                captured[first, j], captured[second, j] = captured[second, j], captured[first, j]


@compiled
def _allocate(generator, people, share, total, mask, lists, members, captured):
    """Spread `people` of one history over the classes in proportion to `share`, by successive binomials."""
    left = people
    rest = total
    for k in range(share.size):
        if left <= 0.0:
            return
        if k == share.size - 1 or rest <= share[k]:
            taken = left
        else:
            taken = float(generator.binomial(int(left), min(1.0, share[k] / rest)))
        rest -= share[k]
        left -= taken
        members[k] += taken
        for j in range(lists):
            if mask >> j & 1:
                captured[k, j] += taken


def r_hat(draws: NDArray[np.float64]) -> float:
    """Rank-normalised split R-hat of chains × draws: one where the chains agree.

    >>> r_hat(np.array([[1.0, 2, 3, 4] * 50, [11.0, 12, 13, 14] * 50])) > 1.5
    True
    """
    halves = _split(draws)
    folded = np.abs(halves - np.median(halves))
    return max(_basic_r_hat(_normal_ranks(halves)), _basic_r_hat(_normal_ranks(folded)))


def effective_size(draws: NDArray[np.float64]) -> float:
    """Effective number of independent draws in chains × draws, from rank-normalised draws (bulk) and Geyer's rule."""
    values = _normal_ranks(_split(draws))
    chains, length = values.shape
    centred = values - values.mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(centred, n=2 * length, axis=1)) ** 2
    covariance = np.fft.irfft(spectrum, axis=1)[:, :length] / length
    within = covariance[:, 0].mean() * length / (length - 1)
    if within == 0.0:
        return 0.0
    pooled = within * (length - 1) / length + values.mean(axis=1).var(ddof=1)
    correlation = 1 - (within - covariance.mean(axis=0) * length / (length - 1)) / pooled
    total, previous = 0.0, math.inf
    for lag in range(0, length - 1, 2):
        pair = float(correlation[lag] + correlation[lag + 1])
        if pair < 0:
            break
        previous = min(previous, pair)
        total += previous
    return chains * length / max(2 * total - 1, 1 / math.log10(chains * length))


def _split(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _normal_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, place, ties = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[place].reshape(values.shape)  # ties share their mean rank
    normal: NDArray[np.float64] = ndtri((ranks - 0.375) / (values.size + 0.25))
    return normal


def _basic_r_hat(chains: NDArray[np.float64]) -> float:
    length = chains.shape[1]
    within = chains.var(axis=1, ddof=1).mean()
    between = length * chains.mean(axis=1).var(ddof=1)
    if within == 0.0:
        return math.inf if between > 0 else 1.0
    return float(math.sqrt(((length - 1) / length * within + between / length) / within))
