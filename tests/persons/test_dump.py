"""Whoever steals the database learns nobody's name: every table is read as text and searched."""

import base64
import logging

import pytest
from django.db import connection
from django.urls import reverse

from kalkan.access.roles import Role
from kalkan.persons import services
from kalkan.persons.models import Person
from tests.factories import make_user
from tests.persons.pages import answers, browser, consent, form_of
from tests.persons.people import full_details

pytestmark = pytest.mark.django_db
NARRATIVE = "Uçaktan indiğimde pasaportumu Karakuş adlı kişi aldı"
SECRETS = [
    *("Гульнара", "Абдуллаева", "Gulnara", "Abdullaeva", "gulnara", "abdullaeva", "Sveta", "sveta", "Zümrüt"),
    *("FA 1234567", "FA1234567", "998901234567", "901234567", "90 123 45 67"),
    *("1998-05-03", "03.05.1998", "Terzi randevusu", "10:00-12:00", NARRATIVE, "Karakuş"),
]


def everything() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        rows = []
        for name in names:
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{name}" AS t')
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows)


def test_no_identity_stands_in_any_table_or_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    officer = make_user(Role.FRONTLINE_OFFICER)
    person = services.record_person(full_details(), by=officer)
    text = services.seal_text(person, "narrative", NARRATIVE, by=officer)
    services.read_text(text, by=officer, purpose="interview")
    client, url = browser(officer), reverse("persons:create")
    client.post(reverse("persons:search"), {"query": "Gulnara Abdullaeva +998901234567"})
    client.post(url, {"step": "start", "query": "Zümrüt Abdullaeva"})
    client.post(url, answers())
    client.post(url, answers(**{"names-0-latin_given": "Гульнара"}))
    client.post(url, answers(step="record"))
    client.post(reverse("persons:reveal", args=[person.reference]), {"purpose": "interview"})
    edit = reverse("persons:edit", args=[person.reference])
    client.post(edit, {**form_of(client, edit), "names-0-given": "Zümrüt"})
    client.post(edit, {**form_of(client, edit), "version": "1"})
    client.post(reverse("persons:consent", args=[person.reference]), consent())

    assert Person.objects.count() == 2
    dump = everything()
    assert str(person.reference) in dump
    for secret in SECRETS:
        plain = secret.encode()
        for form in (secret, plain.hex(), base64.b64encode(plain).decode().rstrip("=")[:-1], ascii(secret)[1:-1]):
            assert form not in dump, secret
        assert secret not in caplog.text
