"""Opening: numbers, sent twice, at the same moment, and who sees what from then on."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import Http404
from django.utils import timezone

from kalkan.access.concurrency import Changed
from kalkan.access.models import InstitutionKind
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.cases import policy, services
from kalkan.cases.lifecycle import NotPossible, Outcome, Stage
from kalkan.cases.models import Case, Interview
from kalkan.persons import policy as persons_policy
from kalkan.persons.models import Holding, Majority
from tests.cases.story import DAY, Province, at, drafted, fresh, heard, later, make_province_team, opened
from tests.factories import make_institution, make_person, make_user


@pytest.mark.django_db
def test_a_number_says_year_province_and_serial(team: Province) -> None:
    assert [opened(team).number for _time in range(2)] == ["2026-06-000001", "2026-06-000002"]
    assert opened(team, on=date(2019, 12, 31)).number == "2019-06-000001"
    assert opened(team, province="TR-35").number == "2026-35-000001"


@pytest.mark.django_db
def test_the_whole_country_has_numbers_of_its_own() -> None:
    helpline = make_institution(InstitutionKind.HELPLINE, None)
    operator = make_user(Role.HELPLINE_OPERATOR, helpline)
    case = services.open_case(make_person(helpline), by=operator, signal="helpline_157", on=DAY)
    assert case.number == "2026-00-000001"
    assert case.province_id is None


@pytest.mark.django_db
def test_numbers_can_be_taken_many_at_a_time(team: Province) -> None:
    assert services.allocate_numbers(2016, "TR-06", count=3) == [f"2016-06-00000{serial}" for serial in (1, 2, 3)]
    assert services.allocate_numbers(2016, "TR-06") == ["2016-06-000004"]


@pytest.mark.django_db
def test_a_form_sent_twice_opens_one_case(team: Province) -> None:
    key, person = uuid4(), make_person(team.police)
    first, second = (opened(team, person=person, request_key=key) for _time in range(2))
    assert first == second
    assert Case.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "missing"),
    [({"signal": "hearsay"}, "signal"), ({"on": "tomorrow"}, "on"), ({"province": "TR-99"}, "province")],
)
def test_what_cannot_be_is_refused_in_words(team: Province, change: dict[str, Any], missing: str) -> None:
    tomorrow = timezone.localdate() + timezone.timedelta(days=1)
    values = {"signal": "self", "on": DAY} | {
        name: tomorrow if value == "tomorrow" else value for name, value in change.items()
    }
    with pytest.raises(NotPossible) as refusal:
        services.open_case(make_person(team.police), by=team.frontline, **values)
    assert refusal.value.missing == missing
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_a_case_is_opened_only_for_a_person_whom_the_officer_sees(team: Province) -> None:
    stranger = make_person(make_institution(InstitutionKind.NGO, "TR-35"))
    with pytest.raises(Http404):
        services.open_case(stranger, by=team.frontline, signal="self", on=DAY)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.DECIDING_OFFICER, Role.PROTECTION_OFFICER, Role.ANALYST, Role.PARTNER])
def test_who_does_not_screen_opens_no_case(team: Province, role: str) -> None:
    officer = make_user(role, team.police)
    with pytest.raises(Refused):
        services.open_case(make_person(team.police), by=officer, signal="self", on=DAY)


# --- who sees it ---


@pytest.mark.django_db
def test_the_province_sees_case_and_person_from_the_referral_on(team: Province) -> None:
    person = make_person()
    Holding.objects.create(person=person, institution=team.police)
    case = at(Stage.PRELIMINARY, team, person=person)
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    colleague = make_user(Role.FRONTLINE_OFFICER, team.police)

    def seen_by(user: Any) -> tuple[bool, bool]:
        return (
            policy.cases.visible(user).filter(pk=case.pk).exists(),
            persons_policy.persons.visible(user).filter(pk=case.person_id).exists(),
        )

    assert seen_by(team.expert) == (False, False)
    assert seen_by(colleague) == (True, True)
    assert seen_by(centre) == (True, True)
    heard(team, case)
    services.refer_for_identification(case.reference, by=team.frontline, on=DAY)
    assert seen_by(team.expert) == seen_by(team.decider) == seen_by(team.protector) == (True, True)
    assert seen_by(colleague) == (True, True)
    elsewhere = make_province_team("TR-35")
    assert seen_by(elsewhere.expert) == seen_by(elsewhere.frontline) == (False, False)


@pytest.mark.django_db
def test_a_case_of_the_whole_country_goes_to_the_province_that_the_referral_names() -> None:
    team = make_province_team("TR-35")
    helpline = make_institution(InstitutionKind.HELPLINE, None)
    team.police, team.frontline = helpline, make_user(Role.HELPLINE_OPERATOR, helpline)
    case = at(Stage.PRELIMINARY, team)
    heard(team, case)
    with pytest.raises(NotPossible) as refusal:
        services.refer_for_identification(case.reference, by=team.frontline, on=DAY)
    assert refusal.value.missing == "province"
    services.refer_for_identification(case.reference, by=team.frontline, on=DAY, province="TR-35")
    assert policy.cases.visible(team.expert).get() == case
    assert persons_policy.persons.visible(team.expert).get() == case.person


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_every_role_sees_what_its_scope_says(team: Province, role: str) -> None:
    referred, unreferred = at(Stage.REFERRED, team), at(Stage.SCREENING, team)
    here, elsewhere = make_user(role, team.directorate), make_user(role, make_institution(province="TR-35"))
    expected = {
        "nation": ({referred, unreferred}, {referred, unreferred}),
        "province": ({referred}, set()),
        "institution": (set(), set()),
        "none": (set(), set()),
    }[here.scope]
    assert (set(policy.cases.visible(here)), set(policy.cases.visible(elsewhere))) == expected


# --- in whose hands ---


@pytest.mark.django_db
def test_a_case_goes_from_hand_to_hand_along_its_way(team: Province) -> None:
    case = at(Stage.SCREENING, team)
    assert case.assigned_to == team.frontline
    for stage, officer in (
        (Stage.REFERRED, None),
        (Stage.IDENTIFICATION, team.expert),
        (Stage.RECOGNISED, None),
        (Stage.PROTECTION, team.protector),
    ):
        assert at(stage, team).assigned_to == officer


@pytest.mark.django_db
def test_a_case_is_assigned_to_who_can_see_it(team: Province) -> None:
    case = at(Stage.IDENTIFICATION, team)
    services.assign_case(case.reference, to=team.other_expert, by=team.expert)
    assert fresh(case).assigned_to == team.other_expert
    stranger = make_user(Role.IDENTIFICATION_EXPERT, make_institution(province="TR-35"))
    with pytest.raises(NotPossible) as refusal:
        services.assign_case(case.reference, to=stranger, by=team.expert)
    assert refusal.value.missing == "to"
    with pytest.raises(Refused):
        services.assign_case(case.reference, to=team.frontline, by=team.frontline)


# --- corrections, links, roles ---


def _change(team: Province, case: Case, **said: Any) -> Case:
    values = {"version": case.version, "signal": "self", "is_urgent": False, "is_child": False, "charged_articles": []}
    return services.change_case(case.reference, **{"by": team.frontline} | values | said)


@pytest.mark.django_db
def test_the_charged_article_is_recorded_beside_the_offence(team: Province) -> None:
    case = _change(team, opened(team), charged_articles=["tpc_79", "tpc_227", "tpc_79"])
    assert fresh(case).charged_articles == ["tpc_79", "tpc_227"]


@pytest.mark.django_db
def test_a_case_changed_by_another_is_not_overwritten(team: Province) -> None:
    case = opened(team)
    _change(team, case, is_urgent=True)
    with pytest.raises(Changed):
        _change(team, case)
    assert fresh(case).is_urgent


@pytest.mark.django_db
def test_the_rules_for_children_cannot_be_taken_from_a_child(team: Province) -> None:
    case = opened(team, person=make_person(team.police, majority=Majority.CHILD))
    with pytest.raises(NotPossible) as refusal:
        _change(team, case)
    assert refusal.value.missing == "is_child"


@pytest.mark.django_db
def test_an_adult_who_was_a_child_then_has_the_rules_for_children(team: Province) -> None:
    case = opened(team)
    screening = services.start_screening(case.reference, by=team.frontline, profile="adult_sexual", held_on=DAY)
    _change(team, case, is_child=True)
    screening.refresh_from_db()
    assert screening.profile == "child_sexual"


@pytest.mark.django_db
def test_only_an_expert_takes_the_rules_for_children_from_a_case(team: Province) -> None:
    case = at(Stage.REFERRED, team, person=make_person(team.police, majority=Majority.CHILD))
    case.person.majority = Majority.ADULT
    case.person.save()
    with pytest.raises(NotPossible) as refusal:
        _change(team, case)
    assert refusal.value.missing == "is_child"
    assert not _change(team, fresh(case), by=team.expert).is_child


@pytest.mark.django_db
def test_a_closed_case_is_not_changed(team: Province) -> None:
    case = at(Stage.CLOSED, team)
    for act in (
        lambda: _change(team, case),
        lambda: services.record_episode(case.reference, by=team.frontline, forms=["labour"]),
        lambda: services.record_alleged_perpetrator(case.reference, by=team.frontline, role="recruiter"),
    ):
        with pytest.raises(NotPossible):
            act()


@pytest.mark.django_db
def test_two_cases_of_one_event_are_linked_once_from_either_side(team: Province) -> None:
    one, other = opened(team), opened(team)
    services.link_cases(one.reference, other.reference, kind="same_event", by=team.frontline)
    services.link_cases(other.reference, one.reference, kind="same_event", by=team.frontline)
    assert one.links.count() + one.links_from.count() == 1
    with pytest.raises(NotPossible):
        services.link_cases(one.reference, one.reference, kind="same_event", by=team.frontline)
    with pytest.raises(Http404):
        services.link_cases(
            one.reference, opened(make_province_team("TR-35")).reference, kind="family", by=team.frontline
        )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({"forms": []}, "forms"),
        ({"forms": ["fun"]}, "exploitation_form"),
        ({"forms": ["labour"], "province": "TR-99"}, "province"),
        ({"forms": ["labour"], "began_on": later(5), "ended_on": DAY}, "ended_on"),
        ({"forms": ["labour"], "ended_on": date(2200, 1, 1)}, "began_on"),
    ],
)
def test_an_impossible_episode_is_refused(team: Province, said: dict[str, Any], missing: str) -> None:
    with pytest.raises(NotPossible) as refusal:
        services.record_episode(opened(team).reference, by=team.frontline, **said)
    assert refusal.value.missing == missing


@pytest.mark.django_db
def test_a_roughly_known_end_may_stand_before_an_exact_beginning(team: Province) -> None:
    episode = services.record_episode(
        opened(team).reference,
        by=team.frontline,
        forms=["labour"],
        means=["debt_bondage"],
        countries=["UZ", "TR"],
        began_on=date(2025, 5, 1),
        ended_on=date(2025, 1, 1),
        ended_precision="year",
    )
    assert (episode.ended_precision, episode.countries) == ("year", ["UZ", "TR"])


@pytest.mark.django_db
def test_there_is_nowhere_to_put_the_name_of_a_suspect() -> None:
    from kalkan.cases.models import AllegedPerpetrator

    fields = {field.name for field in AllegedPerpetrator._meta.get_fields()}
    assert fields == {
        "id",
        "reference",
        "case",
        "role",
        "relation",
        "sex",
        "citizenship",
        "by",
        "recorded_at",
        "request_key",
    }


@pytest.mark.django_db
def test_a_childs_interview_says_who_represented_the_child(team: Province) -> None:
    case = at(Stage.PRELIMINARY, team, person=make_person(team.police, majority=Majority.CHILD))
    with pytest.raises(NotPossible) as refusal:
        heard(team, case, guardian="")
    assert refusal.value.missing == "guardian"


# --- at the same moment ---


def _together(count: int, act: Callable[[int], Any]) -> list[Any]:
    def run(number: int) -> Any:
        try:
            return act(number)
        except (NotPossible, Changed) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_cases_opened_at_the_same_moment_have_different_numbers() -> None:
    team = make_province_team()
    people = [make_person(team.police) for _number in range(8)]
    found = _together(8, lambda number: opened(team, person=people[number]).number)
    assert sorted(found) == [f"2026-06-{serial:06d}" for serial in range(1, 9)]


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_many_times_at_the_same_moment_opens_one_case() -> None:
    team = make_province_team()
    key, person = uuid4(), make_person(team.police)
    found = _together(6, lambda _number: opened(team, person=person, request_key=key).pk)
    assert len(set(found)) == 1
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_the_same_moment_one_stands() -> None:
    team = make_province_team()
    case = at(Stage.DRAFTED, team)
    deciders = (team.decider, team.other_decider)

    def decide(number: int) -> Any:
        outcome = (Outcome.RECOGNISED, Outcome.NOT_RECOGNISED)[number]
        return services.decide(
            case.reference, by=deciders[number], on=DAY, outcome=outcome, reasons="x", version=case.version
        ).outcome

    found = _together(2, decide)
    refused = [one for one in found if isinstance(one, Changed)]
    assert len(refused) == 1
    assert case.decisions.get().outcome in found
    assert fresh(case).stage == case.decisions.get().outcome


@pytest.mark.django_db(transaction=True)
def test_of_two_drafts_at_the_same_moment_one_stands() -> None:
    team = make_province_team()
    case = at(Stage.IDENTIFICATION, team)
    heard(team, case, kind=Interview.Kind.IDENTIFICATION)
    experts = (team.expert, team.other_expert)
    found = _together(2, lambda number: drafted(team, case, by=experts[number]).pk)
    assert sum(isinstance(one, NotPossible) for one in found) == 1
    assert case.decisions.count() == 1
