"""The way of a file through the pages: upload, check, run in the background, found again."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from kalkan.access.models import User
from kalkan.access.roles import MATRIX, Permission, Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases.models import Case
from kalkan.exchange import services, store, tasks
from kalkan.exchange.models import ImportRun
from tests.exchange import tables
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(centre: User) -> Client:
    client = Client()
    client.force_login(centre)
    return client


def send(client: Client, content: bytes, *, kind: str = "ctdc", key: object = None, **more: object) -> HttpResponse:
    file = SimpleUploadedFile("Gizli Kişi Adı.csv", content)
    return client.post(
        "/exchange/imports/new/", {"format": kind, "file": file, "request_key": str(key or uuid4()), **more}
    )


def work() -> None:
    """Do what the worker would do: each waiting job once, oldest first."""
    for job in ProcrastinateJob.objects.filter(task_name__startswith="exchange.").order_by("id"):
        {"exchange.check": tasks.check, "exchange.import": tasks.perform}[job.task_name](**job.args)


def test_a_file_is_uploaded_checked_and_imported(client: Client, django_capture_on_commit_callbacks) -> None:  # type: ignore[no-untyped-def]
    response = send(client, tables.many(3))
    run = ImportRun.objects.get()
    assert response.url == f"/exchange/imports/{run.reference}/"  # type: ignore[attr-defined]
    assert run.state == ImportRun.State.CHECKING
    assert "hx-get" in client.get(response.url).content.decode()  # type: ignore[attr-defined]

    work()
    run.refresh_from_db()
    assert (run.state, run.rows, run.created) == (ImportRun.State.CHECKED, 3, 3)
    assert not Case.objects.exists(), "the check writes nothing"
    assert client.get(f"/exchange/imports/{run.reference}/progress/")["HX-Refresh"] == "true"

    client.post(f"/exchange/imports/{run.reference}/begin/", {"mode": "all"})
    run.refresh_from_db()
    assert run.state == ImportRun.State.RUNNING
    with django_capture_on_commit_callbacks(execute=True):
        work()
    run.refresh_from_db()
    assert (run.state, run.created, Case.objects.count()) == (ImportRun.State.DONE, 3, 3)
    assert (run.file, store.names()) == ("", []), "the file is gone after the run"
    page = client.get(f"/exchange/imports/{run.reference}/").content.decode()
    assert "Aktarıldı" in page


def test_the_name_of_the_file_is_never_kept(client: Client) -> None:
    send(client, tables.many(1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM exchange_importrun t")
        assert "Gizli" not in cursor.fetchone()[0]
    assert all("Gizli" not in str(job.args) for job in ProcrastinateJob.objects.all())


def test_wrong_rows_are_listed_with_place_value_and_remedy(client: Client, centre: User) -> None:
    send(client, tables.ctdc(tables.GOOD.format(key=1), "2,31.02.2002,<b>Radio</b>,Female,,,,,,,"))
    work()
    run = ImportRun.objects.get()
    page = client.get(f"/exchange/imports/{run.reference}/").content.decode()
    for words in ("Datasource", "&lt;b&gt;Radio&lt;/b&gt;", "31.02.2002", "Takvimde böyle bir gün yok."):
        assert words in page
    assert 'value="all"' not in page, "all or nothing is not offered where a row is wrong"
    exported = client.get("/exchange/exports/import-problems/", {"run": run.reference})
    content = b"".join(exported.streaming_content).decode()  # type: ignore[attr-defined]
    assert "Datasource" in content
    assert "Radio" not in content, "what was in the cell may be somebody's name"


def test_only_who_brought_the_file_sees_what_was_in_its_cells(client: Client) -> None:
    send(client, tables.ctdc("2,2002.0,Radio,Female,,,,,,,"))
    work()
    run = ImportRun.objects.get()
    other = Client()
    other.force_login(make_user(Role.CENTRAL_UNIT, make_institution("migration_centre", None)))
    page = other.get(f"/exchange/imports/{run.reference}/").content.decode()
    assert "Datasource" in page
    assert "Radio" not in page


def test_all_or_nothing_is_refused_where_a_row_is_wrong(client: Client) -> None:
    send(client, tables.ctdc(tables.GOOD.format(key=1), "2,1403,,,,,,,,,"))
    work()
    run = ImportRun.objects.get()
    page = client.post(f"/exchange/imports/{run.reference}/begin/", {"mode": "all"}, follow=True).content.decode()
    assert "yalnızca doğru satırları aktarın" in page
    client.post(f"/exchange/imports/{run.reference}/begin/", {"mode": "good"})
    work()
    run.refresh_from_db()
    assert (run.state, run.created, run.failed) == (ImportRun.State.DONE, 1, 1)


@pytest.mark.parametrize("content", [b"PK\x03\x04 bomb", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"a\x00b\n", b"x"])
def test_a_file_that_is_no_table_ends_with_a_sentence(client: Client, content: bytes) -> None:
    response = send(client, content)
    work()
    run = ImportRun.objects.get()
    assert run.state == ImportRun.State.REFUSED
    page = client.get(response.url)  # type: ignore[attr-defined]
    assert page.status_code == 200
    assert run.problems.get().code


@pytest.mark.parametrize("content", [b"%PDF-1.4", b"MZ\0\0", b"\xff\xd8\xff\xe0", b"<html></html>", b"#!/bin/sh"])
def test_what_is_never_a_table_is_refused_at_the_door_and_that_is_recorded(client: Client, content: bytes) -> None:
    page = send(client, content)
    assert page.status_code == 422
    assert "Bu tür dosya saklanmaz" in page.content.decode()
    assert not ImportRun.objects.exists()
    assert store.names() == []
    assert AuditEvent.objects.get(action=Event.UPLOAD_REFUSED).facts["reason"] == "not_allowed"


def test_an_upload_without_a_file_or_with_an_empty_one_is_mended_on_the_page(client: Client) -> None:
    for data in ({"format": "ctdc"}, {}, {"format": "nothing", "file": SimpleUploadedFile("x", b"")}):
        response = client.post("/exchange/imports/new/", data)
        assert response.status_code == 422
        assert not ImportRun.objects.exists()


def test_a_file_that_is_too_large_is_refused_on_the_page(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.UPLOAD_LIMIT = 100
    assert send(client, tables.many(10)).status_code == 422
    assert store.names() == []


def test_a_mapping_of_one_s_own_is_checked_on_the_page(client: Client) -> None:
    table = "no;yıl;cinsiyet\n1;2020;K\n".encode()
    response = send(client, table, kind="own")
    assert response.status_code == 422
    bad = SimpleUploadedFile("m.toml", b"sourse = 1")
    page = send(client, table, kind="own", own_mapping=bad)
    assert page.status_code == 422
    assert "sourse" in page.content.decode()
    good = SimpleUploadedFile(
        "m.toml",
        b'source = "Deneme"\nkey = "no"\n[defaults]\n"case.state" = "closed"\n'
        b'[[column]]\nname = "y\xc4\xb1l"\ntarget = "case.opened_on"\n'
        b'[[column]]\nname = "cinsiyet"\ntarget = "person.sex"\n',
    )
    send(client, table, kind="own", own_mapping=good)
    work()
    run = ImportRun.objects.get()
    client.post(f"/exchange/imports/{run.reference}/begin/", {"mode": "all"})
    work()
    case = Case.objects.select_related("person").get()
    assert (case.source, case.person.sex, case.opened_on.year) == ("Deneme", "female", 2020)


def test_a_double_click_makes_one_import(client: Client) -> None:
    key = uuid4()
    first, second = send(client, tables.many(1), key=key), send(client, tables.many(1), key=key)
    assert first.url == second.url  # type: ignore[attr-defined]
    assert ImportRun.objects.count() == len(store.names()) == 1


def test_an_interrupted_import_is_found_again_and_goes_on(client: Client) -> None:
    send(client, tables.many(5))
    work()
    run = ImportRun.objects.get()
    client.post(f"/exchange/imports/{run.reference}/begin/", {"mode": "good"})
    # The worker is killed: nobody says so, the run only falls silent.
    ImportRun.objects.update(beat_at=timezone.now() - timezone.timedelta(minutes=5))
    page = client.get(f"/exchange/imports/{run.reference}/").content.decode()
    assert "Yarıda kaldı" in page
    client.post(f"/exchange/imports/{run.reference}/begin/", {"mode": "good"})
    work()
    run.refresh_from_db()
    assert (run.state, run.created) == (ImportRun.State.DONE, 5)


def test_a_file_can_be_discarded(client: Client, django_capture_on_commit_callbacks) -> None:  # type: ignore[no-untyped-def]
    send(client, tables.many(5))
    work()
    run = ImportRun.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/exchange/imports/{run.reference}/discard/")
    run.refresh_from_db()
    assert (run.state, run.file, store.names()) == (ImportRun.State.DISCARDED, "", [])
    page = client.post(f"/exchange/imports/{run.reference}/begin/", {"mode": "all"}, follow=True).content.decode()
    assert "başlatılmayı beklemiyor" in page


def test_uploads_that_nobody_came_back_to_are_deleted(client: Client) -> None:
    send(client, tables.many(1))
    assert services.forget_old_files() == 0
    assert len(store.names()) == 1
    ImportRun.objects.update(beat_at=timezone.now() - timezone.timedelta(days=8))
    services.forget_old_files()
    assert store.names() == []
    assert ImportRun.objects.get().state == ImportRun.State.DISCARDED


PAGES = ["/exchange/imports/", "/exchange/imports/new/"]


@pytest.mark.parametrize("role", list(Role))
def test_only_who_may_import_finds_the_pages(role: Role, centre: User, client: Client) -> None:
    send(client, tables.many(1))
    reference = ImportRun.objects.get().reference
    visitor = Client()
    visitor.force_login(make_user(role, make_institution("migration_centre", None)))
    may = Permission.IMPORT_RUN in MATRIX[role][1]
    for address in PAGES:
        assert visitor.get(address).status_code == (200 if may else 403)
    for address in ("", "progress/"):
        assert visitor.get(f"/exchange/imports/{reference}/{address}").status_code == (200 if may else 404)
    for address in ("begin/", "discard/"):
        assert visitor.post(f"/exchange/imports/{reference}/{address}").status_code == (302 if may else 404)


def test_the_history_costs_the_same_with_one_import_and_with_twenty(client: Client, centre: User) -> None:
    spent = []
    for more in (1, 19):
        for _number in range(more):
            ImportRun.objects.create(by=centre, institution=centre.institution, format="ctdc", source="CTDC")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/exchange/imports/").status_code == 200
        spent.append(len(queries))
    assert spent[0] == spent[1]


def test_the_problems_cost_the_same_with_one_and_with_twenty(client: Client, centre: User) -> None:
    spent: list[int] = []
    run = ImportRun.objects.create(
        by=centre, institution=centre.institution, format="ctdc", source="CTDC", state="refused"
    )
    for more in (1, 19):
        for number in range(more):
            run.problems.create(row=number, code="not_a_date", column="x", sealed_value=store.seal("x"))
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/exchange/imports/{run.reference}/")
        spent.append(len(queries))
    assert spent[0] == spent[1]


@pytest.mark.parametrize("role", [Role.CENTRAL_UNIT])
def test_pages_speak_english_too(role: Role) -> None:
    visitor = Client()
    visitor.force_login(make_user(role, make_institution("migration_centre", None), language="en"))
    check: Callable[[str], str] = lambda address: visitor.get(address).content.decode()  # noqa: E731
    assert "Nothing has been imported yet" in check("/exchange/imports/")
    assert "What kind of table is it?" in check("/exchange/imports/new/")
