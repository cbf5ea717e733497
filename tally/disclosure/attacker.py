"""The attack by linear programming: how low and how high can each hidden count be, all sums taken together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor

import highspy
import numpy as np
import numpy.typing as npt

from tally.disclosure.notation import UNBOUNDED
from tally.disclosure.system import Sum

EXACT_UP_TO = 200
"""Unknowns in a group up to which whole numbers are asked for; beyond, the (wider) fractional range is used."""

_CLOSE = 1e-6
_MOST_STIRS, _FEW, _SHARE = 60, 6, 6


class Infeasible(ValueError):
    """No numbers fit all the sums."""


@dataclass
class Bounds:
    """What the attack leaves of a cell: `low`..`high`, and the sums whose combination proves it, with multipliers."""

    low: int
    high: int
    proof: dict[int, float] = field(default_factory=dict)


@dataclass
class Group:
    """Unknown cells tied together by sums; everything outside it is known or unconnected."""

    cells: list[int]
    sums: list[int]


def groups(
    low: Sequence[int], high: Sequence[int], sums: Sequence[Sum], *, without: Iterable[int] = ()
) -> list[Group]:
    """Connected groups of cells that are not yet fixed. A fixed cell does not connect.

    >>> [g.cells for g in groups([0, 0, 1, 0, 0], [9, 9, 1, 9, 9], [Sum(0, (1, 2), "a"), Sum(2, (3, 4), "a")])]
    [[0, 1], [3, 4]]
    """
    parent = list(range(len(low)))

    def root(cell: int) -> int:
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    left_out = set(without)
    holders: list[tuple[int, int]] = []
    for number, one in enumerate(sums):
        open_cells = [cell for cell in (one.total, *one.parts) if low[cell] < high[cell]]
        if number in left_out or not open_cells:
            continue
        for cell in open_cells[1:]:
            parent[root(cell)] = root(open_cells[0])
        holders.append((number, open_cells[0]))
    found: dict[int, Group] = {}
    for number, cell in holders:
        found.setdefault(root(cell), Group([], [])).sums.append(number)
    for cell in range(len(low)):
        if low[cell] < high[cell] and root(cell) in found:
            found[root(cell)].cells.append(cell)
    return [found[key] for key in sorted(found)]


class Attacker:
    """One group as a linear program that stays warm between questions.

    Shape: one column a cell of the group, one row a sum. `seen_low` and `seen_high` are the extremes of each cell
    over all solutions met so far: a cell already seen far apart needs no program of its own.

    Raises Infeasible when the sums contradict each other.
    """

    def __init__(self, group: Group, low: Sequence[int], high: Sequence[int], sums: Sequence[Sum]) -> None:
        self.group = group
        self._at = {cell: column for column, cell in enumerate(group.cells)}
        self._size = len(group.cells)
        self.low = np.array([low[cell] for cell in group.cells], dtype=float)
        self.high = np.array([high[cell] for cell in group.cells], dtype=float)
        self._model = highspy.Highs()
        self._model.setOptionValue("output_flag", False)
        self._model.setOptionValue("threads", 1)
        upper = np.where(self.high >= UNBOUNDED, highspy.kHighsInf, self.high)
        self._model.addVars(self._size, self.low, upper)
        for number in group.sums:
            one = sums[number]
            known, columns, values = 0.0, [], []
            for cell, sign in [(one.total, 1.0), *((part, -1.0) for part in one.parts)]:
                if cell in self._at:
                    columns.append(self._at[cell])
                    values.append(sign)
                else:
                    known += sign * low[cell]
            right = highspy.kHighsInf if not one.is_complete else -known
            self._model.addRow(-known, right, len(columns), np.array(columns, dtype=np.int32), np.array(values))
        self.is_whole = False
        self.seen_low = np.full(self._size, np.inf)
        self.seen_high = np.full(self._size, -np.inf)
        self._last = np.zeros(self._size)
        self._columns = np.arange(self._size, dtype=np.int32)
        self.solve(np.zeros(self._size))

    def solve(self, cost: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """A cheapest solution for these costs, shape (cells,); updates what has been seen.

        Small groups are asked again in whole numbers as soon as a solution is fractional.
        """
        self._model.changeColsCost(self._size, self._columns, cost)
        solution = self._run()
        if not self.is_whole and self._size <= EXACT_UP_TO and np.abs(solution - np.rint(solution)).max() > _CLOSE:
            self.is_whole = True
            kinds = np.full(self._size, highspy.HighsVarType.kInteger)
            self._model.changeColsIntegrality(self._size, self._columns, kinds)
            solution = self._run()
        self._last = solution
        np.minimum(self.seen_low, solution, out=self.seen_low)
        np.maximum(self.seen_high, solution, out=self.seen_high)
        return solution

    def _run(self) -> npt.NDArray[np.float64]:
        self._model.run()
        status = self._model.getModelStatus()
        if status == highspy.HighsModelStatus.kUnbounded:
            raise ValueError("a hidden cell has no upper limit; ask for it within one")
        if status != highspy.HighsModelStatus.kOptimal:
            raise Infeasible(f"{len(self.group.sums)} sums cannot all hold")
        return np.array(self._model.getSolution().col_value)

    def duals(self) -> dict[int, float]:
        """The sums that hold the last solution in place, with their multipliers; empty for whole-number solutions."""
        if self.is_whole:
            return {}
        values = self._model.getSolution().row_dual
        return {n: round(v, 6) for n, v in zip(self.group.sums, values, strict=True) if abs(v) > _CLOSE}

    def bounds(self, cell: int) -> Bounds:
        """The exact range of one cell, by two programs."""
        column = self._at[cell]
        cost = np.zeros(self._size)
        cost[column] = 1.0
        low = self.solve(cost)[column]
        proof = self.duals()
        high = self.high[column]
        if high < UNBOUNDED:
            cost[column] = -1.0
            high = self.solve(cost)[column]
            proof |= self.duals()
        return Bounds(ceil(low - _CLOSE), floor(high + _CLOSE), proof)

    def column(self, cell: int) -> int:
        """Where a cell stands in solutions."""
        return self._at[cell]

    def apart(self, columns: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """How far apart these cells have been seen so far."""
        return self.seen_high[columns] - self.seen_low[columns]

    def stir(self, columns: npt.NDArray[np.int64], width: npt.NDArray[np.float64], rng: np.random.Generator) -> None:
        """Push some of these cells at once, each by no more than its width, to see many ranges with one program.

        Starts from the last solution; cells not pushed are free to make room. Without the limit a few cells would
        take all the room there is.
        """
        some = rng.random(len(columns)) < max(1 / _SHARE, 2 * _SHARE / len(columns))
        columns, width = columns[some], width[some]
        start = self._last[columns]
        signs = np.where(rng.random(len(columns)) < 0.5, -1.0, 1.0)
        signs[start - self.low[columns] < width] = 1.0
        signs[start + width > self.high[columns]] = -1.0
        low = np.where(signs < 0, np.maximum(self.low[columns], start - width - 0.01), self.low[columns])
        upper = np.where(self.high >= UNBOUNDED, highspy.kHighsInf, self.high)[columns]
        high = np.where(signs > 0, np.minimum(upper, start + width + 0.01), upper)
        places = columns.astype(np.int32)
        self._model.changeColsBounds(len(places), places, low, high)
        cost = np.zeros(self._size)
        cost[columns] = -signs
        self.solve(cost)
        self._model.changeColsBounds(len(places), places, self.low[columns], upper)


def squeeze(
    low: Sequence[int], high: Sequence[int], sums: Sequence[Sum], wanted: Mapping[int, int], *, without: Sequence[int]
) -> tuple[dict[int, Bounds], list[int]]:
    """The exact range of every wanted cell that is not as wide as wanted, and the sums set aside as contradictory.

    `wanted` maps a cell to the width (number of values less one) from which on it is safe. Whole groups are stirred
    first, so that most cells are seen far enough apart at once; only a cell that is not gets programs of its own.
    """
    rng = np.random.default_rng(0)
    found: dict[int, Bounds] = {}
    aside: list[int] = []
    for group in groups(low, high, sums, without=without):
        cells = np.array([cell for cell in group.cells if cell in wanted], dtype=np.int64)
        if not len(cells):
            continue
        while True:
            try:
                attacker = Attacker(group, low, high, sums)
                break
            except Infeasible:
                apart = set(repair(group, low, high, sums))
                aside.extend(sorted(apart))
                group.sums = [number for number in group.sums if number not in apart]
        columns = np.array([attacker.column(cell) for cell in cells])
        width = np.array([wanted[cell] for cell in cells]) - _CLOSE
        left = attacker.apart(columns) < width
        for _ in range(_MOST_STIRS):
            if left.sum() < _FEW:
                break
            before = left.sum()
            attacker.stir(columns[left], width[left], rng)
            left = attacker.apart(columns) < width
            if left.sum() > 0.97 * before:
                break
        asked = np.zeros(len(cells), dtype=bool)
        while (left & ~asked).any():
            one = int(np.argmax(left & ~asked))
            asked[one] = True
            bounds = attacker.bounds(int(cells[one]))
            if bounds.high - bounds.low < wanted[int(cells[one])]:
                found[int(cells[one])] = bounds
            left = attacker.apart(columns) < width
    return found, aside


def repair(group: Group, low: Sequence[int], high: Sequence[int], sums: Sequence[Sum]) -> list[int]:
    """The sums to set aside, with the least total shortfall, so that the rest of a contradictory group can hold."""
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    at = {cell: column for column, cell in enumerate(group.cells)}
    upper = [min(float(high[cell]), highspy.kHighsInf) for cell in group.cells]
    model.addVars(len(at), np.array([float(low[cell]) for cell in group.cells]), np.array(upper))
    for number in group.sums:
        one = sums[number]
        signed = [(one.total, 1.0), *((part, -1.0) for part in one.parts)]
        known = sum(sign * low[cell] for cell, sign in signed if cell not in at)
        columns = [at[cell] for cell, _ in signed if cell in at]
        values = [sign for cell, sign in signed if cell in at]
        for sign in (1.0, -1.0):
            model.addCol(1.0, 0.0, highspy.kHighsInf, 0, np.array([], dtype=np.int32), np.array([]))
            columns.append(model.getNumCol() - 1)
            values.append(sign)
        right = -known if one.is_complete else highspy.kHighsInf
        model.addRow(-known, right, len(columns), np.array(columns, dtype=np.int32), np.array(values))
    model.run()
    slack = np.array(model.getSolution().col_value)[len(at) :].reshape(-1, 2).sum(axis=1)
    return [number for number, short in zip(group.sums, slack, strict=True) if short > _CLOSE]
