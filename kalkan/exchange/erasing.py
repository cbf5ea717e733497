"""What the doors hold of an erased person: which imported record it was, values of wrong cells, files not yet read.

See `kalkan.persons.erasing`.
"""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kalkan.exchange import store
from kalkan.exchange.models import ErasedRecord, ImportedRecord, ImportProblem, ImportRun
from kalkan.persons.erasing import Part
from kalkan.persons.models import Person

TABLES = frozenset({"exchange_importedrecord"})
State = ImportRun.State


def hindrance(person: Person) -> str:
    """A running import of the same collection may be writing this very person."""
    runs = _runs(_records(person))
    if runs is not None and ImportRun.objects.filter(runs, state__in=[State.RUNNING, State.CHECKING]).exists():
        return _("An import from the same collection is running: wait until it has ended.")
    return ""


def erase(person: Person) -> Part:
    """The record's fingerprint stays apart from the case, only to be refused: the same file must not bring it back."""
    records = _records(person)
    runs = _runs(records)
    if runs is None:
        return Part({}, {})
    ErasedRecord.objects.bulk_create(
        [ErasedRecord(source=one.source, institution_id=one.institution_id, key=one.key) for one in records],
        ignore_conflicts=True,
    )
    ImportedRecord.objects.filter(pk__in=[one.pk for one in records]).delete()
    # Which row of which file told of the person is not kept: values and files of the whole collection go.
    values = ImportProblem.objects.filter(run__in=ImportRun.objects.filter(runs)).exclude(sealed_value=None)
    waiting = ImportRun.objects.filter(runs).exclude(file="")
    files = list(waiting.values_list("file", flat=True))
    waiting.update(file="", state=State.DISCARDED)
    transaction.on_commit(lambda: _forget(files))
    removed = {
        "imported_records": len(records),
        "import_values": values.update(sealed_value=None),
        "import_files": len(files),
    }
    return Part(removed, {})


def _forget(files: list[str]) -> None:
    for file in files:
        store.forget(file)


def _records(person: Person) -> list[ImportedRecord]:
    return list(ImportedRecord.objects.filter(case__person=person))


def _runs(records: list[ImportedRecord]) -> Q | None:
    """The imports of the collections that these records came from."""
    if not records:
        return None
    runs = Q()
    for source, institution in {(one.source, one.institution_id) for one in records}:
        runs |= Q(source=source) & (Q(institution=institution) | Q(institution=None))
    return runs
