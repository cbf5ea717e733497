"""A server without its keys says so and serves nothing."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from kalkan.config.database import ROOT
from kalkan.persons import keyring
from kalkan.persons.keyfiles import read_or_make
from kalkan.persons.models import KeyFingerprint
from kalkan.web import locked
from tests.config import installation
from tests.factories import make_user

KEYS = ("vault-1.key", "blind.key", "files.key", "accounts.key")


@pytest.fixture
def keys(db: None, settings: Settings, tmp_path: Path) -> Iterator[Path]:
    KeyFingerprint.objects.all().delete()
    for name in KEYS:
        read_or_make(tmp_path / name)
    settings.KEYS = tmp_path
    keyring.register()
    locked.trouble.cache_clear()
    yield tmp_path
    settings.KEYS = settings.VAR / "keys"
    KeyFingerprint.objects.all().delete()
    locked.trouble.cache_clear()
    assert locked.trouble() is None  # as the next test expects it


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize(("harm", "code"), [("gone", "key_missing"), ("another", "key_wrong"), ("cut", "key_wrong")])
def test_every_address_says_locked_while_a_key_is_not_right(keys: Path, name: str, harm: str, code: str) -> None:
    user, client = make_user(language="en"), Client()
    client.force_login(user)
    path = keys / name
    content = path.read_bytes()
    {
        "gone": path.unlink,
        "another": lambda: path.write_bytes(os.urandom(32)),
        "cut": lambda: path.write_bytes(content[:9]),
    }[harm]()
    locked.trouble.cache_clear()
    health = client.get("/health/")
    assert (health.status_code, health.json()) == (503, {"status": "locked", "code": code, "key": name})
    for address in ("/", "/persons/", "/account/login/", "/audit/", "/nothing/", "/exchange/imports/"):
        for response in (client.get(address), client.post(address, {"query": "x"})):
            page = response.content.decode()
            assert response.status_code == 503, address
            assert "Kalkan kilitli" in page
            assert "Kalkan is locked" in page
            assert name not in page
            assert user.full_name not in page
            assert response["Cache-Control"] == "no-store"
    path.write_bytes(content)
    locked.trouble.cache_clear()
    assert client.get("/vocabulary/").status_code == 200


def test_a_lost_key_is_never_made_again(keys: Path) -> None:
    (keys / "blind.key").unlink()
    locked.trouble.cache_clear()
    keyring.register()
    Client().get("/")
    assert not (keys / "blind.key").exists()


def test_a_started_server_is_locked_its_worker_idle_and_its_commands_refused(prepared: Path, tmp_path: Path) -> None:
    installation.copy(prepared, tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"KALKAN_VAR": str(tmp_path), "PORT": str(port), "DEMONSTRATION": "no"}

    def kalkan(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kalkan", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    def health() -> tuple[int, dict[str, object]]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=5) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, {}

    assert kalkan("vault", "check").returncode == 0
    shutil.move(tmp_path / "keys" / "vault-1.key", tmp_path / "kept")
    refused = kalkan("indicators")
    assert refused.returncode == 3
    assert "vault-1.key is not here" in refused.stderr
    output = tmp_path / "output"
    with output.open("w") as file:
        command = [sys.executable, "-m", "kalkan", "run"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=file)
    try:
        deadline = time.monotonic() + 60
        while health()[0] == 0:
            assert time.monotonic() < deadline, output.read_text()
            assert server.poll() is None, output.read_text()
            time.sleep(0.2)
        assert health() == (503, {"status": "locked", "code": "key_missing", "key": "vault-1.key"})
        assert "locked and serves nothing" in output.read_text()
        assert not (tmp_path / "keys" / "vault-1.key").exists()
        command = [sys.executable, "-m", "kalkan", "manage", "procrastinate", "worker", "--one-shot"]
        with (tmp_path / "worker").open("w") as file:
            worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=file)
        deadline = time.monotonic() + 60
        while "Kalkan is locked" not in (tmp_path / "worker").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert worker.poll() is None  # idle, not gone
        shutil.move(tmp_path / "kept", tmp_path / "keys" / "vault-1.key")
        assert worker.wait(timeout=60) == 0, (tmp_path / "worker").read_text()  # and to work when the key is back
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
    assert kalkan("indicators").returncode == 0
