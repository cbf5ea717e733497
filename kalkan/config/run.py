"""`kalkan run`: everything that makes a working system, and its clean end. `kalkan manage`: Django's own commands."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path

import psutil
import typer
from django.conf import settings
from django.core.management import call_command, execute_from_command_line

from kalkan.access.session import Task
from kalkan.config import database
from kalkan.config.messages import compile_messages

app = typer.Typer()
GRACE = 10.0  # seconds that a process gets to end by itself
LOCKED = 3  # exit code of a command that finds the key files gone
PAUSE = 5.0  # seconds between two looks of a locked worker
# What brings the keys or the data back, or needs neither.
OPEN_WHILE_LOCKED = frozenset({"run", "prepare", "manage", "vault", "backup-key", "restore", "messages"})


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def manage(context: typer.Context) -> None:
    """Run one of Django's management commands, for example `kalkan manage check --deploy`."""
    execute_from_command_line(["kalkan manage", *context.args])


@app.command()
def run(
    port: int = typer.Option(8157, envvar="PORT", help="Port of the web server."),
    host: str = typer.Option("127.0.0.1", envvar="HOST", help="Address that the web server listens on."),
) -> None:
    """Prepare the database, then run web server and worker until Ctrl-C."""
    from kalkan.web import locked

    with _only_one(settings.VAR / "run.lock"):
        _end_leftovers(settings.VAR / "run.json")
        prepare()
        os.environ["DEMONSTRATION"] = "1" if _has_demonstration() else "0"
        # Plain http is for this machine only: elsewhere a proxy ends TLS in front, see deploy/.
        os.environ.setdefault("HTTPS", "0" if host in {"127.0.0.1", "localhost", "::1"} else "1")
        python = sys.executable
        runtime = {**os.environ, **database.runtime_environment()}
        web = [
            *(python, "-m", "gunicorn", "kalkan.config.wsgi", "--bind", f"{host}:{port}"),
            *("--workers", "2", "--threads", "4", "--timeout", "60", "--graceful-timeout", "5"),
            *("--worker-class", "kalkan.config.server.PatientWorker"),
            *("--limit-request-line", "4094", "--limit-request-fields", "60"),
            *("--limit-request-field_size", "8190"),
            *("--log-level", "warning", "--worker-tmp-dir", str(settings.VAR)),
        ]
        worker = [python, "-m", "kalkan", "manage", "procrastinate", "worker", "--concurrency", "2"]
        trouble = locked.trouble()
        sentence = f"Kalkan is locked and serves nothing. {trouble.sentence} Then start it again." if trouble else ""
        _serve(
            {"web": web} if trouble else {"web": web, "worker": worker},
            # The queue is the one thing that the worker's own connection sees; its jobs say for whom they work.
            environments={"web": runtime, "worker": {**runtime, "PGOPTIONS": f"-c kalkan.task={Task.QUEUE}"}},
            address=f"http://{host}:{port}",
            sentence=sentence,
        )


@app.command()
def prepare() -> None:
    """Bring database, code lists, words and static files up to date; fill an empty database with the demonstration."""
    from kalkan.web import assets, demonstration, locked

    prepare_database()
    compile_messages()
    assets.gather()
    call_command("collectstatic", interactive=False, verbosity=0)
    if locked.trouble() is None and demonstration.is_wanted():
        demonstration.build()


def stop_where_locked(arguments: list[str]) -> None:
    """End a command that would work with keys that are not there. The worker waits until they are back."""
    from kalkan.web import locked

    is_worker = arguments[:3] == ["manage", "procrastinate", "worker"]
    if (arguments[:1] and arguments[0] in OPEN_WHILE_LOCKED and not is_worker) or database.is_empty():
        return
    trouble = locked.trouble()
    if trouble is None:
        return
    typer.echo(f"Kalkan is locked. {trouble.sentence}", err=True)
    if not is_worker:
        raise SystemExit(LOCKED)
    while locked.look_again() is not None:
        time.sleep(PAUSE)
    os.execv(sys.executable, [sys.executable, "-m", "kalkan", *arguments])  # noqa: S606 - with its settings read anew


def prepare_database() -> None:
    """Tables, code lists, institutions and the official series, as this version of Kalkan has them."""
    from kalkan.access.services import load_institutions
    from kalkan.persons import keyring
    from kalkan.statistics.services import load_official_series
    from kalkan.vocabulary import services as vocabulary

    call_command("migrate", interactive=False, verbosity=0)
    keyring.register()
    call_command("createcachetable", verbosity=0)
    vocabulary.load()
    load_institutions()
    load_official_series()


def _has_demonstration() -> bool:
    from kalkan.access.models import User

    return User.objects.filter(is_invented=True).exists()


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Hold the lock of this installation, so that two starts never share one database folder and port."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            typer.echo("Kalkan already runs from this folder. End it with Ctrl-C there first.", err=True)
            raise typer.Exit(1) from None
        yield


def _end_leftovers(path: Path) -> None:
    """End the web server and worker that a kill -9 of their parent left behind: by pid and command line, no others."""
    with suppress(FileNotFoundError, json.JSONDecodeError):
        for entry in json.loads(path.read_text()):
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(entry["pid"])
                if process.cmdline() == entry["command"]:
                    _end([process, *process.children(recursive=True)])
    path.unlink(missing_ok=True)


def _end(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    for process in psutil.wait_procs(processes, timeout=GRACE)[1]:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _serve(
    commands: dict[str, list[str]], *, environments: dict[str, dict[str, str]], address: str, sentence: str
) -> None:
    """Run `commands` until a signal; one that ends by itself is started again, unless it keeps failing.

    `sentence` is said at once where the installation is locked; otherwise it is empty, and the accounts are told when
    the pages answer.
    """
    if sentence:
        typer.echo(sentence, err=True)
    wanted_end = False

    def ask_to_end(_number: int, _frame: object) -> None:
        nonlocal wanted_end
        wanted_end = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_end)
    running: dict[str, subprocess.Popen[bytes]] = {}
    starts: dict[str, list[float]] = {name: [] for name in commands}
    is_announced = bool(sentence)
    with (settings.VAR / "kalkan.log").open("a") as log:
        try:
            while not wanted_end:
                database.revive()
                for name, command in commands.items():
                    if name in running and running[name].poll() is None:
                        continue
                    starts[name] = [moment for moment in starts[name] if moment > time.monotonic() - 60]
                    if len(starts[name]) == 5:
                        typer.echo(f"The {name} process keeps ending; var/kalkan.log says why.", err=True)
                        raise typer.Exit(1)
                    starts[name].append(time.monotonic())
                    running[name] = _start(command, environments[name], log)
                    _remember(running)
                if not is_announced and _is_well(f"{address}/health/"):
                    is_announced = True
                    _announce(address)
                time.sleep(0.1 if not is_announced else 0.5)
        finally:
            _end([psutil.Process(child.pid) for child in running.values() if child.poll() is None])
            (settings.VAR / "run.json").unlink(missing_ok=True)


def _start(command: list[str], environment: dict[str, str], log: TextIOWrapper) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches this process, which then ends its children in order.
    return subprocess.Popen(  # noqa: S603
        command, cwd=settings.ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
    )


def _remember(running: dict[str, subprocess.Popen[bytes]]) -> None:
    entries = [{"pid": child.pid, "command": child.args} for child in running.values()]
    (settings.VAR / "run.json").write_text(json.dumps(entries))


def _is_well(address: str) -> bool:
    with suppress(OSError, urllib.error.URLError):
        return urllib.request.urlopen(address, timeout=5).status == 200  # noqa: S310
    return False


def _announce(address: str) -> None:
    from kalkan.web import demonstration

    typer.echo(f"\nKalkan is ready at {address}   (Ctrl-C ends it)\n")
    for line in demonstration.accounts():
        typer.echo(line)
