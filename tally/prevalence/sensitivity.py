"""How far the estimate moves when a choice is made otherwise: threshold, lists merged or left out, a hidden term."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tally.prevalence.bootstrap import Progress, no_progress
from tally.prevalence.hierarchy import highest_order, terms_of
from tally.prevalence.histories import FEWEST_LISTS, Histories, UnusableTableError
from tally.prevalence.kernel import CONVERGED
from tally.prevalence.loglinear import ModelFit, NoEstimateError, fit_model
from tally.prevalence.procedure import MOST_FITS, Procedure, run_procedure

THRESHOLDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
FACTORS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 1.0, 3 / 2, 2.0, 3.0, 4.0)


@dataclass(frozen=True, slots=True)
class Variant:
    """The estimate (people, None where there is none) under one changed choice, and the terms then selected."""

    choice: str
    estimate: float | None
    terms: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        return {"choice": self.choice, "estimate": self.estimate, "terms": list(self.terms)}


@dataclass(frozen=True, slots=True)
class Bias:
    """A point of the fixed-bias curve: the factor on the dark figure, and what becomes of estimate and limits."""

    factor: float
    highest_term: float
    estimate: float
    low: float | None
    high: float | None

    def to_dict(self) -> dict[str, float | None]:
        return {
            "factor": self.factor,
            "highest_term": self.highest_term,
            "estimate": self.estimate,
            "low": self.low,
            "high": self.high,
        }


def select(histories: Histories, procedure: Procedure) -> tuple[ModelFit, bool]:
    """Let the procedure choose a model on the table and fit it; and whether the search was complete.

    Raises NoEstimateError where not even main effects have an estimate.

    >>> from tally.prevalence import published_table
    >>> round(select(published_table("UKdat"), Procedure("stepwise", 6))[0].estimate, 2)
    11417.99
    """
    found = run_procedure(procedure, histories.full()[None, :], threads=1, most_fits=MOST_FITS)
    terms = terms_of(int(found.models[0]), procedure.terms) if found.codes[0] == CONVERGED else ()
    return fit_model(histories, terms), bool(found.complete[0])


def threshold_path(histories: Histories, thresholds: tuple[float, ...] = THRESHOLDS) -> list[Variant]:
    """Stepwise estimates over thresholds, in people."""
    return [
        _variant(f"{threshold:g}", histories, Procedure("stepwise", len(histories.lists), threshold))
        for threshold in thresholds
    ]


def order_path(histories: Histories) -> list[Variant]:
    """Estimates by BIC over the orders of terms that are searched, in people."""
    lists = len(histories.lists)
    return [
        _variant(f"{order}", histories, Procedure("bic", lists, max_order=order))
        for order in range(2, highest_order(lists) + 1)
    ]


def omissions(histories: Histories, method: str, *, progress: Progress = no_progress) -> list[Variant]:
    """Estimates with each list left out in turn. People on that list alone leave the table, but not the population."""
    variants = []
    if len(histories.lists) > FEWEST_LISTS:
        for done, name in enumerate(histories.lists, start=1):
            variants.append(_changed(f"-{name}", histories, lambda h, n=name: h.omit(n), method))
            progress("omissions", done, len(histories.lists))
    return variants


def merges(histories: Histories, method: str, *, progress: Progress = no_progress) -> list[Variant]:
    """Estimates with each pair of lists merged into one."""
    pairs = list(combinations(histories.lists, 2)) if len(histories.lists) > FEWEST_LISTS else []
    variants = []
    for done, pair in enumerate(pairs, start=1):
        variants.append(_changed("+".join(pair), histories, lambda h, p=pair: h.merge(*p), method))
        progress("merges", done, len(pairs))
    return variants


def fixed_bias(observed: int, dark_figure: float, lists: int, low: float | None, high: float | None) -> list[Bias]:
    """The fixed-bias curve on the highest-order term.

    Every estimate assumes that the term of all t lists together is zero. If it is d instead and the fitted means of
    the observed histories stay as they are, the dark figure is multiplied by exp(d) for an even number of lists and
    exp(-d) for an odd one. No data can tell; the curve shows what the assumption is worth. `dark_figure`, `low` and
    `high` in people; `low` and `high` are limits of the total.

    Source: Gerritse, van der Heijden and Bakker (2015), Journal of Official Statistics 31, 357–379; Aleshin-Guendel,
    Sadinle and Wakefield (2024), Biometrics 80.

    >>> [round(point.estimate) for point in fixed_bias(100, 300.0, 3, None, None) if point.factor in (0.5, 1, 2)]
    [250, 400, 700]
    """
    sign = 1 if lists % 2 == 0 else -1

    def moved(limit: float | None, factor: float) -> float | None:
        return None if limit is None else observed + (limit - observed) * factor

    return [
        Bias(
            factor=factor,
            highest_term=sign * math.log(factor),
            estimate=observed + dark_figure * factor,
            low=moved(low, factor),
            high=moved(high, factor),
        )
        for factor in FACTORS
    ]


def fit_p_value(fit: ModelFit, *, seed: int, draws: int = 499) -> float:
    """Parametric bootstrap p-value of the deviance: the share of tables from the model that fit it no better.

    The chi-square approximation is useless on sparse tables, where most expected counts are under one.
    """
    from tally.prevalence.loglinear import solve

    if fit.degrees_of_freedom == 0:
        return 1.0
    generator = np.random.Generator(np.random.Philox(key=np.array([seed, 100], np.uint64)))
    shares = fit.means / fit.means.sum()
    as_far = 1
    done = 1
    bits = len(fit.histories.lists)
    for _ in range(draws):
        counts = generator.multinomial(fit.histories.observed, shares).astype(float)
        code, _, means, _, _ = solve(counts, bits, fit.terms)
        if code != CONVERGED:
            continue
        seen = counts > 0
        deviance = 2 * float((counts[seen] * np.log(counts[seen] / means[seen])).sum())
        as_far += deviance >= fit.deviance - 1e-9
        done += 1
    return as_far / done


def _changed(choice: str, histories: Histories, change, method: str) -> Variant:
    try:
        table = change(histories)
    except UnusableTableError:
        return Variant(choice, None, ())
    return _variant(choice, table, Procedure(method, len(table.lists)))


def _variant(choice: str, histories: Histories, procedure: Procedure) -> Variant:
    try:
        fit, _ = select(histories, procedure)
    except NoEstimateError:
        return Variant(choice, None, ())
    return Variant(choice, fit.estimate, tuple(histories.name(term) for term in fit.terms))
