"""Whoever steals a dump of the database without its keys learns nobody's name, number, paper or story.

The demonstration's own people, an imported record, exports, searches and jobs are in it; every identity is taken out
of the vault and looked for in pg_dump's plain text, as it is and in the disguises that a database gives to text.
"""

import base64
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse
from procrastinate.contrib.django import app as jobs
from pytest_django import Settings

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.exchange import services as exchange
from kalkan.exchange.backup import postgres
from kalkan.persons import sealing, services
from kalkan.persons.models import Person, SealedText
from kalkan.web import demonstration
from tests.exchange import tables
from tests.factories import make_user
from tests.persons.pages import answers, browser
from tests.persons.people import full_details

pytestmark = pytest.mark.django_db(transaction=True)
# What stands there before anybody is recorded: words of code lists and of invented institutions and officers may be
# those of an invented name ("Örnek"). No person is named in these tables.
REFERENCE = {"access_user", "access_institution", "django_migrations", "cache"}
NARRATIVE = "Uçaktan indiğimde pasaportumu Karakuş adlı kişi aldı"


def dumped() -> dict[str, str]:
    """pg_dump's plain text, the data of each table by its name and everything else under no name."""
    command = [postgres.tool("pg_dump"), "--format=plain", "--no-owner"]
    done = subprocess.run(command, env=postgres.environment(), capture_output=True, check=True)
    found: dict[str, str] = {}
    rest = done.stdout.decode()
    for match in re.finditer(r"^COPY public\.(\w+) \(.*?\) FROM stdin;\n(.*?)^\\\.$", rest, re.M | re.S):
        found[match[1]] = match[2]
    return found


def identities() -> Iterator[tuple[str, str]]:
    """Everything that the vault keeps of everybody: what it is, and its words."""
    for person in Person.objects.all():
        details = services.identity_of(person)
        for name in details.names:
            for part in (name.given, name.family, name.latin_given, name.latin_family):
                yield from (("name", word) for word in part.split())
        for document in details.documents:
            yield "document", document.number
            yield "document", re.sub(r"\W", "", document.number)
        for contact in details.contacts:
            digits = re.sub(r"\D", "", contact.value)
            for value in (contact.value, digits, digits[-9:], contact.when_to_call, contact.what_to_say):
                yield "contact", value
        if details.birth is not None and details.birth.precision == "day":
            yield "birth", details.birth.value.isoformat()
    for text in SealedText.objects.select_related("person"):
        words = sealing.read(text)
        yield "text", words
        yield from (("text", piece) for piece in re.split(r"[.:,]\s*", words) if len(piece) > 12)


def disguises(word: str) -> Iterator[bytes]:
    """The word itself, and as hexadecimal, base64 and escaped text."""
    plain = word.encode()
    yield plain
    yield plain.hex().encode()
    yield base64.b64encode(plain).rstrip(b"=")[: len(plain) * 4 // 3]
    if not word.isascii():
        yield ascii(word)[1:-1].encode()


@pytest.fixture
def everybody(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    demonstration.build(count=30)
    officer = User.objects.get(email="uzman.ankara@kalkan.invalid")
    person = services.record_person(full_details(), by=officer)
    sealed = services.seal_text(person, "narrative", NARRATIVE, by=officer)
    services.read_text(sealed, by=officer, purpose="interview")
    client = browser(officer)
    for query in ("Гульнара Абдуллаева", "+998901234567", "FA1234567", "03.05.1998"):
        client.post(reverse("persons:search"), {"query": query})
    client.post(reverse("persons:create"), answers(step="record"))
    client.post(reverse("persons:reveal", args=[person.reference]), {"purpose": "interview"})
    importer = User.objects.get(email="merkez@kalkan.invalid")
    content = tables.htcds(tables.NAMED, (*tables.NAMED[:1], "Yanlış", "Satırova", "no date", *tables.NAMED[4:]))
    exchange.import_source(
        tables.source(content), kind="htcds", by=importer, mode="good", is_dry_run=False, progress=lambda a, b: None
    )
    exchange.upload([content], kind="htcds", own_mapping=b"", by=importer, request_key=None)
    list(exchange.begin_export("cases", by=importer, filters={}).rows)
    jobs.configure_task("exchange.check", allow_unknown=True).defer(reference=str(person.reference))


def test_a_stolen_dump_names_nobody(everybody: None) -> None:
    data = dumped()
    for table in ("persons_person", "audit_auditevent", "procrastinate_jobs", "exchange_importproblem", "cases_case"):
        assert data[table].strip(), f"{table} is empty: it proves nothing"
    open_tables = {
        name: text.encode()
        for name, text in data.items()
        if name not in REFERENCE and not name.startswith("vocabulary_")
    }
    assert "django_session" in open_tables
    secrets = {(kind, word) for kind, word in identities() if len(word) > 2}
    secrets |= {("import", word) for word in ("Yanlış", "Satırova", "Örnekova", "Gülnara")}
    kinds = {kind: len([one for one in secrets if one[0] == kind]) for kind, _word in secrets}
    assert kinds["name"] >= 30
    assert kinds["contact"] >= 30
    assert kinds["document"] >= 10
    assert kinds["text"] >= 8
    assert kinds["birth"] >= 10
    found = [
        (kind, table)
        for kind, word in secrets
        for form in disguises(word)
        for table, text in open_tables.items()
        if re.search(rb"(?<![\w])" + re.escape(form) + rb"(?![\w])", text)
        or (len(form) > 6 and kind != "birth" and form in text)
    ]
    assert found == []


def test_the_same_search_finds_what_lies_open(everybody: None) -> None:
    make_user(Role.ANALYST, full_name="Абдуллаева")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case SET closing_reason = 'Абдуллаева' WHERE id = (SELECT max(id) FROM cases_case)"
        )
    assert "Абдуллаева" in dumped()["cases_case"]
    assert ("name", "Абдуллаева") in set(identities())
