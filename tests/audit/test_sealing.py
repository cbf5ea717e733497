"""What was sealed can be proven, and what was done to it is named: every tampering is made in the database itself."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings
from typer.testing import CliRunner

from kalkan.access import tasks
from kalkan.audit import canonical, proofs, publishing, sealing, signing, verifying
from kalkan.audit.commands import app
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent, Batch
from kalkan.audit.services import record
from kalkan.audit.verifying import Kind
from tests.factories import make_user

TABLE, BATCHES = AuditEvent._meta.db_table, Batch._meta.db_table
OTHER = "(id, reference, at, action, subjects, facts, channel) VALUES"


@pytest.fixture
def log(db: None, monkeypatch: pytest.MonkeyPatch) -> list[AuditEvent]:
    """Thirty events with every kind of column filled and empty, sealed in four batches."""
    monkeypatch.setattr(sealing, "SIZE", 8)
    sealing.seal()  # what the fixtures wrote
    user = make_user()
    for number in range(30):
        facts = {"number": number, "deep": {"şehir": ["ığüşöç", 1.5, None, True]}}
        subjects = [uuid4() for _subject in range(number % 4)]
        record(Event.PERSON_VIEWED, *subjects, by=user if number % 3 else None, facts=facts)
    written = list(AuditEvent.objects.filter(action=Event.PERSON_VIEWED).order_by("id"))
    heads = sealing.seal()
    assert [head.count for head in heads] == [8, 8, 8, 6]
    return written


def owner(*statements: str) -> None:
    """What somebody does who owns the tables: the triggers that refuse are switched off, and on again."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in (TABLE, BATCHES):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in (TABLE, BATCHES):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def check(head: Path | None = None) -> verifying.Report:
    return verifying.verify(signing.known_keys(), kept=signing.read_lines(head) if head else ())


def found(head: Path | None = None) -> tuple[Kind, UUID | None]:
    report = check(head)
    assert report.finding is not None
    return report.finding.kind, report.finding.event


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


# --- commits out of order ----------------------------------------------------------------------------------------

INSERT = (
    f"INSERT INTO {TABLE} (reference, at, action, subjects, facts, channel) "
    "VALUES (gen_random_uuid(), now(), 'persons:person:view', '{}', '{}', 'page') RETURNING id"
)


@pytest.fixture
def writers(transactional_db: None) -> object:
    made: list[psycopg.Connection] = []

    def connect() -> psycopg.Connection:
        values = connection.get_connection_params()
        told = {name: values[name] for name in ("dbname", "host", "port", "user", "password") if name in values}
        made.append(psycopg.connect(**told))
        return made[-1]

    yield connect
    for one in made:
        one.close()


def test_a_lower_number_that_commits_later_is_not_missed(writers: Callable[[], psycopg.Connection]) -> None:
    slow, quick = writers(), writers()
    (lower,) = slow.execute(INSERT).fetchone() or ()
    (higher,) = quick.execute(INSERT).fetchone() or ()
    quick.commit()
    assert lower < higher

    assert sealing.seal(patience=0.2) == []  # the higher one alone is not sealed
    slow.commit()
    heads = sealing.seal(patience=0.2)

    assert [head.last for head in heads] == [higher]
    sealed = {one.id for batch in Batch.objects.all() for one in sealing.unpacked(bytes(batch.entries))}
    assert {lower, higher} <= sealed
    assert check().is_whole


def test_a_number_that_is_never_committed_holds_nothing_up(writers: Callable[[], psycopg.Connection]) -> None:
    failing, quick = writers(), writers()
    failing.execute(INSERT)
    (higher,) = quick.execute(INSERT).fetchone() or ()
    quick.commit()
    failing.rollback()

    assert sealing.seal(patience=0.2)[-1].last == higher


def test_sealing_waits_for_the_writers_of_before_and_not_for_those_of_after(
    writers: Callable[[], psycopg.Connection],
) -> None:
    """New writers keep coming while the seal waits for the old one: it is done as soon as the old one is."""
    old, new = writers(), writers()
    (lower,) = old.execute(INSERT).fetchone() or ()
    quick = writers()
    (middle,) = quick.execute(INSERT).fetchone() or ()
    quick.commit()
    done = threading.Timer(0.3, old.commit)
    later = threading.Timer(0.15, lambda: new.execute(INSERT))
    done.start(), later.start()
    heads = sealing.seal(patience=10)
    done.join(), later.join()
    new.rollback()

    assert heads[-1].last == middle > lower


def test_writers_are_not_kept_waiting_by_a_seal(writers: Callable[[], psycopg.Connection]) -> None:
    record(Event.PERSON_VIEWED, by=None)
    with transaction.atomic():
        assert sealing.seal()
        writer = writers()
        writer.execute("SET lock_timeout = '200ms'")
        writer.execute(INSERT)
        writer.commit()


# --- proofs, heads, keys -----------------------------------------------------------------------------------------


def test_a_proof_convinces_without_the_database_and_nothing_else_does(log: list[AuditEvent]) -> None:
    keys = signing.known_keys()
    for event in (log[0], log[14], log[29]):
        proof = json.loads(json.dumps(proofs.prove(event.reference)))
        said = proofs.check(proof, keys)
        assert said["reference"] == str(event.reference)
        assert said["facts"] == event.facts
        assert said["subjects"] == [str(one) for one in event.subjects]
        assert said["actor"] == event.actor_id
        assert said["at"] == event.at.isoformat()

    wrong = {
        "event": {**proof["event"], "action": "x"},
        "leaf": proof["leaf"][:-2] + "00",
        "index": proof["index"] - 1,
        "path": proof["path"][:-1],
        "signature": "00" * 64,
        "head": {**proof["head"], "count": proof["head"]["count"] + 1},
        "format": "other",
    }
    for part, value in wrong.items():
        with pytest.raises(proofs.NotProven):
            proofs.check({**proof, part: value}, keys)
    for nonsense in (None, [], {}, {"format": proofs.FORMAT}, {**proof, "head": 1}, {**proof, "leaf": "zz"}):
        with pytest.raises(proofs.NotProven):
            proofs.check(nonsense, keys)


def test_no_proof_is_made_of_what_is_not_sealed_not_there_or_not_as_it_was(log: list[AuditEvent]) -> None:
    fresh = record(Event.PERSON_VIEWED, by=None)
    owner(f"UPDATE {TABLE} SET action = 'x' WHERE id = {log[3].pk}")
    for reference, why in (
        (fresh.reference, "not sealed"),
        (uuid4(), "no event"),
        (log[4].reference, "not as it was"),
    ):
        with pytest.raises(proofs.NotProven, match=why):
            proofs.prove(reference)


def test_a_line_that_a_crash_cut_short_is_written_again(log: list[AuditEvent], heads: Path) -> None:
    whole = heads.read_text()
    heads.write_text(whole[:-30])
    assert sealing.export() == 1
    assert heads.read_text() == whole


def test_a_database_older_than_the_file_of_heads_is_not_sealed(log: list[AuditEvent], heads: Path) -> None:
    owner(f"DELETE FROM {BATCHES} WHERE number = (SELECT max(number) FROM {BATCHES})")
    before = heads.read_text()
    with pytest.raises(sealing.HeadsDiffer, match="does not have"):
        sealing.seal()
    assert heads.read_text() == before

    heads.rename(heads.with_suffix(".kept"))
    assert sealing.seal()
    assert check(heads).is_whole


def test_another_key_seals_only_beside_the_public_half_of_the_old_one(
    log: list[AuditEvent], settings: Settings, tmp_path: Path
) -> None:
    old = signing.pem()
    name = signing.name_of(signing.own_key().public_key())
    settings.KEYS = tmp_path
    record(Event.PERSON_VIEWED, by=None)
    with pytest.raises(signing.KeyMissing, match=r"audit\.key is not in"):
        sealing._seal_next(log[-1].pk + 1, sealing.post_later)
    (tmp_path / "audit.key").write_bytes(bytes(range(32)))
    with pytest.raises(signing.KeyMissing, match=f"audit-{name}.pub"):
        sealing.seal()
    (tmp_path / f"audit-{name}.pub").write_text(old)
    (head,) = sealing.seal()

    assert head.key != name
    assert check().is_whole


def test_a_head_is_posted_once_it_is_committed(log: list[AuditEvent], settings: Settings) -> None:
    taken: list[dict] = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Silence."""

    server = HTTPServer(("127.0.0.1", 0), Taker)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        settings.AUDIT_WEBHOOK = f"http://127.0.0.1:{server.server_port}/heads"
        record(Event.PERSON_VIEWED, by=None)
        (head,) = sealing.seal()
        with connection.cursor() as cursor:
            cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'audit.publish'")
            ((args,),) = cursor.fetchall()
        args = args if isinstance(args, dict) else json.loads(args)
        tasks.publish(**args)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    (posted,) = taken
    kept = signing.read_line(json.dumps(posted))
    assert kept.head == head
    assert signing.is_signed(kept.head, kept.signature, signing.known_keys())
    settings.AUDIT_WEBHOOK = ""
    publishing.publish(head.batch)


# --- the command -------------------------------------------------------------------------------------------------


def run(*arguments: str | Path) -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["audit", *map(str, arguments)])
    return answer.exit_code, answer.output


def test_the_command_seals_verifies_and_proves(log: list[AuditEvent], heads: Path, tmp_path: Path) -> None:
    assert run("seal")[0] == 0
    code, said = run("verify", "--head", heads, "--json")
    assert (code, json.loads(said)["is_whole"]) == (0, True)

    (tmp_path / "proof.json").write_text(run("prove", str(log[7].reference))[1])
    (tmp_path / "key.pem").write_text(run("key")[1])
    code, said = run("verify", "--proof", tmp_path / "proof.json", "--key", tmp_path / "key.pem")
    assert code == 0
    assert str(log[7].reference) in said

    owner(f"UPDATE {TABLE} SET action = 'x' WHERE id = {log[7].pk}")
    code, said = run("verify")
    assert code == 1
    assert f"Event {log[7].reference}" in said
    assert "altered" in said
    code, said = run("verify", "--json")
    assert json.loads(said)["finding"]["event"] == str(log[7].reference)


@pytest.mark.parametrize("content", ["", "{}", "nonsense", '{"head": {}, "signature": "zz"}', "[1]", "\x00"])
def test_a_file_that_is_no_proof_or_no_heads_is_refused_with_a_sentence(
    log: list[AuditEvent], tmp_path: Path, content: str
) -> None:
    (tmp_path / "file").write_text(content)
    for option in ("--proof", "--key") if not content else ("--proof", "--key", "--head"):
        code, said = run("verify", option, tmp_path / "file")
        assert code == 1, option
        assert "Traceback" not in said


def test_a_head_signed_by_a_stranger_is_refused(log: list[AuditEvent], heads: Path, tmp_path: Path) -> None:
    lines = heads.read_text().splitlines()
    forged = json.loads(lines[-1])
    forged["signature"] = "11" * 64
    (tmp_path / "forged").write_text(json.dumps(forged))
    code, said = run("verify", "--head", tmp_path / "forged")
    assert (code, "not signed" in said) == (1, True)
    (tmp_path / "turned").write_text("\n".join(lines[::-1]))
    assert "does not follow" in run("verify", "--head", tmp_path / "turned")[1]
