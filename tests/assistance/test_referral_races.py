"""Two who act on one referral at the same moment: one answer stands, and the other is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from kalkan.access.concurrency import Changed
from kalkan.assistance.lifecycle.referrals import LIVE, Status
from kalkan.assistance.models import Promise, Referral
from kalkan.assistance.services import packages
from kalkan.assistance.services import referral_moves as moves
from kalkan.cases.lifecycle import NotPossible
from kalkan.persons import services as persons
from kalkan.persons.models import Consent
from tests.assistance.referral_story import (
    NEED,
    Cast,
    accepted,
    acts,
    consented,
    fresh,
    make_cast,
    referred,
)


def _seen(cast: Cast, referral: Referral) -> packages.Opened | None:
    with acts(cast.partner):
        return packages.look_inside(fresh(referral), by=cast.partner)


# --- at the same moment ----------------------------------------------------------------------------------------------


def _together(*works: Callable[[], Any]) -> list[Any]:
    """All at once, each on a connection of its own."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return work()
        except (NotPossible, Changed) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def _accepting(referral: Referral, by: Any) -> Callable[[], Any]:
    def work() -> Any:
        with acts(by):
            return moves.accept(referral.reference, by=by, version=1)

    return work


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_who_accept_at_the_same_moment_one_does_and_the_other_is_told() -> None:
    cast = make_cast()
    referral = referred(cast)
    found = _together(*(_accepting(referral, by) for by in (cast.partner, cast.other_partner, cast.partner)))
    assert sum(isinstance(one, Referral) for one in found) == 1
    assert all(isinstance(one, Referral | NotPossible | Changed) for one in found)
    assert referral.moves.filter(move="accept").count() == 1
    assert Promise.objects.filter(subject=referral.reference, kind="referral_feedback").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_consent_withdrawn_during_acceptance_ends_with_an_empty_view_whoever_is_first(attempt: int) -> None:
    cast = make_cast()
    consent = consented(cast)
    referral = referred(cast, consent=consent)

    def withdraw() -> Any:
        with acts(cast.expert):
            return persons.withdraw_consent(consent.reference, by=cast.expert)

    found = _together(_accepting(referral, cast.partner), withdraw)
    assert isinstance(found[1], Consent)
    assert isinstance(found[0], Referral) or found[0].missing == "basis"
    assert fresh(referral).status == Status.REVOKED
    assert _seen(cast, referral) is None
    assert not Promise.objects.filter(subject=referral.reference, kept_at=None, dropped_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_consent_withdrawn_while_it_is_sent_leaves_no_live_referral() -> None:
    cast = make_cast()
    consent = consented(cast)

    def send() -> Any:
        return referred(cast, consent=consent)

    def withdraw() -> Any:
        with acts(cast.expert):
            return persons.withdraw_consent(consent.reference, by=cast.expert)

    found = _together(send, withdraw)
    assert isinstance(found[1], Consent)
    assert isinstance(found[0], Referral) or found[0].missing == "consent"
    assert not Referral.objects.filter(status__in=LIVE).exists()


@pytest.mark.django_db
def test_a_click_between_withdrawal_and_its_page_finds_nothing() -> None:
    """Through the pages: one request withdraws, the very next of the receiver is empty."""
    cast = make_cast()
    consent = consented(cast)
    referral = accepted(cast, consent=consent)
    partner, protector = Client(), Client()
    partner.force_login(cast.partner)
    protector.force_login(cast.protector)
    address = reverse("assistance:referral", args=[referral.reference])
    assert "Гульнара" in partner.get(address).content.decode()
    answer = protector.post(reverse("persons:withdraw", args=[consent.reference]), {"confirmed": "yes"})
    assert answer.status_code == 302
    after = partner.get(address)
    assert after.status_code == 200
    for words in ("Гульнара", "Gulnara", "+998", NEED):
        assert words not in after.content.decode()
