"""Estimates by stratum (sex, age, form, province, year), thin strata leaning on the others, and a total that is
their sum.

Each stratum has its own model. What is pooled is the log of the dark figure for each person observed: it is shrunk
towards the mean of the strata, the more so the less the stratum itself says (empirical Bayes). A stratum with no
estimate of its own takes the mean, with the whole variation between strata as its uncertainty.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tally.prevalence.bootstrap import CHUNK, Progress, draw, no_progress
from tally.prevalence.histories import Histories, UnusableTableError, columns_of, read_histories, whole_number
from tally.prevalence.intervals import Interval, percentile
from tally.prevalence.kernel import CONVERGED, variances_block
from tally.prevalence.procedure import Procedure, run_procedure

STRATA_REPLICATES = 2_000
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StratumEstimate:
    """One stratum, in people.

    `own` is its estimate on its own (None where it has none), `estimate` the pooled one, `own_weight` between 0 and 1
    how much of it is the stratum's own evidence.
    """

    stratum: tuple[str, ...]
    observed: int
    own: float | None
    estimate: float
    own_weight: float
    interval: Interval

    def to_dict(self) -> dict[str, Any]:
        return {
            "stratum": list(self.stratum),
            "observed": self.observed,
            "own": self.own,
            "estimate": self.estimate,
            "dark_figure": self.estimate - self.observed,
            "own_weight": self.own_weight,
            "interval": self.interval.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class StrataEstimate:
    """All strata and their sum. `between` is the standard deviation of the log dark ratio between strata.

    `unstratified` is the estimate that ignores the strata, for comparison: where it is far from `total`, the strata
    differ in how they are seen, and the one that ignores them is the biased one.
    """

    by: tuple[str, ...]
    strata: tuple[StratumEstimate, ...]
    total: float
    interval: Interval
    between: float
    unstratified: float | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "by": list(self.by),
            "strata": [stratum.to_dict() for stratum in self.strata],
            "total": self.total,
            "interval": self.interval.to_dict(),
            "between": self.between,
            "unstratified": self.unstratified,
        }


def estimate_strata(
    table: Any,
    by: Sequence[str],
    *,
    method: str = "bic",
    threshold: float = 0.02,
    max_order: int = 2,
    level: float = 0.95,
    replicates: int = STRATA_REPLICATES,
    seed: int = 1,
    threads: int | None = None,
    merge: Mapping[str, Sequence[str]] | None = None,
    omit: Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    progress: Progress = no_progress,
) -> StrataEstimate:
    """Estimate by stratum with partial pooling.

    `table` is as for `read_histories`, with the columns `by` added; an empty cell there is the stratum "unknown", so
    that the strata make up the whole. The other keywords are those of `estimate`. Replicates are drawn from the whole
    table, so that strata vary in size as they would, and go through model choice, pooling and the pooling's own
    uncertainty (Laird and Louis 1987, JASA 82, 739–750); in each of them the total is the sum of the strata.

    Raises UnusableTableError as `read_histories` does, or if a column is missing or no stratum has an estimate.

    >>> from tally.prevalence import published_table
    >>> uk = published_table("UKdat_5")
    >>> columns = {name: [int(m >> i & 1) for m in uk.masks] * 2 for i, name in enumerate(uk.lists)}
    >>> columns |= {"year": ["2012"] * 18 + ["2013"] * 18, "count": list(uk.counts) * 2}
    >>> answer = estimate_strata(columns, ["year"], method="stepwise", replicates=200)
    >>> round(sum(stratum.estimate for stratum in answer.strata) / answer.total, 6)
    1.0
    """
    whole, groups, counts = _split(table, by, {"merge": merge, "omit": omit, "rename": rename})
    lists = len(whole.lists)
    procedure = Procedure(method, lists, threshold, max_order if method == "bic" else 2)
    point = _pool(counts, *_estimate_rows(counts, procedure, threads))
    if point is None:
        raise UnusableTableError("strata", "No stratum has an estimate of its own: estimate without strata.")
    sizes = counts.sum(axis=1)
    cells = np.flatnonzero(counts.ravel())
    replicated: list[NDArray[np.float64]] = []
    for first in range(0, replicates, CHUNK // 4):
        last = min(first + CHUNK // 4, replicates)
        drawn = draw(cells, counts.ravel()[cells].astype(np.int64), counts.size, seed, first, last)
        replicated.append(_replicates(drawn.reshape(-1, *counts.shape), procedure, threads, seed, first))
        progress("strata", last, replicates)
    sample = np.concatenate(replicated)
    unstratified = run_procedure(procedure, whole.full()[None, :], threads=1)
    strata = tuple(
        StratumEstimate(
            stratum=group,
            observed=int(sizes[i]),
            own=float(sizes[i] * (1 + math.exp(point.own[i]))) if np.isfinite(point.own[i]) else None,
            estimate=float(sizes[i] * (1 + math.exp(point.pooled[i]))),
            own_weight=float(point.weights[i]),
            interval=percentile(sample[:, i], level),
        )
        for i, group in enumerate(groups)
    )
    return StrataEstimate(
        by=tuple(by),
        strata=strata,
        total=float(sum(stratum.estimate for stratum in strata)),
        interval=percentile(sample.sum(axis=1), level),
        between=point.between,
        unstratified=float(whole.observed + math.exp(unstratified.log_dark[0]))
        if unstratified.codes[0] == CONVERGED
        else None,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Pooled:
    """Log dark ratios of the strata: own (infinite where there is none) and pooled, and the weight of the own."""

    own: NDArray[np.float64]
    pooled: NDArray[np.float64]
    weights: NDArray[np.float64]
    variances: NDArray[np.float64]
    between: float


def pool(own: NDArray[np.float64], variances: NDArray[np.float64]) -> tuple[float, float, NDArray[np.float64]]:
    """Mean, variance between, and weight of each stratum's own value, by the Paule–Mandel equation.

    `own` are S values with sampling `variances`; one that is not finite weighs nothing. Between one stratum there is
    no variation to see: the variance is then 0.

    Source: Paule and Mandel (1982), J. Res. Natl. Bur. Stand. 87, 377–385; DerSimonian and Kacker (2007).

    >>> mean, between, weights = pool(np.array([0.0, 2.0]), np.array([0.1, 0.1]))
    >>> round(mean, 6), round(between, 4), weights.round(3).tolist()
    (1.0, 1.9, [0.95, 0.95])
    """
    known = np.isfinite(own) & np.isfinite(variances) & (variances > 0)
    values, errors = own[known], variances[known]

    def excess(between: float) -> float:
        weights = 1 / (errors + between)
        mean = (weights * values).sum() / weights.sum()
        return float((weights * (values - mean) ** 2).sum()) - (len(values) - 1)

    between = 0.0
    if len(values) > 1 and excess(0.0) > 0:
        low, high = 0.0, 1.0
        while excess(high) > 0:
            high *= 2
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        between = (low + high) / 2
    weights = np.zeros(len(own))
    if not known.any():
        return math.nan, 0.0, weights
    precision = 1 / (errors + between)
    mean = float((precision * values).sum() / precision.sum())
    weights[known] = between / (between + errors)
    return mean, between, weights


def _estimate_rows(
    rows: NDArray[np.float64], procedure: Procedure, threads: int | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log dark figure and its variance for every row of counts; infinite where there is no estimate."""
    found = run_procedure(procedure, rows, threads=threads)
    variances = np.empty(len(rows))
    variances_block(rows, found.codes, found.models, procedure.lists, np.array(procedure.terms), variances)
    return found.log_dark, variances


def _pool(
    counts: NDArray[np.float64],
    log_dark: NDArray[np.float64],
    variances: NDArray[np.float64],
    noise: NDArray[np.float64] | None = None,
) -> _Pooled | None:
    """Pool the strata (rows of `counts`); None if none has an estimate. `noise` adds the posterior's own variation."""
    sizes = counts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(np.isfinite(log_dark) & (sizes > 0), log_dark - np.log(sizes), np.inf)
    mean, between, weights = pool(own, variances)
    if math.isnan(mean):
        return None
    pooled = np.where(weights > 0, weights * np.where(np.isfinite(own), own, 0.0) + (1 - weights) * mean, mean)
    if noise is not None:
        # a bootstrap of shrunken values varies by weight² × variance; the posterior by weight × variance
        errors = np.where(weights > 0, (1 - weights) * between * (1 - weights), between)
        pooled = pooled + noise * np.sqrt(errors)
    return _Pooled(own, pooled, weights, variances, math.sqrt(between))


def _replicates(
    drawn: NDArray[np.float64], procedure: Procedure, threads: int | None, seed: int, first: int
) -> NDArray[np.float64]:
    """Pooled totals, replicates × strata, infinite where a replicate has no estimate in any stratum."""
    replicates, strata, size = drawn.shape
    rows = np.ascontiguousarray(drawn.reshape(replicates * strata, size))
    log_dark, variances = _estimate_rows(rows, procedure, threads)
    totals = np.full((replicates, strata), np.inf)
    for r in range(replicates):
        place = np.array([0, 0, 0, first + r], np.uint64)
        source = np.random.Philox(key=np.array([seed, 200], np.uint64), counter=place)
        noise: NDArray[np.float64] = np.random.Generator(source).standard_normal((strata,))
        part = slice(r * strata, (r + 1) * strata)
        pooled = _pool(drawn[r], log_dark[part], variances[part], noise)
        if pooled is not None:
            with np.errstate(over="ignore"):
                totals[r] = drawn[r].sum(axis=1) * (1 + np.exp(pooled.pooled))
    return totals


def collapse(table: Any, by: Sequence[str]) -> dict[str, list[Any]]:
    """The table with the strata added together: columns for `read_histories`.

    The last column is the count if it is named so; otherwise each row is a person.
    Raises UnusableTableError if a column is missing or a cell is not a whole number.

    >>> rows = {"sex": ["f", "m"], "A": [1, 1], "B": [1, 1], "C": [0, 0], "count": [3, 4]}
    >>> collapse(rows, ["sex"])
    {'A': [1], 'B': [1], 'C': [0], 'count': [7]}
    """
    names, _, _, together = _rows(columns_of(table), by)
    columns = {name: [history[i] for history in together] for i, name in enumerate(names)}
    return {**columns, "count": list(together.values())}


_Rows = dict[tuple[int, ...], int]


def _rows(
    columns: Mapping[str, list[Any]], by: Sequence[str]
) -> tuple[list[str], list[tuple[str, ...]], list[_Rows], _Rows]:
    """Names of the lists, the strata, the counts of each stratum and of all, by history."""
    missing = [name for name in by if name not in columns]
    if missing or not by:
        wanting = f"There is no column {missing[0]!r} to stratify by." if missing else "Name a column to stratify by."
        raise UnusableTableError("strata", wanting)
    named = [[str(cell).strip() or UNKNOWN if cell is not None else UNKNOWN for cell in columns[name]] for name in by]
    keys = list(zip(*named, strict=True))
    rest = {name: values for name, values in columns.items() if name not in by}
    names = list(rest)
    counted = bool(names) and names[-1].strip().lower() == "count"  # otherwise one row a person
    counts = rest[names.pop()] if counted else [1] * len(keys)
    groups = sorted(set(keys))
    together: _Rows = {}
    parts: list[_Rows] = [{} for _ in groups]
    for row, key in enumerate(keys):
        history = tuple(whole_number(rest[name][row], name) for name in names)
        number = whole_number(counts[row], "count")
        part = parts[groups.index(key)]
        if counted and history in part:
            raise UnusableTableError("duplicate", f"A capture history stands twice in the stratum {', '.join(key)}.")
        part[history] = part.get(history, 0) + number
        together[history] = together.get(history, 0) + number
    return names, groups, parts, together


def _split(
    table: Any, by: Sequence[str], options: Mapping[str, Any]
) -> tuple[Histories, list[tuple[str, ...]], NDArray[np.float64]]:
    """The whole table, the strata in order of their names, and the counts of each (strata × histories by mask)."""
    columns = columns_of(table)
    names, groups, parts, _ = _rows(columns, by)
    whole = read_histories(collapse(columns, by), **options)
    counts = np.zeros((len(groups), 1 << len(whole.lists)))
    for i, part in enumerate(parts):
        for history, number in part.items():
            alone = _place(names, history, whole, options)
            if alone and number:
                counts[i, alone] += number
    return whole, groups, counts


def _place(names: Sequence[str], history: tuple[int, ...], whole: Histories, options: Mapping[str, Any]) -> int:
    """Mask of a history of the original lists in the table with lists omitted, merged and renamed; 0 if it is gone."""
    on = {name for name, cell in zip(names, history, strict=True) if cell and name not in set(options["omit"] or ())}
    for new, parts in (options["merge"] or {}).items():
        if on & set(parts):
            on = (on - set(parts)) | {new}
    renamed = options["rename"] or {}
    return sum(1 << whole.lists.index(renamed.get(name, name)) for name in on)
