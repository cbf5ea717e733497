"""Care notes, companions, interpreters, legal aid, compensation, money and conferences of a programme."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.access.session import acting
from kalkan.assistance.models import Booking, CareNote, Interpreter, Programme, Promise
from kalkan.assistance.services import care, claims
from kalkan.assistance.services import programmes as services
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent, Channel
from kalkan.cases.lifecycle import NotPossible
from kalkan.persons import erasing
from kalkan.persons.models import SealedText
from tests.assistance.programmes import begun, ended
from tests.cases.story import DAY, Province, later, opened
from tests.factories import make_institution, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
NOON = datetime(2026, 6, 1, 9, tzinfo=UTC)


# --- care notes ---


def _note(team: Province, programme: Programme) -> CareNote:
    return care.write_note(
        programme.reference, by=team.protector, kind="health", on=DAY, words="Invented health words."
    )


def test_a_care_note_is_read_by_carers_alone_and_each_reading_is_recorded(team: Province) -> None:
    note = _note(team, begun(team))
    words = care.read_note(note.reference, by=team.protector, purpose="protection")
    assert words == "Invented health words."
    assert AuditEvent.objects.filter(action=Event.CARE_NOTE_READ, actor_id=team.protector.pk).count() == 1
    for other in (team.decider, team.expert, team.frontline, make_user(Role.CENTRAL_UNIT)):
        with pytest.raises(Http404):
            care.read_note(note.reference, by=other, purpose="protection")
        with pytest.raises((Http404, Refused)):
            care.write_note(note.programme.reference, by=other, kind="health", on=DAY, words="x")


def test_the_door_of_other_texts_does_not_open_a_care_note(team: Province) -> None:
    programme = begun(team)
    note = _note(team, programme)
    with pytest.raises(Http404):
        care.read_programme_text(programme.reference, note.words.reference, by=team.protector, purpose="protection")


def test_the_database_shows_even_the_sealed_words_to_carers_alone(team: Province) -> None:
    note = _note(team, begun(team))
    for user, sees in ((team.protector, True), (team.decider, False), (team.expert, False)):
        with acting(Channel.PAGE, user):
            assert SealedText.objects.filter(pk=note.words_id).exists() is sees
            assert CareNote.objects.exists() is sees


def test_the_texts_of_a_programme_open_for_a_purpose_and_those_of_another_do_not_exist(team: Province) -> None:
    programme, other = begun(team), begun(team)
    review = services.hold_review(
        programme.reference, by=team.protector, on=DAY, still_wanted=True, note="Going well."
    )
    text = review.note.reference
    words = care.read_programme_text(programme.reference, text, by=team.decider, purpose="protection")
    assert words == "Going well."
    with pytest.raises(Http404):
        care.read_programme_text(other.reference, text, by=team.protector, purpose="protection")


# --- companions ---


def test_a_companion_is_a_case_or_a_band_and_never_the_person(team: Province) -> None:
    programme = begun(team)
    child = care.add_companion(
        programme.reference, by=team.protector, relation="child", since=DAY, sex="female", age_band="0-8"
    )
    assert child.case is None
    with pytest.raises(NotPossible, match="person's own case"):
        care.add_companion(programme.reference, by=team.protector, relation="child", since=DAY, other=programme.case)
    sibling = opened(team)
    care.add_companion(programme.reference, by=team.protector, relation="sibling", since=DAY, other=sibling)
    with pytest.raises(NotPossible, match="already recorded"):
        care.add_companion(programme.reference, by=team.protector, relation="sibling", since=DAY, other=sibling)
    with pytest.raises(NotPossible, match="before the beginning"):
        care.end_companion(child.reference, by=team.protector, on=later(-1), version=1)
    assert care.end_companion(child.reference, by=team.protector, on=later(1), version=1).until == later(1)


# --- interpreters ---


def _book(team: Province, programme: Programme, **said: Any) -> Booking:
    values = {"code": "T-17", "language": "ar", "begins_at": NOON, "ends_at": NOON + timedelta(hours=1)}
    return care.book_interpreter(programme.reference, by=team.protector, **values | said)


def test_an_interpreter_is_booked_once_at_a_time_and_free_again_when_cancelled(team: Province) -> None:
    first, other = begun(team), begun(team)
    booking = _book(team, first)
    with pytest.raises(NotPossible, match="booked at that time already"):
        _book(team, other, code="t-17", begins_at=NOON + timedelta(minutes=30), ends_at=NOON + timedelta(hours=2))
    assert _book(team, other, code="T-18")
    assert _book(team, other, begins_at=NOON + timedelta(hours=1), ends_at=NOON + timedelta(hours=2))  # right after
    care.cancel_booking(booking.reference, by=team.protector)
    care.cancel_booking(booking.reference, by=team.protector)
    assert _book(team, other)


def test_the_interpreter_of_another_province_is_not_booked_either(team: Province) -> None:
    """The booking that stands in the way is not visible, and still holds."""
    booking = _book(team, begun(team))
    institution = make_institution(province="TR-35")
    with acting(Channel.PAGE, make_user(Role.PROTECTION_OFFICER, institution)):
        assert not Booking.objects.filter(pk=booking.pk).exists()
    with pytest.raises(IntegrityError, match="interpreter_is_at_one_place_at_a_time"), transaction.atomic():
        Booking.objects.create(
            programme=booking.programme, interpreter=booking.interpreter, language="ar", begins_at=NOON,
            ends_at=NOON + timedelta(minutes=1), recorded_by=team.protector,
        )  # fmt: skip


def test_a_booking_that_ends_before_it_begins_is_refused(team: Province) -> None:
    with pytest.raises(NotPossible, match="before the beginning"):
        _book(team, begun(team), ends_at=NOON)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    asked=st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 20), st.integers(1, 6), st.booleans()), min_size=1, max_size=8
    )
)
def test_no_sequence_of_bookings_puts_an_interpreter_at_two_places(
    team: Province, asked: list[tuple[int, int, int, bool]]
) -> None:
    with transaction.atomic():
        programme = _shared(team)
        standing: set[tuple[int, int, int]] = set()
        for who, start, length, cancels in asked:
            begins, ends = start, start + length
            is_free = all(one[0] != who or one[2] <= begins or one[1] >= ends for one in standing)
            hours = {"begins_at": NOON + timedelta(hours=begins), "ends_at": NOON + timedelta(hours=ends)}
            if not is_free:
                with pytest.raises(NotPossible):
                    _book(team, programme, code=f"P-{who}", **hours)
                continue
            booking = _book(team, programme, code=f"P-{who}", **hours)
            standing.add((who, begins, ends))
            if cancels:
                care.cancel_booking(booking.reference, by=team.protector)
                standing.discard((who, begins, ends))
        transaction.set_rollback(True)


def _shared(team: Province) -> Programme:
    return Programme.objects.filter(officer=team.protector).first() or begun(team)


def test_an_interpreter_has_a_code_and_no_name(team: Province) -> None:
    _book(team, begun(team))
    assert {field.name for field in Interpreter._meta.concrete_fields} == {"id", "code", "agency"}


# --- legal aid, compensation, money, conferences ---


def test_legal_aid_goes_step_by_step(team: Province) -> None:
    programme = begun(team)
    aid = claims.ask_legal_aid(programme.reference, by=team.protector, bar="TR-06", on=DAY, lawyer="Av. Uydurma")
    with pytest.raises(NotPossible, match="before the beginning"):
        claims.record_legal_step(aid.reference, by=team.protector, step="appointed", on=later(-1))
    for _time in range(2):
        claims.record_legal_step(aid.reference, by=team.protector, step="appointed", on=later(2))
    assert aid.steps.count() == 1
    words = care.read_programme_text(
        programme.reference, aid.lawyer.reference, by=team.protector, purpose="protection"
    )
    assert words == "Av. Uydurma"


def test_a_claim_is_decided_once_not_before_it_was_made_and_nothing_is_an_amount(team: Province) -> None:
    programme = begun(team)
    with pytest.raises(NotPossible, match="above zero"):
        claims.claim_compensation(programme.reference, by=team.protector, on=DAY, claimed=Decimal(0), currency="TRY")
    claim = claims.claim_compensation(
        programme.reference, by=team.protector, on=later(1), claimed=Decimal("50000.00"), currency="TRY"
    )
    said: dict[str, Any] = {"by": team.protector, "outcome": "rejected", "awarded": Decimal(0)}
    with pytest.raises(NotPossible, match="before the beginning"):
        claims.decide_compensation(claim.reference, on=DAY, version=1, **said)
    claims.decide_compensation(claim.reference, on=later(2), version=1, **said)
    with pytest.raises(NotPossible, match="done already"):
        claims.decide_compensation(claim.reference, on=later(3), version=2, **said)


def test_money_has_an_amount_a_currency_and_an_end_after_its_beginning(team: Province) -> None:
    programme = begun(team)
    said: dict[str, Any] = {"by": team.protector, "kind": "monthly", "begins_on": later(1)}
    with pytest.raises(NotPossible, match="before the beginning"):
        claims.grant_cash(programme.reference, amount=Decimal(10), currency="TRY", ends_on=DAY, **said)
    with pytest.raises(NotPossible, match="Choose from the list"):
        claims.grant_cash(programme.reference, amount=Decimal(10), currency="XXX", **said)
    cash = claims.grant_cash(
        programme.reference, amount=Decimal("1500.50"), currency="TRY", ends_on=later(90), conditions="x", **said
    )
    cash.refresh_from_db()
    assert cash.amount == Decimal("1500.50")


def test_what_a_conference_decides_is_owed_until_it_is_done(team: Province) -> None:
    programme, ngo = begun(team), make_institution("ngo")
    today = timezone.localdate()
    decided = [claims.Decided("Find a place at school.", ngo, today + timedelta(days=7))]
    conference = claims.hold_conference(
        programme.reference, by=team.protector, on=today, institutions=[ngo, team.directorate], decisions=decided
    )
    decision = conference.decisions.get()
    owed = Promise.objects.get(subject=decision.reference)
    assert (owed.institution, owed.kept_at) == (ngo, None)
    for _time in range(2):
        claims.do_decision(decision.reference, by=team.protector, on=today)
    owed.refresh_from_db()
    assert owed.kept_at is not None
    with pytest.raises(NotPossible, match="which institutions took part"):
        claims.hold_conference(programme.reference, by=team.protector, on=today, institutions=[])


def test_an_ended_programme_takes_nothing_more(team: Province) -> None:
    programme = ended(team, begun(team))
    with pytest.raises(NotPossible, match="has ended"):
        _note(team, programme)
    with pytest.raises(NotPossible, match="has ended"):
        _book(team, programme)


def test_erasing_takes_what_tells_of_the_person_and_keeps_the_skeleton(team: Province) -> None:
    programme = begun(team)
    services.assess_needs(programme.reference, by=team.protector, on=DAY, levels={"health": 3})
    _note(team, programme)
    care.add_companion(programme.reference, by=team.protector, relation="child", since=DAY)
    rooms = {room.__name__: room for room in erasing._rooms()}
    part = rooms["kalkan.assistance.erasing"].erase(programme.case.person)
    assert part.removed == {"care_notes": 1, "companions": 1, "need_scores": 1}
    assert part.kept["programmes"] == part.kept["assessments"] == 1
