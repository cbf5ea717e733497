"""Sessions are seen, ended, bound to their browser, and run out; a copy of the database opens none."""

import base64
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.http import Http404
from django.test import Client

from kalkan.access import services, sessions, signed_in
from kalkan.access.models import Session, User
from kalkan.access.roles import Role
from kalkan.access.sessions import SessionStore, digest
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from tests.access import entry
from tests.factories import make_user

pytestmark = pytest.mark.django_db
LIST = "/access/sessions/"
FIREFOX, EDGE = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", "Mozilla/5.0 (Windows NT 10.0) Chrome/140 Edg/140"


@pytest.fixture
def user() -> User:
    user = make_user(Role.FRONTLINE_OFFICER)
    user.set_password(entry.PASSWORD)
    user.save()
    return user


def signed_in_client(user: User, agent: str = FIREFOX) -> Client:
    client = Client(headers={"user-agent": agent})
    entry.sign_in(client, user, agent=agent)
    assert entry.is_in(client)
    return client


def cookie(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def latest() -> AuditEvent:
    return AuditEvent.objects.latest("id")


def ended() -> list[str]:
    events = AuditEvent.objects.filter(action=Event.SESSION_ENDED).order_by("id")
    return [event.facts["reason"] for event in events]


def change(client: Client, **values: float) -> None:
    """As if the session had begun, or been used, at another time."""
    store = SessionStore(cookie(client))
    store.update(values)
    store.save()


def test_my_sessions_are_listed_with_browser_and_times_and_nobody_elses(user: User) -> None:
    other = make_user(full_name="Başka Biri")
    other.set_password(entry.PASSWORD)
    other.save()
    signed_in_client(other, "Mozilla/5.0 (X11; Linux) YaBrowser/25")
    signed_in_client(user, EDGE)
    page = signed_in_client(user).get(LIST, secure=True).content.decode()

    assert "Edge, Windows" in page
    assert "Firefox, Windows" in page
    assert "Yandex" not in page
    assert page.count("Bu oturum") == 1


def test_a_second_place_is_told_at_once_and_recorded(user: User) -> None:
    signed_in_client(user)
    client = signed_in_client(user, EDGE)

    assert "1 yerde daha açık" in client.get(LIST, secure=True).content.decode()
    assert AuditEvent.objects.filter(action=Event.SIGNED_IN).latest("id").facts["others"] == 1


def test_an_ended_session_is_refused_with_its_next_request(user: User) -> None:
    lost, here = signed_in_client(user, EDGE), signed_in_client(user)
    reference = signed_in.reference_of(SessionStore(cookie(lost)))
    here.post(f"{LIST}{reference}/end/", secure=True)

    assert lost.get(LIST, secure=True).headers["Location"].startswith(entry.LOGIN)
    assert here.get(LIST, secure=True).status_code == 200
    assert ended() == ["owner"]


def test_a_request_under_way_does_not_bring_an_ended_session_back(user: User) -> None:
    client = signed_in_client(user)
    store = SessionStore(cookie(client))
    assert store[sessions.BROWSER] == "firefox/windows"
    signed_in.end_all(user, reason="administrator", by=None)

    with pytest.raises(UpdateError):
        store.save()
    assert not Session.objects.filter(user=user).exists()


def test_all_others_are_ended_at_once(user: User) -> None:
    others, here = [signed_in_client(user, EDGE) for _number in range(3)], signed_in_client(user)
    here.post(f"{LIST}end-others/", secure=True)

    assert [client.get(LIST, secure=True).status_code for client in [*others, here]] == [302, 302, 302, 200]
    assert ended() == ["owner"] * 3


def test_somebody_elses_session_does_not_exist(user: User) -> None:
    stranger = make_user()
    client = signed_in_client(user)
    reference = signed_in.reference_of(SessionStore(cookie(client)))
    other = Client()
    other.force_login(stranger)

    assert other.post(f"{LIST}{reference}/end/", secure=True).status_code == 404
    with pytest.raises(Http404):
        signed_in.end_session(reference, by=stranger)
    assert client.get(LIST, secure=True).status_code == 200


def test_the_list_asks_the_same_number_of_queries_for_one_session_and_twenty(
    user: User, django_assert_num_queries: Any
) -> None:
    client = signed_in_client(user)
    client.get(LIST, secure=True)  # takes the message of the sign-in

    def count() -> int:
        with django_assert_num_queries(20, exact=False) as queries:
            client.get(LIST, secure=True)
        return len(queries)

    before = count()
    for _number in range(20):
        Client().force_login(user)
    assert Session.objects.filter(user=user).count() == 21
    assert count() == before


def test_half_an_hour_of_rest_ends_a_session_with_a_sentence(user: User) -> None:
    client = signed_in_client(user)
    change(client, seen=time.time() - 29 * 60, begun=time.time() - 3600)
    assert client.get(LIST, secure=True).status_code == 200
    change(client, seen=time.time() - 31 * 60)

    page = client.get(LIST, secure=True, follow=True).content.decode()

    assert "Yarım saat işlem yapılmadığı için" in page
    assert ended() == ["rest"]
    assert latest().subjects == [user.reference]


def test_a_click_a_minute_keeps_a_session_but_ten_hours_end_it(user: User) -> None:
    client = signed_in_client(user)
    change(client, seen=time.time() - 20 * 60, begun=time.time() - 9.9 * 3600)
    client.get(LIST, secure=True)
    row = Session.objects.get(user=user)
    assert row.seen_at > row.begun_at + timedelta(hours=9.8)
    assert row.expire_date == row.begun_at + sessions.ABSOLUTE
    change(client, begun=time.time() - 10.1 * 3600)

    page = client.get(LIST, secure=True, follow=True).content.decode()

    assert "on saat geçtiği için" in page
    assert ended() == ["length"]


def test_a_session_that_another_browser_uses_is_ended_for_both(user: User) -> None:
    client = signed_in_client(user)
    thief = Client(headers={"user-agent": EDGE})
    thief.cookies[settings.SESSION_COOKIE_NAME] = cookie(client)

    page = thief.get(LIST, secure=True, follow=True).content.decode()

    assert "başka bir tarayıcı kullandığı için" in page
    assert client.get(LIST, secure=True).status_code == 302
    assert ended() == ["browser"]


def test_an_update_of_the_browser_ends_nothing(user: User) -> None:
    client = signed_in_client(user)

    assert client.get(LIST, secure=True, HTTP_USER_AGENT=FIREFOX.replace("140", "141")).status_code == 200


def test_the_cookie_changes_with_the_sign_in(user: User) -> None:
    client = Client(headers={"user-agent": FIREFOX})
    client.get(entry.LOGIN, secure=True)
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    entry.sign_in(client, user, agent=FIREFOX)

    assert cookie(client) != session.session_key
    assert not Session.objects.filter(pk=digest(session.session_key)).exists()


def test_a_copy_of_the_table_opens_no_session_and_tells_nothing(user: User) -> None:
    client = signed_in_client(user)
    row = Session.objects.get(user=user)
    assert cookie(client) not in str(Session.objects.filter(user=user).values())
    assert b"_auth_user" not in base64.b64decode(row.session_data)

    thief = Client(headers={"user-agent": FIREFOX})
    thief.cookies[settings.SESSION_COOKIE_NAME] = row.session_key
    assert thief.get(LIST, secure=True).status_code == 302


def test_what_one_session_holds_does_not_open_in_another(user: User) -> None:
    client, other = signed_in_client(user), Client()
    other.force_login(make_user())
    mine = Session.objects.get(user=user)
    Session.objects.filter(pk=digest(cookie(other))).update(session_data=mine.session_data)

    assert SessionStore(cookie(other)).load() == {}
    assert other.get(LIST, secure=True).status_code == 302
    assert client.get(LIST, secure=True).status_code == 200


def test_a_tampered_cookie_is_refused_and_recorded_without_filling_the_log(user: User) -> None:
    client = signed_in_client(user)
    for number in range(25):
        client.cookies[settings.SESSION_COOKIE_NAME] = f"{cookie(client)[:-2]}{number:02d}"
        assert client.get(LIST, secure=True).status_code == 302

    assert 1 <= AuditEvent.objects.filter(action=Event.COOKIE_REFUSED).count() <= 20


def test_closing_an_account_ends_its_sessions(user: User) -> None:
    client = signed_in_client(user)
    services.close_account(user.reference, by=make_user(Role.ADMINISTRATOR, user.institution), version=1)

    assert not Session.objects.filter(user=user).exists()
    assert client.get(LIST, secure=True).status_code == 302
    assert ended() == ["closed"]


def test_an_administrator_ends_the_sessions_of_an_account_but_not_of_another_institution(user: User) -> None:
    client = signed_in_client(user)
    for administrator, status in (
        (make_user(Role.ADMINISTRATOR), 404),
        (make_user(Role.ADMINISTRATOR, user.institution), 302),
    ):
        desk = Client()
        desk.force_login(administrator)
        answer = desk.post(f"/access/accounts/{user.reference}/end-sessions/", secure=True)
        assert answer.status_code == status

    assert client.get(LIST, secure=True).status_code == 302
    assert ended() == ["administrator"]


def test_a_new_password_ends_the_other_sessions(user: User) -> None:
    other, here = signed_in_client(user, EDGE), signed_in_client(user)
    new = "yepyeni-elma-2026"
    form = {"oldpassword": entry.PASSWORD, "password1": new, "password2": new}
    here.post("/account/password/change/", form, secure=True)

    user.refresh_from_db()
    assert user.check_password(new)
    assert [client.get(LIST, secure=True).status_code for client in (other, here)] == [302, 200]
    assert ended() == ["password"]


def test_ending_sessions_asks_who_it_is_first(user: User, transactional_db: None) -> None:
    user.is_invented = False
    user.save()
    other, here = signed_in_client(user, EDGE), signed_in_client(user)
    entry.set_up_app(here, agent=FIREFOX)
    Client().force_login(user)
    entry.an_hour_later(here)

    asked = here.post(f"{LIST}end-others/", secure=True)
    assert asked.headers["Location"].startswith("/account/reauthenticate/?next=")
    assert Session.objects.filter(user=user).count() == 2
    here.post(asked.headers["Location"], {"password": entry.PASSWORD}, secure=True)
    assert Session.objects.filter(user=user).count() == 1
    assert other.get(LIST, secure=True).status_code == 302
