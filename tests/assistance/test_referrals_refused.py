"""Whom a receiver declined or handed back is not lost: the sender owes other help, and the centre hears of silence."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from kalkan.assistance.lifecycle.promises import BY_CODE
from kalkan.assistance.models import Promise, Referral
from kalkan.assistance.selectors.referrals import waiting_for
from kalkan.assistance.services import referral_moves as moves
from kalkan.cases.lifecycle import NotPossible
from tests.assistance.referral_story import Cast, accepted, acts, consented, make_cast, referred

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def _owed(referral: Referral) -> dict[str, int]:
    rows = Promise.objects.filter(subject=referral.reference, kept_at=None, dropped_at=None)
    return dict(rows.values_list("kind", "institution_id"))


def test_the_sender_owes_other_help_until_it_says_that_it_is_found(cast: Cast) -> None:
    returned = accepted(cast)
    with acts(cast.partner):
        moves.give_back(returned.reference, by=cast.partner, version=2, reason="person_left")
        assert waiting_for(cast.partner) == 0
        with pytest.raises(NotPossible) as refusal:
            moves.see_to(returned.reference, by=cast.partner)
        assert refusal.value.missing == "sender"
    assert _owed(returned) == {"referral_elsewhere": cast.protector.institution_id}
    with acts(cast.protector):
        assert waiting_for(cast.protector) == 1
        moves.see_to(returned.reference, by=cast.protector)
        assert waiting_for(cast.protector) == 0
        with pytest.raises(NotPossible) as refusal:
            moves.see_to(returned.reference, by=cast.protector)
        assert refusal.value.missing == "nothing_owed"
    assert _owed(returned) == {}


def test_an_urgent_one_is_owed_within_hours_and_kept_by_a_new_referral(cast: Cast) -> None:
    declined = referred(cast, is_urgent=True)
    with acts(cast.partner):
        moves.decline(declined.reference, by=cast.partner, version=1, reason="full")
    promise = Promise.objects.get(subject=declined.reference, kind="referral_elsewhere")
    assert promise.due_at - promise.made_at < timedelta(hours=24, seconds=5), "hours run on holidays too"
    referred(cast, consent=consented(cast, to=cast.second_ngo), category="health")
    assert _owed(declined) != {}, "another help is not that help"
    referred(cast, consent=consented(cast, to=cast.second_ngo))
    assert _owed(declined) == {}


def test_the_page_says_that_nobody_took_the_person_on(cast: Cast, in_english: None) -> None:
    declined = referred(cast)
    with acts(cast.partner):
        moves.decline(declined.reference, by=cast.partner, version=1, reason="full")
    sender, page = Client(), reverse("assistance:referral", args=[declined.reference])
    sender.force_login(cast.protector)
    address = reverse("assistance:referral_seen_to", args=[declined.reference])
    assert address in sender.get(page).content.decode()
    assert declined.number in sender.get(f"{reverse('assistance:referrals')}?view=sent_refused").content.decode()
    assert sender.get(address).status_code == 200
    assert sender.post(address).status_code == 302
    assert _owed(declined) == {}
    assert address not in sender.get(page).content.decode()
    assert sender.get(address).status_code == 302, "nothing is owed any more"
    assert declined.number in sender.get(f"{reverse('assistance:referrals')}?view=sent_finished").content.decode()


@pytest.mark.parametrize("kind", ["referral_answer", "referral_reply", "referral_feedback", "referral_elsewhere"])
def test_the_centre_is_told_of_every_silence_about_a_referral(kind: str) -> None:
    assert BY_CODE[kind].escalates
