"""The day on which everything is gone: a backup taken under load, keys in officers' hands, a fresh folder."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from kalkan.config.database import ROOT
from tests.config.installation import copy

ACCOUNTS = """
from kalkan.access.services import load_institutions
from tests.factories import make_institution, make_user
load_institutions(with_invented=True)
centre = make_institution("migration_centre", None)
make_user("data_protection_officer", centre, email="veri@kalkan.invalid")
make_user("central_unit", centre, email="merkez@kalkan.invalid")
make_user("frontline_officer", make_institution("police"), email="polis@kalkan.invalid")
"""
WRITE = """
import sys
from kalkan.access.models import User
from kalkan.persons import services
from tests.persons.people import details
officer = User.objects.get(email="polis@kalkan.invalid")
number = 0
while True:
    number += 1
    person = services.record_person(details("Yitirilmez", "Kişi"), by=officer)
    services.seal_text(person, "narrative", f"Söz {number}", by=officer)
    print(person.reference, flush=True)  # acknowledged: from here on it may not be lost
"""
READ = """
import json, sys
from kalkan.access.models import User
from kalkan.audit.models import AuditEvent
from kalkan.persons import services
from kalkan.persons.models import Person
officer = User.objects.get(email="polis@kalkan.invalid")
told = {"names": {}, "audit": AuditEvent.objects.exclude(action__startswith="exchange:backup").count()}
for person in Person.objects.filter(erased_at=None):
    details = services.reveal_identity(person.reference, by=officer, purpose="interview")
    words = [services.read_text(text, by=officer, purpose="interview") for text in person.texts.all()]
    told["names"][str(person.reference)] = [details.names[0].full, *words]
print(json.dumps(told))
"""


class Installation:
    """One folder with a database of its own."""

    def __init__(self, var: Path):
        var.mkdir()
        self.var = var
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment = {**kept, "KALKAN_VAR": str(var), "DEMONSTRATION": "no", "PYTHONPATH": str(ROOT)}

    def kalkan(self, *arguments: str | Path, code: int = 0) -> str:
        command = [sys.executable, "-m", "kalkan", *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def python(self, script: str) -> str:
        return self.kalkan("manage", "shell", "--no-imports", "-c", script)

    def begin(self, script: str, output: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "kalkan", "manage", "shell", "--no-imports", "-c", script]
        with output.open("w") as file:
            return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=file)


@pytest.fixture
def installations(tmp_path: Path):  # type: ignore[no-untyped-def]
    made: list[Installation] = []

    def make(name: str) -> Installation:
        made.append(Installation(tmp_path / name))
        return made[-1]

    yield make
    for one in made:
        folder = one.var / "postgres"
        if (folder / "postmaster.pid").exists():
            pid = int((folder / "postmaster.pid").read_text().splitlines()[0])
            try:
                os.kill(pid, signal.SIGQUIT)
            except ProcessLookupError:
                continue


def test_a_backup_under_load_brings_everything_back_into_a_fresh_folder(  # type: ignore[no-untyped-def]
    installations, prepared: Path, tmp_path: Path
) -> None:
    old = installations("old")
    copy(prepared, old.var)
    old.python(ACCOUNTS)
    safe, outside = tmp_path / "safe", tmp_path / "outside"
    safe.mkdir()
    outside.mkdir()
    public = old.kalkan("backup-key", outside / "private").strip().splitlines()[-1]
    old.kalkan("vault", "split", safe, "--shares", "5", "--threshold", "3", "--files")

    writer = old.begin(WRITE, tmp_path / "acknowledged")
    acknowledged = lambda: (tmp_path / "acknowledged").read_text().split()  # noqa: E731
    deadline = time.monotonic() + 90
    while len(acknowledged()) < 20:
        assert writer.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    before = acknowledged()
    told = json.loads(old.kalkan("backup", safe, "--to", public, "--json"))
    written_meanwhile = len(acknowledged()) - len(before)
    writer.kill()
    writer.wait()
    assert written_meanwhile > 0, "the backup was not taken under load"
    victim, *others = before
    for account in ("merkez@kalkan.invalid", "veri@kalkan.invalid"):
        old.kalkan("erase", victim, "--ground", "erasure_on_request", "--by", account)
    (outside / "ledger.jsonl").write_bytes((old.var / "ledger" / "erasures.jsonl").read_bytes())

    shutil.rmtree(old.var)  # database, keys, uploads and ledger: everything that stood on the machine
    fresh = installations("fresh")
    backup, shares = Path(told["path"]), sorted(safe.glob("share-*.txt"))
    two = [part for share in shares[:2] for part in ("--share", share)]
    assert "3 different shares are needed, 2 were given" in fresh.kalkan(
        "vault", "combine", safe / "keys.sealed", *two, code=2
    )
    three = [part for share in shares[1:4] for part in ("--share", share)]
    fresh.kalkan("vault", "combine", safe / "keys.sealed", *three)
    restore = ("restore", backup, "--key", outside / "private")
    assert "no ledger" in fresh.kalkan(*restore, code=2)
    done = fresh.kalkan(*restore, "--ledger", outside / "ledger.jsonl", "--json")
    told_again = json.loads(done[: done.rindex("}") + 1])
    assert (told_again["rows"], told_again["audit_events"]) == (told["rows"], told["audit_events"])
    assert told_again["erased_again"] == 1

    fresh.kalkan("vault", "check")
    read = json.loads(fresh.python(READ).strip().splitlines()[-1])
    assert victim not in read["names"]
    assert set(others) <= set(read["names"])
    for said in read["names"].values():
        assert said[0] == "Yitirilmez Kişi"
        assert len(said) <= 2
    for reference in others:
        assert len(read["names"][reference]) == 2
    # The same events as in the backup, and those of the erasure that was done again.
    assert read["audit"] >= told["audit_events"]
    assert "not empty" in fresh.kalkan(*restore, "--ledger", outside / "ledger.jsonl", code=2)


def test_a_restore_killed_in_the_middle_leaves_what_was_there_and_can_be_done_again(  # type: ignore[no-untyped-def]
    installations, prepared: Path, tmp_path: Path
) -> None:
    here = installations("here")
    copy(prepared, here.var)
    here.python(ACCOUNTS)
    public = here.kalkan("backup-key", tmp_path / "private").strip().splitlines()[-1]
    (tmp_path / "safe").mkdir()
    backup = json.loads(here.kalkan("backup", tmp_path / "safe", "--to", public, "--json"))["path"]
    here.python("from tests.factories import make_user; make_user(email='sonra@kalkan.invalid')")
    restore = ("restore", backup, "--key", tmp_path / "private", "--replace", "--without-ledger")
    address = f"host={here.var / 'postgres'} user=postgres dbname=postgres"
    process = subprocess.Popen(
        [sys.executable, "-m", "kalkan", *map(str, restore)],
        cwd=ROOT,
        env=here.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    is_begun = False
    while not is_begun:
        assert time.monotonic() < deadline
        assert process.poll() is None, "the restore ended before it could be killed"
        try:
            with psycopg.connect(address, connect_timeout=2) as held:
                is_begun = held.execute("SELECT 1 FROM pg_database WHERE datname = 'kalkan_restoring'").rowcount == 1
        except psycopg.OperationalError:
            time.sleep(0.05)
    process.kill()
    process.wait()
    count = "from kalkan.access.models import User; print(User.objects.filter(email='sonra@kalkan.invalid').count())"
    assert here.python(count).strip().splitlines()[-1] == "1"
    here.kalkan(*restore)
    assert here.python(count).strip().splitlines()[-1] == "0"
