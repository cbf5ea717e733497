"""The lists of permits and returns: what runs out first stands first, in case numbers alone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from kalkan.access.models import Institution, User
from kalkan.access.roles import Role
from kalkan.assistance.models import Permit, Promise, ReturnPlan
from kalkan.assistance.selectors import permits_and_returns as selectors
from kalkan.audit.models import AuditEvent
from kalkan.cases.models import Case
from kalkan.persons import services as persons
from kalkan.vocabulary.models import Provision
from tests.factories import make_case, make_institution, make_user

pytestmark = pytest.mark.django_db
PERMITS, RETURNS = "assistance:all_permits", "assistance:all_returns"


class Office:
    """One directorate with the officer who asks and plans, and the one who decides."""

    def __init__(self, province: str = "TR-06"):
        self.seat: Institution = make_institution(province=province)
        self.protector = make_user(Role.PROTECTION_OFFICER, self.seat, language="en")
        self.decider = make_user(Role.DECIDING_OFFICER, self.seat, language="en")

    def case(self) -> Case:
        return make_case(institution=self.seat, stage="protection")

    def permit(
        self, days: int | None = None, case: Case | None = None, *, kind: str = "first", asked: int = 30
    ) -> Permit:
        """One that ends in so many days, asked for that many days ago; without `days` nobody has decided on it."""
        case, today = case or self.case(), timezone.localdate()
        ends_on = today + timedelta(days=30 if days is None else days)
        permit = Permit.objects.create(
            case=case, person=case.person, kind=kind, ground="" if kind == "first" else "safety",
            starts_on=ends_on - timedelta(days=30), ends_on=ends_on, requested_on=today - timedelta(days=asked),
            provision=Provision.objects.get(code=f"permit_{kind}"), requested_by=self.protector,
            total_provision=Provision.objects.get(code="permit_total"),
        )  # fmt: skip
        if days is not None:
            permit.number = persons.seal_text(case.person, "permit_number", "Uydurma-17", by=self.decider)
            permit.state, permit.decided_by, permit.decided_on = "granted", self.decider, today
            permit.save()
        return permit

    def plan(self, stage: str = "offered", *, offered: int = 5, follow_up: int | None = None) -> ReturnPlan:
        """A return offered that many days ago, with the next follow-up in so many days."""
        today, case = timezone.localdate(), self.case()
        gone = stage == "declined"
        plan = ReturnPlan.objects.create(
            case=case, stage=stage, moment="during_support", destination="UZ", offered_by=self.protector,
            offered_on=today - timedelta(days=offered), ended_on=today if gone else None,
            provision=Provision.objects.get(code="voluntary_return"),
        )  # fmt: skip
        if follow_up is not None:
            Promise.objects.create(
                case=case, kind="return_follow_up_3", subject=plan.reference, institution=self.seat,
                province_id=self.seat.province_id, due_at=timezone.now() + timedelta(days=follow_up),
                made_at=timezone.now() - timedelta(days=90),
            )  # fmt: skip
        return plan


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def look(user: User, name: str, /, *, status: int = 200, **asked: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse(name), asked)
    assert answer.status_code == status
    return answer.content.decode()


def in_order(shown: str, *rows: Permit | ReturnPlan) -> bool:
    places = [shown.find(f">{row.case.number}<") for row in rows]
    return -1 not in places and places == sorted(places)


def test_what_runs_out_first_stands_first_and_says_what_follows(office: Office) -> None:
    later, soon, gone = office.permit(25), office.permit(1), office.permit(-3)
    extended, asked = office.permit(10), office.permit(12)
    office.permit(40, extended.case, kind="extension")
    Permit.objects.filter(person=extended.person, kind="extension").update(starts_on=extended.ends_on)
    office.permit(None, asked.case, kind="extension")
    shown = look(office.decider, PERMITS)
    assert in_order(shown, soon, extended, asked, later)
    assert gone.case.number not in shown
    assert shown.count("Extended already") == 1
    assert shown.count("An extension waits for a decision") == 1
    assert shown.count("Nothing is asked for yet") == 3
    over = look(office.decider, PERMITS, view="over")
    assert gone.case.number in over
    assert "Has run out" in over
    assert soon.case.number not in over


def test_the_longest_waiting_request_is_decided_first(office: Office) -> None:
    young, old = office.permit(), office.permit(asked=60)
    shown = look(office.decider, PERMITS)  # nothing runs: the first part that holds something is shown
    assert in_order(shown, old, young)
    assert "Waits for a decision" in shown


def test_returns_stand_by_stage_and_the_next_follow_up_comes_first(office: Office) -> None:
    young, old, declined = office.plan(offered=2), office.plan(offered=20), office.plan("declined")
    shown = look(office.protector, RETURNS)
    assert in_order(shown, old, young)
    assert declined.case.number not in shown
    assert in_order(look(office.protector, RETURNS, view="ended"), declined)
    assert "No return at this stage" in look(office.protector, RETURNS, stage="approved")
    assert in_order(look(office.protector, RETURNS, stage="offered"), old, young)
    late, soon = office.plan("declined", follow_up=30), office.plan("declined", follow_up=3)
    found = {one.pk: one for one in selectors.returns_in(office.protector, "")}
    assert found[soon.pk].follow_up_at < found[late.pk].follow_up_at  # type: ignore[attr-defined]
    assert found[young.pk].follow_up_at is None  # type: ignore[attr-defined]


def test_another_province_does_not_exist_and_the_centre_sees_all(office: Office) -> None:
    other = Office("TR-34")
    mine, theirs = office.permit(5), other.permit(5)
    plan, foreign = office.plan(), other.plan()
    for page, own, far in ((PERMITS, mine, theirs), (RETURNS, plan, foreign)):
        assert in_order(look(office.protector, page), own)
        assert far.case.number not in look(office.protector, page)
        centre = make_user(Role.PROTECTION_OFFICER, make_institution("migration_centre", None))
        assert {one.case.number for one in (own, far)} <= set(look(centre, page).replace("<", ">").split(">"))


@pytest.mark.parametrize("role", [Role.CENTRAL_UNIT, Role.IDENTIFICATION_EXPERT, Role.PARTNER, Role.ANALYST])
def test_who_does_not_work_on_permits_has_no_such_page(office: Office, role: Role) -> None:
    office.permit(5)
    user = make_user(role, make_institution("migration_centre", None) if role is Role.CENTRAL_UNIT else office.seat)
    for page in (PERMITS, RETURNS):
        look(user, page, status=403)
    assert "permits-and-returns" not in look(user, "web:home")
    assert "permits-and-returns" in look(office.decider, "web:home")


def test_a_list_tells_case_numbers_and_neither_person_nor_number_nor_country(office: Office) -> None:
    permit, plan = office.permit(5), office.plan()
    for page, row in ((PERMITS, permit), (RETURNS, plan)):
        shown = look(office.protector, page)
        for told in (str(row.case.person.reference), row.case.person.short_reference, "Uydurma-17", "Uzbekistan"):
            assert told not in shown
        event = AuditEvent.objects.filter(action="cases:case:list").latest("id")
        assert event.subjects == [row.case.reference]
        assert event.facts == {"shown": 1, "list": "permits" if page == PERMITS else "returns"}


def test_the_pages_ask_the_same_queries_for_one_row_and_for_twenty(office: Office) -> None:
    spent = []
    for more in (1, 19):
        for number in range(more):
            office.permit(5 + number)
            office.plan(offered=number, follow_up=number)
        for page in (PERMITS, RETURNS):
            look(office.protector, page)
            with CaptureQueriesContext(connection) as queries:
                look(office.protector, page)
            spent.append(len(queries))
    assert spent[:2] == spent[2:]


def test_the_twenty_first_row_stands_on_the_second_page(office: Office) -> None:
    rows = [office.permit(5 + number) for number in range(21)]
    assert rows[-1].case.number not in look(office.protector, PERMITS)
    assert in_order(look(office.protector, PERMITS, page="2"), rows[-1])


@pytest.mark.parametrize(
    ("page", "view", "sentence"),
    [
        (PERMITS, "running", "Ask for a permit on the page of support"),
        (PERMITS, "requested", "until another officer decides"),
        (PERMITS, "over", "Permits that ran out"),
        (RETURNS, "planned", "Offer a return on the page of support"),
        (RETURNS, "gone", "Once a departure is recorded"),
        (RETURNS, "ended", "were completed, declined or withdrawn"),
        (RETURNS, "x" * 5000, "Offer a return"),
    ],
)
def test_an_empty_list_says_what_to_do(office: Office, page: str, view: str, sentence: str) -> None:
    assert sentence in look(office.protector, page, view=view, stage="\0", page="x")


def test_the_lists_speak_turkish(office: Office) -> None:
    office.permit(5)
    User.objects.filter(pk=office.protector.pk).update(language="tr")
    shown = look(User.objects.get(pk=office.protector.pk), PERMITS)
    assert "İkamet izinleri" in shown
    assert "Henüz bir talep yok" in shown
