"""Nobody outside a demonstration works without a second factor; its secrets are sealed, its codes good once."""

import base64
import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from kalkan.access import second_factor
from kalkan.access.middleware import SET_UP
from kalkan.access.models import Session, User
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from tests.access import entry
from tests.access.entry import FACTOR, SECOND_STEP
from tests.access.test_addresses import ALL
from tests.factories import make_user

pytestmark = pytest.mark.django_db
SAMPLES = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "int": "1",
    "str": "ornek",
    "slug": "ornek",
}


@pytest.fixture
def user() -> User:
    return entry.make_real_user()


@pytest.fixture
def commits(transactional_db: None) -> None:
    """Real transactions: what follows a commit happens within the request that made it."""


@pytest.fixture
def client() -> Client:
    return Client(headers={"user-agent": "Firefox/140 Windows"})


def events(action: Event) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("id"))


def example(address: str) -> str:
    """An address that this pattern answers."""
    return "/" + re.sub(r"<(\w+):\w+>", lambda part: SAMPLES[part[1]], address)


GUARDED = [
    address
    for address, pattern in ALL
    if getattr(pattern.callback, "login_required", True) and pattern.name not in SET_UP
]


@pytest.mark.parametrize("role", [Role.ANALYST, Role.ADMINISTRATOR, Role.IDENTIFICATION_EXPERT])
def test_without_a_second_factor_no_address_opens_but_those_to_set_one_up(role: Role) -> None:
    client = Client()
    client.force_login(make_user(role, is_invented=False))

    assert len(GUARDED) > 60
    for address in GUARDED:
        for ask in (client.get, client.post):
            answer = ask(example(address), secure=True)
            assert (answer.status_code, answer.headers.get("Location")) == (302, FACTOR), address


@pytest.mark.parametrize("path", ["", "totp/activate/", "webauthn/add/"])
def test_the_pages_to_set_one_up_are_open_just_after_signing_in(user: User, client: Client, path: str) -> None:
    answer = entry.sign_in(client, user)

    assert client.get(answer.headers["Location"], secure=True).headers["Location"] == FACTOR
    assert client.get(f"{FACTOR}{path}", secure=True).status_code == 200


@pytest.mark.parametrize(
    ("is_invented", "is_demonstration", "opens"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_only_an_invented_account_of_a_demonstration_needs_none(
    settings: Any, is_invented: bool, is_demonstration: bool, opens: bool
) -> None:
    settings.IS_DEMONSTRATION = is_demonstration
    client = Client()
    client.force_login(make_user(is_invented=is_invented))

    assert (client.get("/access/permissions/", secure=True).status_code == 200) is opens


def test_with_an_app_set_up_the_system_opens_and_codes_are_shown_once(
    user: User, client: Client, commits: None
) -> None:
    entry.sign_in(client, user)
    entry.set_up_app(client)

    assert client.get("/access/permissions/", secure=True).status_code == 200
    page = client.get(f"{FACTOR}recovery-codes/", secure=True)
    codes = page.context["unused_codes"]
    assert len(codes) == 10
    assert all(len(one) == 12 for one in codes)
    assert codes[0] in page.content.decode()
    assert codes[0] not in client.get(f"{FACTOR}recovery-codes/", secure=True).content.decode()
    assert [event.facts for event in events(Event.FACTOR_SET)] == [{"factor": "totp"}]
    assert events(Event.FACTOR_SET)[0].actor == user


def test_the_password_alone_opens_nothing_any_more(user: User, client: Client, commits: None) -> None:
    entry.sign_in(client, user)
    secret = entry.set_up_app(client)

    other = Client(headers={"user-agent": "Firefox/140 Windows"})
    assert entry.sign_in(other, user).headers["Location"] == SECOND_STEP
    assert not entry.is_in(other)
    assert other.get("/access/permissions/", secure=True).headers["Location"].startswith(entry.LOGIN)
    other.post(SECOND_STEP, {"code": entry.code(secret, ahead=1)}, secure=True)

    assert entry.is_in(other)
    assert other.get("/access/permissions/", secure=True).status_code == 200
    assert events(Event.SIGNED_IN)[-1].facts == {"second_factor": "totp", "others": 1}


def test_a_code_is_good_once_the_one_that_set_the_app_up_included(user: User, client: Client, commits: None) -> None:
    entry.sign_in(client, user)
    secret = entry.set_up_app(client)
    first, second = entry.code(secret), entry.code(secret, ahead=1)

    for used in (first, second, second):
        other = Client(headers={"user-agent": "Firefox/140 Windows"})
        entry.sign_in(other, user)
        answer = other.post(SECOND_STEP, {"code": used}, secure=True)

    assert not entry.is_in(other)
    assert "Bu kod zaten kullanıldı" in answer.content.decode()
    assert len(events(Event.SIGNED_IN)) == 2  # the one without a factor, and the second code once
    assert [event.facts["reason"] for event in events(Event.FACTOR_FAILED)] == ["replay", "replay"]


def test_an_older_code_opens_nothing_after_a_newer_one(user: User, client: Client, commits: None) -> None:
    entry.sign_in(client, user)
    secret = entry.set_up_app(client)
    older, newer = entry.code(secret), entry.code(secret, ahead=1)
    assert second_factor.use_code(user, newer)

    for used in (older, newer):
        with pytest.raises(second_factor.ValidationError) as refused:
            second_factor.use_code(user, used)
        assert refused.value.code == "replay"


def test_wrong_codes_lock_the_second_step_even_for_the_right_one(user: User, client: Client, commits: None) -> None:
    entry.sign_in(client, user)
    secret = entry.set_up_app(client)
    right = entry.code(secret, ahead=1)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"

    for number in range(6):
        other = Client(headers={"user-agent": "Firefox/140 Windows"})
        entry.sign_in(other, user)
        answer = other.post(SECOND_STEP, {"code": right if number == 5 else wrong}, secure=True)

    assert not entry.is_in(other)
    assert "on beş dakika kilitlidir" in answer.content.decode()
    assert [event.facts["reason"] for event in events(Event.FACTOR_FAILED)] == ["incorrect_code"] * 5 + ["locked"]
    assert {event.actor for event in events(Event.FACTOR_FAILED)} == {None}


def test_a_recovery_code_opens_once(user: User, client: Client, commits: None) -> None:
    entry.sign_in(client, user)
    entry.set_up_app(client)
    kept = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[3]

    opened = []
    for _time in range(2):
        other = Client(headers={"user-agent": "Firefox/140 Windows"})
        entry.sign_in(other, user)
        other.post(SECOND_STEP, {"code": kept}, secure=True)
        opened.append(entry.is_in(other))

    assert opened == [True, False]
    assert events(Event.SIGNED_IN)[-1].facts["second_factor"] == "recovery_codes"


def test_neither_the_key_nor_the_codes_lie_open_in_the_database(user: User, client: Client, commits: None) -> None:
    entry.sign_in(client, user)
    pending = client.get(f"{FACTOR}totp/activate/", secure=True).context["form"].secret
    row = Session.objects.get(user=user)
    assert pending.encode() not in base64.b64decode(row.session_data)

    secret = entry.set_up_app(client)
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    app = Authenticator.objects.get(user=user, type="totp")
    assert second_factor.SealedFactors().decrypt(app.data["secret"]) == secret


def test_a_key_file_exchanged_is_named_and_nothing_is_lost(
    user: User, client: Client, commits: None, settings: Any
) -> None:
    entry.sign_in(client, user)
    secret = entry.set_up_app(client)
    other = Client(headers={"user-agent": "Firefox/140 Windows"})
    kept = settings.ACCOUNTS_KEY
    second_factor.sealing.account_cipher.cache_clear()
    settings.ACCOUNTS_KEY = bytes(32)
    try:
        entry.sign_in(other, user)
        answer = other.post(SECOND_STEP, {"code": entry.code(secret, ahead=1)}, secure=True)
        assert "accounts.key" in answer.content.decode()
        assert not entry.is_in(other)
    finally:
        second_factor.sealing.account_cipher.cache_clear()
        settings.ACCOUNTS_KEY = kept
    assert events(Event.FACTOR_FAILED)[-1].facts == {"factor": "code", "reason": "unreadable"}

    again = Client(headers={"user-agent": "Firefox/140 Windows"})
    entry.sign_in(again, user)
    again.post(SECOND_STEP, {"code": entry.code(secret, ahead=1)}, secure=True)
    assert entry.is_in(again)


HANDLE = base64.urlsafe_b64encode(b"1").decode().rstrip("=")
RUBBISH = [
    "",
    "5",
    "[]",
    '"text"',
    "{}",
    '{"id": 1}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": null}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
    json.dumps(
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {"clientDataJSON": "AA", "authenticatorData": "AA", "signature": "AA", "userHandle": HANDLE},
            "clientExtensionResults": {},
        }
    ),
    json.dumps(
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {"clientDataJSON": "AA", "attestationObject": "AA"},
            "clientExtensionResults": {},
        }
    ),
]


@pytest.mark.parametrize("answer", RUBBISH)
def test_a_passkey_that_is_none_is_refused_with_a_sentence_at_every_door(
    user: User, client: Client, commits: None, answer: str
) -> None:
    alone = client.post(f"{FACTOR}webauthn/login/", {"credential": answer}, secure=True, follow=True)
    assert alone.status_code == 200
    assert not entry.is_in(client)

    entry.sign_in(client, user)
    added = client.post(f"{FACTOR}webauthn/add/", {"credential": answer, "name": "x"}, secure=True)
    assert added.status_code == 200
    assert not Authenticator.objects.exists()
    entry.set_up_app(client)
    other = Client(headers={"user-agent": "Firefox/140 Windows"})
    entry.sign_in(other, user)
    stepped = other.post(SECOND_STEP, {"credential": answer}, secure=True)
    assert stepped.status_code == 200
    assert not entry.is_in(other)
    if answer not in {"", "[]", "{}"}:  # these the form calls empty
        assert len(events(Event.FACTOR_FAILED)) >= 2


def test_removing_the_last_factor_closes_everything_until_there_is_one_again(
    user: User, client: Client, commits: None
) -> None:
    entry.sign_in(client, user)
    entry.set_up_app(client)
    entry.an_hour_later(client)
    remove = f"{FACTOR}totp/deactivate/"
    asked = client.get(remove, secure=True)
    assert asked.headers["Location"].startswith("/account/reauthenticate/")
    client.post(asked.headers["Location"], {"password": entry.PASSWORD}, secure=True)
    client.post(remove, secure=True)

    assert not Authenticator.objects.filter(user=user).exists()
    assert client.get("/access/permissions/", secure=True).headers["Location"] == FACTOR
    assert [event.facts for event in events(Event.FACTOR_REMOVED)] == [{"factor": "totp"}]
    assert [event.facts for event in events(Event.CONFIRMED)] == [{"by": "password"}]


def test_a_wrong_password_does_not_confirm_and_is_recorded(user: User, client: Client, commits: None) -> None:
    entry.sign_in(client, user)
    entry.set_up_app(client)
    entry.an_hour_later(client)
    asked = client.get(f"{FACTOR}totp/deactivate/", secure=True)
    answer = client.post(asked.headers["Location"], {"password": "yanlis-parola-123"}, secure=True)

    assert "Parola doğru değil" in answer.content.decode()
    assert events(Event.SIGN_IN_FAILED)[-1].facts == {"reason": "password"}
    assert client.get(f"{FACTOR}totp/deactivate/", secure=True).status_code == 302


def test_who_had_only_the_password_is_out_once_a_factor_is_set_up_elsewhere(
    user: User, client: Client, commits: None
) -> None:
    thief = Client(headers={"user-agent": "Firefox/140 Windows"})
    entry.sign_in(thief, user)
    entry.sign_in(client, user)
    entry.set_up_app(client)

    answer = thief.get(FACTOR, secure=True)
    assert answer.headers["Location"].startswith(entry.LOGIN)
    assert events(Event.SESSION_ENDED)[-1].facts["reason"] == "second_factor"


def test_a_session_that_never_proved_the_factor_of_its_account_is_ended(
    user: User, client: Client, commits: None
) -> None:
    entry.sign_in(client, user)
    entry.set_up_app(client)
    past_the_door = Client()
    past_the_door.force_login(user)

    assert past_the_door.get(FACTOR, secure=True).headers["Location"] == entry.LOGIN
    assert not entry.is_in(past_the_door)
