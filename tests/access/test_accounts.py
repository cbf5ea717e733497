from uuid import uuid4

import pytest
from django.http import Http404
from django.test import Client
from typer.testing import CliRunner

from kalkan.access import services
from kalkan.access.commands import app
from kalkan.access.concurrency import Changed
from kalkan.access.models import Institution, User
from kalkan.access.policy import Refused
from kalkan.access.roles import InstitutionKind, Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    return make_user(Role.ADMINISTRATOR, make_institution(kind=InstitutionKind.POLICE))


@pytest.fixture
def pages(administrator: User) -> Client:
    client = Client(headers={"accept-language": "tr"})
    client.force_login(administrator)
    return client


def new(administrator: User, **changed: object) -> dict[str, object]:
    return {
        "email": "Yeni.Gorevli@kalkan.invalid",
        "full_name": "Örnek Görevli",
        "role": Role.FRONTLINE_OFFICER.value,
        "institution": administrator.institution.code,
        "language": "tr",
        "request_key": str(uuid4()),
        **changed,
    }


def test_an_administrator_makes_an_account_of_the_own_institution(pages: Client, administrator: User) -> None:
    answer = pages.post("/access/accounts/new/", new(administrator), secure=True)

    user = User.objects.get(email="yeni.gorevli@kalkan.invalid")
    assert answer.headers["Location"] == f"/access/accounts/{user.reference}/"
    assert (user.role, user.institution, user.has_usable_password()) == (
        Role.FRONTLINE_OFFICER,
        administrator.institution,
        False,
    )
    event = AuditEvent.objects.filter(action=Event.ACCOUNT_CHANGED).latest("id")
    assert (event.actor, event.subjects) == (administrator, [user.reference])
    assert event.facts == {"change": "create", "role": "frontline_officer", "institution": user.institution.code}


def test_sending_the_form_twice_makes_one_account(pages: Client, administrator: User) -> None:
    form = new(administrator)

    first = pages.post("/access/accounts/new/", form, secure=True)
    second = pages.post("/access/accounts/new/", form, secure=True)

    assert first.headers["Location"] == second.headers["Location"]
    assert User.objects.filter(email="yeni.gorevli@kalkan.invalid").count() == 1


def test_an_address_that_is_taken_is_explained(pages: Client, administrator: User) -> None:
    pages.post("/access/accounts/new/", new(administrator), secure=True)

    answer = pages.post("/access/accounts/new/", new(administrator), secure=True)

    assert "Bu adresle açılmış bir hesap var." in answer.content.decode()


def test_a_role_without_a_seat_there_is_not_offered_and_is_refused(pages: Client, administrator: User) -> None:
    page = pages.get("/access/accounts/new/", secure=True).content.decode()
    assert Role.FRONTLINE_OFFICER.value in page
    assert Role.DECIDING_OFFICER.value not in page

    with pytest.raises(services.AccountRefused) as refused:
        services.create_user(
            "x@kalkan.invalid",
            full_name="X",
            role=Role.DECIDING_OFFICER,
            institution=administrator.institution,
            by=administrator,
        )
    assert refused.value.field == "role"


def test_an_administrator_makes_no_account_elsewhere(administrator: User) -> None:
    with pytest.raises(services.AccountRefused):
        services.create_user(
            "x@kalkan.invalid",
            full_name="X",
            role=Role.FRONTLINE_OFFICER,
            institution=make_institution(kind=InstitutionKind.POLICE),
            by=administrator,
        )


def test_the_centre_makes_accounts_everywhere() -> None:
    centre = make_user(Role.ADMINISTRATOR, make_institution(kind=InstitutionKind.MIGRATION_CENTRE, province=None))

    user = services.create_user(
        "x@kalkan.invalid",
        full_name="X",
        role=Role.FRONTLINE_OFFICER,
        institution=make_institution(kind=InstitutionKind.POLICE),
        by=centre,
    )

    assert services.change_role(user.reference, role=Role.PARTNER, by=centre, version=1).role == Role.PARTNER


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_no_other_role_touches_accounts(role: Role, administrator: User) -> None:
    user, other = make_user(role, administrator.institution), make_user(institution=administrator.institution)
    client = Client()
    client.force_login(user)

    assert client.get("/access/accounts/", secure=True).status_code == 403
    assert AuditEvent.objects.latest("id").facts == {"permission": "access:account:manage"}
    assert client.get(f"/access/accounts/{other.reference}/", secure=True).status_code == 404
    with pytest.raises(Refused):
        services.create_user("x@kalkan.invalid", full_name="X", role=role, institution=user.institution, by=user)
    with pytest.raises(Http404):
        services.close_account(other.reference, by=user, version=1)


def test_another_institutions_account_does_not_exist_for_an_administrator(pages: Client) -> None:
    stranger = make_user(full_name="Başka Kurumdan")

    assert pages.get(f"/access/accounts/{stranger.reference}/", secure=True).status_code == 404
    assert "Başka Kurumdan" not in pages.get("/access/accounts/", secure=True).content.decode()
    for act in ("role", "open", "invite", "renew", "end-sessions", "end-leave"):
        address = f"/access/accounts/{stranger.reference}/{act}/"
        assert pages.post(address, {"version": 1}, secure=True).status_code == 404
    for act in ("close", "leave", "hand-over"):
        address = f"/account-of/{stranger.reference}/{act}/"
        assert pages.post(address, {"version": 1}, secure=True).status_code == 404


def test_nobody_changes_or_closes_the_own_account(administrator: User, pages: Client) -> None:
    for act in (services.close_account, services.open_again):
        with pytest.raises(services.AccountRefused):
            act(administrator.reference, by=administrator, version=1)
    with pytest.raises(services.AccountRefused):
        services.change_role(administrator.reference, role=Role.PARTNER, by=administrator, version=1)

    answer = pages.post(f"/account-of/{administrator.reference}/close/", {"version": 1}, secure=True, follow=True)
    assert "Kimse kendi hesabını değiştiremez" in answer.content.decode()


def test_an_account_is_closed_and_opened_again(pages: Client, administrator: User) -> None:
    user = make_user(Role.FRONTLINE_OFFICER, administrator.institution)

    pages.post(f"/account-of/{user.reference}/close/", {"version": 1}, secure=True)
    user.refresh_from_db()
    assert (user.is_active, user.version) == (False, 2)

    pages.post(f"/access/accounts/{user.reference}/open/", {"version": 2}, secure=True)
    user.refresh_from_db()
    assert (user.is_active, user.version) == (True, 3)
    changes = AuditEvent.objects.filter(action=Event.ACCOUNT_CHANGED).order_by("id")
    assert [event.facts["change"] for event in changes] == ["close", "open"]


def test_two_administrators_do_not_overwrite_each_other(pages: Client, administrator: User) -> None:
    user = make_user(Role.FRONTLINE_OFFICER, administrator.institution)
    other = make_user(Role.ADMINISTRATOR, administrator.institution)
    services.change_role(user.reference, role=Role.PARTNER, by=other, version=1)

    form = {"institution": user.institution.code, "role": Role.ADMINISTRATOR.value, "version": 1}
    page = pages.post(f"/access/accounts/{user.reference}/role/", form, secure=True).content.decode()

    assert "Paydaş kurum" in page
    assert 'name="version" value="2"' in page
    user.refresh_from_db()
    assert user.role == Role.PARTNER

    pages.post(f"/access/accounts/{user.reference}/role/", {**form, "version": 2}, secure=True)
    user.refresh_from_db()
    assert user.role == Role.ADMINISTRATOR


def test_closing_what_has_changed_meanwhile_closes_nothing(pages: Client, administrator: User) -> None:
    user = make_user(Role.FRONTLINE_OFFICER, administrator.institution, version=4)

    with pytest.raises(Changed):
        services.close_account(user.reference, by=administrator, version=3)
    answer = pages.post(f"/account-of/{user.reference}/close/", {"version": 3}, secure=True, follow=True)

    assert "bu arada başkası tarafından değiştirildi" in answer.content.decode()
    user.refresh_from_db()
    assert user.is_active


def test_accounts_are_found_by_name_address_and_institution(pages: Client, administrator: User) -> None:
    make_user(Role.FRONTLINE_OFFICER, administrator.institution, full_name="Aranan Kişi")
    make_user(Role.FRONTLINE_OFFICER, administrator.institution, full_name="Kapalı Kişi", is_active=False)

    page = pages.get("/access/accounts/?words=aranan", secure=True).content.decode()
    assert ("Aranan Kişi" in page, administrator.email in page) == (True, False)
    assert "Kapalı Kişi" not in pages.get("/access/accounts/", secure=True).content.decode()
    assert "Kapalı Kişi" in pages.get("/access/accounts/?state=closed", secure=True).content.decode()
    assert "Uyan hesap yok" in pages.get("/access/accounts/?words=hiçbiri", secure=True).content.decode()
    assert pages.get("/access/accounts/?page=999&state=nonsense", secure=True).status_code == 200


def test_the_list_asks_the_same_number_of_queries_for_one_account_and_twenty(
    pages: Client, administrator: User, django_assert_num_queries: object
) -> None:
    def count() -> int:
        with django_assert_num_queries(8, exact=False) as queries:  # type: ignore[operator]
            pages.get("/access/accounts/", secure=True)
        return len(queries)

    before = count()
    for _number in range(20):
        make_user(Role.FRONTLINE_OFFICER, administrator.institution)

    assert count() == before


def test_the_institutions_to_start_from_are_added_once_and_then_left_alone() -> None:
    Institution.objects.all().delete()
    assert services.load_institutions() == Institution.objects.count() > 3 * 81
    Institution.objects.filter(code="gib").update(name_tr="Başka ad")

    assert services.load_institutions() == 0
    assert Institution.objects.get(code="gib").name_tr == "Başka ad"
    assert not Institution.objects.filter(is_invented=True).exists()
    assert services.load_institutions(with_invented=True) == Institution.objects.filter(is_invented=True).count() > 0


def test_the_first_account_is_made_from_the_command_line() -> None:
    seat = make_institution(kind=InstitutionKind.MIGRATION_CENTRE, province=None)
    asked = ["access", "create-account", "ilk@kalkan.invalid", "--name", "İlk Yönetici", "--institution", seat.code]

    done = CliRunner().invoke(app, [*asked, "--role", "administrator"])
    refused = CliRunner().invoke(app, [*asked, "--role", "administrator"])
    unknown = CliRunner().invoke(app, [*asked, "--role", "king"])

    assert done.stdout.startswith("/access/invitation/")
    assert (done.exit_code, refused.exit_code, unknown.exit_code) == (0, 1, 1)
    assert User.objects.get(email="ilk@kalkan.invalid").role == Role.ADMINISTRATOR
