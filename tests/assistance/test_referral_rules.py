"""The rules of a referral that the database keeps by itself, whatever the services do."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from kalkan.assistance.lifecycle import referrals as lifecycle
from kalkan.assistance.lifecycle.packages import FIELDS, LAW
from kalkan.assistance.lifecycle.referrals import BY_NAME, Status
from kalkan.assistance.models import Referral, ReferralMove, ReferralPackage
from kalkan.assistance.selectors.referrals import holds
from kalkan.assistance.services import packages
from kalkan.assistance.services import referral_moves as moves
from kalkan.cases.lifecycle import NotPossible
from kalkan.vocabulary import selectors as vocabulary
from tests.assistance.referral_story import Cast, acts, consented, make_cast, referred

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def _refused(act: Any) -> str:
    with pytest.raises(NotPossible) as refusal:
        act()
    assert str(refusal.value.message)
    return refusal.value.missing


# --- what the database itself refuses --------------------------------------------------------------------------------


def _raw(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_keeps_what_was_sent_as_it_was(cast: Cast) -> None:
    referral = referred(cast)
    for statement, rule in (
        ("UPDATE assistance_referral SET receiver_id = sender_id WHERE id = %s", "sent_referral_is_not_rewritten"),
        ("UPDATE assistance_referral SET purpose = 'health' WHERE id = %s", "sent_referral_is_not_rewritten"),
        (
            "UPDATE assistance_referral SET status = 'completed', ended_at = now() WHERE id = %s",
            "referral_changes_only_by_a_move",
        ),
        ("UPDATE assistance_referralpackage SET sealed = 'x' WHERE referral_id = %s", "sent_words_are_not_rewritten"),
        ("DELETE FROM assistance_referralpackage WHERE referral_id = %s", "sent_words_are_not_rewritten"),
        ("DELETE FROM assistance_referralmove WHERE referral_id = %s", "referral_moves_are_append_only"),
        ("DELETE FROM assistance_referral WHERE id = %s", "sent_referral_is_not_rewritten"),
    ):
        with pytest.raises(DatabaseError, match=rule):
            _raw(statement, referral.pk)


def test_the_database_lets_nobody_go_on_without_the_basis(cast: Cast) -> None:
    consent = consented(cast)
    referral = referred(cast, consent=consent)
    consent.withdrawn_at = timezone.now()
    consent.save()  # past the services, which would have revoked it in the same transaction
    assert not holds(referral)
    with pytest.raises(IntegrityError, match="goes_on_only_while_its_basis_holds"), transaction.atomic():
        ReferralMove.objects.create(
            referral=referral, move="accept", source="sent", target="accepted", by=cast.partner
        )
    with acts(cast.partner):
        assert packages.look_inside(referral, by=cast.partner) is None
        assert not ReferralPackage.objects.exists()
        assert _refused(lambda: moves.accept(referral.reference, by=cast.partner, version=1)) == "basis"


def test_the_database_takes_no_referral_that_rests_on_nothing(cast: Cast) -> None:
    consent = consented(cast)
    good = {
        "number": "TEST-1",
        "case": cast.case,
        "sender": cast.protector.institution,
        "sent_by": cast.protector,
        "receiver": cast.ngo,
        "category": "health",
        "purpose": consent.purpose,
    }
    child = vocabulary.provision("referral_child", on=timezone.localdate())
    for wrong, rule in (
        ({"consent": consent, "receiver": cast.second_ngo}, "referral_rests_on_live_consent_to_its_receiver"),
        ({"consent": consent, "purpose": "health"}, "referral_rests_on_live_consent_to_its_receiver"),
        ({"consent": consent, "case": make_cast().case}, "referral_rests_on_live_consent_to_its_receiver"),
        ({"provision": child, "ground": "child"}, "referral_without_consent_protects_a_child_or_a_life"),
        ({}, "referral_rests_on_consent_or_on_a_provision"),
        ({"consent": consent, "receiver": cast.protector.institution}, "referral_"),
        ({"consent": consent, "status": "accepted"}, "referral_begins_as_sent"),
    ):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            Referral.objects.create(**good | wrong)


def test_a_receivers_step_is_taken_by_its_own_officers(cast: Cast) -> None:
    referral = referred(cast)
    with pytest.raises(IntegrityError, match="referral_is_answered_by_its_receiver"), transaction.atomic():
        ReferralMove.objects.create(
            referral=referral, move="accept", source="sent", target="accepted", by=cast.protector
        )
    quiet = referred(cast, consent=consented(cast, to=cast.quiet_ngo))
    with acts(cast.protector):  # nobody works there with an account: the sender writes down what it said
        assert moves.accept(quiet.reference, by=cast.protector, version=1).status == Status.ACCEPTED


def test_the_tables_of_code_and_of_the_law_know_their_codes() -> None:
    purposes = {code.code for code in vocabulary.codes("consent_purpose")}
    categories = {code.code for code in vocabulary.codes("data_category")}
    assert set(FIELDS) == purposes - {"research"}
    assert {category for table in FIELDS.values() for category in table} <= categories
    for code in LAW:
        assert vocabulary.provision(code, on=timezone.localdate()).kind == "rule"
    for code in ("referral_answer", "referral_answer_urgent", "referral_reply", "referral_feedback"):
        assert not vocabulary.provision(code, on=timezone.localdate()).is_verified
    for name, code_list in lifecycle.REASONS.items():
        assert BY_NAME[name]
        assert vocabulary.codes(code_list)
