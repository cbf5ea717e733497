"""Complementary suppression in one full table by exchange patterns, fast enough for tens of thousands of cells.

A hidden cell is safe if there is a way to move counts about, touching hidden cells only, that changes it and leaves
every printed margin as it is. In one dimension the smallest such moves are: one leaf up and another down (with the
groups above them, as far as they differ), or one leaf up with everything above it. Products of such moves over the
dimensions are moves of the whole table. For each small cell the cheapest product is searched; then every cell's
choice is reconsidered, given the others', until a round saves nothing.

The idea is the hypercube method of R. D. Repsilber (1994) and S. Giessing (GHMITER), widened to hierarchies and to
moves that touch margins, and followed by rounds of reconsideration. Each move also proves the width that it gives, so
all cells hidden by one are as wide as asked: what the auditor later confirms by its own way.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from tally.disclosure.cube import Cube, Dimension

_MOST_MOVES = 160
"""Moves of one node of one dimension that are tried; beyond it a fixed random choice of them."""


@dataclass(frozen=True)
class _Moves:
    """All moves of all dimensions, flattened. Move m touches nodes[start[m]:stop[m]] with these signs."""

    first: npt.NDArray[np.int64]  # (dimensions, nodes) → first move of a node
    last: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    stop: npt.NDArray[np.int64]
    nodes: npt.NDArray[np.int64]
    signs: npt.NDArray[np.int64]


def _chains(dimension: Dimension) -> list[list[int]]:
    chains = []
    for leaf in range(dimension.leaves):
        chain, node = [], leaf
        while node >= 0:
            chain.append(node)
            node = dimension.parents[node]
        chains.append(chain)
    return chains


def _moves_of(dimension: Dimension, node: int, rng: np.random.Generator) -> list[dict[int, int]]:
    """Moves that raise a node by one: a leaf within it goes up, a leaf outside it (or none) goes down."""
    chains = _chains(dimension)
    inside = [leaf for leaf, chain in enumerate(chains) if node in chain]
    outside = [leaf for leaf, chain in enumerate(chains) if node not in chain]
    moves = [dict.fromkeys(chains[leaf], 1) for leaf in inside]
    pairs = [(up, down) for up in inside for down in outside]
    if len(pairs) > _MOST_MOVES:
        pairs = [pairs[i] for i in np.sort(rng.choice(len(pairs), _MOST_MOVES, replace=False))]
    for up, down in pairs:
        common = set(chains[up]) & set(chains[down])
        move = {n: 1 for n in chains[up] if n not in common}
        move.update({n: -1 for n in chains[down] if n not in common})
        moves.append(move)
    return moves


def _flatten(cube: Cube) -> _Moves:
    rng = np.random.default_rng(0)
    widest = max(len(d.nodes) for d in cube.dimensions)
    first = np.zeros((len(cube.dimensions), widest), dtype=np.int64)
    last = np.zeros_like(first)
    start: list[int] = []
    stop: list[int] = []
    nodes: list[int] = []
    signs: list[int] = []
    for axis, dimension in enumerate(cube.dimensions):
        for node in range(len(dimension.nodes)):
            first[axis, node] = len(start)
            for move in _moves_of(dimension, node, rng):
                start.append(len(nodes))
                nodes.extend(move)
                signs.extend(move.values())
                stop.append(len(nodes))
            last[axis, node] = len(start)
    return _Moves(first, last, *(np.array(a, dtype=np.int64) for a in (start, stop, nodes, signs)))


@numba.njit(cache=True)
def _corners(chosen, start, stop, nodes, signs, strides, out_cell, out_sign):
    """All cells that a product of moves touches, with signs; gives how many."""
    out_cell[0] = 0
    out_sign[0] = 1
    size = 1
    for axis in range(len(chosen)):
        low, high = start[chosen[axis]], stop[chosen[axis]]
        for k in range(high - low - 1, -1, -1):
            shift, sign = nodes[low + k] * strides[axis], signs[low + k]
            for i in range(size):
                out_cell[k * size + i] = out_cell[i] + shift
                out_sign[k * size + i] = out_sign[i] * sign
        size *= high - low
    return size


@numba.njit(cache=True)
def _search(index, need, values, weights, used, kept, first, last, start, stop, nodes, signs, strides, best):
    """Find the cheapest move of one cell; writes it to `best` and gives its cost (negative if there is none)."""
    depth = len(index)
    chosen = np.empty(depth, np.int64)
    for axis in range(depth):
        chosen[axis] = first[axis, index[axis]]
    cells = np.empty(1 << 14, np.int64)
    plus = np.empty(1 << 14, np.int64)
    lowest = -1.0
    while True:
        size = 1
        for axis in range(depth):
            size *= stop[chosen[axis]] - start[chosen[axis]]
        if size <= 1 << 14:
            _corners(chosen, start, stop, nodes, signs, strides, cells, plus)
            cost = 0.0
            up = down = 1 << 40
            for i in range(size):
                cell = cells[i]
                if used[cell] == 0:
                    if kept[cell]:
                        cost = -1.0
                        break
                    cost += weights[cell]
                if plus[i] < 0:
                    up = min(up, values[cell])
                else:
                    down = min(down, values[cell])
                if up + down < need or (lowest >= 0 and cost >= lowest):
                    cost = -1.0
                    break
            if cost >= 0.0:
                lowest = cost
                best[:] = chosen
                if cost == 0.0:
                    return lowest
        axis = depth - 1
        while axis >= 0:
            chosen[axis] += 1
            if chosen[axis] < last[axis, index[axis]]:
                break
            chosen[axis] = first[axis, index[axis]]
            axis -= 1
        if axis < 0:
            return lowest


@numba.njit(cache=True)
def _cover(targets, need, values, weights, used, kept, first, last, start, stop, nodes, signs, strides, choice, again):
    """One round over all small cells; gives how many have no move."""
    cells = np.empty(1 << 14, np.int64)
    plus = np.empty(1 << 14, np.int64)
    best = np.empty(targets.shape[1], np.int64)
    failed = 0
    for t in range(len(targets)):
        if again and choice[t, 0] >= 0:
            size = _corners(choice[t], start, stop, nodes, signs, strides, cells, plus)
            for i in range(size):
                used[cells[i]] -= 1
        cost = _search(
            targets[t], need, values, weights, used, kept, first, last, start, stop, nodes, signs, strides, best
        )
        if cost < 0:
            failed += 1
            choice[t, 0] = -1
            continue
        choice[t] = best
        size = _corners(best, start, stop, nodes, signs, strides, cells, plus)
        for i in range(size):
            used[cells[i]] += 1
    return failed


def suppress(
    cube: Cube,
    primary: npt.NDArray[np.bool_],
    *,
    need: int,
    weights: npt.NDArray[np.float64],
    kept: npt.NDArray[np.bool_],
    rounds: int = 2,
) -> npt.NDArray[np.bool_]:
    """Which cells to hide, shape of the cube: the small ones and what protects them.

    Every cell hidden by a move can then take at least `need` + 1 values; a small cell without any such move is left to
    the linear programs of `complement`. `weights` is the loss of hiding each cell, `kept` the cells that must be
    printed.
    """
    shape = cube.values.shape
    moves = _flatten(cube)
    strides = np.array([int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))], dtype=np.int64)
    values, used = cube.values.ravel(), primary.ravel().astype(np.int64)
    targets = np.argwhere(primary)
    # Margins first: their moves reach into the table, and the cells inside can then lean on what is hidden already.
    depth = np.array([[i >= d.leaves for i, d in zip(t, cube.dimensions, strict=True)] for t in targets]).sum(axis=1)
    targets = targets[np.lexsort((values[targets @ strides], -depth))] if len(targets) else targets
    choice = np.zeros_like(targets)
    flat = (values, weights.ravel(), used, kept.ravel())
    lists = (moves.first, moves.last, moves.start, moves.stop, moves.nodes, moves.signs, strides)
    for turn in range(rounds + 1 if len(targets) else 0):
        before = weights.ravel()[used > 0].sum()
        _cover(targets, need, *flat, *lists, choice, turn > 0)
        if turn > 0 and weights.ravel()[used > 0].sum() >= before - 1e-9:
            break
    return (used > 0).reshape(shape)
