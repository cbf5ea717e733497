"""Nobody's work is left behind: an account that closes or goes on leave hands over first, whole or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kalkan.access import absences
from kalkan.access.models import Leave, Session, User
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.access.services import AccountRefused
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from kalkan.cases.services import hand_over_cases, held_by
from kalkan.web import services
from tests.access import entry
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user(Role.IDENTIFICATION_EXPERT)


@pytest.fixture
def colleague(owner: User) -> User:
    return make_user(Role.IDENTIFICATION_EXPERT, owner.institution, full_name="Yerine Bakan")


@pytest.fixture
def administrator(owner: User) -> User:
    return make_user(Role.ADMINISTRATOR, owner.institution)


@pytest.fixture
def desk(administrator: User) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


@pytest.fixture
def held(owner: User) -> list[Case]:
    """Two open cases and a closed one in the owner's hands, and one in nobody's."""
    open_ones = [
        make_case(institution=owner.institution, stage=stage, assigned_to=owner)
        for stage in (Stage.SCREENING, Stage.IDENTIFICATION)
    ]
    make_case(institution=owner.institution, stage=Stage.CLOSED, assigned_to=owner)
    make_case(institution=owner.institution)
    return open_ones


def page(user: User, act: str) -> str:
    return f"/account-of/{user.reference}/{act}/"


def test_an_account_with_open_work_closes_only_with_somebody_to_take_it_over(
    desk: Client, owner: User, held: list[Case], colleague: User
) -> None:
    refused = desk.post(page(owner, "close"), {"version": 1}, secure=True)

    assert refused.status_code == 200
    assert "to" in refused.context["form"].errors
    owner.refresh_from_db()
    assert owner.is_active

    desk.post(page(owner, "close"), {"version": 1, "to": str(colleague.reference)}, secure=True)

    owner.refresh_from_db()
    assert not owner.is_active
    assert set(Case.objects.filter(assigned_to=colleague)) == set(held)
    assert [case.version for case in Case.objects.filter(assigned_to=colleague)] == [2, 2]
    assert Case.objects.filter(assigned_to=owner).get().stage == Stage.CLOSED
    event = AuditEvent.objects.filter(action=Event.WORK_HANDED_OVER).get()
    assert (event.subjects, event.facts) == ([owner.reference, colleague.reference], {"cases": 2})
    assert AuditEvent.objects.filter(action=Event.CASE_ASSIGNED).count() == 2


def test_an_administrator_sees_how_many_cases_by_stage_and_no_case(
    desk: Client, owner: User, held: list[Case], colleague: User
) -> None:
    text = desk.get(page(owner, "hand-over"), secure=True).content.decode()

    assert text.count("1 dosya") == 2
    assert not any(case.number in text for case in held)
    assert "Yerine Bakan" in text


def test_an_account_without_work_closes_without_being_asked_for_anybody(desk: Client, owner: User) -> None:
    assert "to" not in desk.get(page(owner, "close"), secure=True).context["form"].fields
    desk.post(page(owner, "close"), {"version": 1}, secure=True)

    owner.refresh_from_db()
    assert not owner.is_active


def test_nothing_to_hand_over_is_said_and_no_error(desk: Client, owner: User) -> None:
    answered = desk.post(page(owner, "hand-over"), {"sent": "yes"}, secure=True)

    assert answered.status_code == 302
    assert not AuditEvent.objects.filter(action=Event.WORK_HANDED_OVER).exists()


def test_work_goes_to_nobody_of_another_institution_role_or_state(
    desk: Client, administrator: User, owner: User, held: list[Case], colleague: User
) -> None:
    today = timezone.localdate()
    away = make_user(Role.IDENTIFICATION_EXPERT, owner.institution)
    Leave.objects.create(user=away, first_on=today, last_on=today, made_by=administrator)
    wrong = [
        make_user(Role.IDENTIFICATION_EXPERT),
        make_user(Role.DECIDING_OFFICER, owner.institution),
        make_user(Role.IDENTIFICATION_EXPERT, owner.institution, is_active=False),
        away,
        owner,
    ]
    offered = desk.get(page(owner, "hand-over"), secure=True).context["form"].fields["to"].queryset
    assert list(offered) == [colleague]
    for user in wrong:
        desk.post(page(owner, "hand-over"), {"to": str(user.reference)}, secure=True)
        with pytest.raises(AccountRefused):
            services.hand_over(owner.reference, to=user, by=administrator)
    assert Case.objects.filter(assigned_to=owner).count() == 3


def test_what_fails_at_the_end_hands_over_nothing(
    desk: Client, owner: User, held: list[Case], colleague: User
) -> None:
    answer = desk.post(page(owner, "close"), {"version": 7, "to": str(colleague.reference)}, secure=True)

    assert "bu arada başkası tarafından değiştirildi" in answer.content.decode()
    assert Case.objects.filter(assigned_to=colleague).count() == 0
    assert not AuditEvent.objects.filter(action=Event.WORK_HANDED_OVER).exists()


def test_a_leave_hands_over_ends_the_sessions_and_lets_nobody_in(
    desk: Client, owner: User, held: list[Case], colleague: User
) -> None:
    owner.set_password(entry.PASSWORD)
    owner.save()
    client = Client()
    client.force_login(owner)
    today = timezone.localdate()
    days = {"first": today.isoformat(), "last": (today + timedelta(days=10)).isoformat()}
    form = {**days, "to": str(colleague.reference), "request_key": "11111111-1111-4111-8111-111111111111"}

    for _time in range(2):  # a button pressed twice
        desk.post(page(owner, "leave"), form, secure=True)

    assert Leave.objects.filter(user=owner).count() == 1
    assert Case.objects.filter(assigned_to=colleague).count() == 2
    assert not Session.objects.filter(user=owner).exists()
    refused = entry.sign_in(Client(), owner)
    assert "Bu hesap izinde" in refused.content.decode()
    assert AuditEvent.objects.latest("id").facts == {"reason": "leave"}

    desk.post(f"/access/accounts/{owner.reference}/end-leave/", secure=True)
    back = Client()
    entry.sign_in(back, owner)
    assert entry.is_in(back)
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {Event.LEAVE_MARKED, Event.LEAVE_ENDED} <= actions


def test_before_and_after_its_days_a_leave_keeps_nobody_out(administrator: User, owner: User) -> None:
    today = timezone.localdate()
    absences.mark_leave(
        owner.reference, first=today + timedelta(days=1), last=today + timedelta(days=2), by=administrator
    )
    assert absences.on_leave(owner) is None
    Leave.objects.update(first_on=today - timedelta(days=3), last_on=today - timedelta(days=1))
    assert absences.on_leave(owner) is None
    Leave.objects.update(last_on=today)
    assert absences.on_leave(owner) is not None


@pytest.mark.parametrize(("first", "last", "field"), [(3, 1, "last"), (-5, -1, "last")])
def test_days_that_make_no_sense_are_a_sentence(
    administrator: User, owner: User, first: int, last: int, field: str
) -> None:
    today = timezone.localdate()
    with pytest.raises(AccountRefused) as refused:
        absences.mark_leave(
            owner.reference, first=today + timedelta(days=first), last=today + timedelta(days=last), by=administrator
        )
    assert refused.value.field == field


def test_nobody_else_hands_over_somebodys_work(owner: User, held: list[Case], colleague: User) -> None:
    for role in (Role.ANALYST, Role.DECIDING_OFFICER):
        client = Client()
        client.force_login(make_user(role, owner.institution))
        assert client.get(page(owner, "hand-over"), secure=True).status_code == 404
        assert client.post(page(owner, "close"), {"version": 1}, secure=True).status_code == 404
    with pytest.raises(Refused):
        held_by(owner, by=colleague)
    with pytest.raises(Refused):
        hand_over_cases(owner, to=colleague, by=colleague)


def test_the_page_asks_the_same_number_of_queries_for_one_case_and_twenty(
    desk: Client, owner: User, held: list[Case], colleague: User, django_assert_num_queries: Any
) -> None:
    def count() -> int:
        with django_assert_num_queries(20, exact=False) as queries:
            desk.get(page(owner, "hand-over"), secure=True)
        return len(queries)

    before = count()
    for _number in range(20):
        make_case(institution=owner.institution, assigned_to=owner)
    assert count() == before
