"""Against the reference implementation in R, digit for digit.

The figures were made with SparseMSE 2.0.1 in R 4.2 (`estimatepopulation.0(table, method = "stepwise", pthresh =
0.02)`, Wald limits from the same call); BIC figures by fitting every hierarchical model with `glm`; graphical ones
with dga as run by Binette and Steorts (2022). The 1,000 resamples were drawn in R with `rmultinom` and each
estimated by the first call.
"""

import csv
import gzip
import math
from pathlib import Path

import numpy as np
import pytest

from tally.prevalence import Histories, average_graphs, check_existence, published_table
from tally.prevalence.hierarchy import hierarchical_models, terms_up_to
from tally.prevalence.kernel import CONVERGED
from tally.prevalence.procedure import Procedure, run_procedure
from tally.prevalence.sensitivity import select


@pytest.mark.parametrize(
    ("name", "people", "low", "high"),
    [
        ("UKdat", 11417.99, 9977, 13146),
        ("UKdat_5", 11312.99, 9884, 13027),
        ("Ned", 111139.37, 92440, 133992),
        ("Ned_5", 121521.61, 98675, 150139),
        ("Kosovo", 14341.66, 12541, 16540),
        ("Korea", 268.78, 203, 390),
    ],
)
def test_stepwise_estimates_and_wald_limits_are_the_printed_ones(
    name: str, people: float, low: int, high: int
) -> None:
    table = published_table(name)
    fit, _ = select(table, Procedure("stepwise", len(table.lists)))
    assert round(fit.estimate, 2) == people
    # R takes the standard error from the weights of the iteration before the last, so its limits are off by about 1
    assert fit.wald() == pytest.approx((low, high), abs=1)


@pytest.mark.parametrize("name", ["UKdat_5", "Korea"])
def test_every_resample_of_the_reference_gets_the_estimate_of_the_reference(name: str, shared_data: Path) -> None:
    """Decision 0102 would differ where a list is empty; in these resamples none is, and that is checked."""
    folder = shared_data / "mse"
    with (folder / f"{name}.csv").open(newline="") as file:
        lists, *rows = [row[:-1] for row in csv.reader(file)]
    masks = [sum(1 << i for i, cell in enumerate(row) if cell == "1") for row in rows]
    with gzip.open(folder / f"resamples_{name}.txt.gz", "rt") as file:
        drawn = np.loadtxt(file)
    reference = np.loadtxt(folder / f"resample_estimates_{name}.txt")
    counts = np.zeros((len(drawn), 1 << len(lists)))
    counts[:, masks] = drawn
    on_list = np.arange(1 << len(lists))[:, None] >> np.arange(len(lists)) & 1
    assert len(drawn) == 1000
    assert (counts @ on_list > 0).all()

    found = run_procedure(Procedure("stepwise", len(lists)), counts)

    assert (found.codes == CONVERGED).all()
    np.testing.assert_allclose(counts.sum(axis=1) + np.exp(found.log_dark), reference, rtol=1e-6)


def test_an_empty_list_is_left_out_and_does_not_force_main_effects() -> None:
    """SparseMSE falls back to main effects here, since its existence check fails for every candidate."""
    four = published_table("Kosovo")
    five = np.zeros((1, 32))
    five[0, :16] = four.full()
    with_empty_list = run_procedure(Procedure("stepwise", 5), five)
    without_it = run_procedure(Procedure("stepwise", 4), four.full()[None, :])
    main_effects_only = run_procedure(Procedure("independence", 5), five)
    assert with_empty_list.log_dark[0] == pytest.approx(without_it.log_dark[0], abs=1e-10)
    assert abs(with_empty_list.log_dark[0] - main_effects_only.log_dark[0]) > 0.5


@pytest.mark.parametrize(
    ("terms", "exists"),
    [([], True), (["A:B"], False), (["A:C"], True), (["A:C", "B:C"], True), (["A:B", "A:C", "B:C"], False)],
)
def test_the_artificial_table_fails_existence_where_the_paper_says(terms: list[str], exists: bool) -> None:
    assert check_existence(published_table("Artificial_3"), terms).ok == exists


def test_the_full_two_list_model_of_korea_has_no_estimate() -> None:
    assert not check_existence(published_table("Korea"), ["b:c", "b:d", "c:d"]).ok


@pytest.mark.parametrize(
    ("name", "order", "people", "bic"),
    [
        ("UKdat_5", 2, 22991.3, 196.540),
        ("UKdat_5", 3, 25311.3, None),
        ("Kosovo", 2, 14341.7, None),
        ("Kosovo", 3, 10356.5, None),
        ("Korea", 2, 157.2, None),
        ("Ned_5", 2, 48012.7, None),
    ],
)
def test_the_model_of_lowest_bic_is_the_published_one(name: str, order: int, people: float, bic: float | None) -> None:
    table = published_table(name)
    fit, complete = select(table, Procedure("bic", len(table.lists), max_order=order))
    assert complete
    assert round(fit.estimate, 1) == people
    if bic is not None:
        assert round(fit.bic, 3) == bic


def test_bic_is_minus_twice_the_log_likelihood_and_a_penalty_for_every_parameter() -> None:
    table = published_table("UKdat")
    fit, _ = select(table, Procedure("bic", 6))
    y, mu = table.full()[1:], fit.means[1:]
    log_likelihood = sum(
        (c * math.log(m) if c else 0.0) - m - math.lgamma(c + 1) for c, m in zip(y, mu, strict=True) if m or c
    )
    assert fit.bic == pytest.approx(-2 * log_likelihood + (1 + 6 + len(fit.terms)) * math.log(2744), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "median", "low", "high"),
    [("UKdat_5", 23016, 10408, 33481), ("Ned_5", 50270, 41616, 203328), ("Kosovo", 12593, None, None)],
)
def test_the_average_over_graphs_is_the_published_one(
    name: str, median: int, low: int | None, high: int | None
) -> None:
    posterior = average_graphs(published_table(name))
    assert posterior.median == median
    if low is not None:
        assert posterior.interval() == (low, high)


def test_the_packaged_tables_are_the_shared_ones(shared_data: Path) -> None:
    from tally.prevalence import PUBLISHED, read_histories

    for name in PUBLISHED:
        assert published_table(name) == read_histories(shared_data / "mse" / f"{name}.csv")


@pytest.mark.parametrize(("lists", "order"), [(3, 2), (4, 2), (4, 3)])
def test_every_hierarchical_model_is_listed_once(lists: int, order: int) -> None:
    terms = terms_up_to(lists, order)
    by_hand = {
        chosen
        for chosen in range(1 << len(terms))
        if all(
            not chosen >> i & 1 or all(chosen >> j & 1 for j, inner in enumerate(terms) if inner & term == inner)
            for i, term in enumerate(terms)
        )
    }
    models, parents = hierarchical_models(lists, order)
    assert sorted(models.tolist()) == sorted(by_hand)
    assert all(parent < position for position, parent in enumerate(parents))


def test_a_table_that_is_not_published_is_refused() -> None:
    with pytest.raises(ValueError, match="Atlantis"):
        published_table("Atlantis")


def test_the_published_table_is_whole() -> None:
    assert isinstance(published_table("Ned"), Histories)
    assert published_table("Ned").observed == 8234
