"""Bayesian model averaging over decomposable graphs of the lists (Madigan and York 1997).

Under a hyper-Dirichlet prior the marginal likelihood of a decomposable graph is a product over its cliques, divided
by one over its separators, of Dirichlet-multinomial terms; the unseen people enter each margin through its empty
history only. The posterior of their number is then a sum over graphs on a grid, without simulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from tally.prevalence.histories import Histories

FEWEST, MOST = 3, 5
GRID_POINTS = 1_000
LARGEST_MULTIPLE = 30


@dataclass(frozen=True, slots=True, eq=False)
class GraphicalPosterior:
    """Posterior of the number of people in all, averaged over the graphs.

    `totals` is the grid in people, `probabilities` their posterior; `graphs` the edges of each graph as masks of two
    lists and `graph_probabilities` its posterior. `at_the_end` is the probability on the last hundredth of the grid:
    if it is not small, the prior's largest population bounds the answer.
    """

    totals: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    graphs: tuple[tuple[int, ...], ...]
    graph_probabilities: NDArray[np.float64]

    @property
    def median(self) -> float:
        return self.quantile(0.5)

    @property
    def at_the_end(self) -> float:
        return float(self.probabilities[-max(1, len(self.probabilities) // 100) :].sum())

    def quantile(self, level: float) -> float:
        """The smallest total on the grid whose cumulated probability reaches `level`."""
        cumulated = np.cumsum(self.probabilities)
        return float(self.totals[min(int(np.searchsorted(cumulated, level)), len(cumulated) - 1)])

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Central credible interval."""
        return self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)


def average_graphs(
    histories: Histories, *, prior_count: float | None = None, largest_multiple: float = LARGEST_MULTIPLE
) -> GraphicalPosterior:
    """Average over every decomposable graph of 3 to 5 lists.

    The prior is that of the package dga as Binette and Steorts (2022) run it: graphs equally likely, `prior_count` in
    every history (2**-t by default), total N with probability proportional to 1/N on a grid of 1,000 dark figures
    from 1 to `largest_multiple` times the people observed.

    Raises ValueError for another number of lists.

    Source: Madigan and York (1997), Biometrika 84, 19–31.

    >>> from tally.prevalence import published_table
    >>> average_graphs(published_table("UKdat_5")).median
    23016.0
    """
    lists = len(histories.lists)
    if not FEWEST <= lists <= MOST:
        raise ValueError(f"averaging over graphs takes {FEWEST} to {MOST} lists, not {lists}: merge lists")
    observed = histories.observed
    dark = np.unique(np.round(np.linspace(1, largest_multiple * observed, GRID_POINTS)))
    totals = observed + dark
    margins = _margin_likelihoods(histories, dark, 2.0**-lists if prior_count is None else prior_count)
    graphs, weights = decomposable_graphs(lists)
    log_joint = weights @ margins
    log_joint += gammaln(totals + 1) - gammaln(dark + 1) - np.log(totals)
    log_joint -= log_joint.max()
    joint = np.exp(log_joint, out=log_joint)
    joint /= joint.sum()
    return GraphicalPosterior(totals, joint.sum(axis=0), graphs, joint.sum(axis=1))


def _margin_likelihoods(histories: Histories, dark: NDArray[np.float64], prior_count: float) -> NDArray[np.float64]:
    """Log Dirichlet-multinomial likelihood of each margin (rows: masks of lists, row 0 zero) at each dark figure."""
    lists = len(histories.lists)
    every = np.arange(1 << lists)
    counts = histories.full()
    total = counts.sum() + dark
    whole = prior_count * 2.0**lists
    likelihoods = np.zeros((1 << lists, len(dark)))
    for subset in range(1, 1 << lists):
        prior = whole / 2.0 ** subset.bit_count()
        margin = np.bincount(every & subset, weights=counts, minlength=1 << lists)
        cells = np.unique(every & subset)
        fixed = margin[cells[cells != 0]]
        likelihoods[subset] = (
            (gammaln(fixed + prior) - gammaln(prior)).sum()
            + gammaln(margin[0] + dark + prior)
            - gammaln(prior)
            + gammaln(whole)
            - gammaln(total + whole)
        )
    return likelihoods


@lru_cache(maxsize=4)
def decomposable_graphs(lists: int) -> tuple[tuple[tuple[int, ...], ...], NDArray[np.float64]]:
    """The decomposable graphs on `lists` vertices and, for each, the exponent of every margin (graphs × masks).

    An exponent is 1 for a clique and minus the multiplicity for a separator.

    >>> [len(decomposable_graphs(lists)[0]) for lists in (3, 4, 5)]
    [8, 61, 822]
    """
    pairs = [1 << i | 1 << j for i, j in combinations(range(lists), 2)]
    graphs, exponents = [], []
    for chosen in range(1 << len(pairs)):
        edges = tuple(pair for k, pair in enumerate(pairs) if chosen >> k & 1)
        row = _clique_exponents(lists, edges)
        if row is not None:
            graphs.append(edges)
            exponents.append(row)
    return tuple(graphs), np.array(exponents)


def _clique_exponents(lists: int, edges: tuple[int, ...]) -> NDArray[np.float64] | None:
    """Exponents of the margins by eliminating simplicial vertices; None if the graph is not decomposable.

    Removing a simplicial vertex v from graph G gives p(G) = p(v and its neighbours) / p(its neighbours) × p(G
    without v).
    """
    neighbours = [0] * lists
    for edge in edges:
        for vertex in range(lists):
            if edge >> vertex & 1:
                neighbours[vertex] |= edge & ~(1 << vertex)
    exponents = np.zeros(1 << lists)
    left = (1 << lists) - 1
    joined = set(edges)
    while left:
        for vertex in range(lists):
            if not left >> vertex & 1:
                continue
            around = neighbours[vertex] & left
            members = [i for i in range(lists) if around >> i & 1]
            if all(1 << i | 1 << j in joined for i, j in combinations(members, 2)):
                exponents[around | 1 << vertex] += 1
                exponents[around] -= 1
                left &= ~(1 << vertex)
                break
        else:
            return None
    exponents[0] = 0.0
    return exponents
