"""The audit of the packages fails when it should: a service in the test says that it knows of a vulnerability."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from kalkan.config.database import ROOT

_SCRIPT = ROOT / "requirements" / "audit.py"


@contextmanager
def _advisories(vulnerable: str) -> Iterator[str]:
    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            advisory = {
                "id": "KALKAN-2026-157",
                "affected": [
                    {
                        "package": {"name": vulnerable, "ecosystem": "PyPI"},
                        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999.0"}]}],
                    }
                ],
            }
            is_it = asked["package"]["name"].lower() == vulnerable
            answer = json.dumps({"vulns": [advisory]} if is_it else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    thread.join()
    server.server_close()


def _audit(address: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    command = [sys.executable, str(_SCRIPT), "--osv-url", address]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}, timeout=300
    )


def test_a_known_vulnerability_fails_the_check_and_is_named() -> None:
    with _advisories("django") as address:
        done = _audit(address)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "KALKAN-2026-157, mended in 999.0" in done.stdout
    assert "django" in done.stdout.lower()


def test_no_vulnerability_and_allowed_licences_pass() -> None:
    with _advisories("no-such-package") as address:
        done = _audit(address)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 known vulnerabilities" in done.stdout
    assert "0 outside the list" in done.stdout


def test_silence_is_said_loudly_and_fails_where_an_audit_is_required() -> None:
    nobody = "http://127.0.0.1:1/v1/query"
    done = _audit(nobody)
    assert "PYTHON PACKAGES NOT AUDITED" in done.stdout
    assert "127.0.0.1" not in done.stdout
    assert done.returncode == 0, done.stdout + done.stderr
    assert _audit(nobody, AUDIT="required").returncode == 1


def test_an_answer_that_skipped_every_package_is_no_answer() -> None:
    sys.path.insert(0, str(_SCRIPT.parent))
    try:
        import audit
    finally:
        sys.path.remove(str(_SCRIPT.parent))
    skipped = {"dependencies": [{"name": "django", "skip_reason": "not found"}]}
    assert audit.judge(skipped) == (0.0, [])
    for refused in ("", "GPL-3.0-only", "AGPL-3.0-or-later; MIT", "Other/Proprietary License", "MIT AND GPL-2.0-only"):
        assert not audit.is_allowed(refused), refused
    for fine in ("MIT", "Apache-2.0 OR GPL-2.0-only", "(MIT OR BSD-3-Clause) AND MPL-2.0"):
        assert audit.is_allowed(fine), fine
