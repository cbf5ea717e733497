"""Asking for permits, deciding on them and cancelling them, through the services and past them."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kalkan.access.concurrency import Changed
from kalkan.access.models import User
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.access.session import acting
from kalkan.assistance.lifecycle.permits import EXTENSION, FIRST, Period, broken_rule, next_start
from kalkan.assistance.models import Permit, Promise
from kalkan.assistance.selectors.permits import days_of, outlook, terms
from kalkan.assistance.services import permits as services
from kalkan.audit.models import AuditEvent, Channel
from kalkan.cases.lifecycle import NotPossible, Stage
from kalkan.cases.models import Case
from kalkan.persons import services as persons
from kalkan.persons.models import Holding
from kalkan.vocabulary import calendar, stamp
from kalkan.vocabulary.models import Provision
from kalkan.web.templatetags.kalkan import day
from tests.cases import story
from tests.cases.story import Province
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db


def today() -> date:
    return timezone.localdate()


def granted(team: Province, case: Case, kind: str = FIRST, **said: Any) -> Permit:
    ground = "safety" if kind == EXTENSION else ""
    permit = services.request_permit(case.reference, by=team.protector, kind=kind, ground=ground, **said)
    return services.grant_permit(permit.reference, by=team.decider, number="İ-2026/17", version=permit.version)


def owed(permit: Permit) -> dict[str, Promise]:
    return {one.kind: one for one in Promise.objects.filter(subject=permit.reference)}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def case(team: Province) -> Case:
    return story.at(Stage.PROTECTION, team)


def test_the_first_permit_is_asked_for_by_one_officer_and_granted_by_another(team: Province, case: Case) -> None:
    permit = services.request_permit(case.reference, by=team.protector, kind=FIRST)
    assert owed(permit)["permit_decision"].institution == team.directorate
    services.grant_permit(permit.reference, by=team.decider, number="İ-2026/17", version=1)
    permit.refresh_from_db()
    assert (permit.state, permit.ends_on) == ("granted", today() + timedelta(days=30))
    assert permit.provision.code == "permit_first"
    promises = owed(permit)
    assert promises["permit_decision"].kept_at is not None
    assert timezone.localdate(promises["reflection_end"].due_at) == permit.ends_on
    assert promises["permit_expiry"].owner == team.protector
    assert timezone.localdate(promises["permit_expiry"].due_at) <= permit.ends_on
    assert calendar.is_working_day(timezone.localdate(promises["permit_expiry"].due_at))
    assert permit.number is not None
    assert persons.read_text(permit.number, by=team.decider, purpose="protection") == "İ-2026/17"


def test_an_extension_begins_when_the_last_permit_ends_and_takes_over_its_promises(team: Province, case: Case) -> None:
    first = granted(team, case)
    extension = granted(team, case, EXTENSION)
    assert extension.starts_on == first.ends_on
    assert extension.ends_on == calendar.add_months(first.ends_on, 6)
    assert owed(first)["reflection_end"].kept_at is not None
    assert owed(first)["permit_expiry"].kept_at is not None
    assert owed(extension)["permit_expiry"].kept_at is None
    assert "reflection_end" not in owed(extension)


@pytest.mark.parametrize(
    ("days", "word"),
    [(400, "longer than the law allows for one permit"), (0, "end before it begins"), (-3, "end before it begins")],
)
def test_an_extension_beyond_its_term_is_refused_with_a_sentence(
    team: Province, case: Case, days: int, word: str
) -> None:
    first = granted(team, case)
    with pytest.raises(NotPossible, match=word):
        services.request_permit(
            case.reference, by=team.protector, kind=EXTENSION, ground="health",
            ends_on=first.ends_on + timedelta(days=days),
        )  # fmt: skip


def test_a_permit_that_would_pass_three_years_is_refused(team: Province, case: Case) -> None:
    """As if the first had begun two and a half years ago: what is left is short, and not a day longer."""
    began = calendar.add_months(today(), -30)
    _past(case, team, began)
    look = outlook(case, team.protector)
    limit = calendar.add_months(began, 36)
    assert look.goes_on_until == limit
    assert [period.ends_on for period in look.chain] == [limit]
    with pytest.raises(NotPossible, match="legal maximum"):
        services.request_permit(
            case.reference, by=team.protector, kind=EXTENSION, ground="health", ends_on=limit + timedelta(days=1)
        )
    last = granted(team, case, EXTENSION, ends_on=limit)
    assert last.ends_on == limit


def test_at_the_maximum_nothing_can_be_asked_for(team: Province, case: Case) -> None:
    _past(case, team, calendar.add_months(today(), -36))
    look = outlook(case, team.protector)
    assert look.chain == []
    for kind in (FIRST, EXTENSION):
        with pytest.raises(NotPossible, match="maximum of all permits is reached"):
            services.request_permit(case.reference, by=team.protector, kind=kind, ground="health")


def test_permits_of_another_province_count_into_the_maximum(team: Province, case: Case) -> None:
    elsewhere = story.make_province_team("TR-35")
    other = make_case(case.person, elsewhere.directorate, stage="protection")
    Holding.objects.create(person=case.person, institution=elsewhere.directorate, province_id="TR-35")
    _past(other, elsewhere, calendar.add_months(today(), -36))
    with acting(Channel.PAGE, team.protector):
        look = outlook(case, team.protector)
        assert look.permits == []  # the rows are not this province's
        assert days_of(case.person).granted  # their days count all the same
        with pytest.raises(NotPossible, match="maximum of all permits is reached"):
            services.request_permit(case.reference, by=team.protector, kind=FIRST)


def test_nobody_decides_on_their_own_request(team: Province, case: Case) -> None:
    permit = services.request_permit(case.reference, by=team.protector, kind=FIRST)
    team.protector.role = Role.DECIDING_OFFICER
    team.protector.save()
    moved = User.objects.select_related("institution").get(pk=team.protector.pk)
    with pytest.raises(NotPossible, match="another officer"):
        services.grant_permit(permit.reference, by=moved, number="1", version=1)
    with pytest.raises(IntegrityError, match="permit_is_not_decided_by_its_requester"), transaction.atomic():
        Permit.objects.filter(pk=permit.pk).update(
            state="refused", decided_by=moved, decided_on=today(), reasons=_words(permit, moved)
        )


def test_a_refusal_has_reasons_and_leaves_the_way_open(team: Province, case: Case) -> None:
    permit = services.request_permit(case.reference, by=team.protector, kind=FIRST)
    with pytest.raises(NotPossible, match="Give the reason"):
        services.refuse_permit(permit.reference, by=team.decider, reasons=" ", version=1)
    services.refuse_permit(permit.reference, by=team.decider, reasons="Uydurma gerekçe", version=1)
    assert owed(permit)["permit_decision"].kept_at is not None
    assert granted(team, case).state == "granted"


def test_a_citizen_needs_no_permit(team: Province, case: Case) -> None:
    case.person.citizenships = ["TR", "DE"]
    case.person.save(update_fields=["citizenships"])
    with pytest.raises(NotPossible, match="citizen needs no residence permit"):
        services.request_permit(case.reference, by=team.protector, kind=FIRST)


@pytest.mark.parametrize("stage", [Stage.IDENTIFICATION, Stage.NOT_RECOGNISED, Stage.CLOSED])
def test_a_permit_rests_on_the_recognition(team: Province, stage: Stage) -> None:
    undecided = story.at(stage, team)
    with pytest.raises(NotPossible, match="recognised as a victim"):
        services.request_permit(undecided.reference, by=team.protector, kind=FIRST)


def test_a_first_permit_begins_with_the_decision_at_the_earliest(team: Province) -> None:
    fresh = story.at(Stage.RECOGNISED, team, on=today() - timedelta(days=3))
    with pytest.raises(NotPossible, match="day of the decision at the earliest"):
        services.request_permit(fresh.reference, by=team.protector, kind=FIRST, starts_on=today() - timedelta(days=4))
    with pytest.raises(NotPossible, match="has not come yet"):
        services.request_permit(fresh.reference, by=team.protector, kind=FIRST, starts_on=today() + timedelta(days=1))
    permit = services.request_permit(
        fresh.reference, by=team.protector, kind=FIRST, starts_on=today() - timedelta(days=3)
    )
    assert permit.ends_on == today() + timedelta(days=27)


def test_what_was_forced_is_no_ground_to_cancel_and_the_law_is_cited(team: Province, case: Case) -> None:
    permit = granted(team, case)
    with pytest.raises(NotPossible, match=r"Law 6458 art\. 49") as refusal:
        services.cancel_permit(
            permit.reference, by=team.decider, ground="ties_renewed", was_forced=True, version=permit.version
        )
    assert "intimidation" in str(refusal.value)
    with pytest.raises(IntegrityError, match="ground_that_was_not_forced"), transaction.atomic():
        Permit.objects.filter(pk=permit.pk).update(
            state="cancelled", cancelled_on=today(), cancelled_by=team.decider, cancel_ground="ties_renewed",
            cancel_provision=Provision.objects.get(code="permit_cancellation"), was_forced=True,
        )  # fmt: skip


def test_cancelling_ends_the_permit_and_what_was_to_follow(team: Province, case: Case) -> None:
    first = granted(team, case)
    extension = granted(team, case, EXTENSION)
    services.cancel_permit(
        first.reference, by=team.decider, ground="obligations_not_met", was_forced=False, version=first.version
    )
    extension.refresh_from_db()
    assert (extension.state, extension.period.days) == ("cancelled", 0)
    assert not Promise.objects.filter(case=case, kept_at=None, dropped_at=None).exists()
    with pytest.raises(NotPossible, match="no permit to extend"):
        services.request_permit(case.reference, by=team.protector, kind=EXTENSION, ground="health")
    assert granted(team, case).starts_on == today()


def test_the_same_request_twice_is_one_and_an_old_version_is_a_conflict(team: Province, case: Case) -> None:
    key = uuid4()
    one = services.request_permit(case.reference, by=team.protector, kind=FIRST, request_key=key)
    two = services.request_permit(case.reference, by=team.protector, kind=FIRST, request_key=key)
    assert one == two
    with pytest.raises(NotPossible, match="asked for already"):
        services.request_permit(case.reference, by=team.protector, kind=FIRST)
    with pytest.raises(Changed):
        services.grant_permit(one.reference, by=team.decider, number="1", version=7)


def test_extensions_are_not_heaped_up(team: Province, case: Case) -> None:
    granted(team, case)
    granted(team, case, EXTENSION)
    with pytest.raises(NotPossible, match="has not begun"):
        services.request_permit(case.reference, by=team.protector, kind=EXTENSION, ground="health")


def test_a_stranger_and_a_role_without_the_duty_get_nowhere(team: Province, case: Case) -> None:
    permit = services.request_permit(case.reference, by=team.protector, kind=FIRST)
    with pytest.raises(Http404):
        services.grant_permit(permit.reference, by=story.make_province_team("TR-35").decider, number="1", version=1)
    with pytest.raises(Refused):
        services.grant_permit(permit.reference, by=team.protector, number="1", version=1)
    with pytest.raises(Refused):
        services.request_permit(case.reference, by=team.decider, kind=FIRST)


def test_every_step_leaves_an_event_without_the_number(team: Province, case: Case) -> None:
    permit = granted(team, case)
    services.cancel_permit(
        permit.reference, by=team.decider, ground="ties_renewed", was_forced=False, version=permit.version
    )
    events = AuditEvent.objects.filter(action__startswith="assistance:permit:")
    assert sorted(events.values_list("action", flat=True)) == [
        "assistance:permit:cancel", "assistance:permit:decide", "assistance:permit:request",
    ]  # fmt: skip
    assert not any("2026/17" in str(event.facts) for event in events)


@pytest.fixture
def law() -> Iterator[None]:
    """What this process remembers of the law is read anew, and again once the change is undone."""
    yield
    stamp.forget()


@pytest.mark.usefixtures("law")
def test_a_change_of_law_counts_for_what_begins_after_it(team: Province, case: Case) -> None:
    first = granted(team, case)
    old = Provision.objects.get(code="permit_extension")
    old.valid_to = first.ends_on
    old.save()
    Provision.objects.create(
        code="permit_extension", kind="deadline", amount=2, unit="months", valid_from=first.ends_on,
        citation_tr="Uydurma", citation_en="Invented", text_tr="İki ay", text_en="Two months",
    )  # fmt: skip
    stamp.forget()
    extension = granted(team, case, EXTENSION)
    assert extension.ends_on == calendar.add_months(first.ends_on, 2)
    first.refresh_from_db()
    assert first.ends_on == first.starts_on + timedelta(days=30)


ACTS = st.lists(st.tuples(st.booleans(), st.integers(-2, 40), st.integers(1, 260)), min_size=2, max_size=9)


@given(ACTS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_the_database_admits_what_the_arithmetic_admits_and_nothing_else(
    team: Province, case: Case, acts: list[tuple[bool, int, int]]
) -> None:
    """Past all services: each grant tried with bare rows is refused by a rule exactly where a rule is broken."""
    begin = date(2023, 1, 31)
    with transaction.atomic():
        known: list[Period] = []
        for is_first, gap, length in acts:
            kind = FIRST if is_first else EXTENSION
            after = max((one.until for one in known), default=begin)
            starts_on = after + timedelta(days=gap) if is_first or gap % 3 else (next_start(known) or after)
            wanted = Period(starts_on, starts_on + timedelta(days=length))
            broken = broken_rule(kind, known, wanted, terms(known, starts_on))
            try:
                with transaction.atomic():
                    _raw(case, team, kind, wanted, began=min([starts_on, *(one.starts_on for one in known)]))
            except IntegrityError:
                assert broken, (kind, known, wanted)
            else:
                assert not broken, (broken, kind, known, wanted)
                known.append(wanted)
        transaction.set_rollback(True)


def test_the_pages_show_the_way_and_ask_the_same_queries_for_one_and_for_many(team: Province, case: Case) -> None:
    client = Client()
    client.force_login(team.protector)
    address = reverse("assistance:permits", args=[case.reference])
    _past(case, team, calendar.add_months(today(), -5))
    one = _queries(client, address)
    assert Permit.objects.count() == 2
    _past_more(case, team)
    many = _queries(client, address)
    assert Permit.objects.count() > 2
    assert one == many
    words = client.get(address).content.decode()
    assert _turkish(calendar.add_months(calendar.add_months(today(), -5), 36)) in words


def test_an_officer_asks_and_another_decides_on_the_pages(team: Province, case: Case) -> None:
    client, other = Client(), Client()
    client.force_login(team.protector)
    other.force_login(team.decider)
    address = reverse("assistance:request_permit", args=[case.reference])
    form = {"kind": "first", "starts_on": today().isoformat(), "request_key": str(uuid4())}
    assert client.post(address, form).status_code == 200  # the answers are checked first
    assert client.post(address, form | {"confirmed": "yes"}).status_code == 302
    permit = Permit.objects.get()
    page = reverse("assistance:decide_permit", args=[permit.reference])
    assert client.get(page).status_code == 403
    assert other.post(page, {"outcome": "grant", "version": "1"}).status_code == 422
    sent = {"outcome": "grant", "number": "A1", "version": "1", "confirmed": "yes"}
    assert other.post(page, sent | {"version": "9"}).status_code == 409
    assert other.post(page, sent).status_code == 302
    assert Permit.objects.get().state == "granted"
    assert other.get(reverse("assistance:hub", args=[case.reference])).status_code == 200


def _queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def _turkish(value: date) -> str:
    with translation.override("tr"):
        return day(value)


def _words(permit: Permit, by: User) -> Any:
    return persons.seal_text(permit.person, "permit_reasons", "Uydurma", by=by)


def _raw(case: Case, team: Province, kind: str, period: Period, *, began: date) -> Permit:
    """A granted permit as bare rows: asked for and decided, past the services."""
    rule = {"code": f"permit_{kind}", "valid_to": None}
    permit = Permit.objects.create(
        case=case, person=case.person, kind=kind, ground="health" if kind == EXTENSION else "",
        starts_on=period.starts_on, ends_on=period.ends_on, provision=Provision.objects.get(**rule),
        total_provision=Provision.objects.get(code="permit_total"), requested_on=began, requested_by=team.protector,
    )  # fmt: skip
    permit.number = persons.seal_text(case.person, "permit_number", "1", by=team.decider)
    permit.state, permit.decided_by, permit.decided_on = "granted", team.decider, began
    permit.save()
    return permit


def _past(case: Case, team: Province, began: date) -> list[Permit]:
    """A first permit that began then and the extensions that followed, as long as each could be, up to today."""
    known = [_raw(case, team, FIRST, Period(began, began + timedelta(days=30)), began=began)]
    limit = calendar.add_months(began, 36)
    while known[-1].ends_on < min(today(), limit):
        starts_on = known[-1].ends_on
        ends_on = min(calendar.add_months(starts_on, 6), limit)
        known.append(_raw(case, team, EXTENSION, Period(starts_on, ends_on), began=began))
    return known


def _past_more(case: Case, team: Province) -> None:
    for number in range(2):
        last = Permit.objects.order_by("-ends_on")[0]
        starts_on = last.ends_on
        period = Period(starts_on, calendar.add_months(starts_on, 1 + number))
        _raw(case, team, EXTENSION, period, began=last.requested_on)


def test_a_role_that_has_nothing_to_do_with_permits_sees_none(team: Province, case: Case) -> None:
    granted(team, case)
    expert = make_user(Role.IDENTIFICATION_EXPERT, team.directorate)
    with acting(Channel.PAGE, expert):
        assert not Permit.objects.exists()
