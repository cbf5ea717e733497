"""`kalkan run` as its user meets it: real processes, a real database folder, kill -9."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from kalkan.config.database import DATABASE, ROOT

PATIENCE = 120


class Installation:
    """One folder, one port, and whatever runs from it."""

    def __init__(self, var: Path) -> None:
        self.var = var
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = {
            **{key: value for key, value in os.environ.items() if key != "DATABASE_URL"},
            "KALKAN_VAR": str(var),
            "PORT": str(self.port),
            "DEMONSTRATION": "no",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "kalkan", "run"]
        output = self.var / "output"
        with output.open("w") as file:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=file, stderr=file)
        deadline = time.monotonic() + PATIENCE
        # A server left behind may still answer: only this start's own word counts.
        while "Kalkan is ready" not in output.read_text():
            assert self.process.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.2)
        assert self.health()[0] == 200

    def health(self) -> tuple[int, dict[str, object]]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/", timeout=5) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, {}

    def children(self) -> list[psutil.Process]:
        return [psutil.Process(entry["pid"]) for entry in json.loads((self.var / "run.json").read_text())]

    def database(self) -> psycopg.Connection:
        return psycopg.connect(f"postgresql://postgres@/{DATABASE}?host={self.var / 'postgres'}", autocommit=True)

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


def _works(process: psutil.Process) -> bool:
    """False also for a process that ended and whose parent has not asked yet how."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    # A short path: a socket's name holds about a hundred letters.
    installed = Installation(tmp_path_factory.mktemp("k"))
    yield installed
    if installed.process and installed.process.poll() is None:
        installed.end(signal.SIGINT)


def test_a_killed_system_starts_again_and_has_lost_nothing(installation: Installation) -> None:
    installation.start()
    assert installation.health()[1] == {
        "status": "ok", "database": True, "migrations": True, "worker": True, "disk": True,
        "version": installation.health()[1]["version"],
    }  # fmt: skip
    with installation.database() as connection:
        connection.execute("INSERT INTO cache VALUES ('written', 'before the kill', now() + interval '1 day')")
    left_behind = installation.children()
    installation.end(signal.SIGKILL)
    assert any(_works(process) for process in left_behind)

    installation.start()

    assert not any(_works(process) for process in left_behind)
    with installation.database() as connection:
        assert connection.execute("SELECT value FROM cache WHERE cache_key = 'written'").fetchone() == (
            "before the kill",
        )
    now_running = installation.children()
    assert installation.end(signal.SIGINT) == 0
    assert not any(_works(process) for process in now_running)
    assert not (installation.var / "postgres" / "postmaster.pid").exists()


def test_a_second_start_from_the_same_folder_says_so(installation: Installation) -> None:
    installation.start()
    second = subprocess.run(
        [sys.executable, "-m", "kalkan", "run"], cwd=ROOT, env=installation.environment, text=True,
        capture_output=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert second.returncode == 1
    assert "already runs" in second.stderr
    assert installation.health()[0] == 200


def test_a_worker_that_dies_is_started_again(installation: Installation) -> None:
    installation.start()
    web, worker = installation.children()
    worker.kill()
    deadline = time.monotonic() + PATIENCE
    while installation.children()[1].pid == worker.pid:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert installation.children()[0].pid == web.pid
