"""The two-list model of lowest BIC without fitting them all: branch and bound, compiled.

With six lists there are 32,768 two-list models and with ten 2**45. A model's deviance cannot fall below that of a
larger one, so `deviance of (chosen + undecided terms) + penalty of the chosen` bounds every model in a branch from
below; a branch whose bound is not under the best BIC found holds no better model. The search is exact unless it is
cut short by `most_fits`, and then it says so.

Source: Furnival and Wilson (1974), Technometrics 16, 499–511, for best subsets; the penalty here is the BIC's.
"""

import math

import numpy as np

from tally.prevalence.hierarchy import log_factorials
from tally.prevalence.kernel import (
    CONVERGED,
    DIVERGES,
    UNDECIDED,
    UNIDENTIFIED,
    compiled,
    fit_terms,
    main_effects,
    newton,
    rough_start,
    ruled,
    superset_sums,
)


@compiled
def surprise_order(y, ysup, bits, pairs, mu, sup, masks, kept, hess, beta, step, eta, surprise):
    """Order of the pairs, most surprising overlap under main effects first; `surprise` gets its squared size."""
    p = main_effects(y, ysup, bits, masks, kept)
    if not rough_start(y, kept, masks, p, bits, beta, sup, hess):
        return False
    if newton(y, ysup, kept, masks, p, bits, beta, mu, sup, hess, step, eta) != CONVERGED:
        return False
    for j in range(pairs.size):
        count, mean = ysup[pairs[j]], sup[pairs[j]]
        surprise[j] = 0.0
        if mean > 0.0:  # the likelihood ratio of a Poisson count, finite also where the count is zero
            surprise[j] = 2.0 * (mean - count)
            if count > 0.0:
                surprise[j] += 2.0 * count * math.log(count / mean)
    return True


@compiled
def branch(y, bits, pairs, most_fits, ruled_models, ruled_verdicts):
    """Search the two-list models. Returns (code, model, log dark figure, BIC, fits, whether the search was complete).

    `model` is the set of chosen terms as bits over `pairs`; UNDECIDED asks the linear program about it.
    """
    size = 1 << bits
    depth = pairs.size
    most = 1 + bits + depth
    masks = np.empty(most, np.int64)
    kept = np.empty(size)
    hess = np.empty((most, most))
    beta = np.empty(most)
    step = np.empty(most)
    eta = np.empty(size)
    mu = np.empty(size)
    sup = np.empty(size)
    surprise = np.empty(depth)
    ysup = y.copy()
    superset_sums(ysup, bits)
    if not surprise_order(y, ysup, bits, pairs, mu, sup, masks, kept, hess, beta, step, eta, surprise):
        code = ruled(0, ruled_models, ruled_verdicts)
        return code, np.int64(0), np.inf, np.inf, 1, True
    order = np.argsort(-surprise)
    penalty = math.log(ysup[0])
    constant = log_factorials(y)
    saturated = log_factorials(y) + ysup[0]
    for count in y:
        if count > 0.0:
            saturated -= count * math.log(count)

    included = np.zeros(depth + 1, np.int64)  # terms chosen on the way to each depth
    largest = np.zeros(depth + 1, np.int64)  # those and the undecided ones: the model fitted there
    deviance = np.empty(depth + 1)  # -2 log-likelihood of `largest`
    codes = np.empty(depth + 1, np.int64)
    log_dark = np.empty(depth + 1)
    tried = np.zeros(depth + 1, np.int64)
    coefficients = np.zeros((depth + 1, size))
    chosen = np.empty(depth, np.int64)
    best_bic, best_model, best_code, best_log_dark = np.inf, np.int64(0), np.int64(UNIDENTIFIED), np.inf
    largest[0] = (np.int64(1) << depth) - 1
    fits = 0
    fresh = True  # whether the model at this depth still has to be fitted
    d = 0
    while d >= 0:
        if fresh:
            fresh = False
            count = 0
            for j in range(depth):
                if largest[d] >> j & 1:
                    chosen[count] = pairs[j]
                    count += 1
            warm = d > 0 and codes[d - 1] == CONVERGED
            if warm:
                coefficients[d, :] = coefficients[d - 1]
            codes[d], p, _ = fit_terms(
                y, ysup, bits, chosen[:count], warm, coefficients[d], mu, sup, masks, kept, hess, beta, step, eta
            )
            fits += 1
            deviance[d] = 2.0 * saturated
            if codes[d] == UNDECIDED:
                codes[d] = ruled(largest[d], ruled_models, ruled_verdicts)
            if codes[d] == CONVERGED or codes[d] == DIVERGES:
                log_likelihood = -sup[0] - constant
                for i in range(p):
                    log_likelihood += beta[i] * ysup[masks[i]]
                deviance[d] = -2.0 * log_likelihood
            log_dark[d] = beta[0]
        terms_in = 0
        for j in range(depth):
            terms_in += included[d] >> j & 1
        bound = deviance[d] + penalty * (1 + bits + terms_in)
        if fits > most_fits or bound >= best_bic - 1e-9 or tried[d] == 2:
            d -= 1
            continue
        if d == depth:
            if codes[d] == CONVERGED or codes[d] == UNDECIDED:
                best_bic, best_model, best_code, best_log_dark = bound, included[d], codes[d], log_dark[d]
            d -= 1
            continue
        bit = np.int64(1) << order[d]
        include = (tried[d] == 0) == (surprise[order[d]] > penalty)
        tried[d] += 1
        tried[d + 1] = 0
        included[d + 1] = included[d] | bit if include else included[d]
        largest[d + 1] = largest[d] if include else largest[d] & ~bit
        if include:
            deviance[d + 1] = deviance[d]
            codes[d + 1] = codes[d]
            log_dark[d + 1] = log_dark[d]
            coefficients[d + 1, :] = coefficients[d]
        else:
            fresh = True
        d += 1
    if not math.isfinite(best_log_dark):
        best_log_dark = np.inf
    return best_code, best_model, best_log_dark, best_bic, fits, fits <= most_fits


@compiled
def branch_block(
    counts, first, last, bits, pairs, most_fits, codes, models, log_dark, complete, ruled_models, ruled_verdicts
):
    """`branch` on rows first..last of `counts`, into the output arrays."""
    for row in range(first, last):
        codes[row], models[row], log_dark[row], _, _, complete[row] = branch(
            counts[row], bits, pairs, most_fits, ruled_models, ruled_verdicts
        )
