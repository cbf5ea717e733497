"""The pages of the data protection officer: requests, proofs, legal holds."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from kalkan.access.models import User
from kalkan.access.roles import InstitutionKind, Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases.lifecycle import Stage
from kalkan.persons import erasing, holds
from kalkan.persons.models import Erasure, LegalHold, Person
from tests.cases import story
from tests.factories import make_institution, make_person, make_user
from tests.persons.pages import browser, text
from tests.persons.test_erasing import GROUND, recorded

pytestmark = pytest.mark.django_db
LIST, ASK, HOLDS = (reverse(f"persons:{name}") for name in ("erasures", "ask_erasure", "holds"))


@pytest.fixture(autouse=True)
def _own_ledger(settings: Settings, tmp_path: Path) -> None:
    settings.LEDGER = tmp_path / "erasures.jsonl"


@pytest.fixture
def officer() -> User:
    return make_user(
        Role.DATA_PROTECTION_OFFICER, make_institution(InstitutionKind.MIGRATION_CENTRE, None), language="en"
    )


@pytest.fixture
def other(officer: User) -> User:
    return make_user(Role.CENTRAL_UNIT, officer.institution, language="en")


@pytest.fixture
def team() -> story.Province:
    return story.make_province_team()


def test_a_person_is_erased_over_the_pages_by_two_officers(officer: User, other: User, team: story.Province) -> None:
    person = recorded(team)
    one, two, key = browser(officer), browser(other), str(uuid4())
    assert "Nobody was erased" in text(one.get(LIST))
    said = {"person": f" {person.reference} ", "ground": GROUND, "request_key": key}
    page = one.post(ASK, said, follow=True)
    assert one.post(ASK, said, follow=True).status_code == 200
    assert Erasure.objects.count() == 1
    assert "another officer carries it out" in text(page)
    assert "Erase for ever" not in text(page)
    url = reverse("persons:erasure", args=[Erasure.objects.get().reference])
    page = two.get(url)
    assert "Erase for ever" in text(page)
    assert re.search(r">Names</th><td>2</td><td>goes<", text(page))
    assert "art. 28/1-b" in text(page)
    carry_out = reverse("persons:carry_out", args=[Erasure.objects.get().reference])
    assert one.post(carry_out).status_code == 409
    page = two.post(carry_out, follow=True)
    assert two.post(carry_out, follow=True).status_code == 200
    proof = Erasure.objects.get().proof
    assert proof in text(page)
    assert "erased" in text(one.get(LIST))
    assert AuditEvent.objects.filter(action=Event.PERSON_ERASED).count() == 1
    for shown in (page, one.get(LIST)):
        assert "Abdullaeva" not in text(shown)


def test_what_stands_in_the_way_is_a_sentence(officer: User, other: User, team: story.Province) -> None:
    client = browser(officer)
    for reference, sentence in (
        ("nothing", "Copy the whole reference"),
        (str(uuid4()), "Nobody with this reference"),
        (str(recorded(team, Stage.PROTECTION).reference), "still open"),
    ):
        page = client.post(ASK, {"person": reference, "ground": GROUND, "request_key": str(uuid4())})
        assert page.status_code == 200
        assert sentence in text(page)
    person = recorded(team)
    request = erasing.ask(person.reference, by=other, ground=GROUND)
    holds.set_hold(person.reference, by=officer, reason="criminal_case")
    page = client.get(reverse("persons:erasure", args=[request.reference]))
    assert "A legal hold stands" in text(page)
    assert "Erase for ever" not in text(page)
    assert client.post(reverse("persons:carry_out", args=[request.reference])).status_code == 409
    assert not Person.objects.get(pk=person.pk).is_erased
    client.post(reverse("persons:withdraw_erasure", args=[request.reference]))
    assert "taken back" in text(client.get(LIST))


def test_a_hold_is_set_once_and_lifted(officer: User, team: story.Province) -> None:
    person, client = recorded(team, None), browser(officer)
    said = {"person": str(person.reference), "reason": "audit", "request_key": str(uuid4())}
    assert "No hold was ever set" in text(client.get(HOLDS))
    client.post(HOLDS, said)
    client.post(HOLDS, said)
    client.post(HOLDS, {**said, "request_key": str(uuid4())})
    hold = LegalHold.objects.get()
    assert str(person.reference) in text(client.get(HOLDS))
    nobody = {**said, "person": str(uuid4()), "request_key": str(uuid4())}
    assert "Nobody with this reference" in text(client.post(HOLDS, nobody))
    client.post(reverse("persons:lift_hold", args=[hold.reference]))
    assert "lifted" in text(client.get(HOLDS))


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.DATA_PROTECTION_OFFICER, Role.CENTRAL_UNIT}]
)
def test_other_roles_are_refused_every_page(role: Role, officer: User, team: story.Province) -> None:
    person = recorded(team, None)
    request = erasing.ask(person.reference, by=officer, ground=GROUND)
    hold = holds.set_hold(person.reference, by=officer, reason="audit")
    client = browser(make_user(role))
    for url in (LIST, ASK, HOLDS):
        assert client.get(url).status_code == 403, url
    for name in ("erasure", "carry_out", "withdraw_erasure"):
        url = reverse(f"persons:{name}", args=[request.reference])
        assert client.get(url).status_code in {404, 405}
        assert client.post(url).status_code in {404, 405}
    assert client.post(reverse("persons:lift_hold", args=[hold.reference])).status_code == 404
    assert LegalHold.objects.get().lifted_at is None


@pytest.mark.parametrize("url", [LIST, HOLDS])
def test_a_list_asks_as_much_for_one_row_as_for_twenty(url: str, officer: User, other: User) -> None:
    client = browser(officer)

    def add(count: int) -> None:
        for _row in range(count):
            person = make_person()
            erasing.ask(person.reference, by=other, ground=GROUND)
            holds.set_hold(person.reference, by=officer, reason="audit")

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    add(1)
    client.get(url)
    one = queries()
    add(19)
    assert queries() == one
