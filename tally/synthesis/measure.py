"""What to measure: all values, the pairs and the triples whose error costs most, chosen by noisy scores."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tally.synthesis.domain import Domain
from tally.synthesis.fit import Target
from tally.synthesis.privacy import Noisy, Purse

Columns = tuple[int, ...]
Counter = Callable[[Sequence[Columns]], list[npt.NDArray[np.int64]]]
"""Gives the true table of each combination of columns (by place), dense on the domain. Only noise sees its results."""

MEAN_ERROR = 0.8
"""Mean absolute value of a normal variable, in its standard deviations (√(2/π), rounded)."""

SURE = 2.0
"""A noisy count under this many standard deviations cannot be told from zero."""

_PENALTY = 0.5
_MOST_CANDIDATES = 150
_LARGEST_TABLE = 200_000


@dataclass(frozen=True)
class Measured:
    """A table as measured: its columns by place and its noisy counts."""

    columns: Columns
    noisy: Noisy

    def target(self) -> Target:
        """What the records are to fit: counts that cannot be told from zero are zero, at a price for each record.

        The price (half a nat) halves the odds, or so, that a record stands in a cell without evidence.
        """
        counts = self.noisy.counts.astype(float)
        unsure = counts < SURE * self.noisy.sigma
        return Target(
            self.columns,
            np.where(unsure, np.minimum(counts, 0.0), counts),
            self.noisy.sigma,
            np.where(unsure, _PENALTY, 0.0),
        )


def shares(cells: npt.NDArray[np.float64], rho: float) -> npt.NDArray[np.float64]:
    """How to split rho over tables so that their total expected error is least: in proportion to cells^(2/3).

    Minimises Σ cells · σ with σ = (2 rho)^(-1/2) by Lagrange's rule (Zhang et al. 2021, section 4.2).
    """
    weight = cells ** (2 / 3)
    return rho * weight / weight.sum()


def measure(
    purse: Purse, counter: Counter, columns: Sequence[Columns], rhos: npt.NDArray[np.float64], names: Sequence[str]
) -> list[Measured]:
    """Noisy tables of these combinations, each with its rho."""
    tables = counter(columns)
    return [
        Measured(c, purse.noisy(" × ".join(names[i] for i in c), table, float(rho)))
        for c, table, rho in zip(columns, tables, rhos, strict=True)
    ]


def total_of(measured: Sequence[Measured]) -> float:
    """The number of records, from the totals of the tables weighted by how sure they are; at least 1."""
    weights = np.array([1 / (m.noisy.sigma**2 * m.noisy.counts.size) for m in measured])
    totals = np.array([float(m.noisy.counts.sum()) for m in measured])
    return max(float((weights * totals).sum() / weights.sum()), 1.0)


def live(ones: Sequence[Measured]) -> list[npt.NDArray[np.bool_]]:
    """For each column, the values that noise alone does not explain (at least one)."""
    found = []
    for one in ones:
        mask = one.noisy.counts >= SURE * one.noisy.sigma
        mask[np.argmax(one.noisy.counts)] = True
        found.append(mask)
    return found


@dataclass(frozen=True)
class Choice:
    """The combinations worth measuring, and the rho of each."""

    columns: list[Columns]
    rhos: npt.NDArray[np.float64]


def choose(
    candidates: Sequence[Columns],
    scores: npt.NDArray[np.float64],
    cells: npt.NDArray[np.float64],
    rho: float,
    *,
    most: int | None = None,
) -> Choice:
    """The set of tables that makes the expected total error least for this much rho.

    A table left out errs by its score (the count error of the model without it); a table measured errs by noise,
    which grows with the number of tables that share the budget. Tables are taken by score per cell, the best first,
    and at most `most` of them.
    """
    order = np.argsort(-(scores / cells), kind="stable")
    best, best_error = 0, float(scores.clip(0).sum())
    for many in range(1, min(len(order), most or len(order)) + 1):
        chosen = order[:many]
        sigma = (2 * shares(cells[chosen], rho)) ** -0.5
        error = np.minimum(MEAN_ERROR * sigma * cells[chosen], 2 * scores[chosen].clip(0) + sigma)
        total = float(error.sum() + scores[order[many:]].clip(0).sum())
        if total < best_error:
            best, best_error = many, total
    chosen = np.sort(order[:best])
    return Choice([candidates[i] for i in chosen], shares(cells[chosen], rho) if best else np.array([]))


def choose_pairs(
    purse: Purse, counter: Counter, domain: Domain, ones: Sequence[Measured], rho_scores: float, rho: float
) -> Choice:
    """Pairs whose table is far from what its two columns alone would give."""
    alive, total = live(ones), total_of(ones)
    pairs = list(itertools.combinations(range(len(domain.columns)), 2))
    part = [one.noisy.counts.clip(0) / max(one.noisy.counts.clip(0).sum(), 1) for one in ones]
    models = [np.rint(total * np.outer(part[a], part[b])).astype(np.int64) for a, b in pairs]
    scores = _scores(purse, "which pairs", counter, pairs, models, rho_scores)
    cells = np.array([float(alive[a].sum() * alive[b].sum()) for a, b in pairs])
    return choose(pairs, scores, cells, rho)


def choose_triples(
    purse: Purse,
    counter: Counter,
    domain: Domain,
    model: Callable[[Columns], npt.NDArray[np.int64]],
    pairs: Mapping[Columns, float],
    rho_scores: float,
    rho: float,
) -> Choice:
    """Triples in which records that fit all pairs are still far from the truth.

    `pairs` holds how strongly two columns hang together by the noisy tables; where there are very many triples, only
    those with the strongest pairs are candidates.
    """
    triples = [
        triple
        for triple in itertools.combinations(range(len(domain.columns)), 3)
        if np.prod([float(domain.sizes[c]) for c in triple]) <= _LARGEST_TABLE
    ]
    strength = [-sum(pairs.get(pair, 0.0) for pair in itertools.combinations(triple, 2)) for triple in triples]
    triples = [triples[i] for i in np.argsort(strength, kind="stable")[:_MOST_CANDIDATES]]
    if not triples:
        return Choice([], np.array([]))
    models = [model(triple) for triple in triples]
    scores = _scores(purse, "which triples", counter, triples, models, rho_scores)
    cells = np.array([float(max((m > 0).sum(), 1)) for m in models])
    # Each table makes every redraw dearer; the first few, by error explained for each cell, bring most of the gain.
    return choose(triples, scores, cells, rho, most=len(domain.columns))


def _scores(
    purse: Purse,
    what: str,
    counter: Counter,
    candidates: Sequence[Columns],
    models: Sequence[npt.NDArray[np.int64]],
    rho: float,
) -> npt.NDArray[np.float64]:
    """Noisy Σ|true − model| of each candidate; whole numbers, and one record changes each by exactly one at most."""
    tables = counter(candidates)
    errors = [int(np.abs(table - model).sum()) for table, model in zip(tables, models, strict=True)]
    noisy = purse.noisy_scores(what, np.array(errors, dtype=np.int64), rho)
    return noisy.counts.astype(float)
