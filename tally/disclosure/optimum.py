"""The least loss that any protection must have: proven bounds, and the optimum itself for small tables."""

import time
from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_matrix

from tally.disclosure.complement import Problem

_CLOSE = 1e-6
_MANY_ROWS = 60_000


class _Cuts:
    """Inequalities Σ coefficient · x ≥ right that every safe mask x satisfies."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.rows: list[tuple[list[int], list[float], float]] = []
        self._seen: set[tuple[tuple[int, ...], tuple[float, ...], float]] = set()

    def add(self, columns: list[int], values: list[float], right: float) -> bool:
        key = (tuple(columns), tuple(round(v, 6) for v in values), right)
        if key in self._seen:
            return False
        self._seen.add(key)
        self.rows.append((columns, values, right))
        return True

    def matrix(self) -> tuple[csr_matrix, npt.NDArray[np.float64]]:
        pointers = np.cumsum([0, *(len(columns) for columns, _, _ in self.rows)])
        columns = [c for row in self.rows for c in row[0]]
        values = [v for row in self.rows for v in row[1]]
        return csr_matrix((values, columns, pointers), shape=(len(self.rows), self.size)), np.array(
            [row[2] for row in self.rows]
        )


def _alone(problem: Problem, cuts: _Cuts, mask: npt.NDArray[np.float64]) -> int:
    """Add "a hidden cell is not alone in its sum" wherever the (fractional) mask breaks it; gives how many."""
    added = 0
    for one in problem.sums:
        if not one.is_complete:
            continue
        cells = (one.total, *one.parts)
        whole = sum(mask[cell] for cell in cells)
        for cell in cells:
            if mask[cell] > _CLOSE and whole - mask[cell] < mask[cell] - 1e-3 and len(cuts.rows) < _MANY_ROWS:
                others = [other for other in cells if other != cell]
                added += cuts.add([*others, cell], [*([1.0] * len(others)), -1.0], 0.0)
    return added


def lower_bound(problem: Problem, *, seconds: float = 6.0) -> float:
    """A loss that no safe mask can beat: the linear relaxation of "no hidden cell is alone in its sum".

    Rows are added as they are broken, until none is or the time is up; any stop is a valid bound, for rows only cut
    away masks that are not safe. Loss is the sum of the weights of hidden cells.
    """
    start = time.monotonic()
    cuts = _Cuts(len(problem.values))
    mask = problem.small.astype(float)
    best = float(problem.weights[problem.small].sum())
    while _alone(problem, cuts, mask):
        matrix, right = cuts.matrix()
        bounds = np.column_stack([problem.small.astype(float), np.where(problem.kept, 0.0, 1.0)])
        left = seconds - (time.monotonic() - start)
        if left <= 0:
            break
        solved = linprog(
            problem.weights, A_ub=-matrix, b_ub=-right, bounds=bounds, method="highs", options={"time_limit": left}
        )
        if solved.status != 0:
            break
        mask, best = solved.x, max(best, float(solved.fun))
    return best


@dataclass(frozen=True)
class Optimum:
    """A safe mask or None, and the loss below which none exists. Optimal where the two meet."""

    hidden: npt.NDArray[np.bool_] | None
    bound: float


def optimum(problem: Problem, *, seconds: float = 5.0) -> Optimum:
    """The safe mask of least loss, by Benders' decomposition; for some hundreds of cells.

    The master (a mixed-integer program) proposes a mask; the attacker's linear programs answer with an inequality for
    each cell that they narrow too far; and so on until they find none.

    Source: M. Fischetti and J. J. Salazar-González, Solving the cell suppression problem on tabular data with linear
    constraints, Management Science 47 (2001) 1008–1027.
    """
    start = time.monotonic()
    cuts = _Cuts(len(problem.values))
    _alone(problem, cuts, np.ones(len(problem.values)) * 0.4 + problem.small * 0.6)
    for one in problem.sums:  # the rows for small cells always bind
        for cell in (one.total, *one.parts):
            if one.is_complete and problem.small[cell]:
                others = [other for other in (one.total, *one.parts) if other != cell]
                cuts.add([*others, cell], [*([1.0] * len(others)), -1.0], 0.0)
    bound = float(problem.weights[problem.small].sum())
    bounds = (problem.small.astype(float), np.where(problem.kept, 0.0, 1.0))
    while (left := seconds - (time.monotonic() - start)) > 0:
        rows = []
        if cuts.rows:
            matrix, right = cuts.matrix()
            rows = [LinearConstraint(matrix, lb=right)]
        solved = milp(
            problem.weights,
            integrality=np.ones(len(problem.values)),
            bounds=Bounds(*bounds),
            constraints=rows,
            options={"time_limit": left},
        )
        if solved.mip_dual_bound is not None:
            bound = max(bound, float(solved.mip_dual_bound))
        if solved.status != 0:
            return Optimum(None, bound)
        hidden = solved.x > 0.5
        added = _alone(problem, cuts, hidden.astype(float)) + _answers(problem, cuts, hidden)
        if not added:
            return Optimum(hidden if not problem.exposed(hidden) else None, bound)
    return Optimum(None, bound)


def _answers(problem: Problem, cuts: _Cuts, hidden: npt.NDArray[np.bool_]) -> int:
    """For each exposed cell, the inequality that its attacker's dual prices prove; gives how many are new."""
    added = 0
    size = len(problem.values)
    high = float(problem.values.max(initial=1)) * 10 + 10 * problem.need
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.addVars(size, np.where(hidden, -problem.values, 0).astype(float), np.where(hidden, high, 0.0))
    for one in problem.sums:
        cells = np.array([one.total, *one.parts], dtype=np.int32)
        signs = np.array([1.0] + [-1.0] * len(one.parts))
        model.addRow(0.0, 0.0 if one.is_complete else highspy.kHighsInf, len(cells), cells, signs)
    places = np.arange(size, dtype=np.int32)
    for cell in problem.exposed(hidden):
        width = problem.need if problem.small[cell] else 1
        prices = np.zeros(size)
        for sign in (1.0, -1.0):
            cost = np.zeros(size)
            cost[cell] = -sign
            model.changeColsCost(size, places, cost)
            model.run()
            reduced = np.array(model.getSolution().col_dual)
            prices += np.maximum(-reduced, 0) * high + np.maximum(reduced, 0) * problem.values
        columns = [int(i) for i in np.flatnonzero(prices > _CLOSE) if i != cell]
        values = [min(float(prices[i]), float(width)) for i in columns]
        own = float(prices[cell])
        # The cell's own room counts towards its width, but never suffices alone: the rest must make up what is left.
        if (left := width - own) <= _CLOSE:
            continue
        added += cuts.add([*columns, cell], [*(min(v, left) for v in values), -left], 0.0)
    return added
