"""The pages on which a case is worked, as officers use them and as strangers try them."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from kalkan.access.roles import Role
from kalkan.cases import services
from kalkan.cases.lifecycle import Outcome, Stage
from kalkan.cases.models import Case, Screening
from kalkan.persons.models import Majority
from tests.cases.pages import EPISODE, TODAY, client_of, is_on_the_case, keys_of, path_to, send
from tests.cases.story import DAY, Province, at, consented, decided, drafted, fresh, opened
from tests.factories import make_institution, make_person, make_user

pytestmark = pytest.mark.django_db


# --- the way through ---


def test_from_a_person_to_the_first_question(team: Province) -> None:
    person, client = make_person(team.police, majority=Majority.ADULT), client_of(team.frontline)
    path = reverse("cases:open", args=[person.reference])
    page = client.get(path).content.decode()
    said = {"signal": "self", "province": "TR-06", "on": TODAY, "request_key": keys_of(page)["request_key"]}
    first, second = client.post(path, said), client.post(path, said)
    case = Case.objects.get()
    assert first.url == second.url == path_to("screening", case)
    assert 'name="about"' in client.get(first.url).content.decode()
    started = client.post(first.url, {"about": "labour", "age": "adult", "place": "", "held_on": TODAY})
    assert started.url == reverse("cases:screening_page", args=[Screening.objects.get().reference, "danger"])


def test_a_whole_screening_is_few_light_pages_each_saved_when_left(team: Province) -> None:
    case, client = opened(team), client_of(team.frontline)
    screening = services.start_screening(case.reference, by=team.frontline, profile="adult_labour", held_on=DAY)
    path = reverse("cases:screening_page", args=[screening.reference, "danger"])
    pages = 0
    while "/result/" not in path:
        page = client.get(path)
        assert page.status_code == 200
        assert len(page.content) < 45_000
        names = dict.fromkeys(re.findall(r'type="radio" name="([^"]+)"', page.content.decode()))
        answers = dict.fromkeys(names, "no" if "danger" in path else "yes")
        path = client.post(path, answers | keys_of(page.content.decode())).url
        pages += 1
    assert pages == 8
    result = client.get(path).content.decode()
    assert "Signs of trafficking" in result
    done = client.post(path, {"conclusion": "signs", "dissent": "", "on": TODAY})
    assert is_on_the_case(done, case)
    assert fresh(case).stage == Stage.PRELIMINARY


def test_a_danger_shows_at_once_what_to_do(team: Province) -> None:
    case, client = opened(team), client_of(team.frontline)
    screening = services.start_screening(case.reference, by=team.frontline, profile="adult_labour", held_on=DAY)
    path = reverse("cases:screening_page", args=[screening.reference, "danger"])
    response = client.post(path, {"hurt_or_ill": "yes", "version": screening.version})
    page = client.get(response.url).content.decode()
    assert 'href="tel:112"' in page
    assert 'href="tel:157"' in page
    assert fresh(case).is_urgent


def test_a_screening_is_gone_on_with_where_it_was_left(team: Province) -> None:
    case, client = opened(team), client_of(team.frontline)
    screening = services.start_screening(case.reference, by=team.frontline, profile="adult_labour", held_on=DAY)
    path = reverse("cases:screening_page", args=[screening.reference, "danger"])
    left = client.post(path, {"hurt_or_ill": "no", "version": screening.version, "leave": "yes"})
    assert is_on_the_case(left, case)
    assert client.get(path_to("screening", case)).url.endswith("/act/")


def test_two_officers_on_one_question_see_both_answers(team: Province) -> None:
    case = opened(team)
    screening = services.start_screening(case.reference, by=team.frontline, profile="adult_labour", held_on=DAY)
    shown = screening.version
    services.answer_questions(screening.reference, {"act": "yes"}, by=team.frontline)
    path = reverse("cases:screening_page", args=[screening.reference, "act"])
    response = client_of(make_user(Role.FRONTLINE_OFFICER, team.police)).post(path, {"act": "no", "version": shown})
    assert response.status_code == 409
    page = response.content.decode()
    assert "<td>Yes</td><td>No</td>" in page
    assert int(keys_of(page)["version"]) > shown
    assert screening.answers.get().said == "yes"


def test_concluding_otherwise_without_a_reason_is_asked_about(team: Province) -> None:
    case = opened(team)
    screening = services.start_screening(case.reference, by=team.frontline, profile="adult_labour", held_on=DAY)
    services.answer_questions(screening.reference, {"4.1": "no"}, by=team.frontline)
    path = reverse("cases:screening_result", args=[screening.reference])
    said = {"conclusion": "signs", "on": TODAY, "dissent": ""}
    assert client_of(team.frontline).post(path, said).status_code == 422
    assert client_of(team.frontline).post(path, said | {"dissent": "I saw fear."}).status_code == 302


INTERVIEW = {
    "held_on": TODAY,
    "language": "tr",
    "interpreter": "not_needed",
    "rights_explained": "yes",
    "narrative": "Invented.",
}


def test_from_the_preliminary_interview_to_protection_through_pages_alone(team: Province) -> None:
    case = at(Stage.PRELIMINARY, team)
    assert is_on_the_case(send(team.frontline, "preliminary_interview", case, **INTERVIEW, request_key=uuid4()), case)
    said: dict[str, Any] = {"on": TODAY, "province": "TR-06"}
    assert b"confirmed" in send(team.frontline, "refer", case, **said).content
    assert fresh(case).stage == Stage.PRELIMINARY
    assert is_on_the_case(send(team.frontline, "refer", case, **said, confirmed="yes"), case)
    assert is_on_the_case(send(team.expert, "begin_identification", case, on=TODAY), case)
    assert is_on_the_case(send(team.expert, "identification_interview", case, **INTERVIEW, request_key=uuid4()), case)
    said = {
        "act_found": "yes",
        "means_found": "yes",
        "purpose_found": "yes",
        "proposed": "recognised",
        "grounds_codes": ["act_shown", "means_shown"],
        "provision": "recognition_ground",
        "grounds": "Invented grounds.",
        "on": TODAY,
        "request_key": uuid4(),
    }
    check = send(team.expert, "draft", case, **said).content.decode()
    assert "Invented grounds." in check
    assert check.count('name="grounds_codes"') == 2
    assert b"change" in send(team.expert, "draft", case, **said, change="yes").content
    assert is_on_the_case(send(team.expert, "draft", case, **said, confirmed="yes"), case)
    page = client_of(team.decider).get(path_to("decide", case)).content.decode()
    said = {"outcome": "recognised", "reasons": "Convincing.", "on": TODAY, "version": keys_of(page)["version"]}
    assert is_on_the_case(send(team.decider, "decide", case, **said, confirmed="yes"), case)
    waits = send(team.protector, "begin_protection", case, on=TODAY)
    assert waits.status_code == 422
    assert reverse("persons:consent", args=[case.person.reference]) in waits.content.decode()
    consented(team, fresh(case))
    assert is_on_the_case(send(team.protector, "begin_protection", case, on=TODAY), case)
    assert fresh(case).stage == Stage.PROTECTION
    assert is_on_the_case(send(team.protector, "close", case, reason="returned", on=TODAY, confirmed="yes"), case)
    assert fresh(case).stage == Stage.CLOSED


def test_the_drafter_who_became_decider_is_refused_on_the_page(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    team.expert.role = Role.DECIDING_OFFICER
    team.expert.save()
    page = client_of(team.expert).get(path_to("decide", case)).content.decode()
    assert "This draft is yours" in page
    said = {"outcome": "recognised", "reasons": "x", "on": TODAY, "version": case.version, "confirmed": "yes"}
    response = send(team.expert, "decide", case, **said)
    assert response.status_code == 422
    assert "nobody decides on a draft" in response.content.decode()
    assert fresh(case).stage == Stage.DRAFTED


def test_a_decision_on_what_has_changed_shows_both_versions(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    decided(team, case, outcome=Outcome.MORE_FACTS)
    drafted(team, fresh(case))
    said = {"outcome": "recognised", "reasons": "x", "on": TODAY, "version": case.version, "confirmed": "yes"}
    response = send(team.decider, "decide", case, **said)
    assert response.status_code == 409
    assert "conflict-title" in response.content.decode()


def test_a_refusal_is_reconsidered_on_the_page_by_another(team: Province) -> None:
    case = at(Stage.NOT_RECOGNISED, team)
    said = {"reason": "A witness came forward.", "on": TODAY, "confirmed": "yes"}
    assert send(team.expert, "reconsider", case, **said).status_code == 422
    assert is_on_the_case(send(team.other_expert, "reconsider", case, **said), case)


def test_correcting_a_case_that_somebody_else_corrected_shows_both(team: Province) -> None:
    case = opened(team)
    said = {"signal": "self", "version": case.version, "charged_articles": ["tpc_80"]}
    assert is_on_the_case(send(team.frontline, "change", case, **said), case)
    response = send(team.frontline, "change", case, **said | {"charged_articles": ["tpc_227"], "is_urgent": "on"})
    assert response.status_code == 409
    page = response.content.decode()
    assert "Penal Code 80" in page
    assert "Penal Code 227" in page
    mended = said | {"version": keys_of(page)["version"], "charged_articles": ["tpc_227"]}
    assert is_on_the_case(send(team.frontline, "change", case, **mended), case)
    assert fresh(case).charged_articles == ["tpc_227"]


def test_the_particular_form_of_exploitation_stands_on_the_page_of_the_case(team: Province) -> None:
    case, client = opened(team), client_of(team.frontline)
    path = reverse("web:case", args=[case.reference])
    services.record_episode(case.reference, by=team.frontline, forms=["sexual"])
    assert "Prostitution indoors" not in client.get(path).content.decode()
    services.record_episode(case.reference, by=team.frontline, forms=["sexual"], sub_forms=["prostitution_indoor"])
    assert "Prostitution indoors" in client.get(path).content.decode()


def test_exploitation_is_recorded_with_rough_dates_and_route_once(team: Province) -> None:
    case, key = opened(team), uuid4()
    for _time in range(2):
        assert is_on_the_case(send(team.frontline, "episode", case, **EPISODE, request_key=key), case)
    episode = case.episodes.get()
    assert (episode.began_precision, episode.ended_precision, episode.countries) == ("month", "about", ["UZ", "TR"])
    assert episode.means == ["debt_bondage"]
    assert episode.place is not None


@pytest.mark.parametrize(
    "date", ["31.02.2024", "1403", "13.2024", "2024-13-41", "yesterday", "99999", "01.01.2200", "\x00"]
)
def test_an_impossible_date_is_said_to_be_one(team: Province, date: str) -> None:
    case = opened(team)
    response = send(team.frontline, "episode", case, **EPISODE | {"began": date}, request_key=uuid4())
    assert response.status_code == 422
    assert 'id="id_began_error"' in response.content.decode()
    assert not case.episodes.exists()


def test_roles_links_and_hands(team: Province) -> None:
    case, other = at(Stage.IDENTIFICATION, team), at(Stage.IDENTIFICATION, team)
    role = {"role": "recruiter", "relation": "", "sex": "male", "citizenship": "", "request_key": uuid4()}
    assert is_on_the_case(send(team.expert, "perpetrator", case, **role), case)
    assert is_on_the_case(send(team.expert, "link", case, number=other.number, kind="same_event"), case)
    assert send(team.expert, "link", case, number="2026-06-999999", kind="same_event").status_code == 422
    assert send(team.expert, "link", case, number=case.number, kind="same_event").status_code == 422
    assert is_on_the_case(send(team.expert, "assign", case, to=team.other_expert.pk), case)
    elsewhere = make_user(Role.IDENTIFICATION_EXPERT, make_institution(province="TR-35"))
    assert send(team.expert, "assign", case, to=elsewhere.pk).status_code == 422
    assert is_on_the_case(send(team.expert, "break_off", case, reason="deceased", on=TODAY, confirmed="yes"), case)
