"""Bringing the reference data under `data/` into the database: added, changed, retired, never deleted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from kalkan.audit.events import Event
from kalkan.audit.services import build, record_many
from kalkan.vocabulary import files, stamp
from kalkan.vocabulary.files import Holds, Source
from kalkan.vocabulary.models import Code, CodeList

_LOCK = 0x6B616C6B  # one load at a time: an advisory lock of the database, freed with the transaction


@dataclass(frozen=True)
class Difference:
    """What one load changed in one list, or would change. Keys of rows, in the order of the file."""

    code: str
    version: int
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    is_renamed: bool = False  # the label or source of the list itself changed, or the list is new

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.retired or self.is_renamed)


@dataclass
class _Sync:
    """The keys that a comparison of one table with its rows found."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)


def load(directory: Path | None = None, *, by: Any | None = None, dry_run: bool = False) -> list[Difference]:
    """Make the database hold what `directory` (default: `settings.DATA`) says, in one transaction.

    Returns a difference for every list that changed (or would, on a dry run, which writes nothing). A list's version
    rises only when a row of it changed. A second call with the same files changes nothing.

    Raises files.Malformed if a file cannot be read; then nothing is written.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            known = CodeList.objects.in_bulk()
            differences = [
                _load_list(source, known.get(source.code))
                for source in files.sources(directory or settings.DATA)
                if source.code not in known or known[source.code].digest != source.digest
            ]
            changed = [difference for difference in differences if not difference.is_empty]
            if dry_run:
                transaction.set_rollback(True)
            else:
                record_many([_event(difference, by) for difference in changed])
                transaction.on_commit(stamp.renew)
    finally:
        stamp.forget()
    return changed


def is_current(directory: Path | None = None) -> bool:
    """True if the database holds exactly what the files say. One query; the files are hashed, not parsed."""
    known = dict(CodeList.objects.values_list("code", "digest"))
    return all(known.get(source.code) == source.digest for source in files.sources(directory or settings.DATA))


def _load_list(source: Source, known: CodeList | None) -> Difference:
    about = {
        "holds": source.holds,
        "label_tr": source.label_tr,
        "label_en": source.label_en,
        "source": source.source,
        "parent_list": source.parent_list,
    }
    code_list = known or CodeList(code=source.code)
    is_renamed = known is None or any(getattr(known, name) != value for name, value in about.items())
    for name, value in about.items():
        setattr(code_list, name, value)
    code_list.digest = source.digest
    code_list.save()

    rows = source.rows()
    model, keys = files.MODELS[source.holds]
    if source.holds == Holds.CODES:
        sync = synchronise(Code, rows, keys=keys, among=Code.objects.filter(code_list=code_list), code_list=code_list)
    else:
        sync = synchronise(model, rows, keys=keys)
    if source.holds == Holds.PROVINCES:
        synchronise(
            Code,
            [_province_as_code(position, row) for position, row in enumerate(rows)],
            keys=("code",),
            among=Code.objects.filter(code_list=code_list),
            code_list=code_list,
        )
    difference = Difference(
        code=source.code,
        version=code_list.version + 1,
        added=tuple(sync.added),
        changed=tuple(sync.changed),
        retired=tuple(sync.retired),
        is_renamed=is_renamed,
    )
    if not difference.is_empty:
        code_list.version = difference.version
        code_list.loaded_at = timezone.now()
        code_list.save(update_fields=["version", "loaded_at"])
    return difference


def synchronise(
    model: type[Model],
    rows: Iterable[Mapping[str, Any]],
    *,
    keys: tuple[str, ...],
    among: QuerySet[Any] | None = None,
    retire: Mapping[str, Any] | None = None,
    **fixed: Any,
) -> _Sync:
    """Make the table (or the rows `among` it) hold `rows`; a row that is not among them is retired, never deleted.

    A table retires by `retire` where given, else by its column `retired_on`, else by `valid_to`.
    """
    among = model._default_manager.all() if among is None else among
    existing = {tuple(getattr(row, key) for key in keys): row for row in among}
    sync, new, altered, names = _Sync(), [], [], set()
    for values in rows:
        key = tuple(values[name] for name in keys)
        before = existing.pop(key, None)
        if before is None:
            new.append(model(**values, **fixed))
            sync.added.append(_spell(key))
            continue
        different = [name for name, value in values.items() if getattr(before, name) != value]
        if different:
            for name in different:
                setattr(before, name, values[name])
            names.update(different)
            altered.append(before)
            if different != ["position"]:  # a row inserted above changes the place of a row, not its meaning
                sync.changed.append(_spell(key))
    for key, row in existing.items():
        end = retire or _end_of(row)
        if any(getattr(row, name) is None or getattr(row, name) is True for name in end):
            for name, value in end.items():
                setattr(row, name, value)
            names.update(end)
            altered.append(row)
            sync.retired.append(_spell(key))
    model._default_manager.bulk_create(new, batch_size=1000)
    if altered:
        model._default_manager.bulk_update(altered, sorted(names), batch_size=500)
    return sync


def _end_of(row: Any) -> dict[str, date]:
    today = timezone.localdate()
    if hasattr(row, "retired_on"):
        first = getattr(row, "valid_from", None)
        return {"retired_on": max(today, first) if first else today}
    return {"valid_to": max(today, row.valid_from + timedelta(days=1))}


def _province_as_code(position: int, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": row["code"],
        "label_tr": row["name"],
        "label_en": row["name"],
        "hint_tr": "",
        "hint_en": "",
        "parent": row["region"],
        "aliases": [row["code"].removeprefix("TR-")],
        "position": position,
        "valid_from": None,
        "retired_on": row["retired_on"],
    }


def _spell(key: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in key)


def _event(difference: Difference, by: Any | None) -> Any:
    facts = {
        "list": difference.code,
        "version": difference.version,
        "added": len(difference.added),
        "changed": len(difference.changed),
        "retired": len(difference.retired),
    }
    return build(Event.VOCABULARY_LOADED, by=by, facts=facts)
