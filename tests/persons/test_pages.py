"""The pages of the room, as a browser asks for them."""

import pytest
from django.urls import reverse

from kalkan.access.models import User
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.persons import services
from kalkan.persons.models import Person
from tests.persons.pages import answers, browser, form_of, text
from tests.persons.people import details, full_details

pytestmark = pytest.mark.django_db


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
