"""Cell suppression: hide the small cells, hide what would give them away, and say what that cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tally.disclosure import hypercube, optimum
from tally.disclosure.complement import Problem, complete, prune
from tally.disclosure.cube import Cube, ProtectError
from tally.disclosure.hierarchy import Hierarchy
from tally.disclosure.system import System, build

Weight = Literal["cells", "counts", "logarithm"]

_HYPERCUBE_FROM = 600
_OPTIMUM_UP_TO = 400
_PRUNE_UP_TO = 300


@dataclass(frozen=True)
class Loss:
    """What protection costs. Weights: see `weigh`.

    `bound` is a loss that no safe release can beat; `small` of the `hidden` cells are the ones below the threshold.
    """

    cells: int
    small: int
    hidden: int
    weight_hidden: float
    weight_all: float
    bound: float
    is_optimal: bool

    @property
    def share(self) -> float:
        """Share of the tables' information (by weight) that is hidden."""
        return self.weight_hidden / self.weight_all if self.weight_all else 0.0

    @property
    def over_bound(self) -> float:
        """Loss as a multiple of the lower bound; 1 is optimal."""
        return self.weight_hidden / self.bound if self.bound else 1.0


@dataclass(frozen=True)
class Suppressed:
    """The tables with masks of hidden cells, one mask a cube, and the loss."""

    cubes: list[Cube]
    masks: list[npt.NDArray[np.bool_]]
    loss: Loss


def weigh(values: npt.NDArray[np.int64], weight: Weight) -> npt.NDArray[np.float64]:
    """The loss of hiding a count: 1 for each cell, the count itself, or 1 + log2(1 + count) between the two.

    >>> weigh(np.array([0, 7]), "logarithm").tolist()
    [1.0, 4.0]
    """
    if weight == "cells":
        return np.ones(values.shape)
    return values.astype(float) if weight == "counts" else 1.0 + np.log2(1.0 + values)


def linked(cubes: Sequence[Cube], hierarchies: Mapping[str, Hierarchy]) -> System:
    """One system of all cubes. Raises ProtectError where two tables give a shared cell different counts."""
    system = build([cube.published() for cube in cubes], hierarchies=hierarchies, trust_single=True)
    if system.faults:
        raise ProtectError("; ".join(fault.message for fault in system.faults[:3]))
    return system


def suppress(
    cubes: Sequence[Cube],
    *,
    threshold: int,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    weight: Weight = "logarithm",
    keep_total: bool = False,
    effort: float = 10.0,
) -> Suppressed:
    """Hide every count of 1 to threshold − 1, and the fewest others by weight that protect them.

    After it each small cell may still be any of at least `threshold` values, and no hidden cell is determined. Small
    problems (400 cells) are solved to the optimum; large single tables by exchange patterns; linked tables by linear
    programs. `effort` is in seconds, for the bound and the optimum.

    Raises ProtectError where it is impossible, or the tables contradict each other.
    """
    if threshold < 2:
        raise ProtectError("the threshold must be 2 or more: a count below it is hidden")
    hierarchies = hierarchies or {}
    system = linked(cubes, hierarchies)
    at = {cell.key: number for number, cell in enumerate(system.cells)}
    printed = {row.key for cube in cubes for row in cube.published().rows}
    values = np.array([cell.low if cell.key in printed else 0 for cell in system.cells], dtype=np.int64)
    problem = _problem(system, values, printed, threshold, weight, keep_total=keep_total)
    start = problem.small.copy()
    is_known = np.array([cell.key in printed for cell in system.cells])
    start |= ~is_known
    if len(cubes) == 1 and cubes[0].values.size >= _HYPERCUBE_FROM:
        order = np.array([at[row.key] for row in cubes[0].published().rows])
        shape = cubes[0].values.shape
        start[order] = hypercube.suppress(
            cubes[0],
            problem.small[order].reshape(shape),
            need=problem.need,
            weights=problem.weights[order].reshape(shape),
            kept=problem.kept[order].reshape(shape),
        ).ravel()
    hidden = complete(problem, start)
    if len(values) <= _PRUNE_UP_TO:
        hidden = prune(problem, hidden)
    bound, is_optimal = 0.0, False
    if len(values) <= _OPTIMUM_UP_TO and effort > 0 and is_known.all():
        best = optimum.optimum(problem, seconds=effort)
        bound = best.bound
        if best.hidden is not None and problem.weights[best.hidden].sum() <= problem.weights[hidden].sum() + 1e-9:
            hidden = best.hidden
        is_optimal = best.hidden is not None
    elif effort > 0:
        bound = optimum.lower_bound(problem, seconds=effort)
    loss = Loss(
        cells=int(is_known.sum()),
        small=int(problem.small.sum()),
        hidden=int((hidden & is_known).sum()),
        weight_hidden=float(problem.weights[hidden & is_known].sum()),
        weight_all=float(problem.weights[is_known].sum()),
        bound=bound,
        is_optimal=is_optimal,
    )
    masks = [hidden[[at[row.key] for row in cube.published().rows]].reshape(cube.values.shape) for cube in cubes]
    return Suppressed(list(cubes), masks, loss)


def _problem(
    system: System,
    values: npt.NDArray[np.int64],
    printed: set[tuple[tuple[str, str], ...]],
    threshold: int,
    weight: Weight,
    *,
    keep_total: bool,
) -> Problem:
    """The cells of the system as arrays; a cell that no table prints is free to stay unknown."""
    is_known = np.array([cell.key in printed for cell in system.cells])
    small = (values > 0) & (values < threshold) & is_known
    kept = np.array([keep_total and not cell.key for cell in system.cells]) & is_known
    if (small & kept).any():
        raise ProtectError(f"the total itself is below {threshold}: nothing can be published")
    return Problem(
        values=_unprinted(system, values, is_known),
        weights=np.where(is_known, weigh(values, weight), 0.0),
        small=small,
        kept=kept,
        sums=system.sums,
        names=[cell.name for cell in system.cells],
        need=threshold - 1,
    )


def _unprinted(
    system: System, values: npt.NDArray[np.int64], is_known: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Counts of cells that no table prints, from their parts."""
    values = values.copy()
    for one in system.sums:
        if not is_known[one.total]:
            values[one.total] = values[list(one.parts)].sum()
    return values


def texts(suppressed: Suppressed, symbol: str = "x") -> list[npt.NDArray[np.object_]]:
    """What to print in each cell of each cube; one symbol for all hidden cells, or the small ones would show."""
    return [
        np.where(mask, symbol, cube.values.astype(str).astype(object))
        for cube, mask in zip(suppressed.cubes, suppressed.masks, strict=True)
    ]
