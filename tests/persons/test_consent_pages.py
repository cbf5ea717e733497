"""Consent is given and withdrawn on its pages."""

from typing import Any

import pytest
from django.urls import reverse

from kalkan.access.models import User
from kalkan.persons import services
from kalkan.persons.models import Consent
from tests.persons.pages import browser, consent, text
from tests.persons.people import details, full_details

pytestmark = pytest.mark.django_db


def test_consent_is_given_and_withdrawn(officer: User) -> None:
    person = services.record_person(full_details(), by=officer)
    client, url, given = browser(officer), reverse("persons:consent", args=[person.reference]), consent()
    for _ in range(2):
        done = client.post(url, given, follow=True)
    assert "The consent is recorded." in text(done)
    found = Consent.objects.get()
    withdraw = reverse("persons:withdraw", args=[found.reference])
    assert "withdraws this consent" in text(client.get(withdraw))
    done = client.post(withdraw, follow=True)
    assert "withdrawn" in text(done)


def test_who_came_from_a_page_of_ours_goes_back_to_it_and_nobody_is_sent_elsewhere(officer: User) -> None:
    person = services.record_person(full_details(), by=officer)
    client, asked = browser(officer), reverse("persons:consent", args=[person.reference])
    home, own = reverse("web:home"), reverse("persons:person", args=[person.reference])
    assert f'href="{home}"' in client.get(f"{asked}?next={home}").content.decode()
    assert client.post(f"{asked}?next={home}", consent()).url == home
    withdraw = reverse("persons:withdraw", args=[Consent.objects.get().reference])
    assert client.post(f"{withdraw}?next=https://elsewhere.example/", {}).url == own
    assert client.post(f"{withdraw}?next={home}", {}).url == home


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"categories": []}, "This field is required"),
        ({"categories": ["everything"]}, "Select a valid choice"),
        ({"given_on": "2999-01-01"}, "cannot be given in the future"),
        ({"expires_on": "2026-01-01"}, "would end before it was given"),
        ({"recipient": "0"}, "Select a valid choice"),
    ],
)
def test_a_consent_that_cannot_hold_gets_a_sentence(officer: User, wrong: dict[str, Any], sentence: str) -> None:
    person = services.record_person(full_details(), by=officer)
    page = browser(officer).post(reverse("persons:consent", args=[person.reference]), consent(**wrong))
    assert sentence in text(page)
    assert not Consent.objects.exists()


def test_a_childs_consent_asks_for_the_guardian(officer: User) -> None:
    person = services.record_person(details(is_age_in_doubt=True), by=officer)
    url = reverse("persons:consent", args=[person.reference])
    page = browser(officer).post(url, consent())
    assert "must agree too" in text(page)
    browser(officer).post(url, consent(guardian_agreed="on"))
    assert Consent.objects.get().guardian_agreed
