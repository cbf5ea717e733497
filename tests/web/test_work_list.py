"""The first page: what waits for whom, in words, without names."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kalkan.access.roles import MATRIX, Permission, Role, Scope
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases.lifecycle import OPEN, Stage, moves_from
from kalkan.cases.models import Case, Interview
from kalkan.web.selectors import waiting_for
from tests.cases import story
from tests.factories import make_case, make_institution, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def team() -> story.Province:
    return story.make_province_team()


def numbers(page) -> list[str]:
    return [case.number for case, _step in page.context["rows"]]


@pytest.mark.parametrize("stage", sorted(OPEN))
@pytest.mark.parametrize("role", [role for role in Role if Permission.CASES_VIEW in MATRIX[role][1]])
def test_a_free_case_waits_for_exactly_those_who_may_move_it_on(stage: str, role: Role) -> None:
    home = make_institution()
    user = make_user(role, home)
    case = make_case(institution=home, stage=stage)
    permissions = {move.permission for move in moves_from(stage)}
    assert (case in waiting_for(user)) == bool(permissions & user.permissions)


def test_a_case_in_other_hands_waits_for_nobody_else(team: story.Province) -> None:
    case = story.at(Stage.IDENTIFICATION, team)
    assert case in waiting_for(team.expert)
    assert case not in waiting_for(team.other_expert)


def test_a_draft_waits_for_every_deciding_officer_but_those_who_had_a_hand_in_it(team: story.Province) -> None:
    case = story.at(Stage.DRAFTED, team)
    assert case in waiting_for(team.decider)
    assert case in waiting_for(team.other_decider)
    Interview.objects.filter(case=case, kind=Interview.Kind.IDENTIFICATION).update(by=team.decider)
    assert case not in waiting_for(team.decider)
    assert case in waiting_for(team.other_decider)


def test_overdue_work_comes_first_and_says_how_late_it_is(signed_in: SignIn) -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    today = timezone.localdate()
    for days, number in ((5, "2026-06-000005"), (-3, "2026-06-000003"), (None, "2026-06-000009")):
        due = None if days is None else today + timedelta(days=days)
        make_case(institution=officer.institution, number=number, next_due_on=due, assigned_to=officer)
    page = signed_in(officer).get("/")
    assert numbers(page) == ["2026-06-000003", "2026-06-000005", "2026-06-000009"]
    assert "3 gün gecikti" in page.content.decode()
    assert page.context["overdue"] == 1


def test_the_list_narrows_sorts_and_turns_pages(signed_in: SignIn) -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    for serial in range(25):
        make_case(
            institution=officer.institution,
            number=f"2026-06-1000{serial:02}",
            opened_on=date(2026, 1, 1) + timedelta(days=serial),
            is_urgent=serial == 7,
        )
    client = signed_in(officer)
    assert len(numbers(client.get("/"))) == 20
    assert len(numbers(client.get("/?page=2"))) == 5
    assert numbers(client.get("/?order=opened"))[0] == "2026-06-100024"
    assert numbers(client.get("/?urgent=on")) == ["2026-06-100007"]
    assert numbers(client.get("/?number=2026-06-100013")) == ["2026-06-100013"]
    assert numbers(client.get("/?stage=referred")) == []
    assert numbers(client.get("/?view=mine")) == []


@pytest.mark.parametrize(
    "query", ["stage=nothing", "order=names", "page=x", "page=-1", "view=all%00", "number=%00", "province=TR-34"]
)
def test_a_filter_that_makes_no_sense_is_no_fault(signed_in: SignIn, query: str) -> None:
    assert signed_in(Role.FRONTLINE_OFFICER).get(f"/?{query}").status_code == 200


def test_the_centre_narrows_by_province(signed_in: SignIn) -> None:
    for province in ("TR-06", "TR-34"):
        make_case(
            institution=make_institution(province=province),
            number=f"2026-{province[-2:]}-777777",
            stage=Stage.REFERRED,
        )
    client = signed_in(make_user(Role.IDENTIFICATION_EXPERT, make_institution("migration_centre", None)))
    assert numbers(client.get("/?province=TR-34")) == ["2026-34-777777"]


def test_twenty_cases_cost_as_many_queries_as_one(signed_in: SignIn) -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    client = signed_in(officer)
    counts = []
    for wanted in (1, 20):
        for _serial in range(wanted - Case.objects.count()):
            make_case(institution=officer.institution, assigned_to=make_user(institution=officer.institution))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(numbers(client.get("/?view=all"))) == wanted
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_looking_at_the_list_is_recorded_with_the_cases_shown(signed_in: SignIn) -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    case = make_case(institution=officer.institution)
    signed_in(officer).get("/")
    event = AuditEvent.objects.get(action=Event.CASES_LISTED)
    assert event.subjects == [case.reference]
    assert event.actor == officer


def test_an_empty_list_says_what_to_do_next(signed_in: SignIn) -> None:
    page = signed_in(Role.FRONTLINE_OFFICER).get("/?view=all").content.decode()
    assert "önce kişiyi arayın" in page
    assert 'href="/begin/"' in page
    shelter = signed_in(Role.SHELTER_STAFF).get("/?view=all").content.decode()
    assert "Kurumunuza yönlendirilenler" in shelter
    assert "/begin/" not in shelter


@pytest.mark.parametrize("role", [role for role in Role if MATRIX[role][0] is Scope.NONE])
def test_those_without_cases_never_reach_the_work_list(signed_in: SignIn, role: Role) -> None:
    client = signed_in(role)
    assert "rows" not in client.get("/").context
    assert client.get("/work/").status_code == 403


def test_the_centre_sees_where_work_is_late(signed_in: SignIn) -> None:
    make_case(stage=Stage.REFERRED, next_due_on=timezone.localdate() - timedelta(days=4))
    page = signed_in(make_user(Role.CENTRAL_UNIT, make_institution("migration_centre", None))).get("/")
    assert page.context["overdue"] == 1
    assert "Ankara" in page.content.decode()


def test_a_screening_begins_with_the_search_and_goes_on_with_the_person(signed_in: SignIn) -> None:
    client = signed_in(Role.FRONTLINE_OFFICER)
    assert client.get("/begin/")["Location"] == "/persons/?next=%2Fbegin%2F"
    reference = "00000000-0000-4000-8000-000000000000"
    assert client.get(f"/begin/?person={reference}")["Location"] == f"/cases/open/{reference}/"
    assert client.get("/begin/?person=nobody").status_code == 404
    assert signed_in(Role.ANALYST).get("/begin/").status_code == 403
