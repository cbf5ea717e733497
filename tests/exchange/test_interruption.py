"""A killed import leaves nothing half-written, and the next one goes on where it was. With real processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from kalkan.config.database import ROOT
from tests.exchange import tables

ROWS = 30_000
WHOLE = """
SELECT (SELECT count(*) FROM exchange_importedrecord),
       (SELECT count(*) FROM cases_case WHERE source = 'CTDC'),
       (SELECT count(*) FROM cases_stagechange WHERE move = 'import'),
       (SELECT count(*) FROM cases_episode),
       (SELECT count(*) FROM persons_person WHERE source = 'CTDC'),
       (SELECT count(DISTINCT person_id) FROM persons_holding)
"""


@pytest.fixture
def address(db: None) -> Iterator[str]:
    """The address of a database of its own, with everything loaded and nothing imported."""
    name = f"{connection.settings_dict['NAME']}_killed"
    template = f"{connection.settings_dict['NAME']}_loaded"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def start(path: Path, address: str, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kalkan", "import", str(path), "--as", "ctdc", "--json", *options],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address},
        stdout=subprocess.PIPE,
        text=True,
    )


def written(address: str) -> tuple[int, ...]:
    with psycopg.connect(address) as watching:
        row = watching.execute(WHOLE).fetchone()
    assert row is not None
    return row


def busy(address: str) -> bool:
    """True while another connection has an import's COPY or lock going."""
    with psycopg.connect(address) as watching:
        found = watching.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted").fetchone()
    return found is not None


def kill_when(process: subprocess.Popen[str], is_time, what: str) -> None:  # type: ignore[no-untyped-def]
    until = time.monotonic() + 120
    while not is_time():
        assert process.poll() is None, f"the import ended before it could be killed {what}"
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def wait_until_quiet(address: str) -> None:
    """The server needs a moment to see that its client is gone."""
    until = time.monotonic() + 60
    while busy(address):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_an_import_that_keeps_good_rows_goes_on_after_a_kill(address: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(tables.many(ROWS))
    process = start(path, address, "--keep-good")
    kill_when(process, lambda: written(address)[0] >= 4_000, "in its middle")
    wait_until_quiet(address)

    kept = written(address)
    assert len(set(kept)) == 1, "every record that is there is there whole"
    assert 0 < kept[0] < ROWS

    again = start(path, address, "--keep-good")
    report = json.loads(again.communicate()[0])
    assert (report["created"], report["unchanged"], report["failed"]) == (ROWS - kept[0], kept[0], 0)
    assert set(written(address)) == {ROWS}


def test_all_or_nothing_is_nothing_after_a_kill(address: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(tables.many(ROWS))
    process = start(path, address)
    kill_when(process, lambda: busy(address), "while it wrote")
    wait_until_quiet(address)
    assert set(written(address)) == {0}
    again = start(path, address)
    assert json.loads(again.communicate()[0])["created"] == ROWS
    assert set(written(address)) == {ROWS}
