"""The page of a case: where it stands, what comes next and for whom, everything that happened, and no identity."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases import services
from kalkan.cases.lifecycle import Stage
from kalkan.web.selectors import way_of
from tests.cases import story
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def team() -> story.Province:
    return story.make_province_team()


@pytest.mark.parametrize("stage", Stage.values)
def test_a_case_of_every_stage_can_be_read_by_its_people(signed_in: SignIn, team: story.Province, stage: str) -> None:
    case = story.at(stage, team)
    for user in (team.frontline, team.expert, team.decider, team.protector):
        expected = 200 if user is team.frontline or case.is_with_authority else 404
        assert signed_in(user).get(f"/case/{case.reference}/").status_code == expected


@pytest.mark.parametrize(
    ("stage", "actor", "address"),
    [
        (Stage.SCREENING, "frontline", "screening"),
        (Stage.PRELIMINARY, "frontline", "preliminary-interview"),
        (Stage.REFERRED, "expert", "begin-identification"),
        (Stage.IDENTIFICATION, "expert", "identification-interview"),
        (Stage.DRAFTED, "decider", "decide"),
        (Stage.RECOGNISED, "protector", "begin-protection"),
        (Stage.PROTECTION, "protector", "close"),
    ],
)
def test_the_next_step_is_a_button_for_whom_it_is_and_a_sentence_for_the_others(
    signed_in: SignIn, team: story.Province, stage: str, actor: str, address: str
) -> None:
    case = story.at(stage, team)
    button = f'<a class="btn btn-primary btn-large" href="/cases/{case.reference}/{address}/">'
    for name in ("frontline", "expert", "decider", "protector"):
        user = getattr(team, name)
        response = signed_in(user).get(f"/case/{case.reference}/")
        if response.status_code == 404:
            continue
        page = response.content.decode()
        assert (button in page) == (name == actor or (name == "expert" and actor == "frontline")), name
        assert ("Bu adım şu rollerindir" in page) == (button not in page), name


def test_who_wrote_the_draft_has_no_button_to_decide_it(signed_in: SignIn, team: story.Province) -> None:
    case = story.at(Stage.DRAFTED, team)
    team.expert.role = Role.DECIDING_OFFICER
    team.expert.save()  # the expert was promoted after drafting
    page = signed_in(team.expert).get(f"/case/{case.reference}/").content.decode()
    assert "btn-large" not in page
    assert f"/cases/{case.reference}/decide/" not in page


def test_reading_a_case_is_recorded_on_case_and_person(signed_in: SignIn, team: story.Province) -> None:
    case = story.at(Stage.REFERRED, team)
    signed_in(team.expert).get(f"/case/{case.reference}/")
    event = AuditEvent.objects.get(action=Event.CASE_VIEWED)
    assert set(event.subjects) == {case.reference, case.person.reference}
    assert event.actor == team.expert


def test_a_long_history_costs_no_more_queries_than_a_short_one(signed_in: SignIn, team: story.Province) -> None:
    short = story.at(Stage.IDENTIFICATION, team)
    long = story.at(Stage.IDENTIFICATION, team)
    for _time in range(3):
        story.heard(team, long, kind="identification")
        services.record_episode(long.reference, by=team.expert, forms=["labour"], province="TR-06")
        services.record_alleged_perpetrator(long.reference, by=team.expert, role="recruiter")
        services.link_cases(
            long.reference, make_case(institution=team.directorate).reference, kind="family", by=team.expert
        )
        story.consented(team, long)
    client, counts = signed_in(team.expert), []
    client.get(f"/case/{short.reference}/")
    for case in (short, long):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/case/{case.reference}/").status_code == 200
        counts.append(len(queries))
    # An empty relation may save the query of what hangs on it; more rows never add one.
    assert counts[1] <= counts[0] + 1
    assert counts[1] <= 40


def test_the_timeline_tells_moves_interviews_draft_and_decision_by_both_hands(
    signed_in: SignIn, team: story.Province
) -> None:
    case = story.at(Stage.RECOGNISED, team)
    page = signed_in(team.protector).get(f"/case/{case.reference}/").content.decode()
    assert team.expert.full_name in page
    assert team.decider.full_name in page
    assert page.count('class="timeline-picture"') >= 8


@pytest.mark.parametrize("stage", Stage.values)
def test_the_way_of_a_case_has_one_current_stage_until_it_is_closed(stage: str) -> None:
    states = [mark.state for mark in way_of(stage)]
    assert states.count("current") == (0 if stage == Stage.CLOSED else 1)
    assert states == sorted(states, key=["done", "current", "ahead"].index)


def test_a_linked_case_that_one_may_not_see_is_not_mentioned(signed_in: SignIn, team: story.Province) -> None:
    case = story.at(Stage.SCREENING, team)
    other = make_case()
    case.links.create(other=other, kind="family", by=make_user())
    page = signed_in(team.frontline).get(f"/case/{case.reference}/").content.decode()
    assert other.number not in page
