"""The program in the auditors' page checks the log with nothing of Kalkan, and finds what was changed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from kalkan.audit import sealing, signing
from kalkan.audit.canonical import COLUMNS
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.audit.services import record
from kalkan.config.database import ROOT
from tests.factories import make_user


def dump(path: Path) -> None:
    query = (
        f"COPY (SELECT {', '.join(COLUMNS)} FROM {AuditEvent._meta.db_table} ORDER BY id) TO STDOUT (FORMAT binary)"
    )
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        path.write_bytes(b"".join(bytes(piece) for piece in copy))


@pytest.mark.django_db
def test_the_program_of_the_page_agrees_and_sees_a_change(
    heads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "SIZE", 7)
    user = make_user()
    for number in range(20):
        subjects = [user.reference] * (number % 3)
        record(Event.PERSON_VIEWED, *subjects, by=user if number % 2 else None, facts={"ığ": [number, None, 1.5]})
    made = sealing.seal()
    page = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    (tmp_path / "check.py").write_text(program)
    (tmp_path / "key.pem").write_text(signing.pem())

    def run() -> tuple[int, str]:
        files = [tmp_path / name for name in ("check.py", "events.bin", heads.name, "key.pem")]
        done = subprocess.run([sys.executable, "-I", *files], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    dump(tmp_path / "events.bin")
    assert run() == (0, f"{len(made)} batches are whole\n")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {AuditEvent._meta.db_table} DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE {AuditEvent._meta.db_table} SET channel = 'job' WHERE id = %s", [made[1].first])
    dump(tmp_path / "events.bin")
    assert run() == (1, "batch 2: the events are not those that were sealed\n")
    heads.write_text(heads.read_text().replace('"total":', '"total": 1'))
    assert run() == (1, "head 1: not signed by this key\n")
