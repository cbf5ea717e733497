"""A real ClamAV daemon for tests, with signatures of its own: no server of the real ones is asked."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MARKER = b"KALKAN-" + b"MALWARE-157"
# Written in two halves, so that no scanner finds it in this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LARGEST = 4 * 1024 * 1024  # what the daemon of the tests takes
_SENTENCE = "The tests of the scanner need clamd: install it (Debian: apt-get install clamav-daemon)."


def find() -> str:
    """The daemon, installed where root and Debian allow. Raises FileNotFoundError with a sentence."""
    found = _on_path()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "clamav-daemon"]
        subprocess.run(["apt-get", "update", "-qq"], env=environment, **quiet)  # type: ignore[call-overload]
        subprocess.run(install, env=environment, **quiet)  # type: ignore[call-overload]
        found = _on_path()
    if found is None:
        raise FileNotFoundError(_SENTENCE)
    return found


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run the daemon in `folder`; the path of its socket."""
    signatures = folder / "signatures"
    signatures.mkdir()
    (signatures / "kalkan.ndb").write_text(f"Kalkan.Test.Marker:0:*:{MARKER.hex()}\nEicar.Test:0:*:{EICAR.hex()}\n")
    socket, settings, log = folder / "s", folder / "clamd.conf", folder / "log"
    settings.write_text(
        f"LocalSocket {socket}\nDatabaseDirectory {signatures}\nTemporaryDirectory {folder}\nForeground yes\n"
        f"StreamMaxLength {LARGEST}\nMaxThreads 2\nSelfCheck 0\nConcurrentDatabaseReload no\n"
    )
    with log.open("w") as output:
        daemon = subprocess.Popen([find(), "--config-file", str(settings)], stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 60
        while not socket.exists():
            assert daemon.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield str(socket)
    finally:
        daemon.terminate()
        daemon.wait(30)


def _on_path() -> str | None:
    return shutil.which("clamd") or shutil.which("/usr/sbin/clamd")
