"""The pages of an emergency: opened by its exact number, in sight of others, with no way to change anything."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kalkan.access.emergencies import end_emergency
from kalkan.access.models import Emergency, User
from kalkan.access.roles import Permission, Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases.emergencies import open_case_in_emergency
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from tests.cases import story
from tests.factories import make_case, make_institution, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def elsewhere() -> Case:
    return story.at(Stage.IDENTIFICATION, story.make_province_team("TR-01"))


@pytest.fixture
def officer() -> User:
    return make_user(Role.FRONTLINE_OFFICER, make_institution("police", "TR-06"))


def post(client: Client, record: str, ground: str = "medical", key: str = "") -> object:
    return client.post("/emergencies/open/", {"record": record, "ground": ground, "request_key": key or str(uuid4())})


def test_the_exact_number_leads_to_the_case_which_says_until_when_and_offers_no_change(
    signed_in: SignIn, officer: User, elsewhere: Case
) -> None:
    client = signed_in(officer)
    page = f"/case/{elsewhere.reference}/"
    assert client.get(page).status_code == 404

    answer = post(client, f"  {elsewhere.number} ")
    assert answer.url == page  # type: ignore[attr-defined]
    content = client.get(page).content.decode()

    emergency = Emergency.objects.get()
    assert f"/emergencies/{emergency.reference}/end/" in content
    assert f"/persons/{elsewhere.person.reference}/reveal/" in content
    ways = (
        "change",
        "assign",
        "exploitation",
        "perpetrator",
        "link",
        "close",
        "break-off",
        "identification-interview",
    )
    for way in (*ways, "draft", "screening"):
        assert f"/cases/{elsewhere.reference}/{way}/" not in content, way
    assert f"/persons/{elsewhere.person.reference}/consent/" not in content
    person = client.get(f"/persons/{elsewhere.person.reference}/").content.decode()
    for way in ("correct", "consent"):
        assert f"/persons/{elsewhere.person.reference}/{way}/" not in person
    assert "/cases/open/" not in person


def test_a_form_of_the_case_cannot_be_reached_or_sent_and_that_is_recorded(
    signed_in: SignIn, officer: User, elsewhere: Case
) -> None:
    client = signed_in(officer)
    post(client, elsewhere.number)
    for path in (f"/cases/{elsewhere.reference}/exploitation/", f"/persons/{elsewhere.person.reference}/correct/"):
        for answer in (client.get(path), client.post(path, {})):
            assert answer.status_code == 403, path
    refused = AuditEvent.objects.filter(action=Event.REFUSED, actor=officer)
    assert [event.facts["permission"] for event in refused] == [Permission.EMERGENCY_OPEN.value] * 4


def test_ending_it_closes_the_page_at_once(signed_in: SignIn, officer: User, elsewhere: Case) -> None:
    client = signed_in(officer)
    post(client, elsewhere.number)
    emergency = Emergency.objects.get()
    assert client.get(f"/emergencies/{emergency.reference}/end/").status_code == 405
    assert client.post(f"/emergencies/{emergency.reference}/end/").status_code == 302
    for path in (f"/case/{elsewhere.reference}/", f"/persons/{elsewhere.person.reference}/"):
        assert client.get(path).status_code == 404
    assert signed_in(make_user(Role.FRONTLINE_OFFICER)).post(
        f"/emergencies/{emergency.reference}/end/"
    ).status_code == 404  # fmt: skip


def test_what_is_wrong_is_said_and_what_was_typed_stays(signed_in: SignIn, officer: User, elsewhere: Case) -> None:
    client = signed_in(officer)
    for record, ground in (("2026-01-9", "medical"), (elsewhere.number, ""), ("", "medical"), ("\x00", "medical"),
                           (str(uuid4()), "medical"), (elsewhere.number, "because")):  # fmt: skip
        answer = post(client, record, ground)
        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert 'role="alert"' in answer.content.decode()  # type: ignore[attr-defined]
    assert not Emergency.objects.exists()


def test_sent_twice_it_is_one(signed_in: SignIn, officer: User, elsewhere: Case) -> None:
    client, key = signed_in(officer), str(uuid4())
    assert post(client, elsewhere.number, key=key).url == post(client, elsewhere.number, key=key).url  # type: ignore[attr-defined]
    assert Emergency.objects.count() == 1


@pytest.mark.parametrize("role", [Role.PARTNER, Role.SHELTER_STAFF, Role.ANALYST, Role.ADMINISTRATOR])
def test_roles_without_a_part_in_it_have_no_page(signed_in: SignIn, elsewhere: Case, role: str) -> None:
    client = signed_in(role)
    assert client.get("/emergencies/").status_code == 403
    assert client.get("/emergencies/open/").status_code == 403
    assert post(client, elsewhere.number).status_code == 403  # type: ignore[attr-defined]


def test_it_stands_at_once_on_the_home_of_supervisor_and_protection_officer(
    signed_in: SignIn, officer: User, elsewhere: Case
) -> None:
    near = make_user(Role.DECIDING_OFFICER, make_institution("migration_province", "TR-06"))
    far = make_user(Role.DECIDING_OFFICER, make_institution("migration_province", "TR-35"))
    reviewer = make_user(Role.DATA_PROTECTION_OFFICER)
    post(signed_in(officer), elsewhere.number)
    reference = Emergency.objects.get().reference
    link = 'class="note note-warning"'
    for user, sees in ((near, True), (reviewer, True), (far, False)):
        client = signed_in(user)
        assert (link in client.get("/").content.decode()) == sees, user.role
        assert client.get(f"/emergencies/{reference}/").status_code == (200 if sees else 404)
        assert (str(reference) in client.get("/emergencies/").content.decode()) == sees
    assert elsewhere.number in signed_in(officer).get("/").content.decode()


def test_the_review_shows_what_was_read_and_is_written_once(signed_in: SignIn, officer: User, elsewhere: Case) -> None:
    client = signed_in(officer)
    post(client, elsewhere.number)
    client.post(f"/persons/{elsewhere.person.reference}/reveal/", {"purpose": "interview"})
    emergency = Emergency.objects.get()
    path = f"/emergencies/{emergency.reference}/"
    reviewer = signed_in(Role.DATA_PROTECTION_OFFICER)
    assert "finding" not in reviewer.get(path).content.decode()  # still open
    end_emergency(emergency.reference, by=officer)

    page = reviewer.get(path)
    assert [event.action for event in page.context["events"]] == [Event.EMERGENCY_OPENED, Event.IDENTITY_REVEALED]
    assert reviewer.post(path, {"finding": "nonsense"}).status_code == 422
    assert client.post(path, {"finding": "good_faith"}).status_code == 403
    assert reviewer.post(path, {"finding": "good_faith"}).status_code == 302
    assert reviewer.post(path, {"finding": "curiosity"}).status_code == 422
    emergency.refresh_from_db()
    assert (emergency.verdict, emergency.finding) == ("justified", "good_faith")


def test_the_list_asks_as_often_for_twenty_as_for_one(
    signed_in: SignIn, elsewhere: Case, django_assert_num_queries: object
) -> None:
    reviewer = signed_in(Role.DATA_PROTECTION_OFFICER)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert reviewer.get("/emergencies/").status_code == 200
        return len(asked)

    def opened() -> None:
        user = make_user(Role.FRONTLINE_OFFICER)
        open_case_in_emergency(elsewhere.number, by=user, ground="medical")

    opened()
    one = queries()
    for _number in range(19):
        opened()
    assert queries() == one


def test_overdue_reviews_stand_where_overdue_work_stands(signed_in: SignIn, officer: User, elsewhere: Case) -> None:
    make_case(None, officer.institution)
    emergency = open_case_in_emergency(elsewhere.number, by=officer, ground="medical")
    unit = signed_in(make_user(Role.CENTRAL_UNIT, make_institution("migration_centre", None)))
    assert unit.get("/cases/oversight/").context["late_reviews"] == 0
    with connection.cursor() as cursor:  # as if days had passed: a row is never changed, so the trigger is off
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE access_emergency DISABLE TRIGGER USER")
        cursor.execute("UPDATE access_emergency SET review_due_on = review_due_on - 30")
    assert emergency.review_due_on
    assert unit.get("/cases/oversight/").context["late_reviews"] == 1
    assert unit.get("/").context["emergencies"].overdue == 1
    assert "due-late" in signed_in(Role.DATA_PROTECTION_OFFICER).get("/").content.decode()
