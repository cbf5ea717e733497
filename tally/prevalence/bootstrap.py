"""Replicates of a table and of its estimate, each from its own counter-based generator.

Replicate i is drawn by Philox (Salmon and others 2011) under the key (seed, 0) from counter i × 2**192: it is the same
whatever the number of threads, however many replicates are drawn, and wherever an interrupted run takes up again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tally.prevalence.histories import Histories
from tally.prevalence.kernel import CONVERGED
from tally.prevalence.procedure import Procedure, run_procedure

FIRST_REPLICATES = 1_000
CHUNK = 2_000


def chunk_of(procedure: Procedure) -> int:
    """Replicates between two looks at the clock: about a second's work, so that a run can be watched and stopped."""
    if procedure.method != "bic":
        return CHUNK
    return 50 if procedure.max_order > 2 else CHUNK // 2 ** max(0, procedure.lists - 3)


Progress = Callable[[str, int, int], None]


def no_progress(_task: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


def resample(histories: Histories, seed: int, first: int, last: int) -> NDArray[np.float64]:
    """Multinomial replicates first..last of the table: array (last - first) × 2**t of counts indexed by mask.

    >>> from tally.prevalence import published_table
    >>> table = published_table("Korea")
    >>> bool((resample(table, 7, 0, 5)[3:] == resample(table, 7, 3, 5)).all())
    True
    """
    return draw(np.array(histories.masks), np.array(histories.counts), 1 << len(histories.lists), seed, first, last)


def draw(
    masks: NDArray[np.int64], counts: NDArray[np.int64], size: int, seed: int, first: int, last: int
) -> NDArray[np.float64]:
    """Multinomial replicates of `counts`, scattered to the columns `masks` of an array of `size` columns."""
    source = np.random.Philox(key=np.array([seed, 0], np.uint64))
    generator = np.random.Generator(source)
    state = source.state
    total = int(counts.sum())
    shares = counts / total
    drawn = np.zeros((last - first, size))
    for row, replicate in enumerate(range(first, last)):
        state["state"]["counter"][3] = replicate
        source.state = state
        drawn[row, masks] = generator.multinomial(total, shares)
    return drawn


@dataclass(slots=True, eq=False)
class Replicates:
    """Bootstrap estimates so far: totals (people, infinite where there is none), models, and counts of faults."""

    estimates: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    models: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    empty_list: int = 0
    cut_short: int = 0

    def __len__(self) -> int:
        return len(self.estimates)


def extend(
    replicates: Replicates,
    histories: Histories,
    procedure: Procedure,
    *,
    seed: int,
    until: int,
    threads: int | None = None,
    progress: Progress = no_progress,
    saved: Callable[[Replicates], None] = lambda _replicates: None,
) -> Replicates:
    """Draw and estimate replicates up to number `until`, selecting the model anew inside each; updates `replicates`.

    `saved` is called after every chunk, so that an interrupted run can go on from there.
    """
    bits = len(histories.lists)
    on_list = (np.arange(1 << bits)[:, None] >> np.arange(bits) & 1).astype(float)
    progress(procedure.method, len(replicates), until)
    while len(replicates) < until:
        first, last = len(replicates), min(len(replicates) + chunk_of(procedure), until)
        counts = resample(histories, seed, first, last)
        found = run_procedure(procedure, counts, threads=threads)
        with np.errstate(over="ignore"):
            estimates = np.where(found.codes == CONVERGED, counts.sum(axis=1) + np.exp(found.log_dark), np.inf)
        replicates.estimates = np.append(replicates.estimates, estimates)
        replicates.models = np.append(replicates.models, found.models)
        replicates.empty_list += int(((counts @ on_list) == 0).any(axis=1).sum())
        replicates.cut_short += int((~found.complete).sum())
        progress(procedure.method, last, until)
        saved(replicates)
    return replicates


def jackknife(
    histories: Histories, procedure: Procedure, *, threads: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Estimates with one person left out, for each distinct history, and how many people have that history."""
    base = histories.full()
    counts = np.repeat(base[None, :], len(histories.masks), axis=0)
    counts[np.arange(len(histories.masks)), histories.masks] -= 1
    found = run_procedure(procedure, counts, threads=threads)
    with np.errstate(over="ignore"):
        return counts.sum(axis=1) + np.exp(found.log_dark), np.array(histories.counts, float)
