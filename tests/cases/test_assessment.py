"""The rule of the six dimensions, in every combination, and the steps of the offence."""

from itertools import product

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from kalkan.cases.assessment import (
    ACT_QUESTION,
    MEANS,
    RECRUITMENT,
    Advice,
    Finding,
    Sign,
    assess,
    departs,
    is_positive,
    satisfied_rule,
)
from kalkan.vocabulary.models import Dimension, Profile, Weight

WEIGHTS = ("strong", "medium", "weak")
ADULT, CHILD = Profile.ADULT_LABOUR, Profile.CHILD_LABOUR


def _signs(dimension: str, *weights: str, verification: str = "secondary") -> list[Sign]:
    return [
        Sign(f"{dimension}.{number}", dimension, weight, verification, f"sign {number}")
        for number, weight in enumerate(weights)
    ]


# Enough in one dimension: two strong signs.
def _positive(*dimensions: str) -> tuple[list[Sign], dict[str, str]]:
    signs = [sign for dimension in dimensions for sign in _signs(dimension, "strong", "strong")]
    return signs, {sign.code: "yes" for sign in signs}


@pytest.mark.parametrize(("strong", "medium", "weak"), list(product(range(6), repeat=3)))
def test_a_dimension_is_positive_exactly_by_the_rule_of_the_ilo(strong: int, medium: int, weak: int) -> None:
    by_the_book = strong >= 2 or (strong >= 1 and medium + weak >= 1) or medium >= 3 or (medium >= 2 and weak >= 1)
    assert is_positive(strong=strong, medium=medium, weak=weak) is by_the_book


@pytest.mark.parametrize(("strong", "medium", "weak"), list(product(range(6), repeat=3)))
def test_the_rule_named_is_one_that_holds_and_is_itself_enough(strong: int, medium: int, weak: int) -> None:
    rule = satisfied_rule(strong=strong, medium=medium, weak=weak)
    if rule is not None:
        assert rule.strong <= strong
        assert rule.medium <= medium
        assert rule.weak <= weak
        assert is_positive(strong=rule.strong, medium=rule.medium, weak=rule.weak)


@given(st.tuples(*[st.integers(0, 30)] * 3), st.sampled_from(range(3)))
def test_one_more_sign_never_makes_a_positive_dimension_negative(counts: tuple[int, int, int], at: int) -> None:
    more = list(counts)
    more[at] += 1
    before = is_positive(strong=counts[0], medium=counts[1], weak=counts[2])
    assert is_positive(strong=more[0], medium=more[1], weak=more[2]) >= before


@given(st.tuples(*[st.integers(0, 30)] * 3), st.sampled_from(range(1, 3)))
def test_a_heavier_sign_never_counts_less(counts: tuple[int, int, int], at: int) -> None:
    if counts[at]:
        heavier = list(counts)
        heavier[at] -= 1
        heavier[at - 1] += 1
        before = is_positive(strong=counts[0], medium=counts[1], weak=counts[2])
        assert is_positive(strong=heavier[0], medium=heavier[1], weak=heavier[2]) >= before


ORDER = {Advice.NO_SIGNS: 0, Advice.UNCLEAR: 1, Advice.SIGNS: 2}
ALL_SIGNS = [sign for dimension in Dimension for sign in _signs(dimension, *WEIGHTS, *WEIGHTS)]
CODES = [ACT_QUESTION, *(sign.code for sign in ALL_SIGNS)]
SAID = st.sampled_from(["yes", "no", "unknown", "observed"])


@given(st.dictionaries(st.sampled_from(CODES), SAID), st.sampled_from(CODES), st.sampled_from(list(Profile)))
def test_one_more_sign_never_weakens_the_advice(answers: dict[str, str], code: str, profile: str) -> None:
    for seen in ("yes", "observed"):
        before, after = assess(profile, ALL_SIGNS, answers), assess(profile, ALL_SIGNS, answers | {code: seen})
        if answers.get(code) not in {"yes", "observed"}:
            assert ORDER[after.advice] >= ORDER[before.advice]
            assert len(after.positive) >= len(before.positive)


@given(st.dictionaries(st.sampled_from(CODES), SAID), st.sampled_from([Profile.CHILD_LABOUR, Profile.CHILD_SEXUAL]))
def test_whatever_is_answered_a_child_is_never_asked_for_means(answers: dict[str, str], profile: str) -> None:
    steps = {step.element: step for step in assess(profile, ALL_SIGNS, answers).steps}
    assert list(steps) == ["act", "means", "purpose"]
    assert steps["means"].finding == Finding.NOT_ASKED


@given(st.dictionaries(st.sampled_from(CODES), SAID), st.sampled_from([Profile.ADULT_LABOUR, Profile.CHILD_LABOUR]))
def test_what_was_observed_counts_like_what_was_said(answers: dict[str, str], profile: str) -> None:
    observed = {code: "observed" if said == "yes" else said for code, said in answers.items()}
    assert assess(profile, ALL_SIGNS, answers).advice == assess(profile, ALL_SIGNS, observed).advice


@pytest.mark.parametrize("has_act", [True, False])
@pytest.mark.parametrize("has_means", [True, False])
@pytest.mark.parametrize("has_purpose", [True, False])
@pytest.mark.parametrize("profile", [ADULT, CHILD])
def test_trafficking_is_act_means_and_purpose_and_for_a_child_act_and_purpose(
    profile: Profile, has_act: bool, has_means: bool, has_purpose: bool
) -> None:
    dimensions = [Dimension.COERCION_AT_DESTINATION] * has_means + [Dimension.EXPLOITATION] * has_purpose
    signs, answers = _positive(*dimensions)
    answers[ACT_QUESTION] = "yes" if has_act else "no"
    found = assess(profile, signs, answers)
    is_trafficking = has_act and has_purpose and (has_means or profile == CHILD)
    assert (found.advice == Advice.SIGNS) is is_trafficking
    if not is_trafficking:
        assert found.advice == (Advice.UNCLEAR if has_means or has_purpose else Advice.NO_SIGNS)


@pytest.mark.parametrize("dimension", RECRUITMENT)
def test_signs_of_recruitment_show_the_act_even_if_nobody_said_so(dimension: str) -> None:
    signs, answers = _positive(dimension)
    act = assess(ADULT, signs, answers).steps[0]
    assert act.finding == Finding.FOUND
    assert str(Dimension(dimension).label) in act.why


@pytest.mark.parametrize("dimension", list(Dimension))
def test_each_dimension_but_exploitation_speaks_of_means(dimension: str) -> None:
    signs, answers = _positive(dimension)
    means = assess(ADULT, signs, answers).steps[1]
    assert (means.finding == Finding.FOUND) is (dimension in MEANS)


def test_an_open_question_leaves_an_element_unknown_and_an_answered_one_does_not() -> None:
    signs = _signs(Dimension.EXPLOITATION, "strong", "strong")
    purpose = assess(ADULT, signs, {}).steps[2]
    assert purpose.finding == Finding.UNKNOWN
    purpose = assess(ADULT, signs, {sign.code: "no" for sign in signs}).steps[2]
    assert purpose.finding == Finding.NOT_FOUND


def test_a_positive_dimension_says_which_signs_were_enough() -> None:
    signs = _signs(Dimension.EXPLOITATION, "medium", "medium", "weak", "weak")
    with override("en"):
        found = assess(ADULT, signs, {sign.code: "yes" for sign in signs}).dimensions[3]
    assert found.is_positive
    assert found.why == "2 medium signs + 2 weak signs seen. Enough is: 2 medium signs + 1 weak sign."


def test_a_dimension_that_is_not_positive_says_so_too() -> None:
    signs = _signs(Dimension.EXPLOITATION, "medium", "medium")
    with override("en"):
        found = assess(ADULT, signs, {sign.code: "yes" for sign in signs}).dimensions[3]
    assert found.why == "2 medium signs seen. That is not enough by itself."


def test_every_unverified_weight_that_was_used_is_named() -> None:
    sure = _signs(Dimension.EXPLOITATION, "strong")
    unsure = _signs(Dimension.DECEPTIVE_RECRUITMENT, "strong", "weak", verification="unverified")
    answers = {sign.code: "yes" for sign in [*sure, unsure[0]]}
    assert assess(ADULT, sure + unsure, answers).unverified == (unsure[0],)


@pytest.mark.parametrize("advice", list(Advice))
@pytest.mark.parametrize("conclusion", ["signs", "no_signs"])
def test_only_going_another_way_than_the_signs_needs_a_reason(advice: Advice, conclusion: str) -> None:
    needs_reason = {(Advice.SIGNS, "no_signs"), (Advice.UNCLEAR, "no_signs"), (Advice.NO_SIGNS, "signs")}
    assert departs(advice, conclusion) is ((advice, conclusion) in needs_reason)


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody"):
        assess("nobody", [], {})


def test_weights_are_those_of_the_vocabulary() -> None:
    assert {str(weight) for weight in Weight} == set(WEIGHTS)
