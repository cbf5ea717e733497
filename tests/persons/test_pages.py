"""The pages of the room, as a browser asks for them."""

import itertools
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from kalkan.access.models import InstitutionKind, User
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.persons import services
from kalkan.persons.models import Consent, Person, PossibleSame
from tests.factories import make_institution, make_user
from tests.persons.people import details, full_details

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(Role.FRONTLINE_OFFICER)


@pytest.fixture
def stranger() -> User:
    return make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.POLICE, "TR-35"))


@pytest.fixture
def centre() -> User:
    return make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))


def browser(user: User, language: str = "en") -> Client:
    User.objects.filter(pk=user.pk).update(language=language)
    client = Client()
    client.force_login(user)
    return client


def answers(**more: Any) -> dict[str, Any]:
    """The record form as a browser sends it."""
    rows = {f"{name}-{field}": "1" for name in ("names", "documents", "contacts") for field in ("TOTAL_FORMS",)}
    rows |= {f"{name}-INITIAL_FORMS": "0" for name in ("names", "documents", "contacts")}
    return {
        **rows,
        "names-0-kind": "given",
        "names-0-given": "Гульнара",
        "names-0-family": "Абдуллаева",
        "names-0-latin_given": "Gulnara",
        "sex": "female",
        "birth_year": "1998",
        "birth_is_about": "on",
        "citizenship_1": "UZ",
        "language_1": "uz",
        "needs_interpreter": "yes",
        "may_be_called": "no",
        "contacts-0-kind": "mobile",
        "contacts-0-value": "+998 90 123 45 67",
        "contacts-0-is_safe": "",
        "documents-0-kind": "passport",
        "documents-0-number": "FA1234567",
        "request_key": str(uuid4()),
        "step": "check",
        **more,
    }


def text(response: Any) -> str:
    return response.content.decode()


def test_search_offers_who_may_be_meant_without_names_and_then_a_new_record(officer: User) -> None:
    person = services.record_person(full_details(), by=officer)
    page = browser(officer).post(reverse("persons:search"), {"query": "Gulnara Abdullaeva"})
    assert person.short_reference in text(page)
    assert "same name" in text(page)
    assert "None of these: record a new person" in text(page)
    assert "Абдуллаева" not in text(page)


def test_what_is_searched_never_stands_in_an_address(officer: User) -> None:
    services.record_person(full_details(), by=officer)
    page = browser(officer).get(reverse("persons:search"), {"query": "Gulnara"})
    assert "may be meant" not in text(page)


def test_a_person_is_recorded_after_checking_the_answers(officer: User) -> None:
    client, given = browser(officer), answers()
    page = client.post(reverse("persons:create"), given)
    assert "Check your answers" in text(page)
    assert "Uzbekistan" in text(page)
    assert not Person.objects.exists()
    done = client.post(reverse("persons:create"), {**given, "step": "record"}, follow=True)
    person = Person.objects.get()
    assert done.redirect_chain == [(reverse("persons:person", args=[person.reference]), 302)]
    assert "The person is recorded." in text(done)
    said = services.identity_of(person)
    assert (said.names[0].full, said.names[0].latin, said.contacts[0].is_safe) == (
        "Гульнара Абдуллаева",
        "Gulnara",
        None,
    )
    assert (said.may_be_called, said.needs_interpreter, str(said.birth)) == (False, True, "~1998")


def test_the_check_page_carries_every_answer_on(officer: User) -> None:
    client, given = browser(officer), answers(is_age_in_doubt="on")
    page = client.post(reverse("persons:create"), given)
    carried = {name: form[name].value() for form in page.context["forms"].all_forms for name in form.fields}
    assert carried["birth_is_about"] is True
    for form in page.context["forms"].all_forms:
        for field in form:
            assert f'name="{field.html_name}"' in text(page)


def test_a_double_click_makes_one_person(officer: User) -> None:
    client, given = browser(officer), answers(step="record")
    first, second = (client.post(reverse("persons:create"), given) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Person.objects.count() == 1


def test_the_likely_same_is_shown_before_recording(officer: User, stranger: User) -> None:
    person = services.record_person(full_details(), by=officer)
    page = browser(officer).post(reverse("persons:create"), answers())
    assert person.short_reference in text(page)
    elsewhere = browser(stranger).post(reverse("persons:create"), answers())
    assert person.short_reference not in text(elsewhere)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"birth_day": "31", "birth_month": "2"}, "There is no day 31 in month 2 of 1998."),
        ({"birth_year": "1403"}, "Persian 1403 is 2024–2025"),
        ({"birth_year": "9" * 5000}, "Enter a whole number"),
        ({"birth_year": "", "age": "200"}, "from 0 to 125"),
        ({"names-0-given": "1", "names-0-family": "", "names-0-latin_given": ""}, "must be written in letters"),
        ({"names-0-latin_given": "Гульнара"}, "must be written in Latin letters"),
        ({"names-0-given": "A" * 151}, "at most 150"),
        ({"contacts-0-value": "12"}, "This is not a phone number."),
        ({"contacts-0-kind": ""}, "Choose the kind."),
        ({"documents-0-number": ""}, "Enter the number of the document"),
        ({"documents-0-expires_on": "1403-31-31"}, "Enter a valid date"),
        ({"citizenship_1": "XX"}, "Select a valid choice"),
        ({"sex": ""}, "This field is required"),
        ({"names-TOTAL_FORMS": "x"}, "ManagementForm"),
        ({"names-TOTAL_FORMS": "9000"}, "at most 8"),
        ({"request_key": "x"}, "valid UUID"),
        ({"names-0-given": "a\x00b"}, "Null characters"),
    ],
)
def test_a_wrong_answer_gets_a_sentence_and_nothing_is_recorded(
    officer: User, wrong: dict[str, str], sentence: str
) -> None:
    page = browser(officer).post(reverse("persons:create"), answers(**{"step": "record", **wrong}))
    assert page.status_code == 200
    assert sentence in text(page).replace("&#x27;", "'")
    assert not Person.objects.exists()


def test_more_rows_are_added_without_losing_answers(officer: User) -> None:
    page = browser(officer).post(reverse("persons:create"), answers(step="add:names"))
    assert 'name="names-1-given"' in text(page)
    assert "Гульнара" in text(page)
    assert not page.context["forms"].about.errors


def test_what_was_searched_for_is_not_typed_again(officer: User) -> None:
    page = browser(officer).post(reverse("persons:create"), {"step": "start", "query": "Ayşe Nur Kaya 1990"})
    assert 'value="Ayşe Nur"' in text(page)
    assert 'value="Kaya"' in text(page)


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ("/cases/?a=1", "/cases/?a=1&person={}"),
        ("/cases/", "/cases/?person={}"),
        ("https://evil.example/", "/persons/{}/"),
        ("//evil.example", "/persons/{}/"),
        ("javascript:alert(1)", "/persons/{}/"),
    ],
)
def test_the_page_that_asked_for_a_person_gets_the_reference(officer: User, asked: str, goes: str) -> None:
    done = browser(officer).post(reverse("persons:create"), answers(step="record", next=asked))
    assert done.headers["Location"] == goes.format(Person.objects.get().reference)


def test_the_persons_page_shows_no_identity_and_is_recorded(officer: User) -> None:
    person = services.record_person(full_details(), by=officer)
    page = text(browser(officer).get(reverse("persons:person", args=[person.reference])))
    for hidden in ("Абдуллаева", "Sveta", "FA 1234567", "998", "Terzi"):
        assert hidden not in page
    assert AuditEvent.objects.filter(action=Event.PERSON_VIEWED, subjects=[person.reference], actor=officer).exists()


def test_the_identity_is_revealed_for_a_purpose_once(officer: User) -> None:
    person = services.record_person(full_details(), by=officer)
    client, url = browser(officer), reverse("persons:reveal", args=[person.reference])
    assert "Абдуллаева" not in text(client.get(url))
    assert "Абдуллаева" not in text(client.post(url, {"purpose": "curiosity"}))
    page = client.post(url, {"purpose": "interview"})
    assert "Абдуллаева" in text(page)
    assert page.headers["Cache-Control"] == "no-store"
    assert "Абдуллаева" not in text(client.get(url))
    event = AuditEvent.objects.get(action=Event.IDENTITY_REVEALED)
    assert (event.subjects, event.facts) == ([person.reference], {"purpose": "interview"})


def test_an_erased_identity_is_said_to_be_erased(officer: User) -> None:
    person = services.record_person(full_details(), by=officer)
    Person.objects.filter(pk=person.pk).update(wrapped_key=None, blind_keys=[])
    client = browser(officer)
    assert "was erased" in text(client.get(reverse("persons:person", args=[person.reference])))
    assert "was erased" in text(
        client.post(reverse("persons:reveal", args=[person.reference]), {"purpose": "interview"})
    )
    edit = reverse("persons:edit", args=[person.reference])
    assert "was erased" in text(client.get(edit, follow=True))
    assert "was erased" in text(client.post(edit, answers(step="record"), follow=True))


def form_of(client: Client, url: str) -> dict[str, Any]:
    """The form as shown, filled in as the browser would send it back."""
    forms = client.get(url).context["forms"]
    given: dict[str, Any] = {"step": "record"}
    for rows in forms.rows.values():
        given |= {f"{rows.prefix}-{name}": rows.management_form[name].value() for name in rows.management_form.fields}
    for form in forms.all_forms:
        for field in form:
            value = field.value()
            if value not in (None, False, ""):
                given[field.html_name] = value
    return given


def test_a_form_sent_back_as_shown_changes_nothing(officer: User) -> None:
    person = services.record_person(full_details(), by=officer)
    client, url = browser(officer), reverse("persons:edit", args=[person.reference])
    assert client.post(url, form_of(client, url)).status_code == 302
    person.refresh_from_db()
    assert (services.identity_of(person), person.version) == (full_details(), 2)


def test_a_correction_on_an_old_version_shows_both_and_overwrites_nothing(officer: User) -> None:
    person = services.record_person(details(), by=officer)
    client, url = browser(officer), reverse("persons:edit", args=[person.reference])
    mine = form_of(client, url)
    services.change_person(person.reference, details(family="Memmedova"), by=officer, version=1)
    page = client.post(url, {**mine, "names-0-family": "Kuliyeva"})
    assert page.status_code == 409
    assert "Gülnare Memmedova" in text(page)
    assert "Gülnare Kuliyeva" in text(page)
    person.refresh_from_db()
    assert services.identity_of(person).names[0].family == "Memmedova"
    again = {**mine, "names-0-family": "Kuliyeva", "version": page.context["forms"].about["version"].value()}
    assert client.post(url, again).status_code == 302
    assert services.identity_of(Person.objects.get()).names[0].family == "Kuliyeva"


@pytest.mark.parametrize("version", ["", "x", "99", "-1"])
def test_a_correction_without_a_true_version_is_not_saved(officer: User, version: str) -> None:
    person = services.record_person(details(), by=officer)
    client, url = browser(officer), reverse("persons:edit", args=[person.reference])
    page = client.post(url, {**form_of(client, url), "sex": "male", "version": version})
    assert page.status_code in {200, 409}
    assert Person.objects.get().sex == "female"


def consent(**more: Any) -> dict[str, Any]:
    return {
        "purpose": "shelter",
        "recipient": str(make_institution(InstitutionKind.SHELTER).pk),
        "categories": ["contact", "health"],
        "language": "uz",
        "given_how": "written",
        "given_on": "2026-03-01",
        "request_key": str(uuid4()),
        **more,
    }


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
