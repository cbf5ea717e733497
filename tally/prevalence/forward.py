"""Forward stepwise selection of two-list terms, compiled (Chan, Silverman and Vincent 2021, section 3).

From main effects, the pair of lists whose overlap is least likely under the current fit is added, as long as its
one-sided Poisson p-value is below the threshold and the enlarged model has an extended maximum likelihood estimate.
A pair never seen together enters at minus infinity: every history with both lists becomes a structural zero.
A list that nobody is on is left out in the same way, with all its histories (decision 0102).
"""

import math

import numpy as np

from tally.prevalence.kernel import (
    CONVERGED,
    UNDECIDED,
    compiled,
    drop_histories,
    main_effects,
    newton,
    rough_start,
    ruled,
    superset_sums,
)

_LOG_ZERO = -1e300


@compiled
def log_overlap_p_value(count, mean, ceiling):
    """Log of min(P(X <= count), P(X >= count)) for X ~ Poisson(mean), or 0.0 as soon as it exceeds `ceiling`."""
    if mean <= 0.0:
        return 0.0 if count == 0.0 else _LOG_ZERO
    log_mass = count * math.log(mean) - mean - math.lgamma(count + 1.0)
    if log_mass >= ceiling:
        return 0.0
    limit = math.exp(min(ceiling - log_mass, 700.0))
    best = 0.0
    for upper in range(2):
        if (upper == 1 and count < mean - 2.0) or (upper == 0 and count > mean + 2.0):
            continue  # the far tail is close to one
        total = 1.0
        term = 1.0
        k = count
        while True:
            if upper == 1:
                k += 1.0
                term *= mean / k
            else:
                if k <= 0.0:
                    break
                term *= k / mean
                k -= 1.0
            total += term
            if total > limit or (term < 1e-17 * total and (upper == 0 or k > mean)):
                break
        if total <= limit:
            best = min(best, log_mass + math.log(total))
    return best


@compiled
def forward(y, bits, pairs, log_threshold, ruled_models, ruled_verdicts):
    """Select and fit. Returns (code, model, log dark figure).

    `y[c]` is the count of history c, `pairs` the masks of the candidate terms in order of preference at ties, `model`
    the set of chosen terms as bits over `pairs`. `UNDECIDED` means: ask the linear program about `model` and call
    again with its verdict. Any other code than CONVERGED means that main effects alone have no estimate.
    """
    size = 1 << bits
    most = 1 + bits + pairs.size
    masks = np.empty(most, np.int64)
    kept = np.empty(size)
    ysup = y.copy()
    superset_sums(ysup, bits)
    hess = np.empty((most, most))
    beta = np.empty(most)
    step = np.empty(most)
    mu = np.empty(size)
    sup = np.empty(size)
    eta = np.empty(size)
    trial_masks = np.empty(most, np.int64)
    trial_kept = np.empty(size)
    trial_beta = np.empty(most)
    trial_mu = np.empty(size)
    trial_sup = np.empty(size)

    p = main_effects(y, ysup, bits, masks, kept)
    model = np.int64(0)
    code = UNDECIDED
    if p > 1 and rough_start(y, kept, masks, p, bits, beta, sup, hess):
        code = newton(y, ysup, kept, masks, p, bits, beta, mu, sup, hess, step, eta)
    if code == UNDECIDED:
        code = ruled(model, ruled_models, ruled_verdicts)
    if code != CONVERGED:
        return code, model, np.inf

    while True:
        barred = np.int64(0)
        grown = False
        while not grown:
            best = -1
            ceiling = log_threshold
            for j in range(pairs.size):
                bit = np.int64(1) << j
                pair = pairs[j]
                if (model | barred) & bit or ysup[pair & -pair] == 0.0 or ysup[pair & (pair - 1)] == 0.0:
                    continue
                log_p = log_overlap_p_value(ysup[pair], sup[pair], ceiling)
                if log_p < ceiling:
                    ceiling = log_p
                    best = j
            if best < 0:
                return CONVERGED, model, beta[0]
            pair = pairs[best]
            candidate = model | (np.int64(1) << best)
            trial_p = p
            trial_masks[:p] = masks[:p]
            trial_beta[:p] = beta[:p]
            trial_kept[:] = kept
            if ysup[pair] > 0.0:
                trial_masks[p] = pair
                trial_beta[p] = math.log(ysup[pair] / sup[pair])
                trial_p += 1
            else:
                drop_histories(pair, size, trial_kept)
            code = newton(
                y, ysup, trial_kept, trial_masks, trial_p, bits, trial_beta, trial_mu, trial_sup, hess, step, eta
            )
            if code == UNDECIDED:
                code = ruled(candidate, ruled_models, ruled_verdicts)
                if code == UNDECIDED:
                    return UNDECIDED, candidate, np.nan
            if code == CONVERGED:
                masks, trial_masks = trial_masks, masks
                beta, trial_beta = trial_beta, beta
                kept, trial_kept = trial_kept, kept
                mu, trial_mu = trial_mu, mu
                sup, trial_sup = trial_sup, sup
                p = trial_p
                model = candidate
                grown = True
            else:
                barred |= np.int64(1) << best


@compiled
def forward_block(
    counts, first, last, bits, pairs, log_threshold, codes, models, log_dark, ruled_models, ruled_verdicts
):
    """`forward` on rows first..last of `counts` (replicates by histories indexed by mask), into the output arrays."""
    for row in range(first, last):
        codes[row], models[row], log_dark[row] = forward(
            counts[row], bits, pairs, log_threshold, ruled_models, ruled_verdicts
        )
