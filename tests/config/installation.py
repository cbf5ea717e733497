"""A system as its user starts it: a folder, a port, real processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

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
        return [psutil.Process(pid) for pid in self.pids()]

    def pids(self) -> list[int]:
        """As the installation wrote them down: one that just died is among them until another takes its place."""
        return [entry["pid"] for entry in json.loads((self.var / "run.json").read_text())]

    def postmaster(self) -> psutil.Process:
        return psutil.Process(int((self.var / "postgres" / "postmaster.pid").read_text().splitlines()[0]))

    def database(self) -> psycopg.Connection:
        return psycopg.connect(f"postgresql://postgres@/{DATABASE}?host={self.var / 'postgres'}", autocommit=True)

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


def prepare(var: Path) -> None:
    """Make an installation in this folder: tables, code lists, words and static files, and nobody in it."""
    environment = Installation(var).environment
    command = [sys.executable, "-m", "kalkan", "prepare"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (var / "postgres" / "postmaster.pid").exists()


def copy(prepared: Path, var: Path) -> None:
    """Begin in `var` with what was prepared; its files keep their owner, as PostgreSQL asks."""
    subprocess.run(["cp", "-a", f"{prepared}/.", var], check=True)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder that is removed afterwards.

    Not below pytest's folder: another run may take that folder's permissions away from PostgreSQL's account. The path
    is short, because a socket's name holds about a hundred letters.
    """
    with tempfile.TemporaryDirectory(prefix="k") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def installed(prepared: Path | None = None) -> Iterator[Installation]:
    """An installation in a folder of its own, ended and removed afterwards: a copy of `prepared`, or an empty one."""
    with short_folder() as folder:
        if prepared is not None:
            copy(prepared, folder)
        installation = Installation(folder)
        try:
            yield installation
        finally:
            if installation.process and installation.process.poll() is None:
                installation.end(signal.SIGINT)
