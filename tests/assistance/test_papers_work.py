"""A travel document from the officer's check to the expert's finding, and what the expert never sees."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kalkan.access.concurrency import Changed
from kalkan.access.models import Institution, User
from kalkan.access.roles import Role
from kalkan.access.session import Task, acting, beyond_reach
from kalkan.assistance.lifecycle.mrz import LABELS
from kalkan.assistance.lifecycle.papers import EXAMINATION, State
from kalkan.assistance.models import PaperCheck, Promise
from kalkan.assistance.services.papers import check_paper, examine_paper
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent, Channel
from kalkan.cases import services as cases
from kalkan.cases.lifecycle import NotPossible, Stage
from kalkan.cases.models import Case
from kalkan.persons import services as persons
from kalkan.persons.models import Person, SealedText
from kalkan.vocabulary.calendar import is_working_day
from tests.assistance.test_papers_mrz import SPECIMENS
from tests.cases.story import Province, at, make_province_team, opened
from tests.factories import make_user

pytestmark = pytest.mark.django_db
GOOD = SPECIMENS["TD3"].replace("1204159", "3004152").replace("<<<<<10", "<<<<<1")
WRONG = SPECIMENS["TD3"].replace("L898902C36", "L8989O2C36")


@pytest.fixture
def team() -> Province:
    return make_province_team()


@pytest.fixture
def case(team: Province) -> Case:
    return opened(team)


@pytest.fixture
def expert(team: Province) -> User:
    return make_user(Role.DOCUMENT_EXPERT, team.police)


def _check(case: Case, by: User, **said: Any) -> PaperCheck:
    values: dict[str, Any] = {"kind": "passport", "country": "SY", "zone": SPECIMENS["TD3"], "verdict": "clear"} | said
    return check_paper(case.reference, by=by, **values)


def _doubt(case: Case, team: Province, **said: Any) -> PaperCheck:
    values = {"zone": WRONG, "verdict": "doubt", "expert": team.police, "alterations": ["photo_replaced"]} | said
    return _check(case, team.frontline, **values)


def _client(user: User, language: str = "en") -> Client:
    user.language = language
    user.save(update_fields=["language"])
    client = Client()
    client.force_login(user)
    return client


def test_a_sound_document_is_recorded_and_its_zone_sealed(team: Province, case: Case) -> None:
    paper = _check(case, team.frontline)
    assert (paper.state, paper.layout, paper.sent_to) == (State.CLEAR, "TD3", None)
    assert "ERIKSSON" not in str(paper.result)
    assert paper.zone is not None
    assert b"ERIKSSON" not in bytes(SealedText.objects.get(reference=paper.zone.reference).sealed)
    assert persons.read_text(paper.zone, by=team.frontline, purpose="document_check") == SPECIMENS["TD3"]
    assert not Promise.objects.filter(kind=EXAMINATION).exists()


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({"zone": WRONG}, "right_digits"),
        ({"alterations": ["photo_replaced"]}, "no_alteration"),
        ({"verdict": "doubt"}, "expert"),
        ({"zone": "P<UTO"}, "zone"),
        ({"kind": "library_card"}, "document_kind"),
        ({"alterations": ["spilt_tea"], "verdict": "doubt"}, "alteration"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    team: Province, case: Case, said: dict[str, Any], missing: str
) -> None:
    with pytest.raises(NotPossible) as refused:
        _check(case, team.frontline, **said)
    assert refused.value.missing == missing
    assert not PaperCheck.objects.exists()
    assert not SealedText.objects.filter(topic="document_zone").exists()


def test_a_doubt_goes_to_no_unit_but_the_police(team: Province, case: Case) -> None:
    with pytest.raises(NotPossible):
        _doubt(case, team, expert=team.directorate)


def test_a_doubt_is_owed_a_finding_by_the_police_in_five_working_days(team: Province, case: Case) -> None:
    paper = _doubt(case, team)
    promise = Promise.objects.get(kind=EXAMINATION, subject=paper.reference)
    assert (promise.institution, promise.case, promise.kept_at) == (team.police, case, None)
    due = timezone.localdate(promise.due_at)
    days = [timezone.localdate() + timedelta(days=n) for n in range(1, (due - timezone.localdate()).days + 1)]
    assert sum(is_working_day(day) for day in days) == 5


def test_the_same_form_sent_twice_is_one_check(team: Province, case: Case) -> None:
    key = uuid4()
    assert _doubt(case, team, request_key=key) == _doubt(case, team, request_key=key)
    assert PaperCheck.objects.count() == 1
    assert Promise.objects.filter(kind=EXAMINATION).count() == 1


def test_a_closed_case_takes_no_check(team: Province) -> None:
    with pytest.raises(NotPossible):
        _check(at(Stage.CLOSED, team), team.protector)


def test_the_expert_finds_and_the_promise_is_kept_behind_the_second_wall(
    team: Province, case: Case, expert: User
) -> None:
    paper = _doubt(case, team)
    with acting(Channel.PAGE, expert):
        found = examine_paper(
            paper.reference, by=expert, finding="altered", note="Uydurma: fotoğraf yapıştırılmış", version=1
        )
        assert not Case.objects.exists(), "the case does not exist for the expert"
        assert not Person.objects.exists()
        assert not SealedText.objects.exists()
        with beyond_reach(Task.RECEIVING):
            assert not Person.objects.exists(), "once the finding is made the person is out of reach for good"
    assert found.state is State.EXAMINED
    promise = Promise.objects.get(kind=EXAMINATION)
    assert promise.kept_at is not None
    paper.refresh_from_db()
    assert paper.note is not None
    assert persons.read_text(paper.note, by=team.frontline, purpose="document_check").startswith("Uydurma")
    event = AuditEvent.objects.get(action=Event.PAPER_EXAMINED)
    assert event.subjects == [case.reference, case.person.reference]
    assert event.actor == expert


def test_the_task_shows_an_expert_no_other_person_and_other_experts_none(
    team: Province, case: Case, expert: User
) -> None:
    _doubt(case, team)
    opened(team)
    stranger = make_user(Role.DOCUMENT_EXPERT, make_province_team("TR-35").police)
    for user, seen in ((expert, [case.person_id]), (stranger, []), (team.decider, None)):
        with acting(Channel.PAGE, user), beyond_reach(Task.RECEIVING):
            rows = list(Person.objects.values_list("pk", flat=True))
        if seen is not None:
            assert rows == seen


def test_two_experts_make_one_finding(team: Province, case: Case, expert: User) -> None:
    paper = _doubt(case, team)
    examine_paper(paper.reference, by=expert, finding="genuine", note="", version=1)
    colleague = make_user(Role.DOCUMENT_EXPERT, team.police)
    with pytest.raises(Changed):
        examine_paper(paper.reference, by=colleague, finding="counterfeit", note="", version=1)
    with pytest.raises(NotPossible):
        examine_paper(paper.reference, by=colleague, finding="counterfeit", note="", version=2)


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "clear", "sent_to": None},
        {"result": {"number": "right"}},
        {"alterations": []},
        {"finding": "genuine"},
    ],
)
def test_the_database_keeps_a_check_as_it_was(team: Province, case: Case, change: dict[str, Any]) -> None:
    paper = _doubt(case, team)
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperCheck.objects.filter(pk=paper.pk).update(**change)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("doubt_is_sent_to_an_expert", {"verdict": "doubt"}),
        ("altered_document_is_in_doubt", {"verdict": "clear", "alterations": ["impostor"]}),
        ("document_with_a_wrong_field_is_in_doubt", {"verdict": "clear", "result": {"number": "wrong_digit"}}),
    ],
)
def test_the_rules_are_the_databases_own(team: Province, case: Case, name: str, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        PaperCheck.objects.create(case=case, kind="passport", checked_by=team.frontline, **values)


def test_a_text_of_another_person_never_hangs_on_the_document(team: Province, case: Case) -> None:
    other = opened(team)
    text = persons.seal_text(other.person, "document_zone", "X", by=team.frontline)
    with pytest.raises(IntegrityError, match="text_of_a_document"), transaction.atomic():
        PaperCheck.objects.create(case=case, kind="visa", verdict="clear", zone=text, checked_by=team.frontline)


# --- pages


def _form(**said: Any) -> dict[str, Any]:
    return {
        "kind": "passport", "country": "SY", "status": "with_person", "zone": SPECIMENS["TD3"], "verdict": "clear",
        "request_key": str(uuid4()),
    } | said  # fmt: skip


def test_a_wrong_number_is_named_on_the_form(team: Province, case: Case) -> None:
    page = _client(team.frontline).post(reverse("assistance:check_paper", args=[case.reference]), _form(zone=WRONG))
    assert page.status_code == 422
    text = page.content.decode()
    assert "Document number: The check digit is 6 and should be 0." in text
    assert "0 for O in place 6" in text


def test_every_field_is_shown_before_it_is_recorded(team: Province, case: Case) -> None:
    client, address = _client(team.frontline), reverse("assistance:check_paper", args=[case.reference])
    sent = _form(zone=SPECIMENS["TD3"].replace("\n", "\r\n"))
    page = client.post(address, sent)
    text = page.content.decode()
    assert page.status_code == 200
    assert not PaperCheck.objects.exists()
    for shown in ("ERIKSSON, ANNA MARIA", "L898902C3", "the day has passed", "TD3"):
        assert shown in text
    done = client.post(address, sent | {"confirmed": "yes"})
    assert (done.status_code, done["Location"]) == (302, reverse("assistance:hub", args=[case.reference]))
    hub = client.get(done["Location"]).content.decode()
    assert "Checked, no doubt" in hub
    assert "ERIKSSON" not in hub


def test_values_are_read_for_a_purpose_only(team: Province, case: Case) -> None:
    paper = _check(case, team.frontline)
    client, address = _client(team.frontline), reverse("assistance:paper", args=[case.reference, paper.reference])
    assert "ERIKSSON" not in client.get(address).content.decode()
    assert client.post(address, {"purpose": "curiosity"}).status_code == 422
    assert "ERIKSSON" in client.post(address, {"purpose": "document_check"}).content.decode()
    assert AuditEvent.objects.filter(action=Event.TEXT_READ, facts__purpose="document_check").exists()


def test_the_expert_works_without_person_and_case(team: Province, case: Case, expert: User) -> None:
    paper = _doubt(case, team)
    client = _client(expert)
    listed = client.get(reverse("assistance:papers_to_examine")).content.decode()
    address = reverse("assistance:examine_paper", args=[paper.reference])
    shown = client.get(address).content.decode()
    for text in (listed, shown):
        assert case.number not in text
        assert str(case.reference) not in text
        assert case.person.short_reference not in text
        assert "ERIKSSON" not in text
    assert address in listed
    assert "Check digit wrong" in shown
    for door in ("web:case", "assistance:hub"):
        assert client.get(reverse(door, args=[case.reference])).status_code in {403, 404}
    done = client.post(address, {"finding": "counterfeit", "note": "Uydurma not", "version": "1"})
    assert done.status_code == 302
    assert "Nothing waits" in client.get(reverse("assistance:papers_to_examine")).content.decode()
    assert (
        "Counterfeit" in _client(team.frontline).get(reverse("assistance:hub", args=[case.reference])).content.decode()
    )
    late = client.post(address, {"finding": "genuine", "note": "", "version": "1"})
    assert late.status_code == 409
    assert PaperCheck.objects.get().finding == "counterfeit"


def test_a_kept_document_asks_for_the_answer_in_the_screening(team: Province, case: Case) -> None:
    hub = reverse("assistance:hub", args=[case.reference])
    said = "Answer it in the screening"
    screening = cases.start_screening(
        case.reference, by=team.frontline, profile="adult_labour", held_on=timezone.localdate()
    )
    assert said not in _client(team.frontline).get(hub).content.decode()
    _check(case, team.frontline, status="withheld", zone="")
    text = _client(team.frontline).get(hub).content.decode()
    assert said in text
    address = reverse("cases:screening_page", args=[screening.reference, "coercion_at_destination"])
    assert address in text
    assert "5.1" in _client(team.frontline).get(address).content.decode()
    cases.answer_questions(screening.reference, {"5.1": "observed"}, by=team.frontline)
    assert said not in _client(team.frontline).get(hub).content.decode()


def _queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_the_lists_take_as_many_queries_for_twenty_as_for_one(team: Province, case: Case, expert: User) -> None:
    _doubt(case, team)
    pages = (
        (_client(team.frontline), reverse("assistance:hub", args=[case.reference])),
        (_client(expert), reverse("assistance:papers_to_examine")),
    )
    before = [_queries(*page) for page in pages]
    units: list[Institution] = [team.police]
    for unit in units * 19:
        _doubt(case, team, expert=unit)
    assert [_queries(*page) for page in pages] == before


def test_the_fields_stand_in_the_order_of_the_table(team: Province, case: Case) -> None:
    paper = _check(case, team.frontline)
    paper.refresh_from_db()
    assert [str(label) for label, _finding in paper.findings] == [str(label) for label in LABELS.values()]
