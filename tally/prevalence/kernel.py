"""Newton's method for Poisson log-linear models of capture histories, compiled.

A capture history is a bit mask over the lists; so is a model term. The design is then the subset relation:
term `m` enters the log-mean of history `c` exactly when `m & c == m`. Two transforms over the lattice of masks
replace the design matrix:

* log-means are subset sums of the coefficients: eta[c] = sum of beta[m] over m inside c;
* fitted margins are superset sums of the means: S[m] = sum of mu[c] over c that contain m,

and the information matrix is a look-up, H[i, j] = S[m_i | m_j]. Both transforms cost t * 2**(t-1) additions for t
lists. Arrays named `sup` hold superset sums; everything is indexed by mask, and all work space comes from the caller.
"""

import math
from typing import Any

import numpy as np
from numba import njit

CONVERGED, DIVERGES, UNDECIDED, UNIDENTIFIED = 0, 1, 2, 3

compiled: Any = njit(cache=True, nogil=True, error_model="numpy")
_ITERATIONS = 60
_NEGLIGIBLE_DECREMENT = 1e-9
_SETTLED = 3e-5  # a last step this small in every log-mean leaves an error of its square
_SEPARATED = 0.5  # along a direction without a maximum, Newton moves the log-mean by one at every step
_PIVOT = 1e-11


@compiled
def superset_sums(values, bits):
    """Replace values[m] by the sum of values[c] over every c that contains m."""
    size = 1 << bits
    for bit in range(bits):
        half = 1 << bit
        for base in range(0, size, 2 * half):
            for low in range(base, base + half):
                values[low] += values[low + half]


@compiled
def subset_sums(values, bits):
    """Replace values[c] by the sum of values[m] over every m inside c."""
    size = 1 << bits
    for bit in range(bits):
        half = 1 << bit
        for base in range(0, size, 2 * half):
            for low in range(base, base + half):
                values[low + half] += values[low]


@compiled
def spread_out(values, masks, p, bits, out):
    """Log-means (or their change) from coefficients: scatter `values` to their masks and sum over subsets."""
    out[:] = 0.0
    for i in range(p):
        out[masks[i]] = values[i]
    subset_sums(out, bits)


@compiled
def cholesky_solve(matrix, p, rhs):
    """Solve matrix x = rhs in place of `rhs` by Cholesky, overwriting the lower triangle; False if not positive."""
    for j in range(p):
        diagonal = matrix[j, j]
        pivot = diagonal
        for k in range(j):
            pivot -= matrix[j, k] * matrix[j, k]
        if not pivot > _PIVOT * diagonal:
            return False
        root = math.sqrt(pivot)
        matrix[j, j] = root
        inverse = 1.0 / root
        for i in range(j + 1, p):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            matrix[i, j] = total * inverse
    for i in range(p):
        total = rhs[i]
        for k in range(i):
            total -= matrix[i, k] * rhs[k]
        rhs[i] = total / matrix[i, i]
    for i in range(p - 1, -1, -1):
        total = rhs[i]
        for k in range(i + 1, p):
            total -= matrix[k, i] * rhs[k]
        rhs[i] = total / matrix[i, i]
    return True


@compiled
def fill_information(sup, masks, p, hess):
    """Lower triangle of the information matrix from the fitted margins."""
    for i in range(p):
        for j in range(i + 1):
            hess[i, j] = sup[masks[i] | masks[j]]


@compiled
def rough_start(y, kept, masks, p, bits, beta, sup, hess):
    """Coefficients from one weighted least-squares fit of log(y + 0.1); False if it cannot be solved."""
    size = 1 << bits
    for c in range(size):
        sup[c] = (y[c] + 0.1) * kept[c]
    superset_sums(sup, bits)
    fill_information(sup, masks, p, hess)
    for c in range(size):
        weight = y[c] + 0.1
        sup[c] = (weight * math.log(weight) - 0.1) * kept[c]
    superset_sums(sup, bits)
    for i in range(p):
        beta[i] = sup[masks[i]]
    return cholesky_solve(hess, p, beta)


@compiled
def has_no_maximum(step, y, kept, masks, p, bits, eta):
    """Whether the diverging step, rounded to integers, proves that the likelihood has no maximum.

    The proof is exact: an integer direction that lowers some kept log-mean, raises none, and leaves every
    observed history alone (Fienberg and Rinaldo 2012).
    """
    eta[:] = 0.0
    for i in range(p):
        eta[masks[i]] = np.rint(step[i])
    subset_sums(eta, bits)
    falls = False
    for c in range(1 << bits):
        if kept[c] > 0.0:
            if eta[c] > 0.0 or (eta[c] < 0.0 and y[c] > 0.0):
                return False
            if eta[c] < 0.0:
                falls = True
    return falls


@compiled
def newton(y, ysup, kept, masks, p, bits, beta, mu, sup, hess, step, eta):
    """Maximise the Poisson likelihood over `beta[:p]`, starting there; returns one of the four codes.

    On CONVERGED, `mu` and `sup` hold the fitted means and margins at the maximum. DIVERGES carries an exact proof that
    there is no maximum; UNDECIDED carries no verdict and asks for the linear program.
    """
    size = 1 << bits
    cells = 0
    for c in range(size):
        if kept[c] > 0.0:
            cells += 1
    if cells < p:
        return UNIDENTIFIED
    previous = -np.inf
    settled = False
    halvings = 0
    for _ in range(_ITERATIONS):
        spread_out(beta, masks, p, bits, eta)
        for c in range(size):
            mu[c] = math.exp(eta[c]) if kept[c] > 0.0 else 0.0
            sup[c] = mu[c]
        superset_sums(sup, bits)
        if settled:
            return CONVERGED
        objective = -sup[0]
        for i in range(p):
            objective += beta[i] * ysup[masks[i]]
        if not objective >= previous - 1e-9 * abs(previous) and halvings < 40:
            halvings += 1
            for i in range(p):
                step[i] *= 0.5
                beta[i] -= step[i]
            continue
        previous = objective
        halvings = 0
        fill_information(sup, masks, p, hess)
        for i in range(p):
            step[i] = ysup[masks[i]] - sup[masks[i]]
        if not cholesky_solve(hess, p, step):
            return UNDECIDED
        decrement = 0.0
        for i in range(p):
            decrement += step[i] * (ysup[masks[i]] - sup[masks[i]])
            beta[i] += step[i]
        if decrement < _NEGLIGIBLE_DECREMENT * (1.0 + abs(ysup[0])):
            spread_out(step, masks, p, bits, eta)
            furthest = 0.0
            for c in range(size):
                if kept[c] > 0.0:
                    furthest = max(furthest, abs(eta[c]))
            if furthest < _SETTLED:
                settled = True
            elif furthest > _SEPARATED and has_no_maximum(step, y, kept, masks, p, bits, eta):
                return DIVERGES
    return UNDECIDED


@compiled
def main_effects(y, ysup, bits, masks, kept):
    """Write the masks of the intercept and of every list that anyone is on; drop the histories of empty lists."""
    size = 1 << bits
    for c in range(1, size):
        kept[c] = 1.0
    kept[0] = 0.0
    masks[0] = 0
    p = 1
    for bit in range(bits):
        mask = 1 << bit
        if ysup[mask] > 0.0:
            masks[p] = mask
            p += 1
        else:
            drop_histories(mask, size, kept)
    return p


@compiled
def drop_histories(mask, size, kept):
    """Make every history that contains `mask` a structural zero."""
    for c in range(size):
        if c & mask == mask:
            kept[c] = 0.0


@compiled
def ruled(model, ruled_models, ruled_verdicts):
    """The linear program's verdict on a model, looked up; UNDECIDED if it was not asked."""
    for i in range(ruled_models.size):
        if ruled_models[i] == model:
            return ruled_verdicts[i]
    return UNDECIDED


@compiled
def fit_terms(y, ysup, bits, terms, start, beta_by_mask, mu, sup, work_masks, work_kept, hess, beta, step, eta):
    """Fit main effects and `terms` (masks of two lists or more) to the counts `y`; returns (code, p, empty terms).

    A term whose lists were never seen together is at minus infinity and its histories are structural zeros. `start`
    says whether `beta_by_mask` holds coefficients to start from; on return it holds the fitted ones.
    """
    size = 1 << bits
    p = main_effects(y, ysup, bits, work_masks, work_kept)
    empty = 1 + bits - p
    for term in terms:
        if ysup[term] > 0.0:
            work_masks[p] = term
            p += 1
        else:
            empty += 1
            drop_histories(term, size, work_kept)
    if start:
        for i in range(p):
            beta[i] = beta_by_mask[work_masks[i]]
    elif not rough_start(y, work_kept, work_masks, p, bits, beta, sup, hess):
        return UNDECIDED, p, empty
    code = newton(y, ysup, work_kept, work_masks, p, bits, beta, mu, sup, hess, step, eta)
    beta_by_mask[:] = 0.0
    for i in range(p):
        beta_by_mask[work_masks[i]] = beta[i]
    return code, p, empty


@compiled
def variances_block(counts, codes, models, bits, terms, out):
    """Variance of the log dark figure of the model chosen on each row of `counts`; infinite where there is none."""
    size = 1 << bits
    most = 1 + bits + terms.size
    masks = np.empty(most, np.int64)
    kept, mu, sup, eta, by_mask = np.empty(size), np.empty(size), np.empty(size), np.empty(size), np.zeros(size)
    hess = np.empty((most, most))
    beta, step = np.empty(most), np.empty(most)
    chosen = np.empty(terms.size, np.int64)
    for row in range(codes.size):
        out[row] = np.inf
        if codes[row] != CONVERGED:
            continue
        count = 0
        for i in range(terms.size):
            if models[row] >> i & 1:
                chosen[count] = terms[i]
                count += 1
        y = counts[row]
        ysup = y.copy()
        superset_sums(ysup, bits)
        code, p, _ = fit_terms(
            y, ysup, bits, chosen[:count], False, by_mask, mu, sup, masks, kept, hess, beta, step, eta
        )
        if code == CONVERGED:
            fill_information(sup, masks, p, hess)
            step[:] = 0.0
            step[0] = 1.0
            if cholesky_solve(hess, p, step):
                out[row] = step[0]
