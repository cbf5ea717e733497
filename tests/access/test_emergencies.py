"""A record beyond one's reach: opened by its exact number, for a short time, to be read only, in sight of others."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail as outbox
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import timezone

from kalkan.access import emergencies, mail, policy, tasks
from kalkan.access.emergencies import NotOpened
from kalkan.access.models import Emergency, User
from kalkan.access.policy import ReadOnly
from kalkan.access.roles import MATRIX, SEATS, InstitutionKind, Permission, Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases import policy as cases
from kalkan.cases import selectors as case_lists
from kalkan.cases import services as case_services
from kalkan.cases.emergencies import open_case_in_emergency
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case
from kalkan.exchange.lists import LISTS
from kalkan.persons import policy as persons
from kalkan.persons import selectors as person_lists
from kalkan.persons import services as person_services
from kalkan.persons.details import NameGiven, PersonDetails
from kalkan.persons.emergencies import open_person_in_emergency
from tests.factories import make_case, make_institution, make_user

pytestmark = pytest.mark.django_db
GROUND = "danger_to_life"
MAY = {role for role, (_scope, held) in MATRIX.items() if Permission.EMERGENCY_OPEN in held}


@pytest.fixture
def elsewhere() -> Case:
    """A case of another province, with a person who has a name."""
    institution = make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-01")
    expert = make_user(Role.IDENTIFICATION_EXPERT, institution)
    person = person_services.record_person(PersonDetails(names=(NameGiven("given", "Uydurma", "Kişi"),)), by=expert)
    return make_case(person, institution, is_with_authority=True)


@pytest.fixture
def officer() -> User:
    return make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.POLICE, "TR-06"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], datetime]:
    """The wall clock, which a test may move."""
    moved = timedelta()

    def now() -> datetime:
        return datetime.now(tz=timezone.get_default_timezone()) + moved

    def move(by: timedelta) -> datetime:
        nonlocal moved
        moved += by
        return now()

    monkeypatch.setattr(timezone, "now", now)
    return move


def test_those_at_the_front_may_open_one_and_nobody_else() -> None:
    assert {
        Role.HELPLINE_OPERATOR,
        Role.FRONTLINE_OFFICER,
        Role.IDENTIFICATION_EXPERT,
        Role.DECIDING_OFFICER,
        Role.PROTECTION_OFFICER,
    } == MAY


@pytest.mark.parametrize("role", Role.values)
def test_no_other_role_opens_anything(role: str, elsewhere: Case) -> None:
    kind = sorted(SEATS[Role(role)], key=lambda one: one == InstitutionKind.MIGRATION_CENTRE)[0]
    user = make_user(role, make_institution(kind, "TR-06"))
    if role in MAY:
        open_case_in_emergency(elsewhere.number, by=user, ground=GROUND)
        assert cases.cases.visible(user).filter(pk=elsewhere.pk).exists()
        return
    with pytest.raises(PermissionDenied):
        open_case_in_emergency(elsewhere.number, by=user, ground=GROUND)
    # Not even with a row that somebody else put there.
    now = timezone.now()
    Emergency.objects.create(
        user=user, person=elsewhere.person.reference, case=elsewhere.reference, named="x", ground=GROUND,
        ends_at=now + timedelta(hours=1), review_due_on=now.date(),
    )  # fmt: skip
    seen_anyway = cases.cases.own(user).filter(pk=elsewhere.pk).exists()
    assert cases.cases.visible(user).filter(pk=elsewhere.pk).exists() == seen_anyway


def test_it_shows_the_case_and_its_person_and_reveals_who_it_is(officer: User, elsewhere: Case) -> None:
    with pytest.raises(Http404):
        cases.cases.fetch(officer, reference=elsewhere.reference)
    open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)

    assert cases.cases.fetch(officer, reference=elsewhere.reference) == elsewhere
    details = person_services.reveal_identity(elsewhere.person.reference, by=officer, purpose="interview")
    assert details.names[0].given == "Uydurma"


def test_a_person_opened_by_reference_shows_no_case(officer: User, elsewhere: Case) -> None:
    open_person_in_emergency(elsewhere.person.reference, by=officer, ground=GROUND)

    assert persons.persons.visible(officer).get() == elsewhere.person
    assert not cases.cases.visible(officer).exists()


def test_no_other_case_of_the_person_or_the_province_is_shown(officer: User, elsewhere: Case) -> None:
    make_case(elsewhere.person, elsewhere.institution, is_with_authority=True)
    make_case(None, elsewhere.institution, is_with_authority=True)
    open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)

    assert cases.cases.visible(officer).get() == elsewhere
    assert persons.persons.visible(officer).get() == elsewhere.person


def test_lists_search_and_exports_do_not_take_it_up(officer: User, elsewhere: Case) -> None:
    expert = make_user(Role.IDENTIFICATION_EXPERT, make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-06"))
    for user in (officer, expert):
        open_case_in_emergency(elsewhere.number, by=user, ground=GROUND)
        assert not case_lists.work_list(user).exists()
        assert not case_lists.all_cases(user).exists()
        assert person_lists.search(user, "Uydurma Kişi") == []
    for name in ("cases", "worklist"):
        assert list(LISTS[name].find(expert, {})) == []  # type: ignore[arg-type]


def test_nothing_can_be_changed_through_it(officer: User, elsewhere: Case) -> None:
    open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)
    person = elsewhere.person
    today = timezone.localdate()
    acts: list[Callable[[], object]] = [
        lambda: case_services.open_case(person, by=officer, signal="police", on=today),
        lambda: case_services.start_screening(
            elsewhere.reference, by=officer, profile="adult_labour", held_on=today, place="police_station"
        ),
        lambda: case_services.break_off(elsewhere.reference, by=officer, on=today, reason="missing"),
        lambda: case_services.record_episode(elsewhere.reference, by=officer, forms=["labour"]),
        lambda: case_services.link_cases(elsewhere.reference, elsewhere.reference, kind="family", by=officer),
        lambda: person_services.change_person(person.reference, PersonDetails(), by=officer, version=1),
        lambda: person_services.seal_text(person, "note", "words", by=officer),
        lambda: person_services.give_consent(
            person.reference, by=officer, purpose="shelter", recipient=officer.institution, categories=["identity"],
            language="tr", given_how="written", given_on=today,
        ),
    ]  # fmt: skip
    for number, act in enumerate(acts):
        with pytest.raises(ReadOnly), transaction.atomic():
            act()
        assert persons.persons.own(officer).count() == 0, number


def test_the_case_is_not_put_into_the_hands_of_somebody_who_only_sees_it_so(officer: User, elsewhere: Case) -> None:
    decider = make_user(Role.DECIDING_OFFICER, elsewhere.institution)
    open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)
    with pytest.raises(NotPossible):
        case_services.assign_case(elsewhere.reference, to=officer, by=decider)


def test_every_event_on_what_was_opened_names_the_emergency_and_no_other_does(officer: User, elsewhere: Case) -> None:
    emergency = open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)
    own = make_case(None, officer.institution)
    person_services.reveal_identity(elsewhere.person.reference, by=officer, purpose="interview")
    person_services.reveal_identity(own.person.reference, by=officer, purpose="interview")
    opened, revealed, other = AuditEvent.objects.filter(actor=officer).order_by("id")

    assert opened.action == Event.EMERGENCY_OPENED
    assert revealed.facts["emergency"] == [str(emergency.reference)]
    assert "emergency" not in other.facts


def test_it_ends_by_its_time(officer: User, elsewhere: Case, clock: Callable[[timedelta], datetime]) -> None:
    emergency = open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)
    assert emergency.ends_at - emergency.opened_at == timedelta(minutes=60)

    clock(timedelta(minutes=59, seconds=50))
    assert cases.cases.visible(officer).exists()
    clock(timedelta(seconds=11))
    assert not cases.cases.visible(officer).exists()
    with pytest.raises(Http404):
        person_services.reveal_identity(elsewhere.person.reference, by=officer, purpose="interview")


def test_ending_it_closes_at_once_and_only_its_user_does(officer: User, elsewhere: Case) -> None:
    emergency = open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)
    reviewer = make_user(Role.DATA_PROTECTION_OFFICER)
    with pytest.raises(Http404):
        emergencies.end_emergency(emergency.reference, by=reviewer)
    emergencies.end_emergency(emergency.reference, by=officer)
    again = emergencies.end_emergency(emergency.reference, by=officer)

    assert not cases.cases.visible(officer).exists()
    assert AuditEvent.objects.filter(action=Event.EMERGENCY_ENDED).count() == 1
    assert again.ended_at is not None


def test_a_role_taken_away_closes_it(officer: User, elsewhere: Case) -> None:
    open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)
    officer.role = Role.PARTNER
    assert not cases.cases.visible(officer).exists()
    officer.role, officer.is_active = Role.FRONTLINE_OFFICER, False
    assert not cases.cases.visible(officer).exists()


def test_the_same_form_sent_twice_opens_one(officer: User, elsewhere: Case) -> None:
    key = uuid4()
    first = open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND, request_key=key)
    assert open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND, request_key=key) == first


@pytest.mark.parametrize("number", ["", "2026", "%", "2026-01-", "2026-01-000999x"])
def test_only_the_whole_number_opens_and_misses_are_counted(officer: User, elsewhere: Case, number: str) -> None:
    for _attempt in range(5):
        with pytest.raises(NotOpened):
            open_case_in_emergency(number, by=officer, ground=GROUND)
    assert AuditEvent.objects.filter(action=Event.EMERGENCY_MISSED, actor=officer).count() == 5
    with pytest.raises(NotOpened):
        open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)
    with pytest.raises(NotOpened):
        open_person_in_emergency(uuid4(), by=officer, ground=GROUND)
    assert not Emergency.objects.exists()


def test_what_is_refused_says_why(officer: User, elsewhere: Case) -> None:
    own = make_case(None, officer.institution)
    for number, ground in ((own.number, GROUND), (elsewhere.number, "because"), (elsewhere.number, "")):
        with pytest.raises(NotOpened):
            open_case_in_emergency(number, by=officer, ground=ground)
    others = [make_case(None, elsewhere.institution) for _number in range(3)]
    for case in others[:2]:
        open_case_in_emergency(case.number, by=officer, ground=GROUND)
    with pytest.raises(NotOpened):
        open_case_in_emergency(others[2].number, by=officer, ground=GROUND)


# --- seen and reviewed -------------------------------------------------------------------------------------------


def test_supervisor_and_protection_officer_are_told_and_see_it_and_strangers_do_not(
    officer: User, elsewhere: Case
) -> None:
    near = make_user(Role.DECIDING_OFFICER, make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-06"))
    far = make_user(Role.DECIDING_OFFICER, elsewhere.institution)
    centre = make_institution(InstitutionKind.MIGRATION_CENTRE, None)
    unit, reviewer = make_user(Role.CENTRAL_UNIT, centre), make_user(Role.DATA_PROTECTION_OFFICER, centre)
    emergency = open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)

    told = set(emergencies.told(emergency))
    assert {near, reviewer} <= told
    assert not {far, unit, officer} & told
    for user, sees in ((near, True), (reviewer, True), (unit, True), (far, False)):
        assert emergencies.unreviewed(user).filter(pk=emergency.pk).exists() == sees, user.role
        assert policy.emergencies.visible(user).filter(pk=emergency.pk).exists() == sees
    assert policy.emergencies.visible(officer).get() == emergency
    assert not emergencies.unreviewed(officer).exists()


def test_where_a_province_has_no_supervisor_the_centre_is_told(officer: User, elsewhere: Case) -> None:
    unit = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    assert unit in emergencies.told(open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND))


def test_mail_leaves_on_commit_and_says_nothing_of_anybody(officer: User, elsewhere: Case, settings: object) -> None:
    reviewer = make_user(Role.DATA_PROTECTION_OFFICER, language="en")
    emergency = open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'access.tell'")
        assert cursor.fetchone() == (1,)
    assert outbox.outbox == []

    tasks.tell(str(emergency.reference))
    (sent,) = [one for one in outbox.outbox if one.to == [reviewer.email]]
    text = f"{sent.subject} {sent.body}"
    assert "emergency" in text
    for secret in (elsewhere.number, str(elsewhere.reference), officer.full_name, officer.email):
        assert secret not in text
    assert mail.tell_of_emergency(emergency.reference) == len(emergencies.told(emergency))


def test_nothing_is_told_of_an_emergency_that_was_rolled_back(officer: User, elsewhere: Case) -> None:
    with transaction.atomic():
        open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'access.tell'")
        assert cursor.fetchone() == (0,)


def test_it_is_reviewed_once_when_it_is_over_and_not_by_its_user(officer: User, elsewhere: Case) -> None:
    reviewer, second = make_user(Role.DATA_PROTECTION_OFFICER), make_user(Role.DATA_PROTECTION_OFFICER)
    emergency = open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)
    with pytest.raises(NotOpened):
        emergencies.review_emergency(emergency.reference, by=reviewer, finding="danger_confirmed")
    emergencies.end_emergency(emergency.reference, by=officer)
    with pytest.raises(PermissionDenied):
        emergencies.review_emergency(emergency.reference, by=officer, finding="danger_confirmed")
    with pytest.raises(NotOpened):
        emergencies.review_emergency(emergency.reference, by=reviewer, finding="fine")
    done = emergencies.review_emergency(emergency.reference, by=reviewer, finding="curiosity")
    assert emergencies.review_emergency(emergency.reference, by=reviewer, finding="curiosity") == done
    with pytest.raises(NotOpened):
        emergencies.review_emergency(emergency.reference, by=second, finding="danger_confirmed")

    assert (done.verdict, done.reviewed_by) == (Emergency.Verdict.NOT_JUSTIFIED, reviewer)
    assert AuditEvent.objects.filter(action=Event.EMERGENCY_REVIEWED).count() == 1
    assert not emergencies.unreviewed(reviewer).exists()


def test_unreviewed_after_two_working_days_it_is_overdue(
    officer: User, elsewhere: Case, clock: Callable[[timedelta], datetime]
) -> None:
    emergency = open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)
    clock(timedelta(days=(emergency.review_due_on - timezone.localdate()).days))
    assert not emergency.is_overdue
    clock(timedelta(days=1))
    assert emergency.is_overdue


@pytest.mark.parametrize(
    "change",
    [
        "ends_at = ends_at + interval '1 day'",
        "person = gen_random_uuid()",
        "ended_at = NULL",
        "ground = 'x'",
        "named = 'x'",
    ],
)
def test_the_database_keeps_an_emergency_as_it_was_opened(officer: User, elsewhere: Case, change: str) -> None:
    emergency = open_case_in_emergency(elsewhere.number, by=officer, ground=GROUND)
    emergencies.end_emergency(emergency.reference, by=officer)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in (
        f"UPDATE access_emergency SET {change}",
        "DELETE FROM access_emergency",
        "TRUNCATE access_emergency",
    ):
        with (
            pytest.raises(DatabaseError, match="stays as it was opened"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert UUID(str(emergency.reference))
