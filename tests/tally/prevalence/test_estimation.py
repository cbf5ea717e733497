"""The one way in: its JSON, its verdicts, and what it refuses to say."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings

from tally.prevalence import (
    ALL_METHODS,
    Estimate,
    Histories,
    MethodEstimate,
    Spread,
    UnusableTableError,
    estimate,
    published_table,
)
from tally.prevalence.intervals import Interval
from tally.prevalence.result import PUBLISH, RANGE, REFUSE
from tally.prevalence.sensitivity import fit_p_value, fixed_bias, merges, omissions, threshold_path
from tally.prevalence.verdict import counted_methods, judge
from tally.prevalence.wording import codes, people, reason
from tests.tally.prevalence.tables import capture_tables

QUICK = ["independence", "stepwise", "bic"]


@pytest.fixture(scope="module")
def uk() -> Estimate:
    return estimate(published_table("UKdat_5"), method=[*QUICK, "graphical"], replicates=1000)


def test_the_json_has_the_published_keys_and_is_strict(uk: Estimate) -> None:
    told = json.loads(json.dumps(uk.to_dict(), allow_nan=False))
    assert set(told) == {
        "observed",
        "lists",
        "overlap",
        "methods",
        "spread",
        "verdict",
        "reasons",
        "seconds",
        "version",
        "details",
    }
    assert set(told["spread"]) == {"low", "high", "ratio"}
    for method in told["methods"].values():
        assert set(method) == {
            "estimate",
            "dark_figure",
            "terms",
            "criterion",
            "interval",
            "existence",
            "details",
        }
        assert set(method["interval"]) == {"level", "method", "low", "high", "mc_se_low", "mc_se_high", "resolved"}
    assert told["observed"] == 2744
    assert told["overlap"][0] == [94, 18, 21, 5, 0]
    assert told["methods"]["bic"]["criterion"] == {"name": "BIC", "value": pytest.approx(196.540, abs=5e-4)}
    assert told["methods"]["stepwise"]["terms"][:2] == ["LA:NG", "LA:PFNCA"]
    assert told["methods"]["stepwise"]["dark_figure"] == pytest.approx(11312.99 - 2744, abs=0.01)


def test_every_fact_of_honesty_is_in_the_details(uk: Estimate) -> None:
    told = uk.to_dict()["details"]
    assert {"en", "tr"} == set(told["assumption"])
    assert {"fixed_bias", "thresholds", "orders", "omissions", "merges"} == set(told["sensitivity"])
    assert len(told["sensitivity"]["omissions"]) == 5
    assert len(told["sensitivity"]["merges"]) == 10
    assert told["share_with_empty_list"] == 0
    assert told["counted_in_spread"] == ["stepwise", "bic", "graphical"]
    assert set(uk.methods["bic"].details["fit"]) == {"deviance", "pearson", "degrees_of_freedom", "p_value"}


def test_methods_more_than_twofold_apart_are_refused(uk: Estimate) -> None:
    assert uk.verdict == REFUSE
    assert uk.reasons[0].code == "methods-disagree"
    assert "11,300" in uk.reasons[0].en
    assert "11.300" in uk.reasons[0].tr


def test_the_same_seed_gives_the_same_answer_on_any_number_of_threads() -> None:
    def told(seed: int, threads: int) -> dict:
        answer = estimate(
            published_table("Kosovo"), method=[*QUICK, "graphical"], replicates=500, seed=seed, threads=threads
        ).to_dict()
        return {**answer, "seconds": None}

    assert told(5, 1) == told(5, 2)
    assert told(5, 1)["methods"]["bic"]["interval"] != told(6, 1)["methods"]["bic"]["interval"]


def test_replicates_are_drawn_until_the_error_is_small_or_that_is_said_to_be_out_of_reach() -> None:
    enough = estimate(published_table("Kosovo"), method="independence", sensitivity=False).methods["independence"]
    assert enough.details["error_reached"]
    assert enough.interval is not None
    assert enough.estimate is not None
    assert max(enough.interval.mc_se_low or math.inf, enough.interval.mc_se_high or math.inf) <= 0.01 * enough.estimate
    more = estimate(published_table("UKdat_5"), method="stepwise", sensitivity=False).methods["stepwise"]
    assert more.details["error_reached"]
    assert more.details["replicates"] > 10_000
    short = estimate(published_table("UKdat_5"), method="stepwise", replicates=1000, sensitivity=False)
    assert not short.methods["stepwise"].details["error_reached"]
    assert "simulation-error" in [found.code for found in short.reasons]


def test_an_unresolved_limit_is_null_and_never_a_number() -> None:
    answer = estimate(published_table("Korea"), method="stepwise", replicates=100, sensitivity=False)
    told = answer.to_dict()["methods"]["stepwise"]["interval"]
    assert told["low"] is None
    assert told["high"] is None
    assert told["mc_se_low"] is None
    assert told["resolved"] is False
    assert "interval-unresolved" in [found.code for found in answer.reasons]


def test_bca_can_be_the_main_interval_and_the_other_stands_beside_it() -> None:
    answer = estimate(published_table("UKdat"), method="stepwise", interval="bca", replicates=2000, sensitivity=False)
    method = answer.methods["stepwise"]
    assert method.interval is not None
    assert method.interval.method == "bca"
    assert method.details["other_interval"]["method"] == "percentile"
    assert method.interval.low is None
    assert method.details["beyond"]["low"] < 9800


def test_all_methods_are_those_that_the_number_of_lists_allows() -> None:
    assert tuple(estimate(published_table("Korea"), replicates=50, sensitivity=False).methods) == ALL_METHODS
    six = estimate(published_table("UKdat"), replicates=50, sensitivity=False)
    assert set(ALL_METHODS) - set(six.methods) == {"graphical"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"method": "magic"}, "not a method"),
        ({"method": []}, "not a method"),
        ({"interval": "guess"}, "not one of"),
        ({"level": 1.0}, "between 0 and 1"),
        ({"replicates": 0}, "positive"),
        ({"seed": -1}, "seed"),
        ({"threshold": 2.0, "method": "stepwise"}, "p-value"),
        ({"max_order": 3, "method": "bic"}, "not searched"),
    ],
)
def test_an_argument_out_of_range_is_refused(arguments: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        estimate(published_table("UKdat"), **arguments)


def answer_of(
    name: str, people: float | None, low: float = 900, high: float = 1100, **details: object
) -> MethodEstimate:
    interval = Interval(0.95, "percentile", low, high, 1.0, 1.0, True, 1000)
    return MethodEstimate(name, people, None, (), {}, interval if people else None, 0, {"bic": 100.0, **details})


TABLE = Histories(("A", "B", "C"), (1, 2, 3, 4, 6), (100, 100, 40, 100, 30))


def verdict_of(*methods: MethodEstimate, table: Histories = TABLE, **details: object) -> tuple[str, set[str]]:
    by_name = {method.name: method for method in methods}
    verdict, reasons, _, _ = judge(table, by_name, "bic", details)
    return verdict, {found.code for found in reasons}


def test_methods_that_agree_on_enough_overlap_are_published() -> None:
    verdict, codes_found = verdict_of(answer_of("bic", 1000), answer_of("stepwise", 1100))
    assert (verdict, codes_found) == (PUBLISH, {"steady"})


@pytest.mark.parametrize(
    ("code", "expected", "methods", "details"),
    [
        ("methods-disagree", REFUSE, [answer_of("bic", 1000), answer_of("stepwise", 2001)], {}),
        ("methods-differ", RANGE, [answer_of("bic", 1000), answer_of("stepwise", 1300)], {}),
        ("no-estimate", REFUSE, [answer_of("bic", None), answer_of("stepwise", 1300)], {}),
        (
            "no-upper-limit",
            REFUSE,
            [answer_of("bic", 1000, share_without_estimate=0.03), answer_of("stepwise", 1000)],
            {},
        ),
        ("one-method", RANGE, [answer_of("bic", 1000)], {}),
        ("interval-wide", RANGE, [answer_of("bic", 1000, low=500, high=1001), answer_of("stepwise", 1000)], {}),
        ("simulation-error", RANGE, [answer_of("bic", 1000, error_reached=False), answer_of("stepwise", 1000)], {}),
        ("poor-fit", RANGE, [answer_of("bic", 1000, fit={"p_value": 0.005}), answer_of("stepwise", 1000)], {}),
        (
            "search-cut-short",
            RANGE,
            [answer_of("bic", 1000, search_complete=False), answer_of("stepwise", 1000)],
            {},
        ),
        (
            "empty-lists",
            RANGE,
            [answer_of("bic", 1000), answer_of("stepwise", 1000)],
            {"share_with_empty_list": 0.02},
        ),
        (
            "choices-differ",
            RANGE,
            [answer_of("bic", 1000), answer_of("stepwise", 1000)],
            {"sensitivity": {"omissions": [{"estimate": 400.0}], "merges": []}},
        ),
        ("chains-disagree", RANGE, [answer_of("bic", 1000), answer_of("latent", None, r_hat=1.4)], {}),
        ("prior-binds", RANGE, [answer_of("bic", 1000), answer_of("graphical", 1000, at_the_end=0.01)], {}),
    ],
)
def test_each_doubt_has_its_reason_and_its_verdict(
    code: str, expected: str, methods: list[MethodEstimate], details: dict[str, object]
) -> None:
    verdict, found = verdict_of(*methods, **details)
    assert code in found
    assert verdict == expected


def test_too_little_overlap_is_refused() -> None:
    thin = Histories(("A", "B", "C"), (1, 2, 3, 4), (100, 100, 19, 100))
    verdict, found = verdict_of(answer_of("bic", 1000), answer_of("stepwise", 1000), table=thin)
    assert (verdict, found) == (REFUSE, {"little-overlap"})


def test_independence_counts_unless_the_data_refute_it() -> None:
    agreed = {"independence": answer_of("independence", 400), "bic": answer_of("bic", 1000)}
    assert counted_methods(agreed) == ["independence", "bic"]
    refuted = {**agreed, "independence": answer_of("independence", 400, bic=110.1)}
    assert counted_methods(refuted) == ["bic"]


def test_every_reason_is_said_in_both_languages_with_its_numbers() -> None:
    facts = dict.fromkeys(
        ("ratio", "overlapping", "fewest", "share", "low", "high", "replicates", "times", "r_hat"), "1,234.5"
    )
    for code in codes():
        told = reason(code, **facts).to_dict()
        assert told["en"] != told["tr"]
        for language in ("en", "tr"):
            assert told[language].endswith(".")
            assert "{" not in told[language]
        if "1,234.5" in told["en"]:
            assert "1.234,5" in told["tr"]


@pytest.mark.parametrize(("number", "said"), [(23016.4, "23,000"), (157.2, "157"), (99.6, "100"), (None, "?")])
def test_people_are_said_in_three_figures(number: float | None, said: str) -> None:
    assert people(number) == said


def test_a_hidden_tie_multiplies_the_dark_figure() -> None:
    curve = {point.factor: point for point in fixed_bias(1000, 500.0, 4, 1200, None)}
    assert curve[1.0].estimate == 1500
    assert curve[2.0].estimate == 2000
    assert curve[2.0].low == 1400
    assert curve[2.0].high is None
    assert curve[2.0].highest_term == pytest.approx(math.log(2))
    assert fixed_bias(1000, 500.0, 3, None, None)[0].highest_term == pytest.approx(math.log(4))


def test_the_fixed_bias_formula_is_what_the_log_linear_model_says() -> None:
    """A table with a known highest term: the model without it is off by exactly that factor."""
    for lists in (3, 4):
        masks = np.arange(1 << lists)
        size = np.array([mask.bit_count() for mask in masks])
        hidden = 0.7
        log_means = 8.0 - size + np.where(masks == masks[-1], hidden, 0.0)
        alternating = ((-1.0) ** (lists - size) * log_means).sum()
        assert alternating == pytest.approx(hidden)
        unseen_without = np.exp((-1.0) ** (lists + 1) * ((-1.0) ** (lists - size) * log_means)[1:].sum())
        factor = math.exp(8.0) / unseen_without
        sign = 1 if lists % 2 == 0 else -1
        assert math.log(factor) == pytest.approx(sign * hidden)
        point = fixed_bias(0, 1.0, lists, None, None)[-1]
        assert point.highest_term == pytest.approx(sign * math.log(point.factor))


def test_thresholds_omissions_and_merges_are_those_of_the_table_so_changed() -> None:
    table = published_table("UKdat_5")
    path = {variant.choice: variant.estimate for variant in threshold_path(table)}
    assert path["0.02"] == pytest.approx(11312.99, abs=0.01)
    without = estimate(table.omit("GP"), method="bic", replicates=20, sensitivity=False).best.estimate
    found = {variant.choice: variant.estimate for variant in omissions(table, "bic")}
    assert found["-GP"] == pytest.approx(without)
    merged = estimate(table.merge("LA", "NG"), method="bic", replicates=20, sensitivity=False).best.estimate
    assert {v.choice: v.estimate for v in merges(table, "bic")}["LA+NG"] == pytest.approx(merged)
    assert omissions(published_table("Korea"), "bic") == []


def test_the_fit_of_a_true_model_is_good_and_of_a_false_one_bad() -> None:
    from tally.prevalence import fit_model

    table = published_table("UKdat_5")
    assert fit_p_value(fit_model(table), seed=1) < 0.01
    assert fit_p_value(fit_model(table, ["LA:NG", "LA:PFNCA", "NG:PFNCA", "PFNCA:GO", "NG:GP"]), seed=1) > 0.01


def test_a_table_that_cannot_carry_an_estimate_is_refused_at_the_door() -> None:
    with pytest.raises(UnusableTableError, match="Nobody is on two lists"):
        estimate({"A": [1, 0, 0], "B": [0, 1, 0], "C": [0, 0, 1], "count": [5, 5, 5]})


def test_an_estimate_that_does_not_exist_says_so_and_why() -> None:
    only_two_overlap = Histories(("A", "B", "C", "D"), (1, 2, 3, 4, 8), (30, 30, 25, 30, 30))
    answer = estimate(only_two_overlap, method=["independence", "bic"], replicates=50, sensitivity=False)
    json.dumps(answer.to_dict(), allow_nan=False)
    for method in answer.methods.values():
        if method.estimate is None:
            assert method.existence in (1, 2, 3)
            assert answer.verdict == REFUSE


def test_a_spread_of_nothing_is_nothing() -> None:
    assert Spread.of([None]).to_dict() == {"low": None, "high": None, "ratio": None}


@settings(max_examples=25)
@given(capture_tables())
def test_any_table_gets_a_verdict_with_a_reason_and_strict_json(table: Histories) -> None:
    answer = estimate(table, method=QUICK, replicates=60, seed=2)
    assert answer.verdict in (PUBLISH, RANGE, REFUSE)
    assert answer.reasons
    json.dumps(answer.to_dict(), allow_nan=False)
    for method in answer.methods.values():
        assert method.estimate is None or method.estimate >= table.observed
