"""The kernel: its fits are maxima, its verdicts agree with the linear program, its searches with brute force."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import poisson

from tally.prevalence import Histories, NoEstimateError, check_existence, fit_model, published_table
from tally.prevalence.branch import branch
from tally.prevalence.existence import EXISTS, NO_MAXIMUM, NOT_IDENTIFIABLE
from tally.prevalence.forward import log_overlap_p_value
from tally.prevalence.hierarchy import best_by_bic, hierarchical_models, score_models, terms_up_to
from tally.prevalence.kernel import CONVERGED, DIVERGES, UNDECIDED, UNIDENTIFIED, superset_sums
from tally.prevalence.loglinear import closed, solve
from tally.prevalence.procedure import Procedure, run_procedure
from tests.tally.prevalence.tables import capture_tables

NOBODY = np.empty(0, np.int64)


@st.composite
def tables_with_terms(draw: st.DrawFn) -> tuple[Histories, tuple[int, ...]]:
    table = draw(capture_tables())
    lists = len(table.lists)
    pool = terms_up_to(lists, min(3, lists - 1))
    return table, closed(draw(st.sets(st.sampled_from(pool), max_size=6)))


@given(tables_with_terms())
def test_the_kernel_and_the_linear_program_give_the_same_verdict(case: tuple[Histories, tuple[int, ...]]) -> None:
    table, terms = case
    code = solve(table.full(), len(table.lists), terms)[0]
    formal = check_existence(table, terms).code
    if code == CONVERGED:
        assert formal == EXISTS
    elif code == DIVERGES:
        assert formal & NO_MAXIMUM
    elif code == UNIDENTIFIED:
        assert formal & NOT_IDENTIFIABLE
    else:
        assert code == UNDECIDED
        assert formal != EXISTS


@given(tables_with_terms())
def test_at_the_maximum_fitted_margins_equal_observed_ones(case: tuple[Histories, tuple[int, ...]]) -> None:
    table, terms = case
    try:
        fit = fit_model(table, terms)
    except NoEstimateError:
        assume(False)
    observed, fitted = table.full(), fit.means.copy()
    superset_sums(observed, len(table.lists))
    superset_sums(fitted, len(table.lists))
    for term in (0, *(1 << i for i in range(len(table.lists))), *fit.terms):
        assert fitted[term] == pytest.approx(observed[term], rel=1e-8, abs=1e-8)


def test_a_fit_is_the_one_of_a_generalised_linear_model() -> None:
    table = published_table("Kosovo")
    terms = closed([3, 5, 7])
    fit = fit_model(table, terms)
    cells = np.arange(1, 16)
    masks = [0, 1, 2, 4, 8, *terms]
    design = np.array([[float(c & m == m) for m in masks] for c in cells])
    reference = sm.GLM(table.full()[1:], design, family=sm.families.Poisson()).fit(tol=1e-12)
    assert fit.log_dark == pytest.approx(reference.params[0], rel=1e-9)
    assert fit.log_dark_se == pytest.approx(reference.bse[0], rel=1e-6)
    assert fit.deviance == pytest.approx(reference.deviance, rel=1e-9)
    assert fit.pearson == pytest.approx(reference.pearson_chi2, rel=1e-8)
    assert fit.log_likelihood == pytest.approx(reference.llf, rel=1e-12)
    assert fit.degrees_of_freedom == reference.df_resid


def test_a_term_never_seen_is_at_minus_infinity_and_its_histories_are_impossible() -> None:
    table = published_table("Artificial_3")
    fit = fit_model(table, ["A:C", "B:C"])
    assert set(fit.empty_terms) == {5, 6}
    assert fit.means[[5, 6, 7]].tolist() == [0, 0, 0]
    assert fit.dark_figure == pytest.approx(40 * 30 / 6)


def test_a_model_without_an_estimate_says_why() -> None:
    with pytest.raises(NoEstimateError, match="no maximum") as refusal:
        fit_model(published_table("Artificial_3"), ["A:B"])
    assert refusal.value.existence.code == NO_MAXIMUM
    with pytest.raises(NoEstimateError, match="tell apart"):
        fit_model(published_table("Artificial_3"), ["A:B", "A:C", "B:C"])


@pytest.mark.parametrize("terms", [[7], [16], ["A:X"]])
def test_a_term_that_cannot_be_is_refused(terms: list[int | str]) -> None:
    with pytest.raises(ValueError, match=r"term must be|not a list"):
        fit_model(published_table("Artificial_3"), terms)


@given(st.integers(0, 400), st.floats(0.01, 400))
def test_overlap_p_values_are_poisson_tails(count: int, mean: float) -> None:
    tail = min(poisson.logcdf(count, mean), poisson.logsf(count - 1, mean))
    assume(math.isfinite(tail))  # the reference underflows long before ours does
    found = log_overlap_p_value(float(count), mean, 1.0)
    assert found == pytest.approx(min(tail, 0.0), rel=1e-7, abs=1e-9)
    below = found - 0.5 - abs(found) / 10
    assert log_overlap_p_value(float(count), mean, below) == 0.0


def score_all(counts: np.ndarray, lists: int, order: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    models, parents = hierarchical_models(lists, order)
    codes, bics, log_dark = np.empty(len(models), np.int64), np.empty(len(models)), np.empty(len(models))
    terms = np.array(terms_up_to(lists, order))
    work = np.zeros((len(models), 1 << lists))
    score_models(counts, lists, terms, models, parents, codes, bics, log_dark, NOBODY, NOBODY, work)
    return codes, bics, log_dark


@given(capture_tables(most=4))
def test_branch_and_bound_finds_the_lowest_bic_of_all_models(table: Histories) -> None:
    lists = len(table.lists)
    codes, bics, _ = score_all(table.full(), lists, 2)
    assume(UNDECIDED not in codes)
    best = best_by_bic(codes, bics)
    code, _, _, bic, fits, complete = branch(
        table.full(), lists, np.array(terms_up_to(lists, 2)), 10**6, NOBODY, NOBODY
    )
    assume(code != UNDECIDED)
    assert complete
    assert fits <= 2 ** (len(terms_up_to(lists, 2)) + 1)
    if best < 0:
        assert code != CONVERGED
    else:
        assert bic == pytest.approx(bics[best], abs=1e-6)


@pytest.mark.parametrize("name", ["UKdat_5", "Ned_5", "Kosovo"])
def test_every_model_scored_from_its_parent_is_the_model_fitted_alone(name: str) -> None:
    table = published_table(name)
    lists = len(table.lists)
    terms = terms_up_to(lists, 3)
    models, _ = hierarchical_models(lists, 3)
    codes, bics, log_dark = score_all(table.full(), lists, 3)
    for position in range(0, len(models), max(1, len(models) // 60)):
        chosen = tuple(term for i, term in enumerate(terms) if models[position] >> i & 1)
        if codes[position] == CONVERGED:
            fit = fit_model(table, chosen)
            assert bics[position] == pytest.approx(fit.bic, abs=1e-6)
            assert log_dark[position] == pytest.approx(fit.log_dark, abs=1e-6)
        else:
            assert not check_existence(table, chosen).ok


def test_a_search_cut_short_says_so() -> None:
    table = published_table("UKdat")
    counts = table.full()[None, :]
    assert not run_procedure(Procedure("bic", 6), counts, most_fits=5).complete[0]
    assert run_procedure(Procedure("bic", 6), counts, most_fits=10_000).complete[0]


@given(capture_tables(), st.randoms(), st.sampled_from(["independence", "stepwise", "bic"]))
def test_the_order_of_the_lists_does_not_matter(table: Histories, random, method: str) -> None:
    order = list(table.lists)
    random.shuffle(order)
    procedure = Procedure(method, len(order))
    one = run_procedure(procedure, table.full()[None, :])
    other = run_procedure(procedure, table.permute(order).full()[None, :])
    assume(_chosen_clearly(table, procedure))
    assert one.codes[0] == other.codes[0]
    if one.codes[0] == CONVERGED:
        assert other.log_dark[0] == pytest.approx(one.log_dark[0], abs=1e-6)


def _chosen_clearly(table: Histories, procedure: Procedure) -> bool:
    """Whether no two models tie: with a tie the first in the order of the lists is taken, and rightly so."""
    if procedure.method == "independence":
        return True
    if procedure.method == "bic":
        codes, bics, _ = score_all(table.full(), procedure.lists, 2)
        ordered = np.sort(bics[(codes == CONVERGED) | (codes == UNDECIDED)])
        return len(ordered) < 2 or ordered[1] - ordered[0] > 1e-6
    margins = table.full()
    superset_sums(margins, procedure.lists)
    sizes = [margins[1 << i] for i in range(procedure.lists)]
    return len(set(sizes)) == len(sizes)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("magic", 4), "not one of"),
        (("stepwise", 4, 1.5), "p-value"),
        (("bic", 6, 0.02, 3), "not searched"),
        (("bic", 3, 0.02, 1), "not searched"),
    ],
)
def test_a_procedure_that_cannot_be_is_refused(arguments: tuple, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Procedure(*arguments)


@pytest.mark.parametrize("people", [[5, 6, 7], [0, 0, 7], [0, 0, 0]])
def test_a_table_without_overlap_in_a_resample_has_no_finite_estimate(people: list[int]) -> None:
    counts = np.zeros((1, 8))
    counts[0, [1, 2, 4]] = people
    for method in ("independence", "stepwise", "bic"):
        found = run_procedure(Procedure(method, 3), counts)
        assert found.codes[0] != CONVERGED
        assert math.isinf(found.log_dark[0])
