"""Proofs and kept heads convince outside the database, and nothing else does."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django import Settings
from typer.testing import CliRunner

from kalkan.access import tasks
from kalkan.audit import proofs, publishing, sealing, signing
from kalkan.audit.commands import app
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.audit.services import record
from tests.audit.tampering import BATCHES, TABLE, check, owner

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
