"""The screening as an interview: children as children, danger first, dissent with a reason, nothing lost."""

import pytest
from django.db import IntegrityError

from kalkan.access.concurrency import Changed
from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.cases import services
from kalkan.cases.assessment import Advice, Finding
from kalkan.cases.lifecycle import NotPossible, Stage
from kalkan.cases.models import Case, Screening
from kalkan.cases.selectors import assess_screening, danger_questions, screening_pages, signs_for
from kalkan.persons.models import Majority
from kalkan.vocabulary.models import Dimension, Profile
from tests.cases.story import DAY, TRAFFICKING, Province, at, fresh, later, opened, raw
from tests.factories import make_person, make_user

pytestmark = pytest.mark.django_db


def _start(team: Province, case: Case, profile: str = Profile.ADULT_LABOUR) -> Screening:
    return services.start_screening(case.reference, by=team.frontline, profile=profile, held_on=DAY)


def _colleague(team: Province) -> User:
    return make_user(Role.FRONTLINE_OFFICER, team.police)


@pytest.mark.parametrize("majority", [Majority.CHILD, Majority.PRESUMED_CHILD])
@pytest.mark.parametrize(
    ("chosen", "held"),
    [
        (Profile.ADULT_LABOUR, Profile.CHILD_LABOUR),
        (Profile.ADULT_SEXUAL, Profile.CHILD_SEXUAL),
        (Profile.CHILD_LABOUR, Profile.CHILD_LABOUR),
    ],
)
def test_a_child_is_screened_as_a_child_whatever_was_chosen(
    team: Province, majority: str, chosen: str, held: str
) -> None:
    case = opened(team, person=make_person(team.police, majority=majority))
    assert case.is_child
    assert _start(team, case, chosen).profile == held


def test_choosing_a_childs_profile_presumes_a_child(team: Province) -> None:
    case = opened(team, person=make_person(team.police, majority=Majority.UNKNOWN))
    _start(team, case, Profile.CHILD_SEXUAL)
    assert fresh(case).is_child


def test_a_person_found_to_be_a_child_during_the_screening_goes_on_as_a_child(team: Province) -> None:
    case = opened(team)
    screening = _start(team, case)
    case.person.majority = Majority.PRESUMED_CHILD
    case.person.save()
    services.answer_questions(screening.reference, TRAFFICKING, by=team.frontline)
    screening.refresh_from_db()
    assert screening.profile == Profile.CHILD_LABOUR
    steps = {step.element: step.finding for step in assess_screening(screening).steps}
    assert steps["means"] == Finding.NOT_ASKED


def test_the_database_refuses_an_adults_profile_for_a_child(team: Province) -> None:
    case = opened(team, person=make_person(team.police, majority=Majority.CHILD))
    screening = _start(team, case)
    with pytest.raises(IntegrityError, match="child_is_screened_as_a_child"):
        raw(("UPDATE cases_screening SET profile = 'adult_labour' WHERE id = %s", screening.pk))


@pytest.mark.parametrize("profile", list(Profile))
def test_every_profile_has_danger_first_the_act_and_all_six_dimensions(team: Province, profile: str) -> None:
    pages = screening_pages(_start(team, opened(team), profile))
    assert [page.name for page in pages] == ["danger", "act", *Dimension.values]
    assert all(page.questions for page in pages)
    asked = [question.code for page in pages for question in page.questions]
    assert len(asked) == len(set(asked))
    assert {sign.code for sign in signs_for(profile, DAY)} <= set(asked)


@pytest.mark.parametrize("question", range(8))
def test_each_immediate_danger_makes_the_case_urgent(team: Province, question: int) -> None:
    case = opened(team)
    screening = _start(team, case)
    codes = [danger.code for danger in danger_questions()]
    services.answer_questions(screening.reference, dict.fromkeys(codes, "no"), by=team.frontline)
    assert not fresh(case).is_urgent
    services.answer_questions(screening.reference, {codes[question]: "observed"}, by=team.frontline)
    assert fresh(case).is_urgent


def test_each_danger_says_what_to_do() -> None:
    assert all(danger.hint for danger in danger_questions())


def test_a_screening_that_runs_is_gone_on_with(team: Province) -> None:
    case = opened(team)
    first = _start(team, case)
    services.answer_questions(first.reference, {"4.1": "yes"}, by=team.frontline)
    again = _start(team, case, Profile.ADULT_SEXUAL)
    assert again.pk == first.pk
    assert again.profile == Profile.ADULT_SEXUAL
    assert again.answers.get().said == "yes"


@pytest.mark.parametrize("answers", [{"9.9": "yes"}, {"4.1": "perhaps"}, {"4.1": ""}, {"'; DROP": "yes"}])
def test_what_is_no_question_or_no_answer_is_refused(team: Province, answers: dict[str, str]) -> None:
    screening = _start(team, opened(team))
    with pytest.raises(NotPossible):
        services.answer_questions(screening.reference, answers, by=team.frontline)
    assert not screening.answers.exists()


def test_the_same_page_sent_twice_changes_nothing(team: Province) -> None:
    screening = _start(team, opened(team))
    before = screening.version
    for _time in range(2):
        services.answer_questions(screening.reference, {"4.1": "yes"}, by=team.frontline, version=before)
    screening.refresh_from_db()
    assert (screening.version, screening.answers.count()) == (before + 1, 1)


def test_two_officers_on_one_question_do_not_overwrite_each_other(team: Province) -> None:
    screening = _start(team, opened(team))
    shown = screening.version
    services.answer_questions(screening.reference, {"4.1": "yes"}, by=team.frontline, version=shown)
    with pytest.raises(Changed):
        services.answer_questions(screening.reference, {"4.1": "no"}, by=_colleague(team), version=shown)
    assert screening.answers.get().said == "yes"


def test_two_officers_on_different_pages_do_not_disturb_each_other(team: Province) -> None:
    screening = _start(team, opened(team))
    shown = screening.version
    services.answer_questions(screening.reference, {"4.1": "yes"}, by=team.frontline, version=shown)
    services.answer_questions(screening.reference, {"5.1": "no"}, by=_colleague(team), version=shown)
    assert screening.answers.count() == 2


@pytest.mark.parametrize(
    ("answers", "advice", "conclusion", "needs_reason"),
    [
        (TRAFFICKING, Advice.SIGNS, "signs", False),
        (TRAFFICKING, Advice.SIGNS, "no_signs", True),
        ({"4.1": "yes", "4.2": "yes"}, Advice.UNCLEAR, "signs", False),
        ({"4.1": "yes", "4.2": "yes"}, Advice.UNCLEAR, "no_signs", True),
        ({"4.1": "no"}, Advice.NO_SIGNS, "no_signs", False),
        ({"4.1": "no"}, Advice.NO_SIGNS, "signs", True),
    ],
)
def test_an_officer_may_conclude_otherwise_and_must_say_why(
    team: Province, answers: dict[str, str], advice: str, conclusion: str, needs_reason: bool
) -> None:
    case = opened(team)
    screening = _start(team, case)
    services.answer_questions(screening.reference, answers, by=team.frontline)
    if needs_reason:
        with pytest.raises(NotPossible) as refusal:
            services.conclude_screening(
                screening.reference, by=team.frontline, conclusion=conclusion, dissent="  ", on=DAY
            )
        assert refusal.value.missing == "dissent"
    services.conclude_screening(
        screening.reference,
        by=team.frontline,
        conclusion=conclusion,
        dissent="Because." if needs_reason else "",
        on=DAY,
    )
    screening.refresh_from_db()
    assert screening.advice == advice
    assert (screening.dissent is not None) is needs_reason
    assert fresh(case).stage == (Stage.PRELIMINARY if conclusion == "signs" else Stage.SCREENING)


def test_the_database_too_wants_the_reason_for_concluding_otherwise(team: Province) -> None:
    at(Stage.PRELIMINARY, team)
    case = opened(team)
    screening = _start(team, case)
    with pytest.raises(IntegrityError, match="departing_from_the_signs_is_explained"):
        raw(
            (
                "UPDATE cases_screening SET conclusion = 'no_signs', advice = 'signs', concluded_by_id = %s, "
                "concluded_on = %s WHERE id = %s",
                team.frontline.pk,
                DAY,
                screening.pk,
            )
        )


def test_nothing_answered_is_nothing_to_conclude_from(team: Province) -> None:
    screening = _start(team, opened(team))
    services.answer_questions(screening.reference, {"4.1": "unknown", "hurt_or_ill": "no"}, by=team.frontline)
    with pytest.raises(NotPossible) as refusal:
        services.conclude_screening(screening.reference, by=team.frontline, conclusion="no_signs", on=DAY)
    assert refusal.value.missing == "answers"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cases_screening SET conclusion = 'no_signs'",
        "UPDATE cases_answer SET said = 'no'",
        "DELETE FROM cases_answer",
    ],
)
def test_a_concluded_screening_stays_as_it_is(team: Province, change: str) -> None:
    at(Stage.PRELIMINARY, team)
    with pytest.raises(IntegrityError, match="concluded_screening_is_never_altered"):
        raw((change,))


def test_a_concluded_screening_takes_no_more_answers(team: Province) -> None:
    case = at(Stage.PRELIMINARY, team)
    with pytest.raises(NotPossible):
        services.answer_questions(case.screenings.get().reference, {"4.1": "no"}, by=team.frontline)


def test_no_signs_now_may_be_followed_by_another_screening(team: Province) -> None:
    case = opened(team)
    first = _start(team, case)
    services.answer_questions(first.reference, {"4.1": "no"}, by=team.frontline)
    services.conclude_screening(first.reference, by=team.frontline, conclusion="no_signs", on=DAY)
    second = services.start_screening(
        case.reference, by=team.frontline, profile=Profile.ADULT_LABOUR, held_on=later(3)
    )
    assert second.pk != first.pk
