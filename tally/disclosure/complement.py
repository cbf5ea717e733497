"""Complementary suppression for any set of linked tables, by linear programs that think as the attacker does."""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt

from tally.disclosure.attacker import squeeze
from tally.disclosure.cube import ProtectError
from tally.disclosure.notation import UNBOUNDED
from tally.disclosure.propagate import propagate
from tally.disclosure.system import Sum

_CLOSE = 1e-6
_ALL_CANDIDATES_UP_TO = 4000


@dataclass(frozen=True)
class Problem:
    """What to protect. All arrays have one entry a cell.

    `values` are the true counts, `weights` the loss of hiding, `small` the cells that must be hidden, `kept` those
    that must be printed. A small cell must keep `need` + 1 possible values, any other hidden cell two.
    """

    values: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    small: npt.NDArray[np.bool_]
    kept: npt.NDArray[np.bool_]
    sums: Sequence[Sum]
    names: Sequence[str]
    need: int

    def wanted(self, hidden: npt.NDArray[np.bool_]) -> dict[int, int]:
        """The width that each hidden cell must keep."""
        return {int(i): self.need if self.small[i] else 1 for i in np.flatnonzero(hidden)}

    def exposed(self, hidden: npt.NDArray[np.bool_]) -> list[int]:
        """Hidden cells that an attacker narrows below their width, the small ones first."""
        low = np.where(hidden, 0, self.values).tolist()
        high = np.where(hidden, UNBOUNDED, self.values).tolist()
        wanted = self.wanted(hidden)
        ranges = propagate(low, high, self.sums)
        narrow = {i for i, width in wanted.items() if ranges.high[i] - ranges.low[i] < width}
        rest = {i: width for i, width in wanted.items() if i not in narrow}
        found, _ = squeeze(ranges.low, ranges.high, self.sums, rest, without=())
        return sorted(narrow | set(found), key=lambda i: (not self.small[i], self.values[i], i))


class _Mover:
    """The cheapest way to move counts about that changes one cell by a given amount and no printed cell at all.

    Columns: for each candidate cell its rise and its fall. A linear program, kept warm while costs change.
    """

    def __init__(self, problem: Problem, hidden: npt.NDArray[np.bool_]) -> None:
        self._problem = problem
        everything = len(problem.values) <= _ALL_CANDIDATES_UP_TO
        candidates = hidden | (~problem.kept & (everything | (problem.values > 0)))
        self._cells = np.flatnonzero(candidates)
        self._at = {int(cell): i for i, cell in enumerate(self._cells)}
        size = len(self._cells)
        self._model = highspy.Highs()
        self._model.setOptionValue("output_flag", False)
        self._model.setOptionValue("threads", 1)
        self._upper = np.concatenate([np.full(size, highspy.kHighsInf), problem.values[self._cells].astype(float)])
        self._model.addVars(2 * size, np.zeros(2 * size), self._upper)
        for one in problem.sums:
            columns, signs = [], []
            for cell, sign in [(one.total, 1.0), *((part, -1.0) for part in one.parts)]:
                if cell in self._at:
                    columns += [self._at[cell], self._at[cell] + size]
                    signs += [sign, -sign]
            if columns:
                self._model.addRow(0.0, 0.0, len(columns), np.array(columns, dtype=np.int32), np.array(signs))

    def move(self, cell: int, amount: int, hidden: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64] | None:
        """The change of every cell, shape (cells of the problem,), or None where there is no way."""
        size, column = len(self._cells), self._at[cell]
        cost = np.where(hidden[self._cells], 1e-6, self._problem.weights[self._cells])
        places = np.arange(2 * size, dtype=np.int32)
        self._model.changeColsCost(2 * size, places, np.concatenate([cost, cost]))
        pair = np.array([column, column + size], dtype=np.int32)
        fixed = np.array([float(max(amount, 0)), float(max(-amount, 0))])
        self._model.changeColsBounds(2, pair, fixed, fixed)
        self._model.run()
        is_found = self._model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        solution = np.array(self._model.getSolution().col_value) if is_found else None
        self._model.changeColsBounds(2, pair, np.zeros(2), self._upper[pair])
        if solution is None:
            return None
        change = np.zeros(len(self._problem.values))
        change[self._cells] = solution[:size] - solution[size:]
        return change


def complete(problem: Problem, hidden: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Hide more cells until no hidden cell is exposed; gives the new mask.

    Each exposed cell is moved by the cheapest change that keeps all printed cells; the cells that change are hidden.
    Then the attack is run again. It ends because every round hides at least one more cell.

    Raises ProtectError, naming the cell, where the cells that must be printed leave no way.

    Source: the heuristic of J. P. Kelly, B. L. Golden and A. A. Assad, Networks 22 (1992), with the attacker's test
    of Fischetti and Salazar-González (2001) after every round.
    """
    hidden = hidden.copy()
    while exposed := problem.exposed(hidden):
        mover = _Mover(problem, hidden)
        done: set[int] = set()
        before = hidden.sum()
        for cell in exposed:
            if cell in done:
                continue
            width = problem.need if problem.small[cell] else 1
            for change in _moves(mover, problem, cell, width, hidden):
                hidden |= np.abs(change) > _CLOSE
                done |= {int(i) for i in np.flatnonzero(np.abs(change) >= problem.need)}
        if hidden.sum() == before:
            names = ", ".join(problem.names[cell] for cell in exposed[:3])
            raise ProtectError(f"{names} cannot be protected: no other cell may be hidden with it")
    return hidden


def _moves(
    mover: _Mover, problem: Problem, cell: int, width: int, hidden: npt.NDArray[np.bool_]
) -> list[npt.NDArray[np.float64]]:
    """One change upwards by the width, or where there is none, one up and one down that make it together."""
    if (change := mover.move(cell, width, hidden)) is not None:
        return [change]
    for down in range(1, min(width, int(problem.values[cell])) + 1):
        fall = mover.move(cell, -down, hidden)
        rise = mover.move(cell, width - down, hidden) if down < width else np.zeros(len(problem.values))
        if fall is not None and rise is not None:
            return [fall, rise]
    raise ProtectError(f"{problem.names[cell]} cannot be protected without hiding a cell that must be shown")


def prune(problem: Problem, hidden: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Print again what need not be hidden, the dearest first; one attack for each complementary cell."""
    hidden = hidden.copy()
    extra = np.flatnonzero(hidden & ~problem.small)
    for cell in extra[np.argsort(-problem.weights[extra], kind="stable")]:
        hidden[cell] = False
        if problem.exposed(hidden):
            hidden[cell] = True
    return hidden
