"""The way into a new account: one link, one use, 72 hours, password and second factor."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import Http404
from django.test import Client
from django.utils import timezone

from kalkan.access import invitations, services
from kalkan.access.models import Invitation, User
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from tests.access import entry
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db
NEW = "turkuaz-merdiven-2026"


@pytest.fixture
def administrator() -> User:
    return make_user(Role.ADMINISTRATOR, make_institution("police"))


@pytest.fixture
def invited(administrator: User) -> User:
    return make_user(Role.FRONTLINE_OFFICER, administrator.institution, is_invented=False)


def follow(address: str, client: Client | None = None) -> Any:
    return (client or Client()).get(address, secure=True, follow=True)


def accept(address: str, client: Client, password: str = NEW) -> Any:
    page = follow(address, client)
    if page.status_code != 200:
        return page
    form = {"password1": password, "password2": password}
    return client.post("/access/invitation/", form, secure=True, follow=True)


def refusals() -> list[str]:
    events = AuditEvent.objects.filter(action=Event.INVITATION_REFUSED).order_by("id")
    return [event.facts["reason"] for event in events]


def test_an_invitation_leads_from_the_link_to_password_and_second_factor(
    administrator: User, invited: User, transactional_db: None
) -> None:
    address = invitations.invite(invited.reference, by=administrator)
    client = Client(headers={"user-agent": "Firefox/140 Windows"})

    page = accept(address, client)

    assert page.redirect_chain[-1][0] == entry.FACTOR
    invited.refresh_from_db()
    assert invited.check_password(NEW)
    entry.set_up_app(client)
    assert client.get("/access/permissions/", secure=True).status_code == 200
    done = AuditEvent.objects.filter(subjects__contains=[invited.reference]).order_by("id")
    assert [event.action for event in done] == [
        Event.INVITATION_MADE,
        Event.INVITATION_USED,
        Event.SIGNED_IN,
        Event.FACTOR_SET,
    ]


def test_the_page_shows_whose_account_it_is_and_keeps_the_secret_out_of_its_address(
    administrator: User, invited: User
) -> None:
    address = invitations.invite(invited.reference, by=administrator)

    page = follow(address)

    assert page.redirect_chain == [("/access/invitation/", 302)]
    assert invited.email in page.content.decode()


def test_an_administrator_gets_the_link_once_and_the_database_keeps_a_digest(
    administrator: User, invited: User
) -> None:
    desk = Client()
    desk.force_login(administrator)
    page = desk.post(f"/access/accounts/{invited.reference}/invite/", secure=True).content.decode()

    token = page.split("https://testserver/access/invitation/")[1].split("/")[0]
    assert follow(f"/access/invitation/{token}/").status_code == 200
    secret = signing.Signer(salt="kalkan.access.invitation").unsign(token).partition(".")[2]
    assert secret not in str(Invitation.objects.values())
    assert token not in desk.get(f"/access/accounts/{invited.reference}/", secure=True).content.decode()


def test_a_used_invitation_is_refused_with_a_sentence_and_recorded(administrator: User, invited: User) -> None:
    address = invitations.invite(invited.reference, by=administrator)
    accept(address, Client())

    page = accept(address, Client(), "baska-bir-elma-2026")

    assert page.status_code == 410
    assert "Bu davet kullanılmış" in page.content.decode()
    assert refusals() == ["used"]
    invited.refresh_from_db()
    assert invited.check_password(NEW)


def test_an_invitation_ends_after_72_hours(administrator: User, invited: User) -> None:
    address = invitations.invite(invited.reference, by=administrator)
    long_ago = timezone.now() - timedelta(hours=72, minutes=1)
    Invitation.objects.update(made_at=long_ago, expires_at=long_ago + invitations.LASTS)

    page = accept(address, Client())

    assert page.status_code == 410
    assert "72 saatten fazla" in page.content.decode()
    assert refusals() == ["expired"]
    assert AuditEvent.objects.latest("id").subjects == [invited.reference]
    invited.refresh_from_db()
    assert not invited.has_usable_password()


def test_a_form_left_open_until_the_invitation_expired_changes_nothing(administrator: User, invited: User) -> None:
    client = Client()
    follow(invitations.invite(invited.reference, by=administrator), client)
    long_ago = timezone.now() - timedelta(hours=73)
    Invitation.objects.update(made_at=long_ago, expires_at=long_ago + invitations.LASTS)

    page = client.post("/access/invitation/", {"password1": NEW, "password2": NEW}, secure=True)

    assert page.status_code == 410
    invited.refresh_from_db()
    assert not invited.has_usable_password()


def test_a_newer_invitation_withdraws_the_one_before(administrator: User, invited: User) -> None:
    older = invitations.invite(invited.reference, by=administrator)
    newer = invitations.invite(invited.reference, by=administrator)

    assert (follow(older).status_code, follow(newer).status_code) == (410, 200)
    assert refusals() == ["withdrawn"]


@pytest.mark.parametrize("change", ["cut", "letter", "other", "nothing"])
def test_a_tampered_link_is_refused_without_saying_whose_it_was(
    administrator: User, invited: User, change: str
) -> None:
    address = invitations.invite(invited.reference, by=administrator)
    token = address.split("/")[-2]
    forged = {
        "cut": token[:-5],
        "letter": ("b" if token[0] == "a" else "a") + token[1:],
        "other": signing.Signer(salt="kalkan.access.invitation").sign(f"{uuid4().hex}.geheim"),
        "nothing": "x",
    }[change]

    page = follow(f"/access/invitation/{forged}/")

    assert page.status_code == 410
    assert invited.email not in page.content.decode()
    assert refusals() == ["forged"]


def test_a_weak_password_is_mended_and_costs_no_invitation(administrator: User, invited: User) -> None:
    address, client = invitations.invite(invited.reference, by=administrator), Client()

    weak = accept(address, client, "123456789012")

    assert weak.status_code == 200
    assert weak.context["form"].errors
    assert accept(address, client).redirect_chain[-1][0] == entry.FACTOR


def test_a_closed_account_is_not_invited_and_its_invitation_is_refused(administrator: User, invited: User) -> None:
    address = invitations.invite(invited.reference, by=administrator)
    services.close_account(invited.reference, by=administrator, version=1)

    assert follow(address).status_code == 410
    assert refusals() == ["closed"]
    with pytest.raises(services.AccountRefused):
        invitations.invite(invited.reference, by=administrator)


def test_nobody_but_the_administrator_of_the_institution_invites(invited: User) -> None:
    with pytest.raises(Http404):
        invitations.invite(invited.reference, by=make_user(Role.ADMINISTRATOR))
    with pytest.raises((Http404, Refused)):
        invitations.invite(invited.reference, by=make_user(Role.ANALYST))
    assert not Invitation.objects.exists()


def test_nobody_invites_oneself(administrator: User) -> None:
    for act in (invitations.invite, invitations.renew):
        with pytest.raises(services.AccountRefused):
            act(administrator.reference, by=administrator)


def test_the_database_itself_keeps_one_open_invitation_for_an_account(administrator: User, invited: User) -> None:
    invitations.invite(invited.reference, by=administrator)
    now = timezone.now()

    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(user=invited, secret="x", made_at=now, expires_at=now + timedelta(hours=1))


def test_a_lost_telephone_ends_password_factor_and_sessions_and_gives_a_new_invitation(
    administrator: User, invited: User, transactional_db: None
) -> None:
    client = Client(headers={"user-agent": "Firefox/140 Windows"})
    accept(invitations.invite(invited.reference, by=administrator), client)
    secret = entry.set_up_app(client)

    address = invitations.renew(invited.reference, by=administrator)

    assert client.get("/access/permissions/", secure=True).status_code == 302
    other = Client(headers={"user-agent": "Firefox/140 Windows"})
    entry.sign_in(other, invited, password=NEW)
    other.post(entry.SECOND_STEP, {"code": entry.code(secret, ahead=1)}, secure=True)
    assert not entry.is_in(other)
    assert AuditEvent.objects.filter(action=Event.FACTOR_REMOVED).get().actor == administrator
    assert accept(address, Client(), "baska-bir-elma-2026").redirect_chain[-1][0] == entry.FACTOR


def test_with_a_factor_of_one_s_own_the_link_alone_does_not_open_the_account(
    administrator: User, invited: User, transactional_db: None
) -> None:
    client = Client(headers={"user-agent": "Firefox/140 Windows"})
    accept(invitations.invite(invited.reference, by=administrator), client)
    entry.set_up_app(client)
    thief = Client()

    page = accept(invitations.invite(invited.reference, by=administrator), thief, "baska-bir-elma-2026")

    assert page.redirect_chain[-1][0] == entry.SECOND_STEP
    assert not entry.is_in(thief)
