"""The pages on which a case is worked, as officers use them and as strangers try them."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from kalkan.access.models import InstitutionKind, User
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases import services
from kalkan.cases.lifecycle import Outcome, Stage
from kalkan.cases.models import Case, Interview, Screening
from kalkan.cases.selectors import screening_pages
from kalkan.cases.urls import urlpatterns
from kalkan.persons.models import Majority
from tests.cases.story import DAY, Province, at, consented, decided, drafted, fresh, heard, opened
from tests.factories import make_institution, make_person, make_user

pytestmark = pytest.mark.django_db
TODAY = "2026-03-02"


def _client(user: User) -> Client:
    user.language = "en"
    user.save(update_fields=["language"])
    client = Client()
    client.force_login(user)
    return client


def _path(name: str, case: Case) -> str:
    return reverse(f"cases:{name}", args=[case.reference])


def _send(user: User, name: str, case: Case, /, **said: Any) -> Any:
    return _client(user).post(_path(name, case), said)


def _on_the_case(response: Any, case: Case) -> bool:
    return response.status_code == 302 and response.url == reverse("web:case", args=[case.reference])


def _keys(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(request_key|version)" value="([^"]+)"', page))


# --- the way through ---


def test_from_a_person_to_the_first_question(team: Province) -> None:
    person, client = make_person(team.police, majority=Majority.ADULT), _client(team.frontline)
    path = reverse("cases:open", args=[person.reference])
    page = client.get(path).content.decode()
    said = {"signal": "self", "province": "TR-06", "on": TODAY, "request_key": _keys(page)["request_key"]}
    first, second = client.post(path, said), client.post(path, said)
    case = Case.objects.get()
    assert first.url == second.url == _path("screening", case)
    assert 'name="about"' in client.get(first.url).content.decode()
    started = client.post(first.url, {"about": "labour", "age": "adult", "place": "", "held_on": TODAY})
    assert started.url == reverse("cases:screening_page", args=[Screening.objects.get().reference, "danger"])


def test_a_whole_screening_is_few_light_pages_each_saved_when_left(team: Province) -> None:
    case, client = opened(team), _client(team.frontline)
    screening = services.start_screening(case.reference, by=team.frontline, profile="adult_labour", held_on=DAY)
    path = reverse("cases:screening_page", args=[screening.reference, "danger"])
    pages = 0
    while "/result/" not in path:
        page = client.get(path)
        assert page.status_code == 200
        assert len(page.content) < 45_000
        names = dict.fromkeys(re.findall(r'type="radio" name="([^"]+)"', page.content.decode()))
        answers = dict.fromkeys(names, "no" if "danger" in path else "yes")
        path = client.post(path, answers | _keys(page.content.decode())).url
        pages += 1
    assert pages == 8
    result = client.get(path).content.decode()
    assert "Signs of trafficking" in result
    done = client.post(path, {"conclusion": "signs", "dissent": "", "on": TODAY})
    assert _on_the_case(done, case)
    assert fresh(case).stage == Stage.PRELIMINARY


def test_a_danger_shows_at_once_what_to_do(team: Province) -> None:
    case, client = opened(team), _client(team.frontline)
    screening = services.start_screening(case.reference, by=team.frontline, profile="adult_labour", held_on=DAY)
    path = reverse("cases:screening_page", args=[screening.reference, "danger"])
    response = client.post(path, {"hurt_or_ill": "yes", "version": screening.version})
    page = client.get(response.url).content.decode()
    assert 'href="tel:112"' in page
    assert 'href="tel:157"' in page
    assert fresh(case).is_urgent


def test_a_screening_is_gone_on_with_where_it_was_left(team: Province) -> None:
    case, client = opened(team), _client(team.frontline)
    screening = services.start_screening(case.reference, by=team.frontline, profile="adult_labour", held_on=DAY)
    path = reverse("cases:screening_page", args=[screening.reference, "danger"])
    left = client.post(path, {"hurt_or_ill": "no", "version": screening.version, "leave": "yes"})
    assert _on_the_case(left, case)
    assert client.get(_path("screening", case)).url.endswith("/act/")


def test_two_officers_on_one_question_see_both_answers(team: Province) -> None:
    case = opened(team)
    screening = services.start_screening(case.reference, by=team.frontline, profile="adult_labour", held_on=DAY)
    shown = screening.version
    services.answer_questions(screening.reference, {"act": "yes"}, by=team.frontline)
    path = reverse("cases:screening_page", args=[screening.reference, "act"])
    response = _client(make_user(Role.FRONTLINE_OFFICER, team.police)).post(path, {"act": "no", "version": shown})
    assert response.status_code == 409
    page = response.content.decode()
    assert "<td>Yes</td><td>No</td>" in page
    assert int(_keys(page)["version"]) > shown
    assert screening.answers.get().said == "yes"


def test_concluding_otherwise_without_a_reason_is_asked_about(team: Province) -> None:
    case = opened(team)
    screening = services.start_screening(case.reference, by=team.frontline, profile="adult_labour", held_on=DAY)
    services.answer_questions(screening.reference, {"4.1": "no"}, by=team.frontline)
    path = reverse("cases:screening_result", args=[screening.reference])
    said = {"conclusion": "signs", "on": TODAY, "dissent": ""}
    assert _client(team.frontline).post(path, said).status_code == 422
    assert _client(team.frontline).post(path, said | {"dissent": "I saw fear."}).status_code == 302


INTERVIEW = {
    "held_on": TODAY,
    "language": "tr",
    "interpreter": "not_needed",
    "rights_explained": "yes",
    "narrative": "Invented.",
}


def test_from_the_preliminary_interview_to_protection_through_pages_alone(team: Province) -> None:
    case = at(Stage.PRELIMINARY, team)
    assert _on_the_case(_send(team.frontline, "preliminary_interview", case, **INTERVIEW, request_key=uuid4()), case)
    said: dict[str, Any] = {"on": TODAY, "province": "TR-06"}
    assert b"confirmed" in _send(team.frontline, "refer", case, **said).content
    assert fresh(case).stage == Stage.PRELIMINARY
    assert _on_the_case(_send(team.frontline, "refer", case, **said, confirmed="yes"), case)
    assert _on_the_case(_send(team.expert, "begin_identification", case, on=TODAY), case)
    assert _on_the_case(_send(team.expert, "identification_interview", case, **INTERVIEW, request_key=uuid4()), case)
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
    check = _send(team.expert, "draft", case, **said).content.decode()
    assert "Invented grounds." in check
    assert check.count('name="grounds_codes"') == 2
    assert b"change" in _send(team.expert, "draft", case, **said, change="yes").content
    assert _on_the_case(_send(team.expert, "draft", case, **said, confirmed="yes"), case)
    page = _client(team.decider).get(_path("decide", case)).content.decode()
    said = {"outcome": "recognised", "reasons": "Convincing.", "on": TODAY, "version": _keys(page)["version"]}
    assert _on_the_case(_send(team.decider, "decide", case, **said, confirmed="yes"), case)
    waits = _send(team.protector, "begin_protection", case, on=TODAY)
    assert waits.status_code == 422
    assert reverse("persons:consent", args=[case.person.reference]) in waits.content.decode()
    consented(team, fresh(case))
    assert _on_the_case(_send(team.protector, "begin_protection", case, on=TODAY), case)
    assert fresh(case).stage == Stage.PROTECTION
    assert _on_the_case(_send(team.protector, "close", case, reason="returned", on=TODAY, confirmed="yes"), case)
    assert fresh(case).stage == Stage.CLOSED


def test_the_drafter_who_became_decider_is_refused_on_the_page(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    team.expert.role = Role.DECIDING_OFFICER
    team.expert.save()
    page = _client(team.expert).get(_path("decide", case)).content.decode()
    assert "This draft is yours" in page
    said = {"outcome": "recognised", "reasons": "x", "on": TODAY, "version": case.version, "confirmed": "yes"}
    response = _send(team.expert, "decide", case, **said)
    assert response.status_code == 422
    assert "nobody decides on a draft" in response.content.decode()
    assert fresh(case).stage == Stage.DRAFTED


def test_a_decision_on_what_has_changed_shows_both_versions(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    decided(team, case, outcome=Outcome.MORE_FACTS)
    drafted(team, fresh(case))
    said = {"outcome": "recognised", "reasons": "x", "on": TODAY, "version": case.version, "confirmed": "yes"}
    response = _send(team.decider, "decide", case, **said)
    assert response.status_code == 409
    assert "conflict-title" in response.content.decode()


def test_a_refusal_is_reconsidered_on_the_page_by_another(team: Province) -> None:
    case = at(Stage.NOT_RECOGNISED, team)
    said = {"reason": "A witness came forward.", "on": TODAY, "confirmed": "yes"}
    assert _send(team.expert, "reconsider", case, **said).status_code == 422
    assert _on_the_case(_send(team.other_expert, "reconsider", case, **said), case)


def test_correcting_a_case_that_somebody_else_corrected_shows_both(team: Province) -> None:
    case = opened(team)
    said = {"signal": "self", "version": case.version, "charged_articles": ["tpc_80"]}
    assert _on_the_case(_send(team.frontline, "change", case, **said), case)
    response = _send(team.frontline, "change", case, **said | {"charged_articles": ["tpc_227"], "is_urgent": "on"})
    assert response.status_code == 409
    page = response.content.decode()
    assert "Penal Code 80" in page
    assert "Penal Code 227" in page
    mended = said | {"version": _keys(page)["version"], "charged_articles": ["tpc_227"]}
    assert _on_the_case(_send(team.frontline, "change", case, **mended), case)
    assert fresh(case).charged_articles == ["tpc_227"]


EPISODE = {
    "forms_found": ["labour", "begging"],
    "sector": "",
    "began": "05.2024",
    "ended": "~2025",
    "province": "TR-34",
    "place": "A workshop",
    "means": ["debt_bondage"],
    "recruitment": [],
    "recruiter_relation": "employer",
    "country_1": "UZ",
    "country_2": "",
    "country_3": "",
    "country_4": "TR",
}


def test_exploitation_is_recorded_with_rough_dates_and_route_once(team: Province) -> None:
    case, key = opened(team), uuid4()
    for _time in range(2):
        assert _on_the_case(_send(team.frontline, "episode", case, **EPISODE, request_key=key), case)
    episode = case.episodes.get()
    assert (episode.began_precision, episode.ended_precision, episode.countries) == ("month", "about", ["UZ", "TR"])
    assert episode.means == ["debt_bondage"]
    assert episode.place is not None


@pytest.mark.parametrize(
    "date", ["31.02.2024", "1403", "13.2024", "2024-13-41", "yesterday", "99999", "01.01.2200", "\x00"]
)
def test_an_impossible_date_is_said_to_be_one(team: Province, date: str) -> None:
    case = opened(team)
    response = _send(team.frontline, "episode", case, **EPISODE | {"began": date}, request_key=uuid4())
    assert response.status_code == 422
    assert 'id="id_began_error"' in response.content.decode()
    assert not case.episodes.exists()


def test_roles_links_and_hands(team: Province) -> None:
    case, other = at(Stage.IDENTIFICATION, team), at(Stage.IDENTIFICATION, team)
    role = {"role": "recruiter", "relation": "", "sex": "male", "citizenship": "", "request_key": uuid4()}
    assert _on_the_case(_send(team.expert, "perpetrator", case, **role), case)
    assert _on_the_case(_send(team.expert, "link", case, number=other.number, kind="same_event"), case)
    assert _send(team.expert, "link", case, number="2026-06-999999", kind="same_event").status_code == 422
    assert _send(team.expert, "link", case, number=case.number, kind="same_event").status_code == 422
    assert _on_the_case(_send(team.expert, "assign", case, to=team.other_expert.pk), case)
    elsewhere = make_user(Role.IDENTIFICATION_EXPERT, make_institution(province="TR-35"))
    assert _send(team.expert, "assign", case, to=elsewhere.pk).status_code == 422
    assert _on_the_case(_send(team.expert, "break_off", case, reason="deceased", on=TODAY, confirmed="yes"), case)


# --- children ---


def test_no_page_of_a_childs_case_asks_for_means(team: Province) -> None:
    case = at(Stage.IDENTIFICATION, team, person=make_person(team.police, majority=Majority.PRESUMED_CHILD))
    assert 'name="guardian"' in _client(team.expert).get(_path("identification_interview", case)).content.decode()
    heard(team, case, kind=Interview.Kind.IDENTIFICATION)
    draft = _client(team.expert).get(_path("draft", case)).content.decode()
    assert 'name="act_found"' in draft
    assert "means_found" not in draft
    assert "means_shown" not in draft
    episode = _client(team.expert).get(_path("episode", case)).content.decode()
    assert 'name="forms_found"' in episode
    assert 'name="means"' not in episode


def test_a_childs_screening_asks_no_age_and_tests_no_means(team: Province) -> None:
    case, client = opened(team, person=make_person(team.police, majority=Majority.CHILD)), _client(team.frontline)
    assert 'name="age"' not in client.get(_path("screening", case)).content.decode()
    client.post(_path("screening", case), {"about": "sexual", "held_on": TODAY})
    screening = Screening.objects.get()
    assert screening.profile == "child_sexual"
    result = client.get(reverse("cases:screening_result", args=[screening.reference])).content.decode()
    assert "Not asked: for a child the means do not matter" in result


def test_means_sent_for_a_child_all_the_same_are_not_kept(team: Province) -> None:
    case = opened(team, person=make_person(team.police, majority=Majority.CHILD))
    assert _on_the_case(_send(team.frontline, "episode", case, **EPISODE, request_key=uuid4()), case)
    assert case.episodes.get().means == []


# --- sealed words ---


def test_a_sealed_text_is_read_for_a_purpose_and_remembered(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    sealed = case.decisions.get().grounds
    assert sealed is not None
    path = reverse("cases:text", args=[case.reference, sealed.reference])
    client = _client(team.decider)
    assert "Invented grounds" not in client.get(path).content.decode()
    assert client.post(path, {"purpose": "curiosity"}).status_code == 422
    assert "Invented grounds" in client.post(path, {"purpose": "identification"}).content.decode()
    assert AuditEvent.objects.filter(action=Event.TEXT_READ, actor=team.decider).count() == 1


def test_a_sealed_text_is_not_read_through_another_case(team: Province) -> None:
    case, other = at(Stage.DRAFTED, team), at(Stage.DRAFTED, team)
    sealed = case.decisions.get().grounds
    assert sealed is not None
    path = reverse("cases:text", args=[other.reference, sealed.reference])
    assert _client(team.decider).post(path, {"purpose": "identification"}).status_code == 404


def test_the_centre_reads_no_sealed_text(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    sealed = case.decisions.get().grounds
    assert sealed is not None
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    path = reverse("cases:text", args=[case.reference, sealed.reference])
    assert _client(centre).post(path, {"purpose": "identification"}).status_code == 403


# --- strangers ---


def _paths(case: Case) -> dict[str, str]:
    screening = case.screenings.first()
    assert screening is not None
    found = {}
    for pattern in urlpatterns:
        match pattern.name:
            case "oversight":
                continue
            case "open":
                arguments: list[Any] = [case.person.reference]
            case "text" | "open_file" | "remove_file":
                arguments = [case.reference, uuid4()]
            case "screening_page":
                arguments = [screening.reference, "act"]
            case name if str(name).startswith("screening_"):
                arguments = [screening.reference]
            case _:
                arguments = [case.reference]
        found[str(pattern.name)] = reverse(f"cases:{pattern.name}", args=arguments)
    return found


def test_nobody_sees_a_page_without_signing_in(team: Province) -> None:
    for path in [*_paths(at(Stage.DRAFTED, team)).values(), reverse("cases:oversight")]:
        response = Client().get(path)
        assert (response.status_code, "login" in response.url) == (302, True), path


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_cannot_learn_that_the_case_exists(team: Province, method: str) -> None:
    stranger = _client(make_user(Role.IDENTIFICATION_EXPERT, make_institution(province="TR-35")))
    for name, path in _paths(at(Stage.DRAFTED, team)).items():
        is_read_only = method == "post" and name == "screening_danger"
        assert getattr(stranger, method)(path).status_code == (405 if is_read_only else 404), path


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_sees_a_case_and_may_do_nothing_is_refused_and_that_is_remembered(team: Province, method: str) -> None:
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    client = _client(centre)
    paths = _paths(at(Stage.DRAFTED, team))
    if method == "post":
        del paths["screening_danger"]
    for path in paths.values():
        assert getattr(client, method)(path).status_code == 403, path
    assert AuditEvent.objects.filter(action=Event.REFUSED, actor=centre).count() == len(paths)


HOSTILE = [
    "",
    "\x00",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "=1+1",
    "9" * 400,
    "-1",
    "﷽" * 50,
    "{{ 7*7 }}",
    "../..",
]


NAMES = [
    "signal",
    "province",
    "on",
    "request_key",
    "about",
    "age",
    "place",
    "held_on",
    "version",
    "4.1",
    "act",
    "conclusion",
    "dissent",
    "language",
    "guardian",
    "interpreter",
    "rights_explained",
    "narrative",
    "act_found",
    "means_found",
    "purpose_found",
    "proposed",
    "grounds_codes",
    "provision",
    "grounds",
    "outcome",
    "reasons",
    "reason",
    "forms_found",
    "began",
    "ended",
    "country_1",
    "role",
    "number",
    "kind",
    "to",
    "is_child",
    "charged_articles",
    "purpose",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_input_is_never_a_server_error(team: Province, value: str) -> None:
    case = at(Stage.DRAFTED, team)
    said = dict.fromkeys(NAMES, value)
    others = {"decide": team.decider, "begin_protection": team.protector, "close": team.protector}
    for name, path in _paths(case).items():
        client = _client(others.get(name, team.expert))
        for extra in ({}, {"confirmed": "yes"}):
            assert client.post(path, said | extra).status_code < 500, path
    assert fresh(case).stage == Stage.DRAFTED


def test_an_unknown_page_of_a_screening_is_not_found(team: Province) -> None:
    screening = services.start_screening(
        opened(team).reference, by=team.frontline, profile="adult_labour", held_on=DAY
    )
    path = reverse("cases:screening_page", args=[screening.reference, "nothing"])
    assert _client(team.frontline).get(path).status_code == 404


@pytest.mark.parametrize("stage", list(Stage))
def test_a_step_out_of_turn_leads_back_to_the_case_with_a_reason(team: Province, stage: Stage) -> None:
    case = at(stage, team)
    steps = {
        "refer": (team.frontline, {Stage.PRELIMINARY}),
        "begin_identification": (team.expert, {Stage.REFERRED}),
        "draft": (team.expert, {Stage.IDENTIFICATION}),
        "decide": (team.decider, {Stage.DRAFTED}),
        "begin_protection": (team.protector, {Stage.RECOGNISED}),
        "reconsider": (team.other_expert, {Stage.NOT_RECOGNISED}),
    }
    for name, (officer, stages) in steps.items():
        response = _client(officer).get(_path(name, case))
        if officer.institution == team.police or stage not in (Stage.SCREENING, Stage.PRELIMINARY):
            assert (response.status_code == 200) is (stage in stages), name
            assert stage in stages or _on_the_case(response, case)
        else:
            assert response.status_code == 404


# --- oversight and what is remembered ---


def _oversee(user: User, order: str = "overdue") -> str:
    response = _client(user).get(reverse("cases:oversight"), {"order": order})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("order", ["overdue", "oldest", "open", "name", "'; --"])
def test_the_centre_sees_every_province_and_no_case(team: Province, order: str) -> None:
    case = at(Stage.PRELIMINARY, team)
    page = _oversee(make_user(Role.COMMISSION_SECRETARIAT), order)
    assert page.count('<th scope="row">') == 82
    assert case.number not in page
    assert str(case.reference) not in page


def test_a_province_oversees_itself(team: Province) -> None:
    at(Stage.REFERRED, team)
    assert _oversee(team.expert).count('<th scope="row">') == 2


@pytest.mark.parametrize("role", [Role.FRONTLINE_OFFICER, Role.ANALYST, Role.PARTNER])
def test_who_does_not_oversee_is_refused(team: Province, role: str) -> None:
    assert _client(make_user(role, team.police)).get(reverse("cases:oversight")).status_code == 403


def test_looking_at_a_case_is_remembered(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    _client(team.decider).get(_path("decide", case))
    event = AuditEvent.objects.filter(action=Event.CASE_VIEWED, actor=team.decider).get()
    assert set(event.subjects) == {case.reference, case.person.reference}


def test_no_name_and_no_free_text_stands_in_an_address() -> None:
    for pattern in urlpatterns:
        assert set(pattern.pattern.converters) <= {"reference", "person", "text", "page", "file"}


def test_every_page_of_the_screening_speaks_turkish(team: Province) -> None:
    screening = services.start_screening(
        opened(team).reference, by=team.frontline, profile="adult_sexual", held_on=DAY
    )
    with override("tr"):
        titles = [str(page.title) for page in screening_pages(screening)]
        leads = [str(page.lead) for page in screening_pages(screening)]
    assert "Şu anda tehlike var mı?" in titles
    assert len(set(leads)) == 8
    assert not any(re.search(r"\b(the|was|did)\b", text) for text in [*titles, *leads])


def test_a_day_to_come_is_refused_on_every_form(team: Province) -> None:
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    case = at(Stage.PRELIMINARY, team)
    heard(team, case)
    response = _send(team.frontline, "refer", case, on=tomorrow, province="TR-06", confirmed="yes")
    assert response.status_code == 422
    assert UUID(str(case.reference))
