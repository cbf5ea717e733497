"""Records that fit noisy tables: start anywhere, then redraw one value of one record at a time, cooling down.

The aim is E = Σ over cells (count in the records − noisy count)² / 2σ² + Σ penalty · count: minus the log likelihood
of the noise, and a price on each record in a cell whose noisy count cannot be told from zero. A value is redrawn from
exp(−E/T) with the rest fixed (Gibbs sampling); T falls from where anything goes to where only improvements do. A
dataset is always a set of whole records, so tables made of it are additive, integer and never negative, and agree
with each other, which is a projection that noisy tables as such do not have.

Literature weighed: Private-PGM and MST (McKenna, Miklau and Sheldon 2021), AIM (2022), whose junction trees cannot
hold all pairs of ten columns with forty-five levels; PrivSyn's record swapping (Zhang et al., USENIX Security 2021),
which updates one table at a time and forgets the others; RAP (Aydöre et al. 2021) and GEM, gradient fits whose rows
must be rounded afterwards. This sampler sees all tables at once and needs no rounding. Cost is linear in
records × columns × levels × tables of a column.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Target:
    """One noisy table to fit: its columns (one to three, by place), the counts (dense), their σ and the penalties."""

    columns: tuple[int, ...]
    counts: npt.NDArray[np.float64]
    sigma: float
    penalty: npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Links:
    """For each column, the tables it is in: where the table starts, the strides of this column and of the others."""

    first: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    stride: npt.NDArray[np.int64]
    others: npt.NDArray[np.int64]  # (links, 2), -1 where there is none
    other_strides: npt.NDArray[np.int64]
    step: npt.NDArray[np.float32]  # 1 / σ²: how much one record more changes the price of its cell


def _link(targets: Sequence[Target], sizes: Sequence[int]) -> tuple[_Links, npt.NDArray[np.int64]]:
    starts = np.cumsum([0, *(target.counts.size for target in targets)])
    rows: list[list[tuple[int, int, int, int, int, int, float]]] = [[] for _ in sizes]
    for start, target in zip(starts, targets, strict=False):
        shape = [sizes[c] for c in target.columns]
        strides = [int(np.prod(shape[i + 1 :])) for i in range(len(shape))]
        for i, column in enumerate(target.columns):
            rest = [(c, s) for k, (c, s) in enumerate(zip(target.columns, strides, strict=True)) if k != i]
            rest += [(-1, 0)] * (2 - len(rest))
            (a, sa), (b, sb) = rest
            rows[column].append((int(start), strides[i], a, b, sa, sb, 1 / target.sigma**2))
    flat = np.array([row for column in rows for row in column], dtype=np.float64).reshape(-1, 7)
    whole = flat[:, :6].astype(np.int64)
    first = np.cumsum([0, *(len(column) for column in rows)])
    links = _Links(
        first, whole[:, 0].copy(), whole[:, 1].copy(), whole[:, 2:4].copy(), whole[:, 4:6].copy(),
        flat[:, 6].astype(np.float32),
    )  # fmt: skip
    return links, starts


@numba.njit(cache=True, fastmath=True)
def _sweep(
    records, order, price, first, start, stride, others, other_strides, step, allowed, allowed_first, heat, seed
):
    """Redraw every value of every record once, in the order given; gives how many changed."""
    np.random.seed(seed)
    width = records.shape[1]
    longest = 0
    for j in range(width):
        longest = max(longest, allowed_first[j + 1] - allowed_first[j])
    cost = np.empty(longest, np.float32)
    base = np.empty(len(start), np.int64)
    moved = 0
    for r in order:
        for j in range(width):
            values = allowed[allowed_first[j] : allowed_first[j + 1]]
            many = len(values)
            before = records[r, j]
            cost[:many] = 0.0
            for q in range(first[j], first[j + 1]):
                at = start[q]
                if others[q, 0] >= 0:
                    at += records[r, others[q, 0]] * other_strides[q, 0]
                if others[q, 1] >= 0:
                    at += records[r, others[q, 1]] * other_strides[q, 1]
                base[q] = at
                along = stride[q]
                price[at + before * along] -= step[q]
                for k in range(many):
                    cost[k] += price[at + values[k] * along]
            best = 0
            for k in range(1, many):
                if cost[k] < cost[best]:
                    best = k
            if heat > 0.0:
                lowest = cost[best]
                total = 0.0
                for k in range(many):
                    cost[k] = np.exp(-(cost[k] - lowest) / heat)
                    total += cost[k]
                draw = np.random.random() * total
                best = 0
                reached = cost[0]
                while reached < draw and best < many - 1:
                    best += 1
                    reached += cost[best]
            after = values[best]
            moved += after != before
            records[r, j] = after
            for q in range(first[j], first[j + 1]):
                price[base[q] + after * stride[q]] += step[q]
    return moved


def count_cells(records: npt.NDArray[np.int16], sizes: Sequence[int], columns: Sequence[int]) -> npt.NDArray[np.int64]:
    """The dense table of some columns of coded records, shape (sizes of the columns…)."""
    key = np.zeros(len(records), dtype=np.int64)
    for column in columns:
        key = key * sizes[column] + records[:, column]
    shape = [sizes[column] for column in columns]
    return np.bincount(key, minlength=int(np.prod(shape))).reshape(shape)


def fit(
    targets: Sequence[Target],
    sizes: Sequence[int],
    start: npt.NDArray[np.int16],
    heats: Iterable[float],
    *,
    allowed: Sequence[npt.NDArray[np.int64]] | None = None,
    rng: np.random.Generator,
) -> npt.NDArray[np.int16]:
    """Anneal a copy of `start` (records × columns, codes below `sizes`) towards the targets, one sweep for each heat.

    `allowed` lists the codes that may be drawn in each column; all by default.

    >>> aim = Target((0,), np.array([30.0, 10.0]), 1.0, np.zeros(2))
    >>> rows = fit([aim], [2], np.zeros((40, 1), np.int16), [1.0, 0.01], rng=np.random.default_rng(0))
    >>> count_cells(rows, [2], [0]).tolist()
    [30, 10]
    """
    records = start.copy()
    links, _ = _link(targets, sizes)
    price = np.concatenate(
        [
            (count_cells(records, sizes, t.columns).ravel() - t.counts.ravel() + 0.5) / t.sigma**2 + t.penalty.ravel()
            for t in targets
        ]
    ).astype(np.float32)
    choices = [np.arange(size) for size in sizes] if allowed is None else [np.asarray(a) for a in allowed]
    flat = np.concatenate(choices).astype(np.int64)
    places = np.cumsum([0, *(len(c) for c in choices)])
    for heat in heats:
        order = rng.permutation(len(records))
        _sweep(
            records, order, price, links.first, links.start, links.stride, links.others, links.other_strides,
            links.step, flat, places, float(heat), int(rng.integers(2**31)),
        )  # fmt: skip
    return records
