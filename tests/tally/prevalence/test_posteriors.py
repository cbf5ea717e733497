"""Graphs and latent classes: against direct computation, and against populations that are known."""

import math

import numpy as np
import pytest
from scipy.special import gammaln, logsumexp

from tally.prevalence import Histories, average_graphs, published_table, sample_latent_classes
from tally.prevalence.graphical import decomposable_graphs
from tally.prevalence.latent import effective_size, r_hat


def test_the_posterior_is_that_of_the_definition() -> None:
    """Three lists: the eight graphs written out, likelihood by likelihood, at one dark figure against another."""
    table = published_table("Korea")
    posterior = average_graphs(table)
    counts = table.full()

    def margin(lists: tuple[int, ...], unseen: int) -> float:
        cells: dict[tuple[int, ...], float] = {}
        for mask in range(8):
            key = tuple(mask >> i & 1 for i in lists)
            cells[key] = cells.get(key, 0.0) + (unseen if mask == 0 else counts[mask])
        prior = 1.0 / len(cells)
        total = sum(cells.values())
        found = math.lgamma(1.0) - math.lgamma(total + 1.0)
        return found + sum(math.lgamma(c + prior) - math.lgamma(prior) for c in cells.values())

    def log_joint(graph: frozenset[tuple[int, int]], unseen: int) -> float:
        total = table.observed + unseen
        if len(graph) == 3:
            likelihood = margin((0, 1, 2), unseen)
        elif len(graph) == 2:
            (a, b), (c, d) = graph
            shared = next(iter({a, b} & {c, d}))
            likelihood = margin((a, b), unseen) + margin((c, d), unseen) - margin((shared,), unseen)
        elif len(graph) == 1:
            ((a, b),) = graph
            likelihood = margin((a, b), unseen) + margin((3 - a - b,), unseen)
        else:
            likelihood = sum(margin((i,), unseen) for i in range(3))
        return likelihood + float(gammaln(total + 1) - gammaln(unseen + 1)) - math.log(total)

    edges = [(0, 1), (0, 2), (1, 2)]
    graphs = [frozenset(e for k, e in enumerate(edges) if chosen >> k & 1) for chosen in range(8)]
    unseen = [int(posterior.totals[i]) - table.observed for i in (5, 40)]
    one, other = (logsumexp([log_joint(g, u) for g in graphs]) for u in unseen)
    assert math.log(posterior.probabilities[5] / posterior.probabilities[40]) == pytest.approx(one - other, abs=1e-9)
    assert posterior.probabilities.sum() == pytest.approx(1)


def test_a_graph_is_decomposable_when_every_cycle_of_four_has_a_chord() -> None:
    graphs, exponents = decomposable_graphs(4)
    squares = [
        graph for graph in graphs if len(graph) == 4 and all(sum(e >> v & 1 for e in graph) == 2 for v in range(4))
    ]
    assert squares == []
    assert 2**6 - len(graphs) == 3
    assert (exponents @ [mask.bit_count() for mask in range(16)] == 4).all()


@pytest.mark.parametrize("lists", [2, 6])
def test_graphs_are_averaged_over_three_to_five_lists_only(lists: int) -> None:
    if lists == 6:
        with pytest.raises(ValueError, match="3 to 5 lists"):
            average_graphs(published_table("UKdat"))


def test_a_posterior_that_leans_on_the_largest_population_says_so() -> None:
    weak = Histories(("A", "B", "C"), (1, 2, 3, 4), (400, 300, 1, 200))
    assert average_graphs(weak).at_the_end > average_graphs(published_table("UKdat_5")).at_the_end
    assert average_graphs(weak).at_the_end > 1e-4


def population(classes: list[tuple[int, tuple[float, ...]]], seed: int) -> Histories:
    generator = np.random.default_rng(seed)
    counts = np.zeros(16, int)
    for people, shares in classes:
        on = generator.random((people, 4)) < shares
        counts += np.bincount(on @ (1 << np.arange(4)), minlength=16)
    counts[0] = 0
    masks = np.flatnonzero(counts)
    return Histories(tuple("ABCD"), tuple(masks.tolist()), tuple(counts[masks].tolist()))


def test_latent_classes_find_a_population_in_which_lists_are_independent() -> None:
    table = population([(3000, (0.3, 0.25, 0.2, 0.2))], 1)
    posterior = sample_latent_classes(table, draws=1000, thinning=10, burn_in=3000)
    low, high = posterior.interval()
    assert low < 3000 < high
    assert posterior.r_hat < 1.05


def test_latent_classes_find_what_independence_misses() -> None:
    table = population([(2000, (0.5, 0.45, 0.5, 0.4)), (4000, (0.08, 0.1, 0.08, 0.1))], 2)
    posterior = sample_latent_classes(table, draws=1000, thinning=20, burn_in=5000)
    low, high = posterior.interval()
    assert low < 6000 < high
    from tally.prevalence import fit_model

    assert fit_model(table).estimate < 4500


def test_chains_in_different_places_are_refused() -> None:
    posterior = sample_latent_classes(published_table("UKdat_5"), draws=200, thinning=5, burn_in=500)
    assert posterior.r_hat > 1.05
    assert not posterior.agrees


def test_the_sampler_depends_on_the_seed_and_not_on_the_threads() -> None:
    table = published_table("Kosovo")
    draws = [sample_latent_classes(table, seed=4, draws=20, thinning=1, burn_in=5, threads=t).totals for t in (1, 3)]
    assert np.array_equal(*draws)
    other = sample_latent_classes(table, seed=5, draws=20, thinning=1, burn_in=5)
    assert not np.array_equal(draws[0], other.totals)


def test_the_diagnostics_know_independent_draws_from_sticky_ones() -> None:
    generator = np.random.default_rng(3)
    independent = generator.normal(size=(4, 2000))
    assert r_hat(independent) < 1.01
    assert effective_size(independent) == pytest.approx(8000, rel=0.1)
    sticky = np.zeros((4, 5000))
    for i in range(1, 5000):
        sticky[:, i] = 0.9 * sticky[:, i - 1] + generator.normal(size=4)
    assert effective_size(sticky) == pytest.approx(20_000 * (1 - 0.9) / (1 + 0.9), rel=0.3)
    apart = independent + np.array([0.0, 0, 0, 1])[:, None]
    assert r_hat(apart) > 1.05
    assert r_hat(np.ones((4, 10))) == 1.0
    wider = independent * np.array([1.0, 1, 1, 4])[:, None]
    assert r_hat(wider) > 1.05


@pytest.mark.parametrize("wrong", [{"chains": 1}, {"classes": 0}])
def test_a_sampler_that_cannot_check_itself_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="two chains and one class"):
        sample_latent_classes(published_table("Kosovo"), **wrong)
