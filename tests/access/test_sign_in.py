import time

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client, override_settings

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.access.services import close_account
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "kavak-yeli-eser-2026"
LOGIN = "/account/login/"


@pytest.fixture
def user() -> User:
    user = make_user(email="gorevli@kalkan.invalid")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, password: str, email: str = "gorevli@kalkan.invalid", ip: str = "192.0.2.1"):
    return client.post(
        LOGIN, {"login": email, "password": password}, secure=True, REMOTE_ADDR=ip, HTTP_ACCEPT_LANGUAGE="tr"
    )


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_right_password_opens_and_is_recorded(user: User, client: Client) -> None:
    assert sign_in(client, PASSWORD).status_code == 302
    assert is_in(client)
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.actor, event.subjects) == (Event.SIGNED_IN, user, [user.reference])


def test_case_of_the_address_does_not_matter(user: User, client: Client) -> None:
    sign_in(client, PASSWORD, email="Gorevli@KALKAN.invalid")

    assert is_in(client)


def test_a_wrong_password_is_recorded_without_what_was_typed(user: User, client: Client) -> None:
    answer = sign_in(client, "yanlis-parola-123")

    assert "E-posta adresi veya parola doğru değil." in answer.content.decode()
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.actor, event.subjects) == (Event.SIGN_IN_FAILED, None, [user.reference])
    assert event.facts == {"reason": "password"}


def test_an_unknown_address_gets_the_same_answer_as_a_wrong_password(user: User) -> None:
    wrong = sign_in(Client(), "yanlis-parola-123").content.decode()
    unknown = sign_in(Client(), "yanlis-parola-123", email="kimse@kalkan.invalid").content.decode()

    assert "E-posta adresi veya parola doğru değil." in wrong
    assert "E-posta adresi veya parola doğru değil." in unknown
    assert AuditEvent.objects.latest("id").subjects == []


def test_after_five_wrong_passwords_even_the_right_one_is_refused(user: User) -> None:
    for _attempt in range(5):
        assert "kilitlidir" not in sign_in(Client(), "yanlis-parola-123").content.decode()

    client = Client()
    answer = sign_in(client, PASSWORD, ip="198.51.100.7")

    assert not is_in(client)
    assert "Hesap on beş dakika kilitlidir" in answer.content.decode()
    assert AuditEvent.objects.latest("id").facts == {"reason": "locked"}


def test_a_locked_account_does_not_lock_its_neighbour(user: User) -> None:
    neighbour = make_user(email="komsu@kalkan.invalid")
    neighbour.set_password(PASSWORD)
    neighbour.save()
    for _attempt in range(6):
        sign_in(Client(), "yanlis-parola-123")

    client = Client()
    sign_in(client, PASSWORD, email="komsu@kalkan.invalid")

    assert is_in(client)


def test_one_machine_cannot_try_many_accounts(user: User) -> None:
    for number in range(20):
        sign_in(Client(), "yanlis-parola-123", email=f"kimse{number}@kalkan.invalid")

    client = Client()
    sign_in(client, PASSWORD)

    assert not is_in(client)


@override_settings(ACCOUNT_RATE_LIMITS={"login_failed": "2/6s/key"})
def test_the_lock_opens_by_itself(user: User) -> None:
    for _attempt in range(2):
        sign_in(Client(), "yanlis-parola-123")
    locked, later = Client(), Client()
    sign_in(locked, PASSWORD)
    time.sleep(6.1)
    sign_in(later, PASSWORD)

    assert (is_in(locked), is_in(later)) == (False, True)


def test_signing_out_is_recorded(user: User, client: Client) -> None:
    sign_in(client, PASSWORD)
    client.post("/account/logout/", secure=True)

    assert not is_in(client)
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.actor) == (Event.SIGNED_OUT, user)


def test_a_closed_account_is_out_with_the_next_click_and_cannot_come_back(user: User, client: Client) -> None:
    administrator = make_user(Role.ADMINISTRATOR, user.institution)
    sign_in(client, PASSWORD)
    assert client.get("/access/permissions/", secure=True).status_code == 200

    close_account(user.reference, by=administrator, version=user.version)

    assert client.get("/access/permissions/", secure=True).status_code == 302
    again = Client()
    sign_in(again, PASSWORD)
    assert not is_in(again)
    assert AuditEvent.objects.latest("id").facts == {"reason": "closed"}


def test_nobody_can_open_an_account_for_oneself(client: Client) -> None:
    new = {"email": "yeni@kalkan.invalid", "password1": PASSWORD}
    client.post("/account/signup/", new, secure=True)

    assert not User.objects.filter(email="yeni@kalkan.invalid").exists()


@pytest.mark.parametrize(
    "password",
    [
        "kisa-kavak",
        "123456789012",
        "password1234567890"[:12],
        "gorevli.elma@in",
        "qwertyuiop123",
        "Ayperi Yıldızhan",
        "aaaabbbbccccdddd",
        "98765432109876",
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    user = make_user(email="gorevli.elma@kavak.invalid", full_name="Ayperi Yıldızhan", institution=make_institution())

    with pytest.raises(ValidationError):
        validate_password(password, user)


@pytest.mark.parametrize(
    "password",
    [
        "Kalkan-yeli-eser",
        "yeli-K4LK4N-eser",
        "eser k.a.l.k.a.n yeli",
        "GÖÇ yeli eser elma",
        "mağdur yeli eser",
        "MAGDUR yeli eser",
        "yeli-eser-elma-157",
        "Menekşe yeli eser",
        "yeli eser menek5e",
    ],
)
def test_a_word_of_this_work_or_of_the_institution_is_refused_however_it_is_written(password: str) -> None:
    institution = make_institution()
    institution.name_tr = "Menekşe Müdürlüğü"

    with pytest.raises(ValidationError) as refused:
        validate_password(password, make_user(institution=institution))
    assert [one.code for one in refused.value.error_list] == ["password_of_the_context"]


@pytest.mark.parametrize("password", ["840217739562104", "kavak yeli eser", "çamlıkta yağmur", "9157 8402 1773 95"])
def test_any_long_password_is_allowed_whatever_it_is_made_of(password: str) -> None:
    validate_password(password, make_user(institution=make_institution()))


def test_passwords_are_kept_as_argon2_only(user: User) -> None:
    assert user.password.startswith("argon2")
