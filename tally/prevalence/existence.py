"""Does the (extended) maximum likelihood estimate exist, and is it identifiable?

A fit that converges with positive means is its own certificate; this module gives the formal verdict where Newton's
method could not decide, and whenever it is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tally.prevalence.histories import Histories

EXISTS, NO_MAXIMUM, NOT_IDENTIFIABLE, NEITHER = 0, 1, 2, 3
TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class Existence:
    """The verdict: `code` 0 exists and is identifiable, 1 no maximum, 2 not identifiable, 3 neither.

    `margin` is the optimum of the linear program (positive when the estimate exists; None where a converged fit made
    the program unnecessary), `rank_deficiency` the number of parameters too many.
    """

    code: int
    margin: float | None
    rank_deficiency: int

    @property
    def ok(self) -> bool:
        return self.code == EXISTS


def check_existence(histories: Histories, terms: Iterable[int | str]) -> Existence:
    """The Fienberg–Rinaldo linear program and the rank of the design, after empty terms are set to minus infinity.

    `terms` are masks or names (`"LA:NG"`) of two or more lists; main effects are always in. The estimate exists when
    some strictly positive table has the sufficient statistics of the data; that depends on the data only through which
    histories were seen, so the program is solved for the table of ones and zeros, and its optimum is compared with
    TOLERANCE = 1e-7 rather than with zero.

    Source: Fienberg and Rinaldo (2012), Annals of Statistics 40, 996–1023; Chan, Silverman and Vincent (2021), JASA
    116.

    >>> from tally.prevalence import published_table
    >>> check_existence(published_table("Artificial_3"), ["A:B"]).code
    1
    >>> check_existence(published_table("Artificial_3"), ["A:C", "B:C"]).code
    0
    """
    masks = tuple(sorted(histories.mask(term) if isinstance(term, str) else int(term) for term in terms))
    return _verdict(len(histories.lists), frozenset(histories.masks), masks)


def verdict_of_counts(counts: NDArray[np.float64], bits: int, terms: tuple[int, ...]) -> Existence:
    """`check_existence` for counts indexed by mask (one replicate of a bootstrap)."""
    return _verdict(bits, frozenset(np.flatnonzero(counts).tolist()), tuple(sorted(terms)))


@lru_cache(maxsize=65536)
def _verdict(bits: int, support: frozenset[int], terms: tuple[int, ...]) -> Existence:
    every = [1 << bit for bit in range(bits)] + list(terms)
    empty = [term for term in every if not any(c & term == term for c in support)]
    cells = [c for c in range(1, 1 << bits) if not any(c & term == term for term in empty)]
    parameters = [0] + [term for term in every if term not in empty]
    if not cells:  # nobody on any list
        return Existence(NOT_IDENTIFIABLE, 0.0, len(parameters))
    design = np.array([[float(c & m == m) for m in parameters] for c in cells])
    deficiency = len(parameters) - int(np.linalg.matrix_rank(design))
    margin = _margin(design, np.array([float(c in support) for c in cells]))
    return Existence((margin <= TOLERANCE) + 2 * (deficiency > 0), margin, deficiency)


def _margin(design: NDArray[np.float64], seen: NDArray[np.float64]) -> float:
    """Largest s such that a table with every entry at least s has the same sufficient statistics as `seen`."""
    from scipy.optimize import linprog

    cells = len(seen)
    shifted = design.sum(axis=0)  # x = s + excess, excess >= 0
    solution = linprog(
        c=np.append(np.zeros(cells), -1.0),
        A_eq=np.column_stack([design.T, shifted]),
        b_eq=design.T @ seen,
        bounds=(0, None),
        method="highs",
    )
    if not solution.success:
        raise ArithmeticError(f"the existence program could not be solved: {solution.message}")
    return float(-solution.fun)
