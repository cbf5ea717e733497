"""What a receiver sees, and never more: the package, its seal and signature, revocation, and both walls around it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kalkan.access.roles import Role
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.lifecycle.packages import FIELDS, allowed
from kalkan.assistance.lifecycle.referrals import LIVE, Status
from kalkan.assistance.models import Promise, Referral, ReferralMessage, ReferralPackage
from kalkan.assistance.selectors.referrals import said
from kalkan.assistance.services import packages
from kalkan.assistance.services import referral_moves as moves
from kalkan.assistance.services.clock import go_round
from kalkan.assistance.services.referrals import preview, refer, refer_onward
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case
from kalkan.persons import erasing, parcels
from kalkan.persons import services as persons
from kalkan.persons.models import Consent, Person, PersonName, SealedText
from tests.assistance.referral_story import (
    EVERYTHING,
    NEED,
    Cast,
    accepted,
    acts,
    consented,
    fresh,
    make_cast,
    referred,
)
from tests.factories import make_institution, make_user

CODES = st.sets(st.sampled_from(EVERYTHING), min_size=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def _seen(cast: Cast, referral: Referral) -> packages.Opened | None:
    with acts(cast.partner):
        return packages.look_inside(fresh(referral), by=cast.partner)


def _bare(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


# --- what is in it ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(purpose=st.sampled_from(sorted(FIELDS)), categories=CODES)
def test_the_package_holds_what_purpose_and_consent_both_allow_and_the_sender_saw_it(
    cast: Cast, purpose: str, categories: set[str]
) -> None:
    with transaction.atomic():
        consent = consented(cast, purpose=purpose, categories=tuple(categories))
        asked: dict[str, Any] = {"category": "other", "need": NEED, "consent": consent.reference}
        with acts(cast.protector):
            _basis, foreseen = preview(cast.case.reference, by=cast.protector, law="", receiver=None, **asked)
            referral = refer(cast.case.reference, by=cast.protector, **asked)
        inside = _seen(cast, referral)
        transaction.set_rollback(True)
    assert inside is not None
    assert inside.is_genuine
    assert inside.fields == json.loads(json.dumps(foreseen)), "what the sender saw is what the receiver sees"
    assert set(inside.fields) <= set(allowed(purpose, categories))
    words = " ".join(one["value"] for one in said(inside.fields))
    assert ("FA 1234567" in words) == ("documents" in FIELDS[purpose] and "documents" in categories)
    assert ("+998" in words) == ("contact" in FIELDS[purpose] and "contact" in categories)
    assert ("Гульнара" in words) == ("identity" in categories and "names" in FIELDS[purpose]["identity"])


@pytest.mark.django_db
def test_the_package_stays_as_it_was_sent_whatever_is_recorded_later(cast: Cast) -> None:
    referral = referred(cast)
    before = _seen(cast, referral)
    person = Person.objects.get(pk=cast.case.person_id)
    details = persons.identity_of(person)
    persons.change_person(
        person.reference,
        type(details)(names=details.names, sex="male"),
        by=cast.protector,
        version=person.version,
    )
    after = _seen(cast, referral)
    assert before is not None
    assert after is not None
    assert after.fields == before.fields


@pytest.mark.django_db
def test_that_somebody_must_not_be_called_is_passed_on_too(cast: Cast) -> None:
    person = Person.objects.get(pk=cast.case.person_id)
    details = persons.identity_of(person)
    parts = parcels.part_of(details, ("may_be_called", "majority"), on=timezone.localdate())
    assert parts == {"may_be_called": True, "majority": "adult"}
    never = parcels.part_of(replace(details, may_be_called=False), ("may_be_called",), on=timezone.localdate())
    assert never == {"may_be_called": False}
    assert parcels.details_of(never).may_be_called is False


# --- seal and signature ----------------------------------------------------------------------------------------------


def _tamper(referral: Referral, **columns: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE assistance_referralpackage DISABLE TRIGGER package_is_kept")
        for column, value in columns.items():
            cursor.execute(
                f"UPDATE assistance_referralpackage SET {column} = %s WHERE referral_id = %s", [value, referral.pk]
            )
        cursor.execute("ALTER TABLE assistance_referralpackage ENABLE TRIGGER package_is_kept")


@pytest.mark.django_db
def test_a_changed_moved_or_unsigned_package_is_shown_to_nobody(cast: Cast) -> None:
    referral = referred(cast)
    other = referred(cast, consent=consented(cast, purpose="legal_aid"), category="legal_aid")
    sealed = bytes(ReferralPackage.objects.get(referral=referral).sealed)
    lock = parcels.lock_of(Person.objects.get(pk=cast.case.person_id))
    forged = parcels.close(lock, f"referral/{referral.reference}", '{"fields":{"need":"forged"}}')
    for columns in (
        {"sealed": bytes(ReferralPackage.objects.get(referral=other).sealed)},
        {"sealed": sealed[:-1] + bytes([sealed[-1] ^ 1])},
        {"sealed": forged},
        {"signature": bytes(64)},
    ):
        with transaction.atomic():
            _tamper(referral, **columns)
            inside = _seen(cast, referral)
            transaction.set_rollback(True)
        assert inside is not None
        assert (inside.is_genuine, inside.fields) == (False, {})
    genuine = _seen(cast, referral)
    assert genuine is not None
    assert genuine.is_genuine


@pytest.mark.django_db
def test_nothing_of_the_package_or_the_thread_lies_open_in_the_database(cast: Cast) -> None:
    referral = accepted(cast)
    with acts(cast.partner):
        moves.write_note(referral.reference, by=cast.partner, text="Gizlimark sözleri")
    (dump,) = _bare(
        "SELECT string_agg(r::text, ' ') || (SELECT string_agg(p::text, ' ') FROM assistance_referralpackage p) || "
        "(SELECT string_agg(m::text, ' ') FROM assistance_referralmessage m) FROM assistance_referral r"
    )[0]
    for words in ("Gizlimark", "Gulnara", "+998 90", NEED[:8]):
        assert words not in dump
        assert words.encode().hex() not in dump


@pytest.mark.django_db
def test_erasing_the_person_empties_package_and_thread(cast: Cast) -> None:
    referral = accepted(cast)
    with acts(cast.partner):
        moves.write_note(referral.reference, by=cast.partner, text="Not")
        moves.complete(referral.reference, by=cast.partner, version=2, reason="provided", text="Bitti")
    with transaction.atomic():
        Case.objects.filter(pk=cast.case.pk).update(stage="closed", closed_on=timezone.localdate(), closing_reason="x")
        one, other = (make_user(Role.CENTRAL_UNIT, make_institution("migration_centre", None)) for _n in range(2))
        erasure = erasing.ask(cast.case.person.reference, by=one, ground="erasure_on_request")
        done = erasing.carry_out(erasure.reference, by=other)
        assert done.removed["packages"] == 1
        assert done.removed["messages"] == 2
        assert done.kept["referrals"]["number"] == 1
        assert bytes(ReferralPackage.objects.get(referral=referral).sealed) == b""
        assert packages.look_inside(fresh(referral), by=cast.protector) is None
        transaction.set_rollback(True)  # the case was closed past its moves


# --- the end of it ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_withdrawing_consent_revokes_at_once_and_drops_what_is_owed(cast: Cast) -> None:
    consent = consented(cast)
    referral = accepted(cast, consent=consent)
    other = referred(cast, consent=consented(cast, to=cast.second_ngo))
    with acts(cast.expert):  # another officer of the person's, who never saw the referral
        persons.withdraw_consent(consent.reference, by=cast.expert)
    assert fresh(referral).status == Status.REVOKED
    assert fresh(other).status == Status.SENT, "another consent still stands"
    assert _seen(cast, referral) is None
    last = referral.moves.last()
    assert last is not None
    assert (last.move, last.source, last.by_id) == ("revoke", "accepted", cast.expert.pk)
    assert not Promise.objects.filter(subject=referral.reference, kept_at=None, dropped_at=None).exists()
    with acts(cast.partner), pytest.raises(NotPossible):
        moves.complete(referral.reference, by=cast.partner, version=3, reason="provided", text="?")


@pytest.mark.django_db
def test_a_withdrawal_by_an_institution_that_sees_no_case_revokes_too(cast: Cast) -> None:
    police = make_institution("police", "TR-06")
    officer = make_user(Role.FRONTLINE_OFFICER, police)
    persons.hold_person(cast.case.person, institution=police, province=None, by=cast.protector)
    consent = consented(cast)
    referral = referred(cast, consent=consent)
    with acts(officer):
        assert not Case.objects.filter(pk=cast.case.pk).exists()
        persons.withdraw_consent(consent.reference, by=officer)
    assert fresh(referral).status == Status.REVOKED


def _end_consent(consent: Consent) -> None:
    Consent.objects.filter(pk=consent.pk).update(expires_on=timezone.localdate() - timedelta(days=1))


@pytest.mark.django_db
def test_an_ended_consent_shuts_the_package_before_any_clock_has_run(cast: Cast) -> None:
    consent = consented(cast)
    referral = accepted(cast, consent=consent)
    assert _seen(cast, referral) is not None
    _end_consent(consent)
    assert fresh(referral).status == Status.ACCEPTED
    assert _seen(cast, referral) is None
    with acts(cast.partner):
        with pytest.raises(NotPossible) as refusal:
            moves.complete(referral.reference, by=cast.partner, version=2, reason="provided", text="?")
        assert refusal.value.missing == "basis"
        given_back = moves.give_back(referral.reference, by=cast.partner, version=2, reason="other")
    assert given_back.status == Status.RETURNED, "to hand the person back needs no consent"


@pytest.mark.django_db
def test_the_daily_clock_ends_what_no_consent_carries_and_nothing_else(cast: Cast) -> None:
    consent = consented(cast)
    ended = accepted(cast, consent=consent)
    live = referred(cast, consent=consented(cast, to=cast.second_ngo))
    _end_consent(consent)
    go_round()
    go_round()
    assert fresh(ended).status == Status.EXPIRED
    assert ended.moves.filter(move="expire").count() == 1
    assert fresh(live).status == Status.SENT
    assert not Promise.objects.filter(subject=ended.reference, kept_at=None, dropped_at=None).exists()
    assert Promise.objects.filter(subject=live.reference, kept_at=None, dropped_at=None).exists()


# --- both walls ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_bare_sql_shows_the_receiver_the_package_while_it_lives_and_no_person_case_or_consent(cast: Cast) -> None:
    consent = consented(cast)
    referral = accepted(cast, consent=consent)
    persons.seal_text(cast.case.person, "narrative", "Uydurma", by=cast.protector)
    key = "SELECT count(*) FROM assistance_referral_key(%s)"
    with acts(cast.partner):
        assert ReferralPackage.objects.count() == 1
        assert _bare(key, referral.pk) == [(1,)]
        for model in (Person, Case, Consent, PersonName, SealedText):
            assert not model.objects.exists(), model
        with beyond_reach(Task.RECEIVING):
            for model in (Person, Case, Consent, PersonName, SealedText):
                assert not model.objects.exists(), model
    for stranger in (cast.stranger, cast.second_partner):
        with acts(stranger):
            assert _bare(key, referral.pk) == [(0,)]
            assert not Referral.objects.exists()
            assert not ReferralPackage.objects.exists()
            with beyond_reach(Task.RECEIVING):
                assert not Promise.objects.exists()
    with acts(None):
        assert _bare(key, referral.pk) == [(0,)]
    persons.withdraw_consent(consent.reference, by=cast.protector)
    with acts(cast.partner):
        assert _bare(key, referral.pk) == [(0,)]
        assert not ReferralPackage.objects.exists()
        assert not ReferralMessage.objects.exists()


@pytest.mark.django_db
def test_the_ways_past_the_wall_end_nothing_that_holds_and_tell_strangers_nothing(cast: Cast) -> None:
    referral = accepted(cast)
    consented(cast, to=cast.second_ngo, purpose="legal_aid")
    onward = "SELECT count(*) FROM assistance_referral_onward_consent(%s, %s, %s)"
    asked = [referral.pk, cast.second_ngo.reference, ["legal_aid"]]
    with acts(cast.stranger):
        assert _bare("SELECT count(*) FROM assistance_referrals_end(NULL)") == [(0,)]
        assert _bare(onward, *asked) == [(0,)]
        assert _bare("SELECT count(*) FROM assistance_referral_retrieve(%s, %s)", referral.number, "X") == [(0,)]
    with acts(cast.partner):
        assert _bare(onward, *asked) == [(1,)]
    assert fresh(referral).status == Status.ACCEPTED


ACTIONS = st.lists(
    st.sampled_from(
        ["accept", "decline", "ask", "answer", "return", "complete", "withdraw", "note", "onward", "end", "take_back"]
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.django_db
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(actions=ACTIONS, purpose=st.sampled_from(["referral", "interpreting", "legal_aid"]), categories=CODES)
def test_no_sequence_of_moves_and_consents_shows_a_receiver_more_than_its_package_or_anything_after_the_end(
    cast: Cast, actions: list[str], purpose: str, categories: set[str]
) -> None:
    with transaction.atomic():
        consent = consented(cast, purpose=purpose, categories=tuple(categories))
        further = consented(cast, to=cast.second_ngo, purpose="legal_aid", categories=("identity", "documents"))
        referral = referred(cast, consent=consent, category="other")
        for action in actions:
            _try(cast, referral, consent, action)
            _hold(cast, referral, consent, further, purpose, categories)
        transaction.set_rollback(True)


def _try(cast: Cast, referral: Referral, consent: Consent, action: str) -> None:
    by = cast.protector if action in {"answer", "withdraw"} else cast.partner
    words: dict[str, dict[str, Any]] = {
        "decline": {"reason": "full"},
        "return": {"reason": "other"},
        "complete": {"reason": "provided", "text": "Bitti"},
        "withdraw": {"reason": "other"},
        "ask": {"text": "Soru"},
        "answer": {"text": "Yanıt"},
    }
    steps: dict[str, Callable[..., Any]] = {
        **{name: getattr(moves, name) for name in ("accept", "decline", "ask", "answer", "complete", "withdraw")},
        "return": moves.give_back,
    }
    version = fresh(referral).version
    try:
        with transaction.atomic(), acts(by):
            if action == "end":
                _end_consent_as_owner(consent)
            elif action == "take_back":
                with acts(cast.protector):
                    persons.withdraw_consent(consent.reference, by=cast.protector)
            elif action == "note":
                moves.write_note(referral.reference, by=by, text="Not")
            elif action == "onward":
                refer_onward(
                    referral.reference, by=by, receiver=cast.second_ngo.reference, category="legal_aid", need="Avukat"
                )
            else:
                steps[action](referral.reference, by=by, version=version, **words.get(action, {}))
    except NotPossible:
        pass


def _end_consent_as_owner(consent: Consent) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    _end_consent(consent)


def _hold(
    cast: Cast, referral: Referral, consent: Consent, further: Consent, purpose: str, categories: set[str]
) -> None:
    now = fresh(referral)
    stands = Consent.objects.get(pk=consent.pk)
    is_ended = stands.withdrawn_at is not None or (
        stands.expires_on is not None and stands.expires_on < timezone.localdate()
    )
    inside = _seen(cast, referral)
    assert (inside is not None) == (now.status in LIVE and not is_ended)
    if stands.withdrawn_at is not None:
        assert now.status not in LIVE
    with acts(cast.partner):
        assert ReferralPackage.objects.filter(referral=referral).exists() == (inside is not None)
        assert ReferralMessage.objects.filter(referral=referral).exists() == bool(inside and inside.thread)
        assert not Person.objects.exists()
    if inside is not None:
        assert set(inside.fields) <= set(allowed(purpose, categories))
    onward = Referral.objects.filter(onward_of=referral).first()
    if onward is not None:
        with acts(cast.second_partner):
            beyond = packages.look_inside(onward, by=cast.second_partner)
        assert beyond is not None
        assert set(beyond.fields) <= set(allowed(purpose, categories)) & set(allowed("legal_aid", further.categories))
