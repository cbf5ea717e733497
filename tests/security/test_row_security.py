"""The second wall: what the runtime role sees and writes with bare SQL, for every role, seat and protected table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.roles import SEATS, Permission, Role
from kalkan.access.session import RUNTIME_ROLE, Task, acting, beyond_reach
from kalkan.audit.events import Event
from kalkan.audit.models import Channel
from kalkan.audit.services import record
from kalkan.cases import policy as cases_policy
from kalkan.cases.models import (
    AllegedPerpetrator,
    Answer,
    Case,
    CaseAttachment,
    CaseLink,
    Deadline,
    Decision,
    Episode,
    Interview,
    Screening,
    StageChange,
)
from kalkan.exchange import policy as exchange_policy
from kalkan.exchange.models import ErasedRecord, ImportedRecord, ImportProblem, ImportRun
from kalkan.persons import policy as persons_policy
from kalkan.persons.models import (
    Attachment,
    AttachmentContent,
    Consent,
    ContactPoint,
    Erasure,
    Holding,
    IdentityDocument,
    LegalHold,
    Person,
    PersonName,
    PossibleSame,
    SealedText,
)
from kalkan.vocabulary.models import Provision
from tests.factories import make_case, make_institution, make_person, make_user
from tests.security.topics import TOPICS
from tests.standing import standing

pytestmark = pytest.mark.django_db

# Tables that neither hold nor point to a person, a case or what is done about them, and why.
OPEN_TABLES = {
    "access_": "institutions and the accounts of those who work there",
    "account_": "the sign-in library's addresses of accounts",
    "auth_": "Django's own groups and permissions, unused",
    "cache": "counters of attempts to sign in",
    "cases_casenumber": "the last serial of a year and province",
    "mfa_": "sealed second factors of accounts",
    "socialaccount_": "which account of an institution's sign-on is which account here",
    "django_": "kinds of content, migrations, sessions of accounts",
    "persons_keyfingerprint": "what the key files look like",
    "persons_keyrotation": "when a key was exchanged",
    "statistics_": "counts and published figures",
    "vocabulary_": "code lists and provisions",
}


@dataclass
class World:
    """Police and directorate in two provinces; each has a case of its own; one was referred to its directorate."""

    police: dict[str, Institution]
    directorates: dict[str, Institution]
    centre: Institution

    def seats(self, role: Role) -> Iterator[Institution]:
        kinds = SEATS[role]
        known = [*self.police.values(), *self.directorates.values(), self.centre]
        yield from (place for place in known if place.kind in kinds)
        for kind in sorted(kinds - {place.kind for place in known}):
            yield make_institution(kind, "TR-06")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with standing(django_db_blocker):
        yield _world()


def _world() -> World:
    places = ("TR-06", "TR-35")
    found = World(
        {place: make_institution(InstitutionKind.POLICE, place) for place in places},
        {place: make_institution(InstitutionKind.MIGRATION_PROVINCE, place) for place in places},
        make_institution(InstitutionKind.MIGRATION_CENTRE, None),
    )
    recorder = make_user(Role.FRONTLINE_OFFICER, found.police["TR-06"])
    for place in places:
        for institution, stage in (
            (found.police[place], "screening"),
            (found.police[place], "referred"),
            (found.directorates[place], "identification"),
        ):
            _fill(make_case(institution=institution, stage=stage), recorder)
    first, *_rest, last = Person.objects.order_by("pk")
    PossibleSame.objects.create(person=first, other=last, score=90)
    cases = list(Case.objects.order_by("pk"))
    CaseLink.objects.create(case=cases[0], other=cases[-1], kind="family", by=recorder)
    Erasure.objects.create(person=first.reference, ground="erasure_on_request", requested_by=recorder)
    LegalHold.objects.create(person=last.reference, reason="court", set_by=recorder)
    ErasedRecord.objects.create(source="test", institution=found.centre, key=uuid4())
    make_person(found.police["TR-35"])  # held, without a case
    make_person()  # held by nobody, recorded by nobody
    connection.check_constraints()
    return found


def _fill(case: Case, by: User) -> None:
    """A row in every table that points to the case or its person."""
    person, institution = case.person, case.institution
    sealed = b"sealed"
    PersonName.objects.create(person=person, sealed=sealed)
    IdentityDocument.objects.create(person=person, kind="passport", sealed=sealed)
    ContactPoint.objects.create(person=person, kind="phone", sealed=sealed)
    SealedText.objects.create(person=person, topic="narrative", sealed=sealed, written_by=by)
    attachment = Attachment.objects.create(person=person, kind="other", media_type="text/plain", size=6,
                                           is_scanned=True, attached_by=by)  # fmt: skip
    AttachmentContent.objects.create(attachment=attachment, sealed=sealed, sealed_name=sealed)
    CaseAttachment.objects.create(case=case, attachment=attachment)
    if case.is_with_authority:
        Holding.objects.get_or_create(person=person, institution=institution, province=case.province)
    Consent.objects.create(person=person, purpose="support", recipient=institution, categories=["identity"],
                           language="tr", given_how="signed", given_on=date(2026, 3, 2), recorded_by=by)  # fmt: skip
    screening = Screening.objects.create(case=case, profile="adult_labour", held_on=date(2026, 3, 2))
    Answer.objects.create(screening=screening, question="documents_taken", said="yes", by=by, version=1)
    Interview.objects.create(case=case, kind="preliminary", held_on=date(2026, 3, 2), by=by)
    Episode.objects.create(case=case, forms=["labour"], by=by)
    AllegedPerpetrator.objects.create(case=case, role="recruiter", by=by)
    provision = Provision.objects.order_by("pk")[0]
    Deadline.objects.create(case=case, kind="identification_deadline", provision=provision,
                            starts_on=date(2026, 3, 2), due_on=date(2026, 3, 9))  # fmt: skip
    if case.stage == "identification":
        expert = make_user(Role.IDENTIFICATION_EXPERT, institution)
        Decision.objects.create(case=case, proposed="not_recognised", provision=provision, drafted_by=expert,
                                drafted_on=date(2026, 3, 3))  # fmt: skip
    run = ImportRun.objects.create(by=by, institution=institution, format="own", source=f"test-{case.pk}")
    ImportProblem.objects.create(run=run, row=1, code="unknown_code")
    ImportedRecord.objects.create(source=run.source, institution=institution, key=uuid4(), digest=uuid4(), case=case,
                                  case_version=1, person_version=1, run=run)  # fmt: skip
    for topic in TOPICS:
        topic.fill(case, by)
    record(Event.CASE_VIEWED, case, person, by=by)


def _allowed(user: User) -> dict[type[Any], set[int]]:
    """The rows that the first wall lets this user see, table by table. Asked as the owner, whom no policy holds."""
    persons = set(persons_policy.persons.visible(user).values_list("pk", flat=True))
    cases = set(cases_policy.cases.visible(user).values_list("pk", flat=True))
    runs = set(exchange_policy.runs.visible(user).values_list("pk", flat=True))
    reveals = Permission.PERSONS_REVEAL in user.permissions

    def of(model: type[Any], **where: Any) -> set[int]:
        return set(model.objects.filter(**where).values_list("pk", flat=True))

    vault = (PersonName, IdentityDocument, ContactPoint, SealedText)
    in_case = (StageChange, Screening, Interview, Decision, Episode, AllegedPerpetrator, Deadline)
    pairs = of(PossibleSame) if persons_policy.matches.visible(user).exists() else set()
    return {
        Person: persons,
        Case: cases,
        ImportRun: runs,
        Attachment: of(Attachment, person__in=persons),
        AttachmentContent: of(AttachmentContent, attachment__person__in=persons) if reveals else set(),
        CaseAttachment: of(CaseAttachment, case__in=cases),
        Consent: of(Consent, person__in=persons),
        Erasure: of(Erasure) if Permission.PERSONS_ERASE in user.permissions else set(),
        LegalHold: of(LegalHold) if Permission.HOLDS_SET in user.permissions else set(),
        ErasedRecord: set(),
        PossibleSame: pairs | of(PossibleSame, person__in=persons, other__in=persons),
        Answer: of(Answer, screening__case__in=cases),
        CaseLink: of(CaseLink, case__in=cases) | of(CaseLink, other__in=cases),
        ImportProblem: of(ImportProblem, run__in=runs),
        ImportedRecord: of(ImportedRecord, case__in=cases),
        **{model: of(model, person__in=persons) if reveals else set() for model in vault},
        **{model: of(model, case__in=cases) for model in in_case},
        **{model: rows for topic in TOPICS for model, rows in topic.allowed(user).items()},
    }


def _bare(statement: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def _keys(model: type[Any]) -> list[int]:
    return [key for (key,) in _bare(f"SELECT {model._meta.pk.column} FROM {model._meta.db_table}")]


@pytest.mark.parametrize("role", Role)
def test_bare_sql_shows_each_role_at_each_seat_what_the_policies_say_and_no_more(role: Role, world: World) -> None:
    for seat in world.seats(role):
        user = make_user(role, seat)
        allowed = _allowed(user)
        with acting(Channel.PAGE, user):
            seen = {model: set(_keys(model)) for model in allowed}
            events = _bare("SELECT count(*) FROM audit_auditevent")[0][0]
        assert seen == allowed, (role, seat.kind, seat.province_id)
        assert bool(events) == (Permission.AUDIT_VIEW in user.permissions)


@pytest.mark.parametrize("role", Role)
def test_what_a_role_cannot_see_it_can_neither_change_nor_remove(role: Role, world: World) -> None:
    for seat in world.seats(role):
        user = make_user(role, seat)
        allowed = _allowed(user)
        with acting(Channel.PAGE, user):
            for model, visible in allowed.items():
                table, key = model._meta.db_table, model._meta.pk.column
                for statement in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):
                    try:
                        with transaction.atomic():
                            touched = _bare(statement)[0][0]
                            transaction.set_rollback(True)
                    except DatabaseError:
                        continue  # refused by grant, by trigger or by a row that still points there
                    assert touched <= len(visible), (role, statement)


def test_who_removes_a_file_without_seeing_into_it_leaves_nothing_of_it(world: World) -> None:
    """The content goes by the hand of the database; nobody takes it away and leaves the file."""
    officer = make_user(Role.PROTECTION_OFFICER, world.directorates["TR-06"])
    file = Attachment.objects.filter(person__holdings__province=officer.institution.province_id)[0]
    with acting(Channel.PAGE, officer):
        assert _bare("DELETE FROM persons_attachmentcontent") == [(0,)]
        assert bool(_keys(AttachmentContent)) == (Permission.PERSONS_REVEAL in officer.permissions)
        _bare(
            "UPDATE persons_attachment SET removed_at = now(), removal_reason = 'duplicate' WHERE id = %s", [file.pk]
        )
    assert Attachment.objects.filter(pk=file.pk).exists()
    assert not AttachmentContent.objects.filter(pk=file.pk).exists()


@pytest.mark.parametrize("column", ["sealed", "sealed_name"])
def test_no_bytes_of_a_file_lie_where_its_row_is_seen(world: World, column: str) -> None:
    with pytest.raises(DatabaseError, match="does not exist"), transaction.atomic():
        _bare(f"SELECT {column} FROM persons_attachment")


def test_where_nobody_acts_nothing_exists(world: World) -> None:
    with acting(Channel.PAGE, None):
        for model in _allowed(make_user()):
            assert _bare(f"SELECT count(*) FROM {model._meta.db_table}") == [(0,)], model
        assert _bare("SELECT count(*) FROM audit_auditevent") == [(0,)]
        assert _bare("SELECT count(*) FROM procrastinate_jobs") == [(0,)]


def test_a_closed_account_sees_nothing(world: World) -> None:
    user = make_user(Role.CENTRAL_UNIT, world.centre, is_active=False)
    with acting(Channel.PAGE, user):
        assert not Case.objects.exists()
        assert not Person.objects.exists()


def test_a_forgotten_filter_returns_the_own_rows_only(world: World) -> None:
    officer = make_user(Role.FRONTLINE_OFFICER, world.police["TR-35"])
    with acting(Channel.PAGE, officer):
        assert {case.institution_id for case in Case.objects.all()} == {officer.institution_id}


def _hold(person: Person, officer: User) -> str:
    return (
        f"INSERT INTO persons_holding (person_id, institution_id, since) "
        f"VALUES ({person.pk}, {officer.institution_id}, now())"
    )


def _speak_for(_person: Person, officer: User) -> str:
    other = make_user(Role.FRONTLINE_OFFICER)
    return (
        "INSERT INTO audit_auditevent (reference, at, action, actor_id, subjects, facts, channel) "
        f"VALUES (gen_random_uuid(), now(), 'case_viewed', {other.pk}, '{{}}', '{{}}', 'page')"
    )


def _open_elsewhere(person: Person, officer: User) -> str:
    elsewhere = make_institution(InstitutionKind.POLICE, "TR-35")
    columns = (
        "reference, number, person_id, institution_id, opened_on, stage, is_child, is_with_authority, is_urgent, "
    )
    columns += "source, signal, is_historic, opened_on_precision, outcome, closing_reason, charged_articles, "
    columns += "recorded_at, version"
    values = f"gen_random_uuid(), '2026-99-000001', {person.pk}, {elsewhere.pk}, current_date, 'screening', false, "
    values += "false, false, 'kalkan', '', false, 'day', '', '', '{}', now(), 1"
    return f"INSERT INTO cases_case ({columns}) VALUES ({values})"


def _defer(_person: Person, _officer: User) -> str:
    return "INSERT INTO procrastinate_jobs (task_name, queue_name) VALUES ('exchange.import', 'default')"


@pytest.mark.parametrize("attempt", [_hold, _speak_for, _open_elsewhere, _defer])
def test_no_row_is_written_into_what_is_not_ones_own(world: World, attempt: Callable[[Person, User], str]) -> None:
    """To hold a person would be to see the person: nobody can take hold of one whom they do not see."""
    officer = make_user(Role.FRONTLINE_OFFICER, world.police["TR-06"])
    stranger = Person.objects.get(cases__institution=world.police["TR-35"], cases__stage="screening")
    statement = attempt(stranger, officer)
    with (
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
        acting(Channel.PAGE, officer),
    ):
        _bare(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET facts = '{}'",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent",
        "DELETE FROM cases_stagechange",
        "ALTER TABLE cases_case DISABLE ROW LEVEL SECURITY",
        "DROP POLICY reading ON cases_case",
        "SET session_replication_role = replica",
        "DELETE FROM django_migrations",
        "ALTER ROLE kalkan_app BYPASSRLS",
    ],
)
def test_the_runtime_role_has_no_grip_on_the_walls(world: World, statement: str) -> None:
    officer = make_user(Role.CENTRAL_UNIT, world.centre)
    with pytest.raises(DatabaseError), transaction.atomic(), acting(Channel.PAGE, officer):
        _bare(statement)


def test_the_runtime_role_owns_nothing_and_bypasses_nothing() -> None:
    role = _bare(
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = %s",
        [RUNTIME_ROLE],
    )
    assert role == [(False, False, False, False, False)]
    assert _bare("SELECT count(*) FROM pg_class WHERE relowner = %s::regrole", [RUNTIME_ROLE]) == [(0,)]


def test_every_table_is_protected_or_has_a_reason_not_to_be() -> None:
    tables = _bare(
        "SELECT c.relname, c.relrowsecurity, (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public'"
    )
    unprotected = {name for name, is_protected, policies in tables if not (is_protected and policies)}
    unexplained = {name for name in unprotected if not name.startswith(tuple(OPEN_TABLES))}
    assert not unexplained, f"Give these tables a row policy, or a reason in OPEN_TABLES: {sorted(unexplained)}"


def test_every_table_that_points_to_a_person_or_a_case_is_protected() -> None:
    """By the foreign keys of the database, at any distance: a reason in OPEN_TABLES does not excuse these."""
    pointing = _bare(
        "WITH RECURSIVE pointing AS ("
        "  SELECT oid FROM pg_class WHERE relname IN ('persons_person', 'cases_case') AND relkind = 'r'"
        "  UNION SELECT k.conrelid FROM pg_constraint k JOIN pointing p ON k.confrelid = p.oid WHERE k.contype = 'f')"
        "SELECT c.relname FROM pointing p JOIN pg_class c ON c.oid = p.oid WHERE NOT c.relrowsecurity"
    )
    assert pointing == []


def test_every_view_shows_what_its_reader_may_see() -> None:
    blind = _bare(
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
        "WHERE relkind = 'v' AND nspname = 'public' "
        "AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)"
    )
    assert blind == []


def test_every_model_of_the_rooms_is_met_above() -> None:
    rooms = ("persons", "cases", "assistance", "exchange")
    known = {model._meta.db_table for model in _allowed(make_user())} | {"persons_holding"}
    tables = {
        model._meta.db_table
        for room in rooms
        for model in apps.get_app_config(room).get_models()
        if model._meta.managed and not model._meta.db_table.startswith(tuple(OPEN_TABLES))
    }
    assert tables | {"access_shelterplace"} == known  # the one table of its room that has a secret


def test_counting_opens_the_cases_and_never_the_vault(world: World) -> None:
    analyst = make_user(Role.ANALYST, world.centre)
    with acting(Channel.PAGE, analyst), beyond_reach(Task.FIGURES):
        assert Case.objects.count() == 6
        assert not PersonName.objects.exists()
        assert not SealedText.objects.exists()
        assert not Consent.objects.exists()
