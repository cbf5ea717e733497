"""A referral from sending to its end: whose step is whose, what is owed by when, every refusal with its sentence."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.http import Http404
from django.utils import timezone

from kalkan.access.concurrency import Changed
from kalkan.access.models import InstitutionKind
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.assistance.lifecycle import referrals as lifecycle
from kalkan.assistance.lifecycle.packages import LAW, allowed
from kalkan.assistance.lifecycle.referrals import LIVE, MOVES, Side, Status
from kalkan.assistance.models import Promise, Referral
from kalkan.assistance.services import packages
from kalkan.assistance.services import referral_moves as moves
from kalkan.assistance.services.referrals import refer, refer_onward
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases.lifecycle import NotPossible
from kalkan.persons import services as persons
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Provision
from tests.assistance.referral_story import NEED, Cast, accepted, acts, consented, fresh, make_cast, referred
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def _owed(referral: Referral) -> dict[str, int]:
    """Kind → institution that owes it."""
    rows = Promise.objects.filter(subject=referral.reference, kept_at=None, dropped_at=None)
    return dict(rows.values_list("kind", "institution_id"))


def _refused(act: Any) -> str:
    with pytest.raises(NotPossible) as refusal:
        act()
    assert str(refusal.value.message)
    return refusal.value.missing


# --- the way ---------------------------------------------------------------------------------------------------------


def test_a_referral_is_sent_asked_about_answered_accepted_and_completed(cast: Cast) -> None:
    referral = referred(cast)
    sender, receiver = cast.protector.institution_id, cast.ngo.pk
    assert _owed(referral) == {"referral_answer": receiver}
    with acts(cast.partner):
        moves.ask(referral.reference, by=cast.partner, version=1, text="Hangi dil?")
    assert _owed(referral) == {"referral_reply": sender}
    with acts(cast.protector):
        moves.answer(referral.reference, by=cast.protector, version=2, text="Özbekçe")
    assert _owed(referral) == {"referral_answer": receiver}
    with acts(cast.partner):
        moves.accept(referral.reference, by=cast.partner, version=3)
    assert _owed(referral) == {"referral_feedback": receiver}
    with acts(cast.partner):
        moves.complete(referral.reference, by=cast.partner, version=4, reason="provided", text="On görüşme yapıldı.")
    assert _owed(referral) == {}
    assert list(referral.moves.values_list("move", flat=True)) == ["send", "ask", "answer", "accept", "complete"]
    assert fresh(referral).status == Status.COMPLETED
    with acts(cast.protector):
        inside = packages.look_inside(fresh(referral), by=cast.protector)
    assert inside is not None
    assert [words for _message, words in inside.thread] == ["Hangi dil?", "Özbekçe", "On görüşme yapıldı."]
    with acts(cast.partner):
        assert packages.look_inside(fresh(referral), by=cast.partner) is None, "done: its receiver needs it no more"


def test_every_promise_is_kept_or_dropped_when_the_referral_ends(cast: Cast) -> None:
    referral = accepted(cast)
    with acts(cast.partner):
        moves.give_back(referral.reference, by=cast.partner, version=2, reason="person_left")
    promise = Promise.objects.get(subject=referral.reference, kind="referral_feedback")
    assert promise.kept_at is not None
    other = referred(cast, consent=consented(cast))
    with acts(cast.protector):
        moves.withdraw(other.reference, by=cast.protector, version=1, reason="need_ended")
    promise = Promise.objects.get(subject=other.reference, kind="referral_answer")
    assert promise.dropped_at is not None


def test_who_declines_while_a_question_is_open_sets_the_sender_free(cast: Cast) -> None:
    referral = referred(cast)
    with acts(cast.partner):
        moves.ask(referral.reference, by=cast.partner, version=1, text="Yaş?")
        moves.decline(referral.reference, by=cast.partner, version=2, reason="full")
    assert _owed(referral) == {"referral_elsewhere": cast.protector.institution_id}
    assert referral.moves.get(move="decline").reason == "full"


def test_every_act_is_in_the_log_with_codes_only(cast: Cast) -> None:
    referral = accepted(cast)
    with acts(cast.partner):
        packages.look_inside(referral, by=cast.partner)
    found = list(AuditEvent.objects.filter(subjects__contains=[referral.reference]).order_by("pk"))
    assert [event.action for event in found] == [
        Event.REFERRAL_SENT,
        Event.REFERRAL_MOVED,
        Event.REFERRAL_OPENED,
    ]
    opened = found[-1]
    assert cast.case.person.reference in opened.subjects, "who asks who read a person's data is told of this reading"
    assert opened.actor_id == cast.partner.pk


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.name)
@pytest.mark.parametrize("status", Status)
def test_the_table_has_a_move_from_its_sources_only(move: lifecycle.Move, status: Status) -> None:
    facts = dict.fromkeys(("receiver", "sender", "basis", "reason", "text"), True)
    if status in move.sources:
        assert lifecycle.check(move.name, status=status, facts=facts) is move
        for need in move.needs:
            with pytest.raises(NotPossible) as refusal:
                lifecycle.check(move.name, status=status, facts=facts | {need: False})
            assert refusal.value.missing == need
    else:
        with pytest.raises(NotPossible):
            lifecycle.check(move.name, status=status, facts=facts)


def test_whatever_has_ended_stays_so() -> None:
    assert not [move for move in MOVES if set(move.sources) - set(LIVE)]
    assert {move.target for move in MOVES if move.side is Side.SYSTEM} == {Status.REVOKED, Status.EXPIRED}


# --- bad input -------------------------------------------------------------------------------------------------------


def test_a_referral_accepted_twice_says_where_it_stands(cast: Cast) -> None:
    referral = accepted(cast)
    with acts(cast.other_partner), pytest.raises(NotPossible) as refusal:
        moves.accept(referral.reference, by=cast.other_partner, version=1)
    assert str(Status.ACCEPTED.label) in str(refusal.value.message)
    assert referral.moves.filter(move="accept").count() == 1


def test_somebody_who_saw_an_older_state_overwrites_nothing(cast: Cast) -> None:
    referral = referred(cast)
    with acts(cast.partner):
        moves.ask(referral.reference, by=cast.partner, version=1, text="Yaş?")
    with acts(cast.other_partner), pytest.raises(Changed):
        moves.decline(referral.reference, by=cast.other_partner, version=1, reason="full")


def test_one_form_sent_twice_is_one_referral(cast: Cast) -> None:
    key, consent = uuid4(), consented(cast)
    first = referred(cast, consent=consent, request_key=key)
    assert referred(cast, consent=consent, request_key=key) == first
    assert Promise.objects.filter(subject=first.reference).count() == 1


def test_the_same_help_is_asked_of_a_receiver_once(cast: Cast) -> None:
    consent = consented(cast)
    referred(cast, consent=consent)
    assert _refused(lambda: referred(cast, consent=consent)) == "once"
    assert referred(cast, consent=consent, category="health").status == Status.SENT


def test_a_consent_to_somebody_else_withdrawn_ended_or_not_begun_carries_no_referral(cast: Cast) -> None:
    other = consented(cast, to=cast.second_ngo)
    assert _refused(lambda: referred(cast, consent=other, receiver=cast.ngo.reference)) == "consent"
    gone = consented(cast)
    persons.withdraw_consent(gone.reference, by=cast.protector)
    assert _refused(lambda: referred(cast, consent=gone)) == "consent"
    ended = consented(cast, expires_on=timezone.localdate() - timedelta(days=1))
    assert _refused(lambda: referred(cast, consent=ended)) == "consent"
    stranger = make_cast()
    assert _refused(lambda: referred(cast, consent=consented(stranger))) == "consent"


def test_what_is_missing_is_said(cast: Cast) -> None:
    assert _refused(lambda: referred(cast, need="  ")) == "need"
    assert _refused(lambda: referred(cast, category="no_such")) == "category"
    assert _refused(lambda: referred(cast, consent=consented(cast, purpose="research"))) == "purpose"
    own = consented(cast, to=cast.protector.institution)
    assert _refused(lambda: referred(cast, consent=own)) == "not_self"
    closed = make_institution(InstitutionKind.NGO, "TR-06", is_active=False)
    assert _refused(lambda: referred(cast, consent=consented(cast, to=closed))) == "receiver_open"
    both: dict[str, Any] = {"law": "referral_child", "consent": consented(cast).reference}
    with acts(cast.protector):
        assert _refused(
            lambda: refer(cast.case.reference, by=cast.protector, category="health", need="x", **both)
        ) == ("one_basis")


def test_nobody_is_referred_out_of_a_closed_case() -> None:
    cast = make_cast(stage="closed")
    assert _refused(lambda: referred(cast)) == "case"


def test_the_other_side_cannot_take_ones_step(cast: Cast) -> None:
    referral = referred(cast)
    with acts(cast.protector):
        assert _refused(lambda: moves.accept(referral.reference, by=cast.protector, version=1)) == "receiver"
    with acts(cast.partner):
        assert _refused(lambda: moves.withdraw(referral.reference, by=cast.partner, version=1, reason="other")) == (
            "sender"
        )
        assert _refused(lambda: moves.decline(referral.reference, by=cast.partner, version=1, reason="nonsense")) == (
            "reason"
        )
        assert _refused(lambda: moves.ask(referral.reference, by=cast.partner, version=1, text=" ")) == "text"


def test_a_referral_does_not_exist_for_strangers(cast: Cast) -> None:
    referral = referred(cast)
    with acts(cast.stranger):
        for act in (
            lambda: moves.accept(referral.reference, by=cast.stranger, version=1),
            lambda: moves.write_note(referral.reference, by=cast.stranger, text="?"),
        ):
            with pytest.raises(Http404):
                act()
        assert packages.look_inside(referral, by=cast.stranger) is None


def test_a_partner_sends_no_referral_of_a_case_and_the_centre_answers_none(cast: Cast) -> None:
    referral = referred(cast)
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    with pytest.raises(Refused):
        moves.accept(referral.reference, by=centre, version=1)
    with acts(cast.partner), pytest.raises(Http404):
        refer(cast.case.reference, by=cast.partner, category="health", need=NEED, consent=consented(cast).reference)


# --- law -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "fields"), [("referral_child", {"is_child": True}), ("referral_life", {"is_urgent": True})]
)
def test_a_child_or_a_life_in_danger_is_referred_under_the_provision_with_its_minimum(
    code: str, fields: dict[str, Any]
) -> None:
    cast = make_cast(**fields)
    referral = referred(cast, law=code, receiver=cast.ngo.reference, category="safety", is_urgent=True)
    assert referral.provision is not None
    assert referral.provision.code == code
    assert referral.consent_id is None
    with acts(cast.partner):
        inside = packages.look_inside(referral, by=cast.partner)
    assert inside is not None
    assert inside.is_genuine
    assert set(inside.fields) <= {*LAW[code].fields, "need"}
    assert "documents" not in inside.fields


def test_no_provision_stands_in_for_the_consent_of_an_adult_out_of_danger(cast: Cast) -> None:
    ngo = cast.ngo.reference
    assert _refused(lambda: referred(cast, law="referral_child", receiver=ngo)) == "child"
    assert _refused(lambda: referred(cast, law="referral_life", receiver=ngo)) == "life"
    assert _refused(lambda: referred(cast, law="offence", receiver=ngo)) == "provision"
    assert _refused(lambda: referred(cast, law="referral_child")) == "receiver_open"


# --- the clock -------------------------------------------------------------------------------------------------------


def _at(year: int, month: int, day: int, hour: int) -> datetime:
    return datetime(year, month, day, hour, tzinfo=ZoneInfo("Europe/Istanbul"))


def _due(referral: Referral) -> tuple[datetime, datetime]:
    found = Promise.objects.get(subject=referral.reference, kind="referral_answer")
    return found.made_at, found.due_at


def test_an_urgent_answer_is_owed_within_hours_whatever_day_it_is(cast: Cast) -> None:
    made, due = _due(referred(cast, is_urgent=True))
    assert timedelta(hours=23, minutes=59) < due - made <= timedelta(hours=24)


def test_an_answer_is_owed_within_working_days_by_category(cast: Cast) -> None:
    today = timezone.localdate()
    _made, due = _due(referred(cast))
    assert timezone.localtime(due).date() == calendar.add_working_days(today, 5)
    shelter = consented(cast, purpose="shelter")
    _made, due = _due(referred(cast, consent=shelter, category="shelter"))
    assert timezone.localtime(due).date() == calendar.add_working_days(today, 2)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (_at(2026, 10, 28, 15), _at(2026, 10, 29, 15)),  # over Republic Day
        (_at(2028, 2, 28, 23), _at(2028, 2, 29, 23)),  # into a leap day
        (_at(2026, 12, 31, 12), _at(2027, 1, 1, 12)),
    ],
)
def test_hours_run_over_holidays_leap_days_and_years(start: datetime, due: datetime) -> None:
    urgent = vocabulary.provision("referral_answer_urgent", on=start.date())
    assert calendar.due_at(urgent, start) == due


def test_working_days_do_not_run_over_holidays() -> None:
    term = Provision(code="x", kind="deadline", amount=2, unit="working_days")
    start = _at(2026, 10, 27, 9)  # a Tuesday; 29 October is Republic Day
    due = timezone.localtime(calendar.due_at(term, start))
    assert (due.date(), due.hour, due.minute) == (date(2026, 10, 30), 23, 59)


def test_a_term_in_hours_reaches_its_last_day() -> None:
    term = Provision(code="x", kind="deadline", amount=24, unit="hours")
    assert calendar.due_on(term, date(2026, 3, 2)) == date(2026, 3, 3)
    with pytest.raises(ValueError, match="no term"):
        calendar.due_at(Provision(code="x", kind="rule"), timezone.now())


# --- onward ----------------------------------------------------------------------------------------------------------


def _onward(cast: Cast, referral: Referral, **said: Any) -> Referral:
    values: dict[str, Any] = {
        "receiver": cast.second_ngo.reference,
        "category": "legal_aid",
        "need": "Uydurma: avukat.",
    } | said
    with acts(cast.partner):
        return refer_onward(referral.reference, by=cast.partner, **values)


def test_who_received_a_person_refers_on_where_the_person_agreed_and_no_more_than_was_received(cast: Cast) -> None:
    referral = accepted(cast)  # identity and contact
    consented(cast, to=cast.second_ngo, purpose="legal_aid", categories=("identity", "documents", "exploitation"))
    onward = _onward(cast, referral)
    assert (onward.sender_id, onward.receiver_id, onward.onward_of_id) == (
        cast.ngo.pk,
        cast.second_ngo.pk,
        referral.pk,
    )
    with acts(cast.second_partner):
        inside = packages.look_inside(onward, by=cast.second_partner)
    assert inside is not None
    assert inside.is_genuine
    allowed_here = set(allowed("legal_aid", ("identity", "documents", "exploitation"))) & {
        *allowed("psychosocial", ("identity", "contact"))
    }
    assert set(inside.fields) <= allowed_here
    assert "names" in inside.fields
    assert "documents" not in inside.fields, "agreed to, but never received"
    assert "contacts" not in inside.fields, "received, but not agreed to here"
    assert inside.fields["need"] == "Uydurma: avukat."
    assert _owed(onward) == {"referral_answer": cast.second_ngo.pk}


def test_without_consent_to_the_further_receiver_nobody_is_referred_on(cast: Cast) -> None:
    referral = accepted(cast)
    assert _refused(lambda: _onward(cast, referral)) == "consent"
    consented(cast, to=cast.second_ngo, purpose="research")
    assert _refused(lambda: _onward(cast, referral)) == "consent"
    gone = consented(cast, to=cast.second_ngo, purpose="legal_aid")
    persons.withdraw_consent(gone.reference, by=cast.protector)
    assert _refused(lambda: _onward(cast, referral)) == "consent"


def test_one_refers_on_what_one_accepted_only(cast: Cast) -> None:
    consented(cast, to=cast.second_ngo, purpose="legal_aid")
    waiting = referred(cast)
    assert _refused(lambda: _onward(cast, waiting)) == "accepted"
    said: dict[str, Any] = {"receiver": cast.second_ngo.reference, "category": "legal_aid", "need": NEED}
    with acts(cast.protector):
        missing = _refused(lambda: refer_onward(waiting.reference, by=cast.protector, **said))
    assert missing == "receiver"


def test_what_came_under_a_provision_goes_on_under_it_alone() -> None:
    cast = make_cast(is_child=True)
    referral = accepted(cast, law="referral_child", receiver=cast.ngo.reference)
    onward = _onward(cast, referral)
    assert onward.provision == referral.provision
    with acts(cast.second_partner):
        inside = packages.look_inside(onward, by=cast.second_partner)
    assert inside is not None
    assert set(inside.fields) <= {*LAW["referral_child"].fields, "need"}
