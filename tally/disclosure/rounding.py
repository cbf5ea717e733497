"""Controlled rounding: every count a multiple of a base, and every margin still the sum of its parts."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, hstack, identity, vstack

from tally.disclosure.cube import Cube, ProtectError
from tally.disclosure.hierarchy import Hierarchy
from tally.disclosure.suppression import linked

_PROGRAM_UP_TO = 1500


@dataclass(frozen=True)
class Rounded:
    """The rounded cubes, and by how much the innermost counts (less than the base) and the margins moved at most."""

    cubes: list[Cube]
    base: int
    within: int
    mean_change: float


def round_tables(
    cubes: Sequence[Cube], *, base: int, hierarchies: Mapping[str, Hierarchy] | None = None, seconds: float = 20.0
) -> Rounded:
    """Round all tables together, additively, with the least change.

    Up to 1,500 cells a mixed-integer program finds the least total change with every cell moved by less than the base,
    or, where that cannot be additive, by as little more as can. A larger single table is rounded at random in its
    innermost cells and then improved until no single cell's rounding can be turned without making the margins worse;
    it is additive by construction, and how far margins moved is stated. Costs are shuffled a little by the operating
    system's randomness, so that the choice cannot be replayed.

    Source: L. H. Cox, A constructive procedure for unbiased controlled rounding, JASA 82 (1987); J. J.
    Salazar-González, Controlled rounding and cell perturbation, Mathematical Programming 105 (2006).

    Raises ProtectError for a base under 2, or linked tables that are too large for the program.
    """
    if base < 2:
        raise ProtectError("the rounding base must be 2 or more")
    system = linked(cubes, hierarchies or {})
    rng = np.random.default_rng(secrets.randbits(128))
    if len(system.cells) <= _PROGRAM_UP_TO:
        at = {cell.key: i for i, cell in enumerate(system.cells)}
        printed = {row.key for cube in cubes for row in cube.published().rows}
        values = np.zeros(len(system.cells), dtype=np.int64)
        for i, cell in enumerate(system.cells):
            values[i] = cell.low if cell.key in printed else 0
        for one in system.sums:
            if system.cells[one.total].key not in printed:
                values[one.total] = values[list(one.parts)].sum()
        found = _program(values, [(one.total, one.parts) for one in system.sums], base, seconds, rng)
        rounded = [
            Cube(c.name, c.dimensions, found[[at[row.key] for row in c.published().rows]].reshape(c.values.shape))
            for c in cubes
        ]
    elif len(cubes) == 1:
        rounded = [_improve(cubes[0], base, rng)]
    else:
        raise ProtectError(f"{len(system.cells):,} linked cells are too many to round together: take fewer tables")
    changes = [np.abs(new.values - old.values) for new, old in zip(rounded, cubes, strict=True)]
    within = max(base - 1, *(int(change.max()) for change in changes))
    return Rounded(rounded, base, within, float(np.mean(np.concatenate([change.ravel() for change in changes]))))


def _program(
    values: npt.NDArray[np.int64],
    sums: Sequence[tuple[int, tuple[int, ...]]],
    base: int,
    seconds: float,
    rng: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Least total change; columns are the multiple of each cell, then its absolute change."""
    size = len(values)
    rows = [i for i, (_, parts) in enumerate(sums) for _ in range(len(parts) + 1)]
    columns = [cell for total, parts in sums for cell in (total, *parts)]
    signs = [sign for _, parts in sums for sign in (1.0, *([-1.0] * len(parts)))]
    additive = csr_matrix((signs, (rows, columns)), shape=(len(sums), 2 * size))
    scaled, one = identity(size) * base, identity(size)
    change = vstack([hstack([-scaled, one]), hstack([scaled, one])])
    limits = np.concatenate([-values, values])
    cost = np.concatenate([np.zeros(size), rng.uniform(0.9, 1.1, size)])
    for extra in (0, 1, 2, 4):
        low = np.maximum(values // base - extra, 0)
        high = -(-values // base) + extra
        solved = milp(
            cost,
            integrality=np.concatenate([np.ones(size), np.zeros(size)]),
            bounds=Bounds(np.concatenate([low, np.zeros(size)]), np.concatenate([high, np.full(size, np.inf)])),
            constraints=[LinearConstraint(additive, 0, 0), LinearConstraint(change, lb=limits)],
            options={"time_limit": seconds},
        )
        if solved.x is not None:
            return np.rint(solved.x[:size]).astype(np.int64) * base
    raise ProtectError("no additive rounding was found in the time allowed: take a larger base or fewer tables")


@numba.njit(cache=True)
def _turn(low, up, above, gap, order, heat, seed):
    """One pass over the innermost cells: turn a cell's rounding where that brings its margins nearer."""
    np.random.seed(seed)
    turned = 0
    for leaf in order:
        if low[leaf] < 0:  # a multiple already
            continue
        step = 1 if up[leaf] == 0 else -1
        change = 0.0
        for cell in above[leaf]:
            change += 2 * step * gap[cell] + 1
        if change < 0 or (heat > 0 and np.random.random() < np.exp(-change / heat)):
            up[leaf] += step
            turned += 1
            for cell in above[leaf]:
                gap[cell] += step
    return turned


def _improve(cube: Cube, base: int, rng: np.random.Generator) -> Cube:
    inner = cube.inner.ravel()
    shape = cube.values.shape
    chains = []
    for dimension in cube.dimensions:
        longest = int(dimension.above.sum(axis=0).max())
        chains.append([[int(n) for n in np.flatnonzero(dimension.above[:, i])] for i in range(dimension.leaves)])
        if any(len(chain) != longest for chain in chains[-1]):  # uneven trees: repeat the total, harmless when weighed
            chains[-1] = [chain + [chain[-1]] * (longest - len(chain)) for chain in chains[-1]]
    leaves = np.stack(np.unravel_index(np.arange(inner.size), cube.inner.shape), axis=1)
    nodes = np.zeros((inner.size, 1), dtype=np.int64)
    for axis, chain in enumerate(chains):
        part = np.array(chain)[leaves[:, axis]]
        nodes = (nodes[:, :, None] * shape[axis] + part[:, None, :]).reshape(inner.size, -1)
    nodes = np.array([np.pad(np.unique(row), (0, nodes.shape[1] - len(np.unique(row))), "edge") for row in nodes])
    rest = inner % base
    up = (rng.random(inner.size) < rest / base).astype(np.int64)
    low = np.where(rest == 0, -1, inner // base)
    start = Cube.of(cube.name, cube.dimensions, ((inner // base + up) * base).reshape(cube.inner.shape))
    gap = (start.values - cube.values).ravel() / base
    for heat in (2.0, 1.0, 0.5, 0.2, 0.1, *([0.0] * 10)):
        order = rng.permutation(inner.size)
        if not _turn(low, up, nodes, gap, order, heat, int(rng.integers(2**31))) and heat == 0:
            break
    return Cube.of(cube.name, cube.dimensions, ((inner // base + up) * base).reshape(cube.inner.shape))
