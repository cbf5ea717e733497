"""What is owed: nobody forgets it, nobody is reminded twice, and the centre sees how old it grows without a name."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.access.session import acting
from kalkan.assistance.lifecycle.promises import GATE, KINDS
from kalkan.assistance.models import Promise, Reminder
from kalkan.assistance.policy.promises import promises
from kalkan.assistance.selectors import promises as selectors
from kalkan.assistance.services import promises as services
from kalkan.assistance.services.clock import OVERDUE, go_round
from kalkan.audit.models import Channel
from kalkan.cases.models import Case
from tests.factories import make_case, make_institution, make_user

pytestmark = pytest.mark.django_db
ANSWER = "referral_answer"
EXPIRY = "permit_expiry"


@pytest.fixture
def case() -> Case:
    return make_case(institution=make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-06"), stage="protection")


def _owe(case: Case, kind: str = EXPIRY, *, days: float, **fields: object) -> Promise:
    values = {"institution": case.institution, "province_id": case.province_id, "subject": uuid4(), **fields}
    due = timezone.now() + timedelta(days=days)
    made = min(due, timezone.now()) - timedelta(days=40)
    return Promise.objects.create(case=case, kind=kind, due_at=due, made_at=made, **values)


def _reminded() -> set[tuple[int, int]]:
    return set(Reminder.objects.values_list("promise", "days"))


@pytest.mark.parametrize(
    ("days", "warned"), [(40, None), (30, 30), (29, 30), (15, 30), (14, 14), (8, 14), (7, 7), (2, 7), (1, 1), (0, 0)]
)
def test_a_permit_is_warned_of_at_thirty_fourteen_seven_days_and_one(
    case: Case, days: int, warned: int | None
) -> None:
    promise = _owe(case, days=1)
    day = timezone.localtime().replace(hour=23, minute=59, second=59) + timedelta(days=days)
    Promise.objects.filter(pk=promise.pk).update(due_at=day)
    go_round()
    assert _reminded() == (set() if warned is None else {(promise.pk, warned)})


def test_the_round_run_again_reminds_nobody_again(case: Case) -> None:
    late, soon = _owe(case, ANSWER, days=-2), _owe(case, days=6)
    first = go_round()
    assert (first.reminded, first.escalated) == (2, 1)
    assert _reminded() == {(late.pk, OVERDUE), (soon.pk, 7)}
    escalated = Promise.objects.get(pk=late.pk).escalated_at
    assert escalated is not None
    assert tuple(go_round()) == (0, 0)
    assert Promise.objects.get(pk=late.pk).escalated_at == escalated


def test_what_is_kept_or_dropped_is_neither_reminded_nor_escalated(case: Case) -> None:
    kept, dropped = _owe(case, ANSWER, days=-2), _owe(case, ANSWER, days=-2)
    services.keep(kept.subject, ANSWER)
    services.drop(dropped.subject)
    assert tuple(go_round()) == (0, 0)


def test_the_round_is_one_pass_however_many_promises_there_are(case: Case) -> None:
    counts = []
    for more in (1, 30):
        for _number in range(more):
            _owe(case, ANSWER, days=-1)
        with CaptureQueriesContext(connection) as queries:
            go_round()
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_round_works_behind_the_second_wall(case: Case) -> None:
    _owe(case, ANSWER, days=-1)
    with acting(Channel.JOB, None):
        assert go_round().escalated == 1


def test_a_promise_of_a_kind_is_open_once_and_a_new_one_takes_its_place(case: Case) -> None:
    subject = uuid4()
    due = timezone.now() + timedelta(days=3)
    first = services.promise(case, EXPIRY, subject=subject, institution=case.institution, due_at=due)
    second = services.promise(case, EXPIRY, subject=subject, institution=case.institution, due_at=due)
    first.refresh_from_db()
    assert first.dropped_at is not None
    assert second.dropped_at is None
    with pytest.raises(IntegrityError, match="promise_of_a_kind_is_open_once"), transaction.atomic():
        _owe(case, days=1, subject=subject)


def test_a_term_in_days_ends_with_its_last_day_in_the_time_of_the_country() -> None:
    end = timezone.localtime(services.end_of(datetime(2028, 2, 29).date()))  # noqa: DTZ001
    assert (end.day, end.hour, end.minute) == (29, 23, 59)


def test_each_sees_the_own_promises_and_an_authority_those_of_its_cases(case: Case) -> None:
    ngo = make_institution(InstitutionKind.NGO, "TR-06")
    elsewhere = make_case(
        institution=make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-35"), stage="protection"
    )
    asked, own, far = _owe(case, ANSWER, days=1, institution=ngo), _owe(case, days=2), _owe(elsewhere, days=3)
    partner = make_user(Role.PARTNER, ngo)
    officer = make_user(Role.PROTECTION_OFFICER, case.institution)
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    assert list(selectors.open_promises(partner)) == [asked]
    assert list(selectors.open_promises(officer)) == [asked, own]
    assert list(selectors.open_promises(officer, "institution")) == [own]
    assert list(selectors.open_promises(officer, "mine")) == []
    assert list(selectors.open_promises(centre)) == [asked, own, far]


def test_the_overdue_stand_on_top(case: Case) -> None:
    soon, late, later = _owe(case, days=1), _owe(case, days=-1), _owe(case, days=9)
    officer = make_user(Role.PROTECTION_OFFICER, case.institution)
    assert list(selectors.open_promises(officer)) == [late, soon, later]
    assert selectors.due_soon(officer) == (1, 1)


@pytest.mark.parametrize("role", [Role.PROTECTION_OFFICER, Role.PARTNER, Role.CENTRAL_UNIT, Role.ANALYST])
def test_the_list_holds_the_open_promises_that_exist_for_the_user_and_no_other(case: Case, role: Role) -> None:
    partner = make_institution(InstitutionKind.NGO, "TR-06")
    elsewhere = make_case(
        institution=make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-34"), stage="protection"
    )
    home = {
        Role.PARTNER: partner,
        Role.CENTRAL_UNIT: make_institution(InstitutionKind.MIGRATION_CENTRE, None),
    }.get(role, case.institution)
    _owe(case, days=3)  # both by the institution and by the case
    _owe(case, ANSWER, days=2, institution=partner)
    _owe(elsewhere, days=1)
    _owe(elsewhere, ANSWER, days=4, institution=partner)
    _owe(elsewhere, "goal", days=5, institution=case.institution)
    _owe(case, "goal", days=1, kept_at=timezone.now())
    user = make_user(role, home)
    found = list(selectors.open_promises(user))
    seen = promises.visible(user).filter(kept_at=None, dropped_at=None)
    assert found == list(seen.order_by("due_at", "pk"))
    expected = {Role.PROTECTION_OFFICER: 3, Role.PARTNER: 2, Role.CENTRAL_UNIT: 5, Role.ANALYST: 0}
    assert len(found) == expected[role]
    with acting(Channel.PAGE, user):
        assert len(selectors.open_promises(user)) == expected[role]


def test_the_centre_sees_median_ninth_decile_and_oldest_and_no_name(case: Case) -> None:
    now = timezone.now()
    for days in range(1, 11):
        promise = _owe(case, days=30)
        Promise.objects.filter(pk=promise.pk).update(made_at=now - timedelta(days=days, minutes=1))
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    with acting(Channel.PAGE, centre):
        (province,), (institution,) = selectors.ages_by_province(centre), selectors.ages_by_institution(centre)
    for age in (province, institution):
        assert (age.open, age.overdue, age.median, age.ninth, age.oldest) == (10, 0, 5.5, 9.1, 10)
    with pytest.raises(Refused):
        selectors.ages_by_province(make_user(Role.PROTECTION_OFFICER, case.institution))


def _list(user: User) -> tuple[int, int]:
    client = Client()
    client.force_login(user)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("assistance:promises")).status_code == 200
    return len(queries), Promise.objects.count()


def test_the_list_asks_the_same_number_of_queries_at_one_row_and_at_twenty(case: Case) -> None:
    officer = make_user(Role.PROTECTION_OFFICER, case.institution)
    _owe(case, days=1)
    first, _one = _list(officer)
    for _number in range(19):
        _owe(case, days=2, institution=make_institution(InstitutionKind.NGO, "TR-06"))
    assert _list(officer) == (first, 20)


@pytest.mark.parametrize("find", [kind.page for kind in KINDS], ids=str)
def test_every_kind_of_promise_has_a_page_on_which_it_is_kept(find: str) -> None:
    assert reverse(find, args=[uuid4()])


def test_every_kind_is_warned_of_on_its_last_day_at_the_latest(case: Case) -> None:
    tonight = timezone.localtime().replace(hour=23, minute=59, second=59)
    made = [_owe(case, kind.code, days=1) for kind in KINDS]
    Promise.objects.update(due_at=tonight)
    assert go_round().reminded == len(KINDS)
    assert _reminded() == {(promise.pk, 0) for promise in made}


def test_a_warning_comes_before_the_last_day() -> None:
    assert [kind.code for kind in KINDS if any(days < 1 for days in kind.warn_days)] == []


def test_the_door_of_each_list_is_shut_to_those_without_cases(client: Client) -> None:
    client.force_login(make_user(Role.ANALYST, make_institution(InstitutionKind.MIGRATION_CENTRE, None)))
    for name in ("assistance:promises", "assistance:ageing"):
        assert client.get(reverse(name)).status_code == 403


# --- whom the gate did not find -----------------------------------------------------------------------------------


def _nobody(institution: Institution, *, days: float) -> Promise:
    """A screening that is owed of a person without a case."""
    due = timezone.now() + timedelta(days=days)
    return Promise.objects.create(
        kind=GATE, subject=uuid4(), institution=institution, province_id=institution.province_id, due_at=due,
        made_at=min(due, timezone.now()) - timedelta(days=3),
    )  # fmt: skip


def test_only_what_is_owed_after_the_gate_is_without_a_case(case: Case) -> None:
    with pytest.raises(IntegrityError, match="promise_without_a_case_is_of_the_gate"), transaction.atomic():
        Promise.objects.create(
            kind="goal", subject=uuid4(), institution=case.institution, due_at=timezone.now() + timedelta(days=1)
        )


def test_a_screening_of_nobody_known_stands_in_the_list_of_the_asker_and_of_the_centre_alone(case: Case) -> None:
    border = make_institution(InstitutionKind.POLICE, "TR-22")
    owed, other = _nobody(border, days=-1), _owe(case, days=1)
    asker, colleague = make_user(Role.FRONTLINE_OFFICER, border), make_user(Role.PARTNER, border)
    directorate = make_user(Role.PROTECTION_OFFICER, make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-22"))
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    for user, expected in ((asker, [owed]), (colleague, [owed]), (directorate, []), (centre, [owed, other])):
        with acting(Channel.PAGE, user):
            assert list(selectors.open_promises(user)) == expected, user.role
    with acting(Channel.PAGE, asker):
        assert selectors.due_soon(asker) == (0, 1)
        (line,) = selectors.lines(list(selectors.open_promises(asker, "institution")))
        assert (line.is_overdue, line.promise.case_number) == (True, None)
    with acting(Channel.PAGE, centre):
        assert [(age.province.code, age.overdue) for age in selectors.ages_by_province(centre) if age.province] == [
            ("TR-22", 1), ("TR-06", 0)
        ]  # fmt: skip
        assert selectors.ages_by_institution(centre)[0][2:4] == (1, 1)
    client = Client()
    client.force_login(asker)
    assert str(owed.subject) in client.get(reverse("assistance:promises")).content.decode()


def test_the_round_reminds_of_a_screening_of_nobody_known_and_tells_the_centre(case: Case) -> None:
    owed = _nobody(case.institution, days=-1)
    with acting(Channel.JOB, None):
        assert tuple(go_round()) == (1, 1)
    owed.refresh_from_db()
    assert owed.escalated_at is not None
