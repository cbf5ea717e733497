"""Publish, publish as a range, or refuse: the rules, each a threshold with a reason."""

from __future__ import annotations

from typing import Any

from tally.prevalence.histories import Histories
from tally.prevalence.result import PUBLISH, RANGE, REFUSE, MethodEstimate, Reason, Spread
from tally.prevalence.wording import people, reason

FEWEST_OVERLAPPING = 20
TWOFOLD = 2.0
DIFFERENT = 1.25
WIDE = 2.0
POOR_FIT = 0.01
EMPTY_SHARE = 0.01
INFINITE_SHARE = 0.025
PRIOR_BINDS = 0.005
VERY_STRONG = 10.0  # difference of BIC that Kass and Raftery (1995) call very strong evidence


def counted_methods(methods: dict[str, MethodEstimate]) -> list[str]:
    """The methods whose estimates count for the spread.

    All that have one, save independence where the data speak very strongly for a model with dependences: a model that
    is refuted need not agree with those that are not.
    """
    bics = {name: m.details["bic"] for name, m in methods.items() if m.estimate is not None and "bic" in m.details}
    refuted = "independence" in bics and bics["independence"] - min(bics.values()) > VERY_STRONG
    return [
        name
        for name, method in methods.items()
        if method.estimate is not None and not (name == "independence" and refuted)
    ]


def judge(
    histories: Histories, methods: dict[str, MethodEstimate], recommended: str, details: dict[str, Any]
) -> tuple[str, tuple[Reason, ...], Spread, tuple[float | None, float | None]]:
    """Verdict, its reasons, the spread over methods and the range to publish. Limits and spread in people."""
    counted = counted_methods(methods)
    spread = Spread.of([methods[name].estimate for name in counted])
    reasons = [
        *_about_data(histories, methods[recommended], spread),
        *_about_methods(methods, counted),
        *_about_interval(methods[recommended], details),
        *_about_choices(methods[recommended], details),
    ]
    reasons.sort(key=lambda found: found.verdict != REFUSE)
    verdict = next((v for v in (REFUSE, RANGE) if any(r.verdict == v for r in reasons)), PUBLISH)
    if verdict == PUBLISH:
        reasons.append(reason("steady", ratio=f"{spread.ratio or 1:.2f}", overlapping=f"{histories.overlapping:,}"))
    limits = [methods[name].interval for name in counted]
    lows = [limit.low for limit in limits if limit and limit.low is not None]
    highs = [limit.high for limit in limits if limit and limit.high is not None]
    return verdict, tuple(reasons), spread, (min(lows, default=None), max(highs, default=None))


def _about_data(histories: Histories, best: MethodEstimate, spread: Spread) -> list[Reason]:
    reasons = []
    if histories.overlapping < FEWEST_OVERLAPPING:
        reasons.append(reason("little-overlap", overlapping=histories.overlapping, fewest=FEWEST_OVERLAPPING))
    if best.estimate is None:
        reasons.append(reason("no-estimate"))
    infinite = best.details.get("share_without_estimate", 0.0)
    if infinite > INFINITE_SHARE:
        reasons.append(reason("no-upper-limit", share=f"{100 * infinite:.1f}"))
    if spread.ratio is not None and spread.ratio > TWOFOLD:
        reasons.append(reason("methods-disagree", low=people(spread.low), high=people(spread.high)))
    elif spread.ratio is not None and spread.ratio > DIFFERENT:
        reasons.append(reason("methods-differ", low=people(spread.low), high=people(spread.high)))
    return reasons


def _about_methods(methods: dict[str, MethodEstimate], counted: list[str]) -> list[Reason]:
    reasons = []
    if len(methods) == 1:
        reasons.append(reason("one-method"))
    latent = methods.get("latent")
    if latent is not None and latent.estimate is None:
        reasons.append(reason("chains-disagree", r_hat=f"{latent.details['r_hat']:.2f}"))
    graphical = methods.get("graphical")
    if graphical is not None and graphical.details.get("at_the_end", 0.0) > PRIOR_BINDS:
        reasons.append(reason("prior-binds"))
    if any(not methods[name].details.get("search_complete", True) for name in counted):
        reasons.append(reason("search-cut-short"))
    return reasons


def _about_interval(best: MethodEstimate, details: dict[str, Any]) -> list[Reason]:
    reasons = []
    interval = best.interval
    if interval is not None and not interval.resolved:
        reasons.append(reason("interval-unresolved"))
    elif interval is not None and not best.details.get("error_reached", True):
        reasons.append(reason("simulation-error", replicates=f"{interval.replicates:,}"))
    if interval is not None and interval.low and interval.high and interval.high > WIDE * interval.low:
        reasons.append(reason("interval-wide", times=f"{interval.high / interval.low:.1f}"))
    empty = details.get("share_with_empty_list", 0.0)
    if empty > EMPTY_SHARE:
        reasons.append(reason("empty-lists", share=f"{100 * empty:.1f}"))
    return reasons


def _about_choices(best: MethodEstimate, details: dict[str, Any]) -> list[Reason]:
    reasons = []
    choices = [
        variant["estimate"]
        for kind in ("omissions", "merges")
        for variant in details.get("sensitivity", {}).get(kind, [])
    ]
    spread = Spread.of([*choices, best.estimate])
    if spread.ratio is not None and spread.ratio > TWOFOLD:
        reasons.append(reason("choices-differ", low=people(spread.low), high=people(spread.high)))
    p_value = best.details.get("fit", {}).get("p_value", 1.0)
    if p_value < POOR_FIT:
        reasons.append(reason("poor-fit", share=f"{100 * p_value:.1f}"))
    return reasons
