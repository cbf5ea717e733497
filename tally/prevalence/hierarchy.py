"""Every hierarchical model over the lists, and the one with the lowest BIC, compiled.

Models are sets of terms, as bits over `terms_up_to(lists, order)`; main effects are always in. Each model is fitted
from the coefficients of the model with its last term left out, which is hierarchical too and comes before it.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tally.prevalence.kernel import (
    CONVERGED,
    DIVERGES,
    UNDECIDED,
    UNIDENTIFIED,
    compiled,
    fit_terms,
    ruled,
    superset_sums,
)


def highest_order(lists: int) -> int:
    """The highest order of terms over which every hierarchical model is searched: 2, 3, 3, then 2 from six lists.

    >>> [highest_order(lists) for lists in (3, 4, 5, 6, 10)]
    [2, 3, 3, 2, 2]
    """
    return {3: 2, 4: 3, 5: 3}.get(lists, 2)


def terms_up_to(lists: int, order: int) -> tuple[int, ...]:
    """Masks of 2 to `order` lists: two-list terms first, each order in the order of the lists.

    >>> terms_up_to(3, 2)
    (3, 5, 6)
    """
    masks = [mask for mask in range(1 << lists) if 2 <= mask.bit_count() <= order]
    return tuple(sorted(masks, key=lambda mask: (mask.bit_count(), [i for i in range(lists) if mask >> i & 1])))


@lru_cache(maxsize=8)
def hierarchical_models(lists: int, order: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All hierarchical models (bits over `terms_up_to`) and, for each, the position of the one without its last term.

    The saturated model is never among them: `order` is below the number of lists.

    >>> [len(hierarchical_models(lists, order)[0]) for lists, order in ((3, 2), (4, 3), (5, 2), (5, 3))]
    [8, 113, 1024, 6212]
    """
    terms = terms_up_to(lists, order)
    position = {term: i for i, term in enumerate(terms)}
    needs = [
        sum(1 << position[term & ~(1 << i)] for i in range(lists) if term >> i & 1 and term.bit_count() > 2)
        for term in terms
    ]
    models, parents, last = [0], [-1], [-1]
    head = 0
    while head < len(models):
        for i in range(last[head] + 1, len(terms)):
            if needs[i] & models[head] == needs[i]:
                models.append(models[head] | 1 << i)
                parents.append(head)
                last.append(i)
        head += 1
    return np.array(models), np.array(parents)


def terms_of(model: int, terms: tuple[int, ...]) -> tuple[int, ...]:
    """The masks of a model given as bits over `terms`."""
    return tuple(term for i, term in enumerate(terms) if model >> i & 1)


@compiled
def log_factorials(y):
    """Sum of log(y!) over the histories: the part of the likelihood that no model changes."""
    total = 0.0
    for count in y:
        if count > 1.0:
            total += math.lgamma(count + 1.0)
    return total


@compiled
def score_models(y, bits, terms, models, parents, codes, bics, log_darks, ruled_models, ruled_verdicts, coefficients):
    """Fit every model to the counts `y`: existence code, BIC and log dark figure of each, into the output arrays.

    A model whose parent has no maximum has none either, unless the added term was never observed; then it is fitted
    from scratch. A model left UNDECIDED carries the BIC of its last iterate. `coefficients` is work space, models ×
    masks.
    """
    size = 1 << bits
    most = 1 + bits + terms.size
    mu = np.empty(size)
    sup = np.empty(size)
    masks = np.empty(most, np.int64)
    kept = np.empty(size)
    hess = np.empty((most, most))
    beta = np.empty(most)
    step = np.empty(most)
    eta = np.empty(size)
    chosen = np.empty(terms.size, np.int64)
    ysup = y.copy()
    superset_sums(ysup, bits)
    penalty = math.log(ysup[0])
    constant = log_factorials(y)
    for k in range(models.size):
        model = models[k]
        count = 0
        for i in range(terms.size):
            if model >> i & 1:
                chosen[count] = terms[i]
                count += 1
        warm = k > 0 and codes[parents[k]] == CONVERGED
        added = chosen[count - 1] if count > 0 else 0
        if k > 0 and not warm and ysup[added] > 0.0 and codes[parents[k]] != UNDECIDED:
            codes[k] = codes[parents[k]]
            bics[k] = np.inf
            log_darks[k] = np.inf
            continue
        if warm:
            coefficients[k, :] = coefficients[parents[k]]
            coefficients[k, added] = _first_guess(ysup, coefficients[k], added, bits, eta)
        code, p, empty = fit_terms(
            y, ysup, bits, chosen[:count], warm, coefficients[k], mu, sup, masks, kept, hess, beta, step, eta
        )
        if code == UNDECIDED:
            code = ruled(model, ruled_models, ruled_verdicts)
        codes[k] = code
        if code in (DIVERGES, UNIDENTIFIED):
            bics[k] = np.inf
            log_darks[k] = np.inf
            continue
        log_likelihood = -sup[0] - constant
        for i in range(p):
            log_likelihood += beta[i] * ysup[masks[i]]
        bics[k] = (p + empty) * penalty - 2.0 * log_likelihood
        log_darks[k] = beta[0]


@compiled
def _first_guess(ysup, coefficients, added, bits, eta):
    """A coefficient for the added term that makes its fitted margin equal the observed one, the others held."""
    if ysup[added] == 0.0:
        return 0.0
    margin = 0.0
    rest = (1 << bits) - 1 - added
    extra = rest
    while True:
        history = added | extra
        total = 0.0
        inside = history
        while inside > 0:
            total += coefficients[inside]
            inside = (inside - 1) & history
        margin += math.exp(total + coefficients[0])
        if extra == 0:
            break
        extra = (extra - 1) & rest
    return math.log(ysup[added] / margin)


@compiled
def best_by_bic(codes, bics):
    """Position of the lowest BIC among models that are decided or undecided; -1 if there is none."""
    best = -1
    for k in range(codes.size):
        if (codes[k] == CONVERGED or codes[k] == UNDECIDED) and (best < 0 or bics[k] < bics[best]):
            best = k
    return best


@compiled
def bic_block(
    counts, first, last, bits, terms, hierarchy, parents, codes, models, log_dark, ruled_models, ruled_verdicts
):
    """The model of lowest BIC for rows first..last of `counts`; UNDECIDED asks for a verdict on `models[row]`."""
    number = hierarchy.size
    every_code = np.empty(number, np.int64)
    every_bic = np.empty(number)
    every_log_dark = np.empty(number)
    coefficients = np.zeros((number, 1 << bits))
    for row in range(first, last):
        score_models(
            counts[row],
            bits,
            terms,
            hierarchy,
            parents,
            every_code,
            every_bic,
            every_log_dark,
            ruled_models,
            ruled_verdicts,
            coefficients,
        )
        best = best_by_bic(every_code, every_bic)
        if best < 0:
            codes[row] = every_code[0]
            models[row] = 0
            log_dark[row] = np.inf
        else:
            codes[row] = every_code[best]
            models[row] = hierarchy[best]
            log_dark[row] = every_log_dark[best]
