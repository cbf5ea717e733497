"""What pages ask and do not ask about a child."""

from uuid import uuid4

import pytest
from django.urls import reverse

from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Interview, Screening
from kalkan.persons.models import Majority
from tests.cases.pages import EPISODE, TODAY, client_of, is_on_the_case, path_to, send
from tests.cases.story import Province, at, heard, opened
from tests.factories import make_person

pytestmark = pytest.mark.django_db


# --- children ---


def test_no_page_of_a_childs_case_asks_for_means(team: Province) -> None:
    case = at(Stage.IDENTIFICATION, team, person=make_person(team.police, majority=Majority.PRESUMED_CHILD))
    assert 'name="guardian"' in client_of(team.expert).get(path_to("identification_interview", case)).content.decode()
    heard(team, case, kind=Interview.Kind.IDENTIFICATION)
    draft = client_of(team.expert).get(path_to("draft", case)).content.decode()
    assert 'name="act_found"' in draft
    assert "means_found" not in draft
    assert "means_shown" not in draft
    episode = client_of(team.expert).get(path_to("episode", case)).content.decode()
    assert 'name="forms_found"' in episode
    assert 'name="means"' not in episode


def test_a_childs_screening_asks_no_age_and_tests_no_means(team: Province) -> None:
    case, client = opened(team, person=make_person(team.police, majority=Majority.CHILD)), client_of(team.frontline)
    assert 'name="age"' not in client.get(path_to("screening", case)).content.decode()
    client.post(path_to("screening", case), {"about": "sexual", "held_on": TODAY})
    screening = Screening.objects.get()
    assert screening.profile == "child_sexual"
    result = client.get(reverse("cases:screening_result", args=[screening.reference])).content.decode()
    assert "Not asked: for a child the means do not matter" in result


def test_means_sent_for_a_child_all_the_same_are_not_kept(team: Province) -> None:
    case = opened(team, person=make_person(team.police, majority=Majority.CHILD))
    assert is_on_the_case(send(team.frontline, "episode", case, **EPISODE, request_key=uuid4()), case)
    assert case.episodes.get().means == []
