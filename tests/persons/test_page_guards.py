"""Who opens which page of a person, at which cost and in which language."""

import itertools
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.persons import services
from kalkan.persons.models import Consent, PossibleSame
from tests.factories import make_user
from tests.persons.pages import answers, browser, consent, text
from tests.persons.people import full_details

pytestmark = pytest.mark.django_db


def test_the_centre_judges_pairs_without_reading_identities(officer: User, centre: User) -> None:
    for _ in range(2):
        services.record_person(full_details(), by=officer)
    match, client = PossibleSame.objects.get(), browser(centre)
    page = text(client.get(reverse("persons:matches")))
    assert match.person.short_reference in page
    assert "same document number" in page
    assert "Абдуллаева" not in page
    client.post(reverse("persons:judge", args=[match.reference]), {"verdict": "same"})
    match.refresh_from_db()
    assert (match.verdict, match.judged_by) == ("same", centre)
    assert match.person.short_reference in text(client.get(reverse("persons:matches"), {"verdict": "same"}))
    assert client.post(reverse("persons:judge", args=[match.reference]), {"verdict": "maybe"}).status_code == 400


def test_the_officer_sees_a_possible_same_person_only_in_the_own_scope(officer: User, stranger: User) -> None:
    first = services.record_person(full_details(), by=officer)
    second = services.record_person(full_details(), by=officer)
    third = services.record_person(full_details(), by=stranger)
    page = text(browser(officer).get(reverse("persons:person", args=[second.reference])))
    assert first.short_reference in page
    assert third.short_reference not in page
    page = text(browser(stranger).get(reverse("persons:person", args=[third.reference])))
    assert "May be the same person" not in page


DOORS = [("person", "get"), *itertools.product(["reveal", "edit", "consent"], ["get", "post"])]


@pytest.mark.parametrize(("name", "method"), DOORS)
def test_a_stranger_cannot_learn_that_a_person_exists(officer: User, stranger: User, name: str, method: str) -> None:
    person = services.record_person(full_details(), by=officer)
    client = browser(stranger)
    known, unknown = (
        getattr(client, method)(reverse(f"persons:{name}", args=[reference]), answers(step="record"))
        for reference in (person.reference, uuid4())
    )
    assert known.status_code == unknown.status_code == 404


def test_a_stranger_cannot_withdraw_a_consent(officer: User, stranger: User) -> None:
    person = services.record_person(full_details(), by=officer)
    browser(officer).post(reverse("persons:consent", args=[person.reference]), consent())
    url = reverse("persons:withdraw", args=[Consent.objects.get().reference])
    assert browser(stranger).post(url).status_code == 404
    assert Consent.objects.get().withdrawn_at is None


MAY = {
    "search": {"helpline_operator", "frontline_officer", "identification_expert", "deciding_officer"}
    | {"protection_officer"},
    "create": {"helpline_operator", "frontline_officer", "identification_expert", "protection_officer"},
    "matches": {"central_unit"},
}


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("name", MAY)
def test_each_role_opens_what_it_may(role: str, name: str) -> None:
    expected = 200 if role in MAY[name] else 403
    assert browser(make_user(role)).get(reverse(f"persons:{name}")).status_code == expected


def test_who_is_not_signed_in_is_sent_to_sign_in() -> None:
    for name in MAY:
        assert Client().get(reverse(f"persons:{name}")).status_code == 302


def test_pages_take_the_same_number_of_queries_at_one_row_and_at_twenty(officer: User, centre: User) -> None:
    first = services.record_person(full_details(), by=officer)

    def queries(user: User, url: str, data: dict[str, str] | None = None) -> int:
        client = browser(user)
        with CaptureQueriesContext(connection) as captured:
            response = client.post(url, data) if data else client.get(url)
        assert response.status_code == 200
        return len(captured)

    def measure() -> list[int]:
        return [
            queries(centre, reverse("persons:matches")),
            queries(officer, reverse("persons:person", args=[first.reference])),
            queries(officer, reverse("persons:search"), {"query": "Gulnara Abdullaeva"}),
        ]

    def add(number: int) -> None:
        for _ in range(number):
            services.record_person(full_details(), by=officer)
            browser(officer).post(reverse("persons:consent", args=[first.reference]), consent())

    add(1)
    measure()
    before = measure()
    add(19)
    assert measure() == before


@pytest.mark.parametrize("language", ["tr", "en"])
def test_every_page_speaks_the_language_asked_for(officer: User, centre: User, language: str) -> None:
    person = services.record_person(full_details(), by=officer)
    with translation.override(language):
        expected = {"tr": "Kişi ara", "en": "Find a person"}[language]
        assert expected in text(browser(officer, language).get(reverse("persons:search")))
        for name in dict(DOORS):
            page = browser(officer, language).get(reverse(f"persons:{name}", args=[person.reference]))
            assert f'lang="{language}"' in text(page)
