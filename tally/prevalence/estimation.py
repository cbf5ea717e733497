"""The one way in: every method on one table, with intervals, sensitivity and a verdict."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from tally.prevalence.bootstrap import (
    FIRST_REPLICATES,
    Progress,
    Replicates,
    extend,
    jackknife,
    no_progress,
)
from tally.prevalence.checkpoint import Checkpoint
from tally.prevalence.graphical import FEWEST, MOST, average_graphs
from tally.prevalence.histories import Histories, read_histories
from tally.prevalence.intervals import Interval, acceleration, bca, percentile
from tally.prevalence.latent import sample_latent_classes
from tally.prevalence.loglinear import NoEstimateError
from tally.prevalence.procedure import PUBLISHED_THRESHOLD, Procedure
from tally.prevalence.profile import profile_interval
from tally.prevalence.result import Estimate, MethodEstimate
from tally.prevalence.sensitivity import (
    fit_p_value,
    fixed_bias,
    merges,
    omissions,
    order_path,
    select,
    threshold_path,
)
from tally.prevalence.verdict import counted_methods, judge
from tally.prevalence.wording import ASSUMPTION

ALL_METHODS = ("independence", "stepwise", "bic", "graphical", "latent")
RECOMMENDED = "bic"
INTERVALS = ("percentile", "bca")
LARGEST_ERROR = 0.01
MOST_REPLICATES = {"independence": 50_000, "stepwise": 50_000, "bic": 10_000}
MOST_REPLICATES_THREE_LISTS = 2_000


@dataclass(frozen=True, slots=True)
class Settings:
    """How to estimate: see `estimate`, whose keywords these are."""

    threshold: float
    max_order: int
    level: float
    interval: str
    replicates: int | None
    seed: int
    threads: int | None
    sensitivity: bool
    progress: Progress
    checkpoint: Checkpoint | None

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise ValueError("the level is between 0 and 1")
        if self.interval not in INTERVALS:
            raise ValueError(f"{self.interval!r} is not one of {', '.join(INTERVALS)}")
        if self.replicates is not None and self.replicates < 1:
            raise ValueError("the number of replicates is positive")
        if not 0 <= self.seed < 2**63:
            raise ValueError("the seed is between 0 and 2**63 - 1")


def estimate(
    table: Any,
    *,
    method: str | Sequence[str] = "all",
    threshold: float = PUBLISHED_THRESHOLD,
    max_order: int = 2,
    level: float = 0.95,
    interval: str = "percentile",
    replicates: int | None = None,
    seed: int = 1,
    threads: int | None = None,
    merge: Mapping[str, Sequence[str]] | None = None,
    omit: Iterable[str] = (),
    rename: Mapping[str, str] | None = None,
    sensitivity: bool = True,
    progress: Progress = no_progress,
    checkpoint: Checkpoint | None = None,
) -> Estimate:
    """Estimate the number of people, seen and unseen, from overlapping lists.

    `table`, `merge`, `omit`, `rename`: see `read_histories`. `method` is "all" or some of ALL_METHODS; `graphical`
    joins "all" for 3 to 5 lists. `threshold` is the p-value of stepwise selection, `max_order` the largest number of
    lists in a term searched by BIC. `interval` is the main one, "percentile" or "bca"; the other stands in the
    details. Without `replicates` they are drawn until the Monte Carlo error of each limit is under 1 % of the
    estimate, up to MOST_REPLICATES. The same `seed` gives the same result whatever the number of `threads`.
    `sensitivity=False` leaves out the thresholds, omissions and merges. Estimates, limits and errors are in people.

    Raises UnusableTableError for a table that cannot carry an estimate, ValueError for an argument out of range.

    >>> from tally.prevalence import published_table
    >>> answer = estimate(published_table("Korea"), method="stepwise", replicates=2000, sensitivity=False)
    >>> round(answer.methods["stepwise"].estimate, 2)
    268.78
    >>> answer.verdict
    'publish as a range'
    """
    started = time.perf_counter()
    histories = read_histories(table, merge=merge, omit=omit, rename=rename)
    settings = Settings(
        threshold, max_order, level, interval, replicates, seed, threads, sensitivity, progress, checkpoint
    )
    names = _methods(method, len(histories.lists))
    methods: dict[str, MethodEstimate] = {}
    details: dict[str, Any] = {}
    for name in names:
        if name == "graphical":
            methods[name] = _graphical(histories, settings)
        elif name == "latent":
            methods[name] = _latent(histories, settings)
        else:
            methods[name], share = _loglinear(histories, name, settings)
            details["share_with_empty_list"] = share
    recommended = RECOMMENDED if RECOMMENDED in methods else names[0]
    details["assumption"] = ASSUMPTION
    details["sensitivity"] = _sensitivity(histories, methods[recommended], settings)
    verdict, reasons, spread, limits = judge(histories, methods, recommended, details)
    details["counted_in_spread"] = counted_methods(methods)
    return Estimate(
        histories=histories,
        methods=methods,
        recommended=recommended,
        spread=spread,
        verdict=verdict,
        reasons=reasons,
        range=limits,
        details=details,
        seconds=round(time.perf_counter() - started, 3),
        version=installed_version(),
    )


def installed_version() -> str:
    """Version of the installed distribution."""
    try:
        return version("kalkan")
    except PackageNotFoundError:
        return "not installed"


def _methods(method: str | Sequence[str], lists: int) -> tuple[str, ...]:
    names = (method,) if isinstance(method, str) else tuple(dict.fromkeys(method))
    if "all" in names:
        return tuple(name for name in ALL_METHODS if name != "graphical" or FEWEST <= lists <= MOST)
    unknown = [name for name in names if name not in ALL_METHODS]
    if unknown or not names:
        raise ValueError(f"{unknown[0] if unknown else ''!r} is not a method: all, {', '.join(ALL_METHODS)}")
    return names


def _loglinear(histories: Histories, name: str, settings: Settings) -> tuple[MethodEstimate, float]:
    """A log-linear method's answer, and the share of its replicates in which a list is empty."""
    procedure = Procedure(name, len(histories.lists), settings.threshold, settings.max_order if name == "bic" else 2)
    criterion: dict[str, Any] = {"name": "none", "value": None}
    if name == "stepwise":
        criterion = {"name": "p-value threshold", "value": settings.threshold}
    try:
        fit, complete = select(histories, procedure)
    except NoEstimateError as error:
        why = {"why": str(error), "margin": error.existence.margin}
        return MethodEstimate(name, None, None, (), criterion, None, error.existence.code, why), 0.0
    chosen, other, sample, reached = _bootstrap(histories, procedure, fit.estimate, settings)
    if name == "bic":
        criterion = {"name": "BIC", "value": fit.bic}
    low, high = profile_interval(fit, settings.level)
    wald = fit.wald(settings.level)
    details = {
        "bic": fit.bic,
        "parameters": fit.parameters,
        "empty_terms": [histories.name(term) for term in fit.empty_terms],
        "fit": {
            "deviance": fit.deviance,
            "pearson": fit.pearson,
            "degrees_of_freedom": fit.degrees_of_freedom,
            "p_value": fit_p_value(fit, seed=settings.seed),
        },
        "given_the_model": {
            "profile": {"low": low, "high": high},
            "wald": {"low": wald[0], "high": wald[1]},
        },
        "other_interval": other.to_dict(),
        "beyond": {"low": chosen.beyond_low, "high": chosen.beyond_high},
        "replicates": len(sample),
        "error_reached": reached,
        "share_without_estimate": float(np.isinf(sample.estimates).mean()),
        "models_in_replicates": len(np.unique(sample.models)),
        "search_complete": complete,
        "replicate_searches_cut_short": sample.cut_short,
    }
    terms = tuple(histories.name(term) for term in fit.terms)
    answer = MethodEstimate(name, fit.estimate, fit.dark_figure, terms, criterion, chosen, fit.existence.code, details)
    return answer, sample.empty_list / len(sample)


def _bootstrap(
    histories: Histories, procedure: Procedure, point: float, settings: Settings
) -> tuple[Interval, Interval, Replicates, bool]:
    """The main interval, the other one, the replicates, and whether the error of both main limits is small enough."""
    kept = settings.checkpoint
    sample = kept.load(histories, procedure, settings.seed) if kept else Replicates()
    left_out, weights = jackknife(histories, procedure, threads=settings.threads)
    accelerated = acceleration(left_out, weights)
    most = MOST_REPLICATES[procedure.method]
    if procedure.max_order > 2:
        most = MOST_REPLICATES_THREE_LISTS
    until = settings.replicates or FIRST_REPLICATES
    while True:
        extend(
            sample,
            histories,
            procedure,
            seed=settings.seed,
            until=until,
            threads=settings.threads,
            progress=settings.progress,
            saved=lambda so_far: kept.save(histories, procedure, settings.seed, so_far) if kept else None,
        )
        drawn = sample.estimates[:until]
        simple = percentile(drawn, settings.level)
        corrected = bca(drawn, point, accelerated, settings.level)
        main, other = (simple, corrected) if settings.interval == "percentile" else (corrected, simple)
        worst = max(main.mc_se_low or np.inf, main.mc_se_high or np.inf) if main.resolved else np.inf
        reached = bool(worst <= LARGEST_ERROR * point)
        if settings.replicates or reached or until >= most:
            break
        wanted = 1.1 * (worst / (LARGEST_ERROR * point)) ** 2 if np.isfinite(worst) else 4.0
        until = min(most, int(until * min(max(wanted, 1.5), 10.0)) + 1)
    used = Replicates(drawn, sample.models[:until], sample.empty_list, sample.cut_short)
    if len(sample) > until:  # more were kept than this run asks for: count faults on the same footing
        used.empty_list = round(sample.empty_list * until / len(sample))
    return main, other, used, reached


def _graphical(histories: Histories, settings: Settings) -> MethodEstimate:
    settings.progress("graphical", 0, 1)
    posterior = average_graphs(histories)
    settings.progress("graphical", 1, 1)
    low, high = posterior.interval(settings.level)
    best = int(np.argmax(posterior.graph_probabilities))
    return MethodEstimate(
        name="graphical",
        estimate=posterior.median,
        dark_figure=posterior.median - histories.observed,
        terms=tuple(histories.name(edge) for edge in posterior.graphs[best]),
        criterion={"name": "posterior median", "value": float(posterior.graph_probabilities[best])},
        interval=Interval(settings.level, "credible", low, high, 0.0, 0.0, True, 0),
        existence=None,
        details={"graphs": len(posterior.graphs), "at_the_end": posterior.at_the_end},
    )


def _latent(histories: Histories, settings: Settings) -> MethodEstimate:
    settings.progress("latent", 0, 1)
    posterior = sample_latent_classes(histories, seed=settings.seed, threads=settings.threads)
    settings.progress("latent", 1, 1)
    details = {
        "r_hat": posterior.r_hat,
        "effective_size": posterior.effective_size,
        "chain_medians": np.median(posterior.totals, axis=1).tolist(),
        "draws": posterior.totals.size,
    }
    criterion: dict[str, Any] = {"name": "posterior median", "value": None}
    if not posterior.agrees:
        return MethodEstimate("latent", None, None, (), criterion, None, None, details)
    low, high = posterior.interval(settings.level)
    low_error, high_error = posterior.errors(settings.level)
    return MethodEstimate(
        name="latent",
        estimate=posterior.median,
        dark_figure=posterior.median - histories.observed,
        terms=(),
        criterion=criterion,
        interval=Interval(settings.level, "credible", low, high, low_error, high_error, True, 0),
        existence=None,
        details=details,
    )


def _sensitivity(histories: Histories, best: MethodEstimate, settings: Settings) -> dict[str, Any]:
    if best.estimate is None or best.dark_figure is None:
        return {}
    limits = (best.interval.low, best.interval.high) if best.interval else (None, None)
    curve = fixed_bias(histories.observed, best.dark_figure, len(histories.lists), *limits)
    found: dict[str, Any] = {"fixed_bias": [point.to_dict() for point in curve]}
    if settings.sensitivity:
        method = best.name if best.name in MOST_REPLICATES else RECOMMENDED
        found["thresholds"] = [variant.to_dict() for variant in threshold_path(histories)]
        found["orders"] = [variant.to_dict() for variant in order_path(histories)]
        found["omissions"] = [v.to_dict() for v in omissions(histories, method, progress=settings.progress)]
        found["merges"] = [v.to_dict() for v in merges(histories, method, progress=settings.progress)]
    return found
