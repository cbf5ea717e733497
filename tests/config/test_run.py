"""`kalkan run` as its user meets it: real processes, a real database folder, kill -9."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kalkan.config.database import ROOT
from kalkan.config.server import HEADERS
from tests.config.installation import PATIENCE, Installation, installed


def _works(process: psutil.Process) -> bool:
    """False also for a process that ended and whose parent has not asked yet how."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def installation(prepared: Path) -> Iterator[Installation]:
    with installed(prepared) as made:
        yield made


@pytest.fixture
def fresh() -> Iterator[Installation]:
    """An installation that its first start has to make."""
    with installed() as made:
        yield made


@pytest.fixture(scope="module")
def running(prepared: Path) -> Iterator[Installation]:
    """One that goes on running, for what leaves it as well as it was."""
    with installed(prepared) as made:
        made.start()
        yield made


def test_a_killed_system_starts_again_and_has_lost_nothing(fresh: Installation) -> None:
    fresh.start()
    assert fresh.health()[1] == {
        "status": "ok", "database": True, "migrations": True, "worker": True, "disk": True,
        "version": fresh.health()[1]["version"],
    }  # fmt: skip
    with fresh.database() as connection:
        connection.execute("INSERT INTO cache VALUES ('written', 'before the kill', now() + interval '1 day')")
    left_behind = fresh.children()
    fresh.end(signal.SIGKILL)
    assert any(_works(process) for process in left_behind)

    fresh.start()

    assert not any(_works(process) for process in left_behind)
    with fresh.database() as connection:
        assert connection.execute("SELECT value FROM cache WHERE cache_key = 'written'").fetchone() == (
            "before the kill",
        )
    now_running = fresh.children()
    assert fresh.end(signal.SIGINT) == 0
    assert not any(_works(process) for process in now_running)
    assert not (fresh.var / "postgres" / "postmaster.pid").exists()


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
    while installation.pids()[1] == worker.pid:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert installation.pids()[0] == web.pid


def test_a_database_that_is_killed_is_started_again_and_has_lost_nothing(installation: Installation) -> None:
    installation.start()
    with installation.database() as connection:
        connection.execute("INSERT INTO cache VALUES ('written', 'before the kill', now() + interval '1 day')")
    installation.postmaster().kill()
    deadline = time.monotonic() + PATIENCE
    while installation.health()[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    with installation.database() as connection:
        assert connection.execute("SELECT value FROM cache WHERE cache_key = 'written'").fetchone() == (
            "before the kill",
        )
    assert installation.end(signal.SIGINT) == 0
    assert not (installation.var / "postgres" / "postmaster.pid").exists()


def test_a_request_that_never_ends_is_cut_and_holds_nobody_up(running: Installation) -> None:
    slow = [socket.create_connection(("127.0.0.1", running.port)) for _number in range(8)]  # as many as threads
    for one in slow:
        one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
    began = time.monotonic()
    deadline = began + PATIENCE
    while running.health()[0] != 200:
        assert time.monotonic() < deadline
    assert time.monotonic() - began < HEADERS + 10
    for one in slow:
        one.settimeout(HEADERS + 10)
        one.sendall(b"x")
        assert one.recv(1) == b""
        one.close()


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"414"),
        (b"GET /health/ HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: y\r\n" * 100 + b"\r\n", b"431"),
        (b"GET /health/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 9000 + b"\r\n\r\n", b"431"),
        (b"GET /health/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX\0: y\r\n\r\n", b"400"),
        (b"\x16\x03\x01 tls to a port without\r\n\r\n", b"400"),
        (
            b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"400",
        ),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", b"400"),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999999999999\r\n\r\n", b"413"),
    ],
)
def test_what_is_no_request_is_refused_by_the_server(running: Installation, sent: bytes, answered: bytes) -> None:
    with socket.create_connection(("127.0.0.1", running.port)) as line:
        line.settimeout(30)
        line.sendall(sent)
        assert line.recv(64).split(b" ")[1] == answered
    assert running.health()[0] == 200
