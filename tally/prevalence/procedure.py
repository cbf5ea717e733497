"""The procedures that choose a log-linear model, run on one table or on thousands of replicates in threads."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tally.prevalence.branch import branch_block
from tally.prevalence.existence import EXISTS, NO_MAXIMUM, NOT_IDENTIFIABLE, verdict_of_counts
from tally.prevalence.forward import forward_block
from tally.prevalence.hierarchy import bic_block, hierarchical_models, highest_order, terms_of, terms_up_to
from tally.prevalence.kernel import CONVERGED, DIVERGES, UNDECIDED, UNIDENTIFIED

METHODS = ("independence", "stepwise", "bic")
PUBLISHED_THRESHOLD = 0.02
MOST_FITS = 20_000
MOST_REPLICATE_FITS = 2_000


@dataclass(frozen=True, slots=True)
class Procedure:
    """A way to choose a model: `independence`, `stepwise` with a p-value threshold, or `bic` up to an order.

    Raises ValueError for another method, a threshold outside [0, 1], or an order that is not searched.
    """

    method: str
    lists: int
    threshold: float = PUBLISHED_THRESHOLD
    max_order: int = 2

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"{self.method!r} is not one of {', '.join(METHODS)}")
        if not 0 <= self.threshold <= 1:
            raise ValueError("the threshold is a p-value, between 0 and 1")
        if not 2 <= self.max_order <= highest_order(self.lists):
            raise ValueError(
                f"terms of order {self.max_order} are not searched over {self.lists} lists; "
                f"the highest order is {highest_order(self.lists)}"
            )

    @property
    def terms(self) -> tuple[int, ...]:
        """Masks of the candidate terms; a selected model is a set of bits over them."""
        return terms_up_to(self.lists, self.max_order if self.method == "bic" else 2)


@dataclass(frozen=True, slots=True, eq=False)
class Selections:
    """What a procedure chose on each of R rows: kernel codes, models as bits over the terms, log dark figures.

    A row without an estimate has an infinite log dark figure. `complete` is false where a search was cut short.
    """

    codes: NDArray[np.int64]
    models: NDArray[np.int64]
    log_dark: NDArray[np.float64]
    complete: NDArray[np.bool_]


def run_procedure(
    procedure: Procedure,
    counts: NDArray[np.float64],
    *,
    threads: int | None = None,
    most_fits: int = MOST_REPLICATE_FITS,
) -> Selections:
    """Run the procedure on every row of `counts` (R × 2**t, indexed by mask). Rows do not influence each other."""
    rows = len(counts)
    found = Selections(
        np.zeros(rows, np.int64), np.zeros(rows, np.int64), np.full(rows, np.inf), np.ones(rows, np.bool_)
    )
    compiled = _compiled(procedure, counts, found, most_fits)
    nobody = np.empty(0, np.int64)
    workers = threads or os.cpu_count() or 1
    block = max(1, min(256, math.ceil(rows / (4 * workers))))
    starts = range(0, rows, block)
    if workers == 1 or len(starts) == 1:
        compiled(0, rows, nobody, nobody)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda start: compiled(start, min(start + block, rows), nobody, nobody), starts))
    for row in np.flatnonzero(found.codes == UNDECIDED):
        _settle(procedure, int(row), counts, found, compiled)
    found.log_dark[found.codes != CONVERGED] = np.inf
    return found


_Compiled = Callable[[int, int, NDArray[np.int64], NDArray[np.int64]], None]


def _compiled(procedure: Procedure, counts: NDArray[np.float64], found: Selections, most_fits: int) -> _Compiled:
    bits = procedure.lists
    terms = np.array(procedure.terms, np.int64)
    if procedure.method != "bic":
        threshold = 0.0 if procedure.method == "independence" else procedure.threshold
        log_threshold = math.log(threshold) if threshold > 0 else -math.inf

        def run(first: int, last: int, ruled: NDArray[np.int64], verdicts: NDArray[np.int64]) -> None:
            forward_block(
                counts,
                first,
                last,
                bits,
                terms,
                log_threshold,
                found.codes,
                found.models,
                found.log_dark,
                ruled,
                verdicts,
            )
    elif procedure.max_order == 2:

        def run(first: int, last: int, ruled: NDArray[np.int64], verdicts: NDArray[np.int64]) -> None:
            branch_block(
                counts,
                first,
                last,
                bits,
                terms,
                most_fits,
                found.codes,
                found.models,
                found.log_dark,
                found.complete,
                ruled,
                verdicts,
            )
    else:
        models, parents = hierarchical_models(bits, procedure.max_order)

        def run(first: int, last: int, ruled: NDArray[np.int64], verdicts: NDArray[np.int64]) -> None:
            bic_block(
                counts,
                first,
                last,
                bits,
                terms,
                models,
                parents,
                found.codes,
                found.models,
                found.log_dark,
                ruled,
                verdicts,
            )

    return run


def _settle(
    procedure: Procedure, row: int, counts: NDArray[np.float64], found: Selections, compiled: _Compiled
) -> None:
    """Ask the linear program about the models that the kernel could not decide on this row, until it needs no more."""
    verdicts: dict[int, int] = {}
    while found.codes[row] == UNDECIDED and int(found.models[row]) not in verdicts:
        model = int(found.models[row])
        existence = verdict_of_counts(counts[row], procedure.lists, terms_of(model, procedure.terms))
        verdicts[model] = {EXISTS: CONVERGED, NO_MAXIMUM: DIVERGES, NOT_IDENTIFIABLE: UNIDENTIFIED}.get(
            existence.code, UNIDENTIFIED
        )
        compiled(row, row + 1, np.array(list(verdicts), np.int64), np.array(list(verdicts.values()), np.int64))
