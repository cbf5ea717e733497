"""An erased person's record is forgotten by the doors too, and the same file does not bring the person back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import translation
from pytest_django import Settings

from kalkan.access.models import User
from kalkan.access.roles import InstitutionKind, Role
from kalkan.cases import services as cases
from kalkan.cases.models import Case
from kalkan.exchange import services, store
from kalkan.exchange.importing import Report
from kalkan.exchange.models import ErasedRecord, ImportedRecord, ImportProblem, ImportRun
from kalkan.persons import erasing
from tests.exchange import tables
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db
Bring = Callable[..., Report]
WRONG = (*tables.NAMED[:1], "Başka", "Biri", "not a date", *tables.NAMED[4:])


@pytest.fixture(autouse=True)
def _own_ledger_in_english(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.LEDGER = tmp_path / "erasures.jsonl"
    with translation.override("en"):
        yield


@pytest.fixture
def keeper() -> User:
    return make_user(Role.DATA_PROTECTION_OFFICER, make_institution(InstitutionKind.MIGRATION_CENTRE, None))


def erase(case: Case, centre: User, keeper: User) -> None:
    """An imported open case is broken off before its person can be erased."""
    officer = make_user(Role.IDENTIFICATION_EXPERT, centre.institution)
    cases.break_off(case.reference, by=officer, on=case.opened_on, reason="lost_contact")
    request = erasing.ask(case.person.reference, by=centre, ground="erasure_on_request")
    erasing.carry_out(request.reference, by=keeper)


def test_the_same_file_does_not_bring_an_erased_person_back(bring: Bring, centre: User, keeper: User) -> None:
    bring(tables.htcds(tables.NAMED), kind="htcds", by=centre)
    case = Case.objects.get()
    key = ImportedRecord.objects.get().key
    erase(case, centre, keeper)
    assert not ImportedRecord.objects.exists()
    assert ErasedRecord.objects.get().key == key
    for dry in (True, False):
        again = bring(tables.htcds(tables.NAMED), kind="htcds", by=centre, dry=dry)
        assert (again.created, again.failed) == (0, 1)
        assert [problem.code for problem in again.problems] == ["erased"]
    assert Case.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(string_agg(t::text, ' '), '') FROM exchange_erasedrecord t")
        assert str(case.reference) not in cursor.fetchone()[0]


def test_values_and_waiting_files_of_the_collection_go(
    bring: Bring, centre: User, keeper: User, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    bring(tables.htcds(tables.NAMED), kind="htcds", by=centre)
    bring(tables.htcds(WRONG), kind="htcds", by=centre, mode="good")
    assert ImportProblem.objects.exclude(sealed_value=None).exists()
    file, _size = store.keep([b"name\n"])
    ImportRun.objects.create(by=centre, institution=centre.institution, source="HTCDS", state="checked", file=file)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        erase(Case.objects.get(), centre, keeper)
    assert not ImportProblem.objects.exclude(sealed_value=None).exists()
    assert store.names() == []


def test_a_running_import_of_the_collection_is_waited_for(bring: Bring, centre: User, keeper: User) -> None:
    bring(tables.htcds(tables.NAMED), kind="htcds", by=centre)
    ImportRun.objects.create(by=centre, institution=centre.institution, source="HTCDS", state="running")
    with pytest.raises(erasing.NotErasable, match="import from the same collection"):
        erase(Case.objects.get(), centre, keeper)
    assert services.is_stalled(ImportRun.objects.latest("pk")) is False
