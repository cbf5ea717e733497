"""Pages of a case hold against strangers, wrong turns and hostile input."""

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
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from kalkan.cases.selectors import screening_pages
from kalkan.cases.urls import urlpatterns
from tests.cases.pages import client_of, is_on_the_case, path_to, send
from tests.cases.story import DAY, Province, at, fresh, heard, opened
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db


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
    stranger = client_of(make_user(Role.IDENTIFICATION_EXPERT, make_institution(province="TR-35")))
    for name, path in _paths(at(Stage.DRAFTED, team)).items():
        is_read_only = method == "post" and name == "screening_danger"
        assert getattr(stranger, method)(path).status_code == (405 if is_read_only else 404), path


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_sees_a_case_and_may_do_nothing_is_refused_and_that_is_remembered(team: Province, method: str) -> None:
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    client = client_of(centre)
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
        client = client_of(others.get(name, team.expert))
        for extra in ({}, {"confirmed": "yes"}):
            assert client.post(path, said | extra).status_code < 500, path
    assert fresh(case).stage == Stage.DRAFTED


def test_an_unknown_page_of_a_screening_is_not_found(team: Province) -> None:
    screening = services.start_screening(
        opened(team).reference, by=team.frontline, profile="adult_labour", held_on=DAY
    )
    path = reverse("cases:screening_page", args=[screening.reference, "nothing"])
    assert client_of(team.frontline).get(path).status_code == 404


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
        response = client_of(officer).get(path_to(name, case))
        if officer.institution == team.police or stage not in (Stage.SCREENING, Stage.PRELIMINARY):
            assert (response.status_code == 200) is (stage in stages), name
            assert stage in stages or is_on_the_case(response, case)
        else:
            assert response.status_code == 404


# --- oversight and what is remembered ---


def _oversee(user: User, order: str = "overdue") -> str:
    response = client_of(user).get(reverse("cases:oversight"), {"order": order})
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
    assert client_of(make_user(role, team.police)).get(reverse("cases:oversight")).status_code == 403


def test_looking_at_a_case_is_remembered(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    client_of(team.decider).get(path_to("decide", case))
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
    response = send(team.frontline, "refer", case, on=tomorrow, province="TR-06", confirmed="yes")
    assert response.status_code == 422
    assert UUID(str(case.reference))
