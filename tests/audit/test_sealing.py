"""What was sealed can be proven, and what was done to it is named: every tampering is made in the database itself."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from kalkan.audit import canonical, sealing, signing
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent, Batch
from kalkan.audit.services import record
from kalkan.audit.verifying import Kind
from tests.audit.tampering import BATCHES, OTHER, TABLE, check, found, owner


def test_a_log_that_nobody_touched_is_whole_and_its_unsealed_tail_is_counted(
    log: list[AuditEvent], heads: Path
) -> None:
    record(Event.PERSON_VIEWED, by=None)
    report = check(heads)

    assert report.is_whole
    assert report.unsealed == 1
    assert report.sealed == AuditEvent.objects.count() - 1


def test_every_column_of_an_event_is_sealed() -> None:
    assert set(canonical.COLUMNS) == {field.attname for field in AuditEvent._meta.concrete_fields}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "at + interval '1 microsecond'"),
        ("action", "'persons:person:edit'"),
        ("actor_id", "NULL"),
        ("subjects", "subjects[2:]"),
        ("facts", """jsonb_set(facts, '{number}', '"11"')"""),
        ("facts", "facts || '{\"more\": 1}'"),
        ("channel", "'page'"),
        ("request", "NULL"),
        ("reference", "'00000000-0000-4000-8000-000000000000'"),
    ],
)
def test_a_change_of_any_column_is_named(log: list[AuditEvent], column: str, value: str) -> None:
    owner(f"UPDATE {TABLE} SET {column} = {value} WHERE id IN ({log[11].pk}, {log[20].pk})"
          if column != "reference" else f"UPDATE {TABLE} SET {column} = {value} WHERE id = {log[11].pk}")  # fmt: skip
    assert found() == (Kind.ALTERED, log[11].reference)


def test_a_removal_is_named(log: list[AuditEvent]) -> None:
    owner(f"DELETE FROM {TABLE} WHERE id IN ({log[13].pk}, {log[17].pk})")
    assert found() == (Kind.REMOVED, log[13].reference)


def test_an_insertion_is_named_wherever_it_is(log: list[AuditEvent]) -> None:
    reference = uuid4()
    values = f"'{reference}', now(), 'persons:person:view', '{{}}', '{{}}', 'page'"

    # Before the first event; then in a place made free by pushing every later one up.
    owner(f"INSERT INTO {TABLE} {OTHER} (-5, {values})")
    assert found() == (Kind.INSERTED, reference)
    place = log[9].pk
    owner(
        f"DELETE FROM {TABLE} WHERE id = -5",
        f"UPDATE {TABLE} SET id = -id WHERE id >= {place}",
        f"UPDATE {TABLE} SET id = 1 - id WHERE id < 0",
        f"INSERT INTO {TABLE} {OTHER} ({place}, {values})",
    )
    assert found() == (Kind.INSERTED, reference)


def test_an_insertion_in_a_gap_of_numbers_is_named(db: None) -> None:
    record(Event.PERSON_VIEWED, by=None)
    first = AuditEvent.objects.latest("id")
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [TABLE])  # as a transaction rolled back
    record(Event.PERSON_VIEWED, by=None)
    sealing.seal()
    reference = uuid4()
    owner(f"INSERT INTO {TABLE} {OTHER} ({first.pk + 1}, '{reference}', now(), 'x:y:z', '{{}}', '{{}}', 'page')")

    assert found() == (Kind.INSERTED, reference)


@pytest.mark.parametrize(("one", "other"), [(10, 11), (9, 27)])
def test_two_events_that_change_places_are_named(log: list[AuditEvent], one: int, other: int) -> None:
    first, second = log[one], log[other]
    owner(
        f"UPDATE {TABLE} SET id = -1 WHERE id = {first.pk}",
        f"UPDATE {TABLE} SET id = {first.pk} WHERE id = {second.pk}",
        f"UPDATE {TABLE} SET id = {second.pk} WHERE id = -1",
    )
    assert found() == (Kind.REORDERED, first.reference)


def test_an_event_moved_behind_the_others_is_named(log: list[AuditEvent]) -> None:
    owner(f"UPDATE {TABLE} SET id = {log[-1].pk + 100} WHERE id = {log[12].pk}")
    assert found() == (Kind.REORDERED, log[12].reference)


@pytest.mark.parametrize("cut", [0, 3, 8, 12])
def test_a_tail_cut_off_with_its_seals_is_named_against_a_kept_head(
    log: list[AuditEvent], heads: Path, cut: int
) -> None:
    """Without the kept head the shorter log is whole: that is what the kept head is for."""
    last = log[cut].pk
    owner(f"DELETE FROM {TABLE} WHERE id >= {last}", f"DELETE FROM {BATCHES} WHERE last >= {last}")

    assert check().is_whole
    assert found(heads) == (Kind.REMOVED, log[cut].reference)


def test_one_kept_head_alone_is_enough(log: list[AuditEvent], heads: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    kept.write_text(heads.read_text().splitlines(keepends=True)[-1])
    owner(f"DELETE FROM {TABLE} WHERE id > {log[25].pk}", f"DELETE FROM {BATCHES} WHERE last > {log[25].pk}")

    assert found(kept)[0] == Kind.REMOVED


def test_removed_events_are_named_without_a_kept_head_while_their_batch_stands(log: list[AuditEvent]) -> None:
    owner(f"DELETE FROM {TABLE} WHERE id >= {log[27].pk}")
    assert found() == (Kind.REMOVED, log[27].reference)


def test_a_log_sealed_anew_with_the_stolen_key_differs_from_the_kept_head(
    log: list[AuditEvent], heads: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.jsonl"
    kept.write_text(heads.read_text())
    heads.unlink()
    owner(f"DELETE FROM {TABLE} WHERE id = {log[5].pk}", f"TRUNCATE {BATCHES}")
    sealing.seal()

    assert check().is_whole
    assert found(kept) == (Kind.REMOVED, log[5].reference)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE {} SET signature = decode(repeat('00', 64), 'hex') WHERE number = 3", Kind.HEAD_ALTERED),
        ("UPDATE {} SET head = replace(head, '\"count\":8', '\"count\":7') WHERE number = 3", Kind.HEAD_ALTERED),
        ("UPDATE {} SET head = 'nonsense' WHERE number = 3", Kind.HEAD_ALTERED),
        (
            "UPDATE {} SET entries = overlay(entries PLACING '\\x00'::bytea FROM 30) WHERE number = 3",
            "entries_altered",
        ),
        ("UPDATE {} SET entries = '' WHERE number = 3", Kind.ENTRIES_ALTERED),
        ("DELETE FROM {} WHERE number = 3", Kind.HEAD_REMOVED),
    ],
)
def test_a_change_of_the_seals_themselves_is_named(log: list[AuditEvent], statement: str, kind: str) -> None:
    owner(statement.format(BATCHES))
    report = check()
    assert report.finding is not None
    assert (report.finding.kind, report.finding.batch) == (kind, 3)
    assert "Batch 3" in report.finding.sentence


def test_an_event_and_its_stored_hash_changed_together_are_found(log: list[AuditEvent], heads: Path) -> None:
    owner(f"UPDATE {TABLE} SET action = 'x' WHERE id = {log[9].pk}")
    batch = Batch.objects.filter(last__gte=log[9].pk).order_by("number")[0]
    first = Batch.objects.get(number=batch.number - 1).last + 1
    forged = sealing.packed(list(canonical.entries(first, batch.last)))
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {BATCHES} DISABLE TRIGGER ALL")
        cursor.execute(f"UPDATE {BATCHES} SET entries = %s WHERE number = %s", [forged, batch.number])

    report = check()
    assert report.finding is not None
    assert (report.finding.kind, report.finding.batch, report.finding.event) == (Kind.ALTERED, batch.number, None)


@pytest.mark.parametrize("statement", ["UPDATE {} SET last = last", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_to_change_a_seal(log: list[AuditEvent], statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(BATCHES))


def test_sealing_again_seals_nothing_and_goes_on_where_it_was(log: list[AuditEvent]) -> None:
    assert sealing.seal() == []
    record(Event.PERSON_VIEWED, by=None)
    (head,) = sealing.seal()
    before = Batch.objects.get(number=head.batch - 1)

    assert head.count == 1
    assert head.previous == signing.read_head_text(before.head).digest
    assert head.total == AuditEvent.objects.count()
