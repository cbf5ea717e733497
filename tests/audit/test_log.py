import json
from datetime import UTC, date, datetime
from math import inf, nan
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.audit import selectors
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent, Channel
from kalkan.audit.selectors import Filter
from kalkan.audit.services import NotAFact, acting_through, build, record, record_many
from tests.factories import make_user

TABLE = AuditEvent._meta.db_table


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {TABLE} SET action = 'x'",
        f"UPDATE {TABLE} SET facts = '{{}}' WHERE id = (SELECT max(id) FROM {TABLE})",
        f"DELETE FROM {TABLE}",
        f"TRUNCATE {TABLE}",
        f"TRUNCATE {TABLE} CASCADE",
    ],
)
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_the_database_refuses_to_change_or_remove_an_event(statement: str, role: str) -> None:
    """Also where a session has switched ordinary triggers off."""
    written = record(Event.PERSON_VIEWED, uuid4(), by=None)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"SET LOCAL session_replication_role = {role}")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")

    assert AuditEvent.objects.get(reference=written.reference).action == Event.PERSON_VIEWED


@pytest.mark.django_db
def test_the_refusal_holds_for_the_rows_of_the_orm_too() -> None:
    record(Event.PERSON_VIEWED, by=None)
    written = AuditEvent.objects.latest("id")
    for act in (written.delete, written.save, AuditEvent.objects.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()


@pytest.mark.django_db
def test_events_of_one_request_carry_one_reference() -> None:
    with acting_through(Channel.PAGE) as context:
        first, second = record(Event.PERSON_VIEWED, by=None), record(Event.CASE_VIEWED, by=None)
    alone = record(Event.CASE_VIEWED, by=None)

    assert first.request == second.request == context.request != alone.request
    assert (first.channel, alone.channel) == (Channel.PAGE, Channel.COMMAND)


@pytest.mark.django_db
def test_many_events_are_written_as_one_would_be() -> None:
    user, subject = make_user(), uuid4()
    facts = {"source": "CTDC", "count": 3, "codes": ["a", "b"], "is_new": True, "none": None, "path": "a\\b\tc"[:3]}
    record(Event.RECORD_IMPORTED, subject, user, by=user, facts=facts)
    record_many([build(Event.RECORD_IMPORTED, subject, user, by=user, facts=facts)])

    one, many = AuditEvent.objects.order_by("-id")[:2]
    for name in ("action", "actor_id", "subjects", "facts", "channel"):
        assert getattr(one, name) == getattr(many, name), name
    assert one.reference != many.reference


@pytest.mark.django_db
def test_many_events_are_written_at_once_and_none_is_no_error() -> None:
    events = [build(Event.PERSON_VIEWED, uuid4(), by=None) for _number in range(3000)]
    before = AuditEvent.objects.count()

    record_many(events)
    record_many([])

    assert AuditEvent.objects.count() == before + 3000


@pytest.mark.parametrize(
    "facts",
    [
        {"note": "Ayşe Yılmaz called"},
        {"note": "two\nlines"},
        {"note": "x" * 81},
        {"note": "a\tb"},
        {"note": "a\x00b"},
        {"two words": 1},
        {3: "x"},
        {"when": date(2026, 1, 1)},
        {"who": uuid4()},
        {"bytes": b"x"},
        {"number": nan},
        {"number": inf},
        {"many": ["fine", "not fine"]},
        {"deep": {"deeper": {"deepest": {"x": 1}}}},
        {"deep": {"not a code": 1}},
        {"long": ["x" * 80] * 400},
    ],
)
def test_what_could_be_free_text_does_not_get_into_the_log(facts: dict) -> None:
    with pytest.raises(NotAFact) as refused:
        build(Event.PERSON_VIEWED, by=None, facts=facts)
    assert "Ayşe" not in str(refused.value)


_words = st.text(max_size=100)
_facts = st.dictionaries(
    _words,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | _words,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_words, inner, max_size=4),
        max_leaves=10,
    ),
    max_size=5,
)


@given(_facts)
def test_facts_that_get_in_are_plain_json_without_spaces(facts: dict) -> None:
    try:
        kept = build(Event.PERSON_VIEWED, by=None, facts=facts).facts
    except NotAFact:
        return
    assert json.loads(json.dumps(kept, allow_nan=False)) == kept
    for text in _texts(kept):
        assert len(text) <= 80
        assert not any(letter.isspace() for letter in text)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in [key, *_texts(inner)]]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return []


def test_every_event_is_named_room_thing_action_and_has_words() -> None:
    for event in Event:
        assert event.value.count(":") == 2
        assert len(event.value) <= 40
        assert str(event.label)


# --- the page of the data protection officer ---------------------------------------------------------------------


@pytest.fixture
def officer() -> User:
    return make_user(Role.DATA_PROTECTION_OFFICER)


@pytest.fixture
def page(officer: User) -> Client:
    client = Client(headers={"accept-language": "tr"})
    client.force_login(officer)
    return client


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def write(
    event: Event = Event.PERSON_VIEWED, *subjects: UUID, by: User | None = None, when: datetime | None = None
) -> AuditEvent:
    written = build(event, *subjects, by=by)
    if when is not None:
        written.at = when
    written.save(force_insert=True)
    return written


@pytest.mark.django_db
def test_events_are_found_by_account_subject_action_and_day() -> None:
    user, subject = make_user(), uuid4()
    wanted = write(Event.CASE_VIEWED, subject, uuid4(), by=user, when=at(2020, 5, 4))
    write(Event.CASE_VIEWED, uuid4(), by=make_user(), when=at(2020, 5, 6))

    day = date(2020, 5, 4)
    for asked in (
        Filter(actor=user.reference),
        Filter(subject=subject),
        Filter(first=day, last=day),
        Filter(action=Event.CASE_VIEWED, last=date(2020, 5, 5)),
        Filter(user.reference, subject, Event.CASE_VIEWED, day, day),
    ):
        assert [event.pk for event in selectors.events(asked).events] == [wanted.pk]
    assert selectors.events(Filter(actor=user.reference, action=Event.CASE_MOVED)).events == []


@pytest.mark.django_db
def test_a_day_is_a_day_of_the_country() -> None:
    late = write(when=at(2020, 5, 4, hour=21))  # already the fifth of May in Istanbul

    assert selectors.events(Filter(first=date(2020, 5, 4), last=date(2020, 5, 4))).events == []
    assert selectors.events(Filter(first=date(2020, 5, 5), last=date(2020, 5, 5))).events == [late]


@pytest.mark.django_db
def test_slices_follow_each_other_without_a_gap_or_a_repeat() -> None:
    subject = uuid4()
    written = [write(Event.PERSON_VIEWED, subject).pk for _number in range(7)]

    found, before = [], None
    for _slice in range(4):
        part = selectors.events(Filter(subject=subject), before=before, size=3)
        found += [event.pk for event in part.events]
        before = part.next_before
        write()  # newer ones do not move the older slices
        if before is None:
            break

    assert found == written[::-1]


@pytest.mark.django_db
def test_the_page_shows_who_did_what_and_is_recorded_itself(page: Client, officer: User) -> None:
    subject = uuid4()
    actor = make_user(full_name="İşlem Yapan")
    write(Event.IDENTITY_REVEALED, subject, by=actor)

    content = page.get(f"/audit/?subject={subject}", secure=True).content.decode()

    assert "İşlem Yapan" in content
    assert "Kimlik görüldü" in content
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.actor) == (Event.LOG_VIEWED, officer)
    assert event.facts == {"shown": 1, "subject": str(subject)}


@pytest.mark.django_db
def test_an_address_that_is_typed_becomes_a_reference_in_the_address_of_the_page(page: Client) -> None:
    actor = make_user(email="aranan@kalkan.invalid")

    answer = page.post("/audit/", {"who": "Aranan@kalkan.invalid", "first": "2026-01-02"}, secure=True)

    assert answer.headers["Location"] == f"/audit/?who={actor.reference}&first=2026-01-02"
    assert page.get(answer.headers["Location"], secure=True).status_code == 200


@pytest.mark.django_db
def test_what_cannot_be_understood_is_explained(page: Client) -> None:
    typed = {"who": "kimse@kalkan.invalid", "first": "2026-02-02", "last": "2026-01-01", "subject": "x"}

    content = page.post("/audit/", typed, secure=True).content.decode()

    assert "Bu adreste bir hesap yok." in content
    assert "Bu gün, başlangıç gününden önce." in content


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "who=x&subject=y&action=z&first=31.02&last=0000-00-00&before=-1",
        "before=9999999999999999999",
        "last=9999-12-31",
    ],
)
def test_a_mangled_address_is_no_error(page: Client, query: str) -> None:
    assert page.get(f"/audit/?{query}", secure=True).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DATA_PROTECTION_OFFICER])
def test_no_other_role_reads_the_log(role: Role) -> None:
    client = Client()
    client.force_login(make_user(role))

    assert client.get("/audit/", secure=True).status_code == 403
    assert AuditEvent.objects.latest("id").facts == {"permission": "audit:event:view"}


@pytest.mark.django_db
def test_the_page_asks_the_same_number_of_queries_for_one_event_and_fifty(
    page: Client, django_assert_max_num_queries: object
) -> None:
    subject = uuid4()

    def count() -> int:
        with django_assert_max_num_queries(12) as queries:  # type: ignore[operator]
            page.get(f"/audit/?subject={subject}", secure=True)
        return len(queries)

    write(Event.PERSON_VIEWED, subject, by=make_user())
    before = count()
    for _number in range(60):
        write(Event.PERSON_VIEWED, subject, uuid4(), by=make_user())

    assert count() == before
