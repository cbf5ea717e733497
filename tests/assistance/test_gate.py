"""The gate: who may not be removed, who must be screened first, and what the answer tells."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from typer.testing import CliRunner

from kalkan.access.models import InstitutionKind, User
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.access.session import Task, acting, beyond_reach
from kalkan.assistance.commands import app
from kalkan.assistance.forms.gate import details
from kalkan.assistance.lifecycle.gate import RULES, Reason, Verdict, verdict_of
from kalkan.assistance.models import GateCheck, Promise
from kalkan.assistance.selectors.promises import open_promises
from kalkan.assistance.selectors.removal import is_removable
from kalkan.assistance.services.gate import ask_gate, close_check, told
from kalkan.assistance.services.permits import grant_permit, request_permit
from kalkan.audit.models import AuditEvent, Channel
from kalkan.cases.lifecycle import NotPossible, Stage
from kalkan.cases.models import Case, Screening
from kalkan.persons import services as persons
from kalkan.persons.details import PersonDetails, RoughDate
from kalkan.persons.models import Person, PersonName, PossibleSame
from kalkan.vocabulary.limits import limit
from tests.cases import story
from tests.cases.story import Province
from tests.factories import make_institution, make_person, make_user
from tests.persons.people import full_details

pytestmark = pytest.mark.django_db
NUMBER = full_details().documents[0].number
BORN = full_details().birth


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def border(db: None) -> User:
    """An officer at the other end of the country, who sees none of these persons."""
    return make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.POLICE, "TR-22"))


def recorded(team: Province, said: PersonDetails | None = None) -> Person:
    return persons.record_person(said or full_details(), by=team.frontline)


def at(stage: str, team: Province) -> Case:
    return story.at(stage, team, on=timezone.localdate() - timedelta(days=1), person=recorded(team))


def asked(by: User, **said: Any) -> tuple[Verdict, tuple[Reason, ...]]:
    """As the runtime role, behind both walls."""
    with acting(Channel.PAGE, by):
        answer, _check = ask_gate(details(**(said or {"number": NUMBER})), by=by)
    return answer.verdict, answer.reasons


@pytest.mark.parametrize(
    ("stage", "verdict", "reason"),
    [
        (Stage.SCREENING, "screen_first", "screening_running"),
        (Stage.PRELIMINARY, "stop", "decision_open"),
        (Stage.REFERRED, "stop", "decision_open"),
        (Stage.IDENTIFICATION, "stop", "decision_open"),
        (Stage.DRAFTED, "stop", "decision_open"),
        (Stage.RECOGNISED, "stop", "in_programme"),
        (Stage.PROTECTION, "stop", "in_programme"),
        (Stage.NOT_RECOGNISED, "go", "screened"),
        (Stage.CLOSED, "go", "screened"),
    ],
)
def test_the_answer_follows_from_where_the_case_stands(
    team: Province, border: User, stage: str, verdict: str, reason: str
) -> None:
    at(stage, team)
    assert asked(border) == (verdict, (reason,))


def test_every_stage_has_its_answer() -> None:
    assert set(RULES) == set(Reason)
    assert verdict_of([]) == Verdict.SCREEN_FIRST
    assert verdict_of([Reason.SCREENED, Reason.ALIKE, Reason.IN_PROGRAMME]) == Verdict.STOP
    assert verdict_of([Reason.SCREENED, Reason.ALIKE]) == Verdict.BY_HAND


def test_who_is_not_found_is_screened_first(border: User) -> None:
    assert asked(border) == ("screen_first", ("never_screened",))
    check = GateCheck.objects.get()
    assert not check.is_found
    assert check.screen_by == timezone.localdate() + timedelta(days=1)
    assert check.is_open


def test_who_was_recorded_and_never_screened_is_screened_first(team: Province, border: User) -> None:
    recorded(team)
    assert asked(border) == ("screen_first", ("never_screened",))
    assert GateCheck.objects.get().is_found


def test_an_old_screening_is_held_anew(team: Province, border: User) -> None:
    story.at(Stage.NOT_RECOGNISED, team, on=timezone.localdate() - timedelta(days=300), person=recorded(team))
    assert asked(border) == ("screen_first", ("screening_old",))


def test_a_permit_that_holds_stops_a_removal_also_after_the_case(team: Province, border: User) -> None:
    case = at(Stage.PROTECTION, team)
    permit = request_permit(case.reference, by=team.protector, kind="first")
    grant_permit(permit.reference, by=team.decider, number="1", version=1)
    story.services.close_case(case.reference, by=team.protector, on=timezone.localdate(), reason="settled")
    assert asked(border) == ("stop", ("live_permit",))


def test_a_citizen_is_not_removed(team: Province, border: User) -> None:
    person = recorded(team)
    Person.objects.filter(pk=person.pk).update(citizenships=["TR"])
    assert asked(border) == ("stop", ("citizen",))


def test_name_and_birth_find_the_person_and_one_of_them_does_not(team: Province, border: User) -> None:
    at(Stage.PROTECTION, team)
    assert asked(border, given="Gulnara", family="Abdullaeva", birth=BORN) == ("stop", ("in_programme",))
    year = RoughDate(date(1998, 1, 1), "year")
    assert asked(border, given="Gulnara", family="Abdullaeva", birth=year) == ("by_hand", ("alike",))
    with pytest.raises(NotPossible, match="document number, or a name and the date of birth"):
        asked(border, given="Gulnara")


def test_a_near_match_is_never_a_go(team: Province, border: User) -> None:
    at(Stage.NOT_RECOGNISED, team)
    near = RoughDate(date(1998, 1, 1), "year")
    assert asked(border, given="Gülnara", family="Abdullayeva", birth=near)[0] == Verdict.BY_HAND


def test_the_number_of_somebody_else_with_another_name_is_looked_at_by_hand(team: Province, border: User) -> None:
    at(Stage.PROTECTION, team)
    assert asked(border, number=NUMBER, given="Xuan", family="Nguyen")[0] == Verdict.BY_HAND


@pytest.mark.parametrize(("judged", "verdict"), [("same", "stop"), ("open", "by_hand"), ("different", "go")])
def test_a_second_record_of_the_person_counts_as_it_was_judged(
    team: Province, border: User, judged: str, verdict: str
) -> None:
    at(Stage.NOT_RECOGNISED, team)
    protected = story.at(Stage.PROTECTION, team)
    first = Person.objects.exclude(pk=protected.person_id).get()
    is_open = judged == "open"
    PossibleSame.objects.create(
        person=first, other=protected.person, score=80, verdict=judged,
        judged_by=None if is_open else team.decider, judged_at=None if is_open else timezone.now(),
    )  # fmt: skip
    assert asked(border)[0] == verdict


def test_the_answer_names_no_record_and_the_log_names_the_person(team: Province, border: User) -> None:
    case = at(Stage.PROTECTION, team)
    client = Client()
    client.force_login(border)
    form = {"number": NUMBER, "request_key": str(uuid4())}
    answer = client.post(reverse("assistance:gate"), form, follow=True)
    again = client.post(reverse("assistance:gate"), form, follow=True)
    assert GateCheck.objects.count() == 1
    for page in (answer, again):
        words = page.content.decode()
        for secret in (case.number, str(case.reference), str(case.person.reference), NUMBER, "Gulnara"):
            assert secret not in words
        assert "6458" in words
    event = AuditEvent.objects.get(action="assistance:gate:ask")
    assert case.person.reference in event.subjects
    assert NUMBER not in json.dumps(event.facts)


def test_behind_the_gate_nothing_is_opened_to_the_asker(team: Province, border: User) -> None:
    at(Stage.PROTECTION, team)
    with acting(Channel.PAGE, border):
        ask_gate(details(number=NUMBER), by=border)
        assert not Person.objects.exists()
        assert not Case.objects.exists()
        with beyond_reach(Task.GATE):
            assert Case.objects.exists()
            assert Case.objects.update(is_urgent=True) == 0
            assert PersonName.objects.all().delete()[0] == 0
            assert Screening.objects.update(version=9) == 0


def test_only_who_may_ask_gets_an_answer(team: Province) -> None:
    for role in (Role.PARTNER, Role.CENTRAL_UNIT, Role.ANALYST):
        with pytest.raises(Refused):
            ask_gate(details(number=NUMBER), by=make_user(role))


def test_whoever_asks_in_vain_too_often_is_stopped(border: User, team: Province) -> None:
    most = limit("gate_misses").value
    GateCheck.objects.bulk_create(
        GateCheck(
            asked_by=border, institution=border.institution, verdict="screen_first", reasons=["never_screened"],
            is_found=False, screen_by=timezone.localdate(),
        )
        for _number in range(most)
    )  # fmt: skip
    with pytest.raises(NotPossible, match="in vain"):
        asked(border)
    assert AuditEvent.objects.filter(action="assistance:gate:refuse").count() == 1
    GateCheck.objects.update(asked_at=timezone.now() - timedelta(hours=2))
    assert asked(border)[0] == Verdict.SCREEN_FIRST


def test_the_screening_that_was_asked_for_closes_the_question(team: Province) -> None:
    person = recorded(team)
    case = story.opened(team, on=timezone.localdate(), person=person)
    with acting(Channel.PAGE, team.frontline):
        _answer, check = ask_gate(details(number=NUMBER), by=team.frontline)
    assert Promise.objects.get(subject=check.reference).kind == "gate_screening"
    with pytest.raises(NotPossible, match="concluded since"):
        close_check(check.reference, by=team.frontline, case_number=case.number)
    story.screened(team, case, conclusion="no_signs", on=timezone.localdate())
    close_check(check.reference, by=team.frontline, case_number=case.number)
    check.refresh_from_db()
    assert (check.is_open, check.case) == (False, case)
    assert Promise.objects.get(subject=check.reference).kept_at is not None
    assert asked(team.frontline) == ("go", ("screened",))


def test_the_screening_of_somebody_whom_nobody_knows_is_owed_by_the_asker_until_it_was_held(
    team: Province, border: User
) -> None:
    with acting(Channel.PAGE, border):
        _answer, check = ask_gate(details(number="ZZ 999"), by=border)
        (owed,) = open_promises(border, "mine")
    assert (owed.case, owed.institution, owed.province_id) == (None, border.institution, "TR-22")
    assert (owed.kind, owed.subject) == ("gate_screening", check.reference)
    assert timezone.localdate(owed.due_at) == check.screen_by
    case = story.services.open_case(
        make_person(border.institution), by=border, signal="border_check", on=timezone.localdate()
    )
    screening = story.services.start_screening(
        case.reference, by=border, profile="adult_labour", held_on=timezone.localdate()
    )
    story.services.answer_questions(screening.reference, {"4.1": "no", "act": "no"}, by=border)
    story.services.conclude_screening(screening.reference, by=border, conclusion="no_signs", on=timezone.localdate())
    with acting(Channel.PAGE, border):
        close_check(check.reference, by=border, case_number=case.number)
        assert list(open_promises(border)) == []
    owed.refresh_from_db()
    assert owed.kept_at is not None


def test_a_case_of_somebody_else_closes_nothing(team: Province, border: User) -> None:
    case = at(Stage.NOT_RECOGNISED, team)
    with acting(Channel.PAGE, border):
        _answer, check = ask_gate(details(number="ZZ 999"), by=border)
        with pytest.raises(NotPossible, match="No case of that number"):
            close_check(check.reference, by=border, case_number=case.number)


def test_the_number_of_queries_does_not_grow_with_the_persons(team: Province, border: User) -> None:
    def count() -> int:
        with acting(Channel.PAGE, border), CaptureQueriesContext(connection) as found:
            ask_gate(details(number=NUMBER), by=border)
        return len(found)

    at(Stage.PROTECTION, team)
    count()
    one = count()
    for _number in range(5):
        recorded(team)
    assert count() == one


def test_whether_a_person_may_be_removed_is_asked_in_one_place(team: Province) -> None:
    case = at(Stage.PROTECTION, team)
    answer = is_removable(case.person)
    assert not answer.is_removable
    assert [provision.code for provision in answer.provisions] == ["not_removable"]


def test_the_command_answers_in_one_call_and_ends_with_the_verdict(team: Province, border: User) -> None:
    at(Stage.PROTECTION, team)
    run = CliRunner().invoke(app, ["gate", "--by", border.email, "--document", NUMBER, "--json"])
    assert run.exit_code == 3
    assert json.loads(run.stdout)["verdict"] == "stop"
    assert CliRunner().invoke(app, ["gate", "--by", border.email]).exit_code == 2
    assert CliRunner().invoke(app, ["gate", "--by", "kimse@kalkan.invalid", "--document", "1"]).exit_code == 2


def test_an_answer_keeps_the_provisions_of_its_day(team: Province, border: User) -> None:
    at(Stage.PROTECTION, team)
    with acting(Channel.PAGE, border):
        answer, check = ask_gate(details(number=NUMBER), by=border)
    assert told(check) == answer
