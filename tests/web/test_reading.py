"""Who read what: found by reference or number, counted, told to the person concerned; never with an identity."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.audit import reading
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.audit.reading import Oddity
from kalkan.audit.services import build, record, record_many
from kalkan.cases.models import Case
from kalkan.cases.selectors import whom
from kalkan.exchange import oversight
from kalkan.vocabulary.calendar import is_working_day
from kalkan.vocabulary.limits import limit
from tests.factories import make_case, make_institution, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def case() -> Case:
    return make_case(None, make_institution("migration_province", "TR-06"), is_with_authority=True)


@pytest.fixture
def expert(case: Case) -> User:
    return make_user(Role.IDENTIFICATION_EXPERT, case.institution, full_name="Okuyan Görevli")


@pytest.fixture
def checker(signed_in: SignIn) -> Client:
    return signed_in(Role.DATA_PROTECTION_OFFICER)


def test_a_person_is_found_by_case_number_person_and_case_reference_and_nothing_stands_in_the_address(
    checker: Client, case: Case
) -> None:
    for named in (case.number, str(case.reference), str(case.person.reference), f" {case.number} "):
        answer = checker.post("/reading/", {"find": "of", "record": named})
        assert answer.url == f"/reading/of/{case.person.reference}/"  # type: ignore[attr-defined]
    for named in ("", case.number[:-1], str(uuid4()), "%"):
        assert checker.post("/reading/", {"find": "of", "record": named}).status_code == 422
    assert checker.get(f"/reading/of/{uuid4()}/").status_code == 404


def test_an_account_is_found_by_address_or_reference(checker: Client, expert: User) -> None:
    for named in (expert.email.upper(), str(expert.reference)):
        answer = checker.post("/reading/", {"find": "by", "who": named})
        assert answer.url == f"/reading/by/{expert.reference}/"  # type: ignore[attr-defined]
    assert checker.post("/reading/", {"find": "by", "who": "nobody@example.invalid"}).status_code == 422
    assert checker.get(f"/reading/by/{uuid4()}/").status_code == 404


def test_readers_of_the_person_are_those_of_every_case_of_the_person_too(
    checker: Client, case: Case, expert: User
) -> None:
    record(Event.CASES_LISTED, case, by=expert)
    record(Event.IDENTITY_REVEALED, case.person, by=expert, facts={"purpose": "interview"})
    record(Event.CASE_VIEWED, make_case(case.person), case.person, by=make_user())
    record(Event.CASE_VIEWED, make_case(), by=make_user())

    page = checker.get(f"/reading/of/{case.person.reference}/")
    found = {one.user: (one.times, one.revealed) for one in page.context["readers"]}
    assert found[expert] == (2, 1)
    assert len(found) == 2
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.subjects) == (Event.READING_VIEWED, [case.person.reference])


def test_what_an_account_saw_comes_in_slices_without_a_gap(checker: Client, case: Case, expert: User) -> None:
    record_many([build(Event.PERSON_VIEWED, case.person, by=expert) for _number in range(120)])
    seen, address = [], f"/reading/by/{expert.reference}/"
    while address:
        page = checker.get(address)
        seen += [event.pk for event in page.context["events"]]
        following = page.context["next_before"]
        address = f"/reading/by/{expert.reference}/?before={following}" if following else ""
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)
    assert checker.get(f"/reading/by/{expert.reference}/?before=x").status_code == 200


def test_the_report_names_institution_act_and_purpose_and_no_officer_and_is_an_event(
    checker: Client, case: Case, expert: User
) -> None:
    record(Event.IDENTITY_REVEALED, case.person, by=expert, facts={"purpose": "interview"})
    content = checker.get(f"/reading/of/{case.person.reference}/report/").content.decode()

    assert str(expert.institution) in content
    assert "Görüşme" in content
    assert expert.full_name not in content
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.subjects, event.facts) == (
        Event.ACCESS_REPORTED,
        [case.person.reference],
        {"count": 1},
    )


@pytest.mark.parametrize("role", [role for role in Role if role != Role.DATA_PROTECTION_OFFICER])
def test_nobody_else_has_these_pages(signed_in: SignIn, case: Case, role: str) -> None:
    client = signed_in(role)
    person = case.person.reference
    paths = ("", "unusual/", f"of/{person}/", f"of/{person}/report/", f"by/{uuid4()}/")
    assert [client.get(f"/reading/{path}").status_code for path in paths] == [403] * 5


def test_each_page_asks_as_often_for_twenty_rows_as_for_one(checker: Client, case: Case, expert: User) -> None:
    person = case.person.reference
    paths = [f"/reading/of/{person}/", f"/reading/of/{person}/report/", f"/reading/by/{expert.reference}/"]
    paths.append("/reading/unusual/?days=30")

    def queries() -> list[int]:
        counts = []
        for path in paths:
            with CaptureQueriesContext(connection) as asked:
                assert checker.get(path).status_code == 200
            counts.append(len(asked))
        return counts

    def read(user: User) -> None:
        record_many([build(Event.PERSON_VIEWED, uuid4(), by=user) for _number in range(40)])
        record_many([build(Event.PERSON_VIEWED, case.person, by=user), build(Event.PERSONS_SEARCHED, by=user)])

    read(expert)
    one = queries()
    for _number in range(19):
        read(make_user(institution=make_institution("police", "TR-34")))
        read(expert)
    assert queries() == one


# --- unusual -----------------------------------------------------------------------------------------------------


def last(hour: int, *, working: bool = True) -> datetime:
    """The latest day before today that is, or is not, a working day, at this hour in the country."""
    moment = timezone.localtime().replace(hour=hour, minute=5, second=0, microsecond=0) - timedelta(days=1)
    while is_working_day(moment.date()) is not working:
        moment -= timedelta(days=1)
    return moment


def write(event: Event, *subjects: object, by: User, when: datetime | None = None, facts: dict | None = None) -> None:
    made = build(event, *subjects, by=by, facts=facts)
    made.at = when or last(10)
    made.save(force_insert=True)


def kinds(user: User, days: int = 30) -> dict[str, int]:
    names = dict(zip((name for name, _rows in oversight.unusual(days)), Oddity, strict=True))
    return {names[name].value: row.times for name, rows in oversight.unusual(days) for row in rows if row.user == user}


def test_thirty_different_records_within_an_hour_are_bulk_and_one_record_often_is_not(expert: User) -> None:
    often = uuid4()
    for _number in range(60):
        write(Event.PERSON_VIEWED, often, by=expert)
    for number in range(28):
        write(Event.CASE_VIEWED, uuid4(), uuid4(), by=expert, when=last(10) + timedelta(minutes=number))
    assert kinds(expert) == {}
    write(Event.IDENTITY_REVEALED, uuid4(), by=expert)
    assert kinds(expert) == {"bulk": 30}


def test_lists_do_not_count_as_opening(expert: User) -> None:
    write(Event.CASES_LISTED, *[uuid4() for _number in range(50)], by=expert)
    assert kinds(expert) == {}


@pytest.mark.parametrize(("hour", "working", "is_odd"), [(6, True, True), (7, True, False), (19, True, False),
                                                         (20, True, True), (12, False, True)])  # fmt: skip
def test_reading_at_night_or_on_a_day_off_is_outside_hours(
    expert: User, hour: int, working: bool, is_odd: bool
) -> None:
    when = last(hour, working=working)
    round_the_clock = make_user(Role.HELPLINE_OPERATOR)
    for _number in range(5):
        write(Event.PERSON_VIEWED, uuid4(), by=expert, when=when)
        write(Event.PERSON_VIEWED, uuid4(), by=round_the_clock, when=when)
    assert kinds(expert) == ({"outside_hours": 5} if is_odd else {})
    assert kinds(round_the_clock) == {}


def test_cases_of_another_province_count_for_officers_of_a_province_only(expert: User, case: Case) -> None:
    centre = make_user(Role.IDENTIFICATION_EXPERT, make_institution("migration_centre", None))
    far = [make_case(None, make_institution("migration_province", "TR-01")) for _number in range(3)]
    for other in (*far, case):
        for user in (expert, centre):
            write(Event.CASE_VIEWED, other, other.person, by=user)
    assert kinds(expert) == {"elsewhere": 3}
    assert kinds(centre) == {}


def test_searches_that_find_nobody_and_wrong_numbers_count_together(expert: User) -> None:
    for _number in range(3):
        write(Event.PERSONS_SEARCHED, by=expert, facts={"shown": 0})
        write(Event.PERSONS_SEARCHED, uuid4(), by=expert, facts={"shown": 1})
        write(Event.EMERGENCY_MISSED, by=expert)
    assert kinds(expert) == {"in_vain": 6}


def test_asking_the_gate_in_vain_counts_by_a_limit_of_its_own(expert: User) -> None:
    most = limit("gate_in_vain").value
    assert most < limit("gate_misses").value, "seen before it is stopped"
    for _number in range(most - 1):
        write(Event.GATE_ASKED, uuid4(), by=expert, facts={"found": False})
        write(Event.GATE_ASKED, uuid4(), by=expert, facts={"found": True})
    assert kinds(expert) == {}
    write(Event.GATE_REFUSED, by=expert)
    assert kinds(expert) == {"gate_in_vain": most}


def test_what_lies_before_the_time_asked_does_not_count(expert: User) -> None:
    for _number in range(6):
        write(Event.PERSONS_SEARCHED, by=expert, facts={"shown": 0}, when=last(10) - timedelta(days=20))
    assert kinds(expert, days=7) == {}
    assert kinds(expert, days=30) == {"in_vain": 6}


def test_the_page_gives_every_limit_with_its_reason(checker: Client) -> None:
    content = checker.get("/reading/unusual/?days=1").content.decode()
    for _name, about, _more, _rows in checker.get("/reading/unusual/").context["parts"]:
        assert about.why in content or about.why.replace("'", "&#x27;") in content


@pytest.mark.parametrize(("look", "index"), [("readers", "audit_event_subjects"), ("reads", "audit_event_actor")])
def test_among_many_events_the_lists_are_found_by_index(case: Case, expert: User, look: str, index: str) -> None:
    others = [make_user().pk for _number in range(20)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {AuditEvent._meta.db_table} (reference, at, action, actor_id, subjects, facts, channel) "
            "SELECT gen_random_uuid(), now(), 'persons:person:view', (%s::bigint[])[1 + n %% 20], "
            "ARRAY[gen_random_uuid()], '{}', 'page' FROM generate_series(1, 20000) n",
            [others],
        )
        cursor.execute(f"ANALYZE {AuditEvent._meta.db_table}")
    record(Event.PERSON_VIEWED, case.person, by=expert)
    rows = {
        "readers": reading.reads_of(whom.records_of(case.person.reference)).order_by("-pk"),
        "reads": reading.reads_by(expert.reference).order_by("-pk")[:50],
    }[look]
    assert index in rows.explain()
