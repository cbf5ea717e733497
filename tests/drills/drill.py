"""Writes over real http into a real `kalkan run`, a part of it killed with -9 at random points, and what is left."""

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import uuid4

import psutil

from kalkan.config.database import ROOT
from tests.config.installation import PATIENCE, Installation
from tests.drills.invariants import HALVES, LASTING

ROWS = 3  # in each imported table
WRITERS = 4
PAUSE = 16.0  # seconds between two kills of a process that `kalkan run` starts again: it gives up at five a minute
_SECRET = "D" * 32
_HEADINGS = (
    ",yearOfRegistration,Datasource,gender,ageBroad,citizenship,isForcedLabour,control_category,"
    "RecruiterCategory,ExploitType,Labor_Type"
)


@dataclass
class Outcome:
    """What a drill found."""

    victim: str
    acknowledged: int = 0
    refused: int = 0
    kills: int = 0
    lost: list[str] = field(default_factory=list)
    halves: dict[str, int] = field(default_factory=dict)
    opened: dict[str, int] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """True if nothing acknowledged is lost and nothing is half there."""
        return not self.lost and not any(self.halves.values())

    def counts(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "victim": self.victim,
            "writes_acknowledged": self.acknowledged,
            "writes_refused_while_away": self.refused,
            "kills": self.kills,
            "acknowledged_writes_lost": len(self.lost),
            "half_written": sum(self.halves.values()),
            "half_written_by_kind": {name: count for name, count in self.halves.items() if count},
            **self.opened,
        }


class Drill:
    """One victim, one installation."""

    def __init__(self, installation: Installation, victim: str, *, writes: int, kills: int, seed: int):
        self.at, self.victim, self.wanted, self.kills = installation, victim, writes, kills
        self.random = Random(seed)
        self.outcome = Outcome(victim)
        self.made: list[tuple[str, str]] = []  # table and reference of what was acknowledged
        self._lock = threading.Lock()
        self._left = writes
        self.sessions: dict[str, str] = {}

    def run(self) -> Outcome:
        """The whole drill: write, kill, wait, write on; then look."""
        self.at.start()
        self.sessions = self._inside("prepare")
        writers = [threading.Thread(target=self._write_on, args=(self.random.random(),)) for _one in range(WRITERS)]
        for one in writers:
            one.start()
        for number in range(self.kills):
            self._wait_until(lambda share=(number + 0.3) / self.kills: self._done() >= share * self.wanted)
            time.sleep(self.random.uniform(0, 0.4))
            self._kill()
            time.sleep(PAUSE if self.victim != "postgres" and number + 1 < self.kills else 1.0)
            self._wait_until(lambda: self.at.health()[0] == 200)
        for one in writers:
            one.join()
        self._wait_until(lambda: self.at.health()[0] == 200)
        self._look()
        return self.outcome

    def _done(self) -> int:
        return self.outcome.acknowledged

    def _wait_until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 3 * PATIENCE
        while not is_so():
            assert self.at.process is not None
            assert self.at.process.poll() is None, (self.at.var / "output").read_text()
            assert time.monotonic() < deadline, f"{self.victim}: {self.outcome}"
            time.sleep(0.05)

    # --- killing ---

    def _kill(self) -> None:
        web, worker = self.at.children()
        match self.victim:
            case "web":  # the master or one of its workers
                found = self.random.choice([web, *web.children()])
            case "worker":
                found = worker
            case _:
                postmaster = self.at.postmaster()
                backends = [one for one in postmaster.children() if "idle" in _title(one) or "INSERT" in _title(one)]
                found = self.random.choice([postmaster, *backends[:1]])
        with suppress(psutil.NoSuchProcess):
            found.kill()
            self.outcome.kills += 1

    # --- writing ---

    def _write_on(self, seed: float) -> None:
        random = Random(seed)
        write = self._import if self.victim == "worker" else self._record
        while self._take():
            while not write(random):
                with self._lock:
                    self.outcome.refused += 1
                time.sleep(0.3)
            with self._lock:
                self.outcome.acknowledged += 1

    def _take(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left >= 0

    def _note(self, table: str, reference: str) -> None:
        with self._lock:
            self.made.append((table, reference))

    def _record(self, random: Random) -> bool:
        """A person, a case and a file; true once all three are acknowledged."""
        number = random.randrange(10**9)
        given = {f"{rows}-{what}": count for rows in ("names", "documents", "contacts")
                 for what, count in (("TOTAL_FORMS", "1"), ("INITIAL_FORMS", "0"))}  # fmt: skip
        given |= {"names-0-kind": "given", "names-0-given": "Uydurma", "names-0-family": f"Kişi{_letters(number)}"}
        given |= {"sex": "female", "citizenship_1": "UZ", "documents-0-kind": "passport"}
        given |= {"documents-0-number": f"UY{number}", "request_key": str(uuid4()), "step": "record"}
        place = self._post("frontline_officer", "/persons/new/", given)
        if place is None:
            return False
        person = place.split("/")[2]
        self._note("persons_person", person)
        opening = {"signal": "police_operation", "on": "2026-03-02", "province": "TR-06", "request_key": str(uuid4())}
        place = self._post("frontline_officer", f"/cases/open/{person}/", opening)
        if place is None:
            return False
        case = place.split("/")[2]
        self._note("cases_case", case)
        said = {"kind": "other", "request_key": str(uuid4())}
        place = self._post("frontline_officer", f"/cases/{case}/files/add/", said, file=("a.txt", b"Uydurma. " * 2000))
        if place is None:
            return False
        self._note("files of cases_case", case)
        return True

    def _import(self, random: Random) -> bool:
        """A table uploaded and its import begun; true once the worker has said that it is done."""
        keys = [random.randrange(10**12) for _row in range(ROWS)]
        rows = [f"{key},2002.0,Case Management,Female,18--20,CO,0.0,Other,,Sexual," for key in keys]
        table = "\n".join((_HEADINGS, *rows, "")).encode()
        said = {"format": "ctdc", "request_key": str(uuid4())}
        place = self._post("central_unit", "/exchange/imports/new/", said, file=("a.csv", table))
        if place is None:
            return False
        run = place.split("/")[3]
        if self._state(run, "checked") != "checked":
            return False
        if self._post("central_unit", f"/exchange/imports/{run}/begin/", {"mode": "all"}) is None:
            return False
        if self._state(run, "done") != "done":
            return False
        self._note("exchange_importrun", run)
        return True

    def _state(self, run: str, wanted: str) -> str:
        """The state once it is the one wanted or an end; what a killed worker left is given up after some seconds."""
        deadline, state = time.monotonic() + 20, ""
        while time.monotonic() < deadline and state not in {wanted, "refused", "discarded"}:
            with self.at.database() as connection:
                row = connection.execute("SELECT state FROM exchange_importrun WHERE reference = %s", [run]).fetchone()
            state = row[0] if row else ""
            time.sleep(0.1)
        return state

    def _post(self, role: str, path: str, said: dict[str, str], file: tuple[str, bytes] | None = None) -> str | None:
        """Where the server led after it had written; None where it did not answer so."""
        body, kind = _form(said, file)
        headers = {
            "Cookie": f"kalkan_session={self.sessions[role]}; csrftoken={_SECRET}",
            "Content-Type": kind,
            "Connection": "close",
        }
        request = urllib.request.Request(f"http://127.0.0.1:{self.at.port}{path}", body, headers)
        try:
            with _OPENER.open(request, timeout=30) as response:
                raise AssertionError(f"{path}: {response.status} {response.read()[:3000].decode()}")
        except urllib.error.HTTPError as error:
            place = error.headers.get("Location", "")
            if error.code == 302 and "login" not in place:
                return str(place)
            if error.code < 500:
                raise RuntimeError(f"{path}: {error.code} {place} {error.read()[:3000].decode()}") from error
        except OSError:
            pass  # the server is away: that is the drill
        return None

    # --- looking ---

    def _look(self) -> None:
        with self.at.database() as connection:
            for name in LASTING:
                assert connection.execute(f"SHOW {name}").fetchone() == ("on",), name
            for name, sql in HALVES.items():
                row = connection.execute(sql, {"rows": ROWS}).fetchone()
                assert row is not None
                self.outcome.halves[name] = row[0]
            for table, reference in self.made:
                sql = f"SELECT count(*) FROM {table.removeprefix('files of ')} t WHERE t.reference = %s"
                if table.startswith("files of"):
                    sql += " AND EXISTS (SELECT 1 FROM cases_caseattachment c WHERE c.case_id = t.id)"
                if connection.execute(sql, [reference]).fetchone() != (1,):
                    self.outcome.lost.append(f"{table} {reference}")
        self.outcome.opened = self._inside("open")

    def _inside(self, what: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "tests.drills.inside", what]
        done = subprocess.run(
            command, cwd=ROOT, env=self.at.environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout.strip().splitlines()[-1]))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any, **_options: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def _title(process: psutil.Process) -> str:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return " ".join(process.cmdline())
    return ""


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def _form(said: dict[str, str], file: tuple[str, bytes] | None) -> tuple[bytes, str]:
    said = {"csrfmiddlewaretoken": _SECRET, **said}
    if file is None:
        return urllib.parse.urlencode(said).encode(), "application/x-www-form-urlencoded"
    edge = b"--edge157"
    parts = [b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % (name.encode(), value.encode())
             for name, value in said.items()]  # fmt: skip
    name, content = file
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/plain\r\n\r\n'
    parts.append(head.encode() + content)
    body = b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"
    return body, "multipart/form-data; boundary=edge157"
