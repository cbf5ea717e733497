"""A person erased is gone: from search, pages, texts, jobs and what a restored backup brings back."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone, translation
from procrastinate.contrib.django import app as jobs
from pytest_django import Settings

from kalkan.access.models import User
from kalkan.access.policy import Refused
from kalkan.access.roles import MATRIX, InstitutionKind, Permission, Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case, Decision
from kalkan.cases.services import close_case
from kalkan.persons import erasing, holds, ledger, selectors, services, vault
from kalkan.persons.models import Erasure, Person, PossibleSame, SealedText
from tests.cases import story
from tests.factories import make_institution, make_user
from tests.persons.pages import browser
from tests.persons.people import details, full_details
from tests.persons.test_dump import everything

pytestmark = pytest.mark.django_db
GROUND = "erasure_on_request"


@pytest.fixture(autouse=True)
def _own_ledger_in_english(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.LEDGER = tmp_path / "erasures.jsonl"
    with translation.override("en"):
        yield


@pytest.fixture
def officers() -> tuple[User, User]:
    """The data protection officer, and somebody of the central unit."""
    centre = make_institution(InstitutionKind.MIGRATION_CENTRE, None)
    return make_user(Role.DATA_PROTECTION_OFFICER, centre), make_user(Role.CENTRAL_UNIT, centre)


@pytest.fixture
def team() -> story.Province:
    return story.make_province_team()


def recorded(team: story.Province, stage: str | None = Stage.CLOSED) -> Person:
    """A person with an identity, and a case that came as far as `stage`, if any."""
    person = services.record_person(full_details(), by=team.frontline)
    if stage is not None:
        story.at(stage, team, person=person)
    return Person.objects.get(pk=person.pk)


def erased(person: Person, officers: tuple[User, User]) -> Erasure:
    one, other = officers
    request = erasing.ask(person.reference, by=one, ground=GROUND)
    return erasing.carry_out(request.reference, by=other)


def sealed_values(person: Person) -> list[str]:
    """Everything that stands sealed or blinded for this person, as the database shows it."""
    values = [bytes(row.sealed).hex() for row in SealedText.objects.filter(person=person)]
    for rows in (person.names, person.documents, person.contact_points):
        values += [bytes(row.sealed).hex() for row in rows.all()]
    return [*values, bytes(person.birth).hex(), bytes(person.wrapped_key).hex(), *map(str, person.blind_keys)]


def test_an_erased_person_leaves_nothing_that_could_be_opened_or_found(
    team: story.Province, officers: tuple[User, User]
) -> None:
    person = recorded(team)
    secrets = sealed_values(person)
    assert len(secrets) > 40
    before = everything()
    assert all(secret in before for secret in secrets)
    assert selectors.search(team.frontline, "Gulnara Abdullaeva")

    proof = erased(person, officers)

    after = everything()
    assert [secret for secret in secrets if secret in after] == []
    assert selectors.search(team.frontline, "Gulnara Abdullaeva") == []
    assert selectors.search(team.frontline, "+998901234567") == []
    left = Person.objects.get(pk=person.pk)
    assert left.is_erased
    with pytest.raises(vault.Erased):
        services.identity_of(left)
    assert proof.removed["names"] == 2
    assert proof.removed["texts"] >= 4
    assert proof.kept["cases"] == {"number": 1, "provision": "kept_after_erasure/2016-04-07"}


def test_the_skeleton_of_the_case_stays_as_it_was(team: story.Province, officers: tuple[User, User]) -> None:
    person = recorded(team)
    case = Case.objects.get(person=person)
    decision = Decision.objects.get(case=case)
    erased(person, officers)
    again = Case.objects.get(pk=case.pk)
    assert (again.number, again.stage, again.opened_on, again.closed_on) == (
        case.number,
        Stage.CLOSED,
        case.opened_on,
        case.closed_on,
    )
    assert Decision.objects.get(pk=decision.pk).provision_id == decision.provision_id
    assert case.stage_changes.count() > 5


def test_pages_of_an_erased_person_do_not_exist_and_the_case_says_so(
    team: story.Province, officers: tuple[User, User]
) -> None:
    person = recorded(team)
    case = Case.objects.get(person=person)
    text = SealedText.objects.filter(person=person, topic="grounds").get()
    client = browser(team.expert)
    assert client.get(reverse("persons:person", args=[person.reference])).status_code == 200
    erased(person, officers)
    for name in ("person", "reveal", "edit", "consent"):
        assert client.get(reverse(f"persons:{name}", args=[person.reference])).status_code == 404, name
    page = client.get(f"/case/{case.reference}/")
    assert page.status_code == 200
    assert "was erased" in page.content.decode()
    assert str(person.reference) not in page.content.decode()
    answer = client.post(reverse("cases:text", args=[case.reference, text.reference]), {"purpose": "interview"})
    assert answer.status_code == 404


def test_a_person_without_a_case_goes_wholly(team: story.Province, officers: tuple[User, User]) -> None:
    person = recorded(team, None)
    proof = erased(person, officers)
    assert not Person.objects.filter(pk=person.pk).exists()
    assert proof.kept == {}


def test_nobody_erases_alone(team: story.Province, officers: tuple[User, User]) -> None:
    person = recorded(team)
    request = erasing.ask(person.reference, by=officers[0], ground=GROUND)
    with pytest.raises(erasing.NotErasable, match="somebody else"):
        erasing.carry_out(request.reference, by=officers[0])
    assert not Person.objects.get(pk=person.pk).is_erased
    with pytest.raises(IntegrityError), transaction.atomic():
        Erasure.objects.filter(pk=request.pk).update(
            carried_out_by=officers[0], carried_out_at=timezone.now(), proof="x"
        )


@pytest.mark.parametrize("role", [role for role in Role if role not in {"data_protection_officer", "central_unit"}])
def test_no_other_role_erases_or_asks_for_it(team: story.Province, role: Role) -> None:
    person = recorded(team, None)
    user = make_user(role)
    with pytest.raises(Refused):
        erasing.ask(person.reference, by=user, ground=GROUND)
    with pytest.raises(Refused):
        erasing.foresee(person.reference, by=user)


def test_a_legal_hold_stops_the_request_and_the_deed(team: story.Province, officers: tuple[User, User]) -> None:
    person = recorded(team)
    request = erasing.ask(person.reference, by=officers[1], ground=GROUND)
    hold = holds.set_hold(person.reference, by=officers[0], reason="criminal_case")
    with pytest.raises(erasing.NotErasable, match="legal hold"):
        erasing.carry_out(request.reference, by=officers[0])
    holds.lift_hold(hold.reference, by=officers[0])
    erasing.carry_out(request.reference, by=officers[0])
    assert Person.objects.get(pk=person.pk).is_erased
    done = set(AuditEvent.objects.values_list("action", flat=True))
    assert {Event.HOLD_SET, Event.HOLD_LIFTED, Event.ERASURE_ASKED, Event.PERSON_ERASED} <= done


def test_an_open_case_stops_it(team: story.Province, officers: tuple[User, User]) -> None:
    person = recorded(team, Stage.PROTECTION)
    with pytest.raises(erasing.NotErasable, match="still open"):
        erasing.ask(person.reference, by=officers[0], ground=GROUND)


@pytest.mark.parametrize("ground", ["", "reflection_period", "nothing"])
def test_only_a_ground_of_the_law_counts(team: story.Province, officers: tuple[User, User], ground: str) -> None:
    with pytest.raises(erasing.NotErasable, match="ground"):
        erasing.ask(recorded(team).reference, by=officers[0], ground=ground)


def test_a_look_ahead_counts_what_would_go_and_removes_nothing(
    team: story.Province, officers: tuple[User, User]
) -> None:
    person = recorded(team)
    secrets = sealed_values(person)
    outlook = erasing.foresee(person.reference, by=officers[0])
    assert outlook.removed["names"] == 2
    assert outlook.kept["cases"]["number"] == 1
    assert outlook.hindrances == []
    assert sealed_values(Person.objects.get(pk=person.pk)) == secrets
    assert not ledger.entries()


def test_asking_twice_is_one_request_and_a_withdrawn_one_does_nothing(
    team: story.Province, officers: tuple[User, User]
) -> None:
    person, key = recorded(team), uuid4()
    request = erasing.ask(person.reference, by=officers[0], ground=GROUND, request_key=key)
    assert erasing.ask(person.reference, by=officers[0], ground=GROUND, request_key=key) == request
    with pytest.raises(erasing.NotErasable, match="asked for already"):
        erasing.ask(person.reference, by=officers[1], ground=GROUND)
    erasing.withdraw(request.reference, by=officers[1])
    with pytest.raises(erasing.NotErasable, match="taken back"):
        erasing.carry_out(request.reference, by=officers[1])
    assert Erasure.objects.count() == 1


def test_jobs_that_name_the_person_or_the_case_go(team: story.Province, officers: tuple[User, User]) -> None:
    person = recorded(team)
    case = Case.objects.get(person=person)
    for reference in (person.reference, case.reference, uuid4()):
        jobs.configure_task("exchange.check", allow_unknown=True).defer(reference=str(reference))
    proof = erased(person, officers)
    assert proof.removed["jobs"] == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (1,)


def test_two_records_of_one_person_stay_one_and_the_other_is_told_of(
    team: story.Province, officers: tuple[User, User]
) -> None:
    person, twin = recorded(team), recorded(team)
    match = PossibleSame.objects.get()
    services.judge_match(match.reference, by=officers[1], verdict="same")
    assert erasing.foresee(person.reference, by=officers[0]).same_persons == [twin.reference]
    erased(person, officers)
    match.refresh_from_db()
    assert (match.verdict, match.reasons, match.score) == ("same", [], 0)


def test_the_proof_names_nobody_and_is_in_the_ledger_and_in_the_log(
    team: story.Province, officers: tuple[User, User], settings: Settings
) -> None:
    person = recorded(team)
    proof = erased(person, officers)
    entry = ledger.entries()[-1]
    assert (entry.proof, entry.person, entry.ground) == (proof.proof, person.reference, GROUND)
    event = AuditEvent.objects.get(action=Event.PERSON_ERASED)
    assert event.facts["proof"] == proof.proof
    assert event.actor == officers[1]
    assert event.subjects == [person.reference]
    written = Path(settings.LEDGER).read_text()
    for secret in ("Абдуллаева", "Gulnara", "FA1234567", "901234567"):
        assert secret not in written
        assert secret not in json.dumps([event.facts, proof.removed, proof.kept])


def test_a_proof_is_never_altered_or_removed(team: story.Province, officers: tuple[User, User]) -> None:
    proof = erased(recorded(team), officers)
    for change in (
        "UPDATE persons_erasure SET removed = '{}' WHERE id = %s",
        "DELETE FROM persons_erasure WHERE id = %s",
    ):
        refused = pytest.raises(ProgrammingError, match="never_altered")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change, [proof.pk])


def test_an_erased_person_does_not_come_back(team: story.Province, officers: tuple[User, User]) -> None:
    person = recorded(team)
    erased(person, officers)
    with pytest.raises(Http404):
        services.seal_text(person, "narrative", "x", by=team.expert)
    with pytest.raises(Http404):
        services.change_person(person.reference, details(), by=team.expert, version=person.version + 1)
    for change in ("wrapped_key = 'x'", "blind_keys = '{1}'", "birth = 'x'", "erased_at = NULL"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE persons_person SET {change} WHERE id = %s", [person.pk])


def test_an_older_state_of_the_database_forgets_again(team: story.Province, officers: tuple[User, User]) -> None:
    person, other = recorded(team), recorded(team, None)
    older = transaction.savepoint()
    proof = erased(person, officers)
    transaction.savepoint_rollback(older)  # what a restored backup is: the ledger is younger than the database
    assert Person.objects.get(pk=person.pk).wrapped_key is not None

    assert erasing.reapply(ledger.entries()) == [person.reference]

    assert Person.objects.get(pk=person.pk).is_erased
    assert Person.objects.get(pk=other.pk).wrapped_key is not None
    again = Erasure.objects.get(person=person.reference)
    assert (again.proof, again.requested_by, again.carried_out_by) == (proof.proof, *officers)
    assert again.reapplied_at is not None
    assert erasing.reapply(ledger.entries()) == []
    assert AuditEvent.objects.filter(action=Event.PERSON_ERASED).count() == 1


def test_an_older_state_in_which_a_case_was_open_forgets_again_too(
    team: story.Province, officers: tuple[User, User]
) -> None:
    person = recorded(team, Stage.PROTECTION)
    older = transaction.savepoint()
    case = Case.objects.get(person=person)
    close_case(case.reference, by=team.protector, on=story.DAY, reason="support_completed")
    erased(person, officers)
    transaction.savepoint_rollback(older)
    erasing.reapply(ledger.entries())
    assert Person.objects.get(pk=person.pk).is_erased


@pytest.mark.parametrize("tamper", ["change", "remove", "swap", "cut"])
def test_a_tampered_ledger_is_noticed(
    team: story.Province, officers: tuple[User, User], settings: Settings, tamper: str
) -> None:
    for _time in range(3):
        erased(recorded(team, None), officers)
    path = Path(settings.LEDGER)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(
        "".join(
            {
                "change": [lines[0], lines[1].replace("names", "nomes"), lines[2]],
                "remove": [lines[0], lines[2]],
                "swap": [lines[1], lines[0], lines[2]],
                "cut": [*lines[:2], lines[2][:-10]],
            }[tamper]
        )
    )
    with pytest.raises(ledger.LedgerDamaged, match="Line"):
        ledger.entries()


def test_half_a_line_left_by_a_crash_does_not_stop_the_next_erasure(
    team: story.Province, officers: tuple[User, User], settings: Settings
) -> None:
    erased(recorded(team, None), officers)
    with Path(settings.LEDGER).open("a") as file:
        file.write('{"person": "half')
    erased(recorded(team, None), officers)
    assert len(ledger.entries()) == 2


def test_every_table_that_points_to_a_person_or_a_case_has_a_room_that_answers_for_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE pointing AS (
                   SELECT 'persons_person'::regclass AS name
                   UNION
                   SELECT conrelid::regclass FROM pg_constraint JOIN pointing ON confrelid = pointing.name
                   WHERE contype = 'f'
               ) SELECT name::text FROM pointing"""
        )
        pointing = {name for (name,) in cursor.fetchall()}
    answered = set(erasing.TABLES).union(*(room.TABLES for room in erasing._rooms()))
    assert "cases_decision" in pointing
    assert pointing - answered == set(), "add the table to TABLES of its room's erasing.py, and erase it there"


def test_permissions_to_erase_lie_with_two_roles_only() -> None:
    holders = {role for role, (_scope, held) in MATRIX.items() if Permission.PERSONS_ERASE in held}
    assert holders == {Role.DATA_PROTECTION_OFFICER, Role.CENTRAL_UNIT}
    assert {role for role, (_scope, held) in MATRIX.items() if Permission.HOLDS_SET in held} == {
        Role.DATA_PROTECTION_OFFICER
    }
