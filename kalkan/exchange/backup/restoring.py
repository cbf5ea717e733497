"""Restoring a backup: read to its end first, built beside what is there, compared, made to forget, and only then put
in its place. Whatever fails or is killed on the way leaves the database that was there.
"""

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from kalkan.access.runtime_role import MAKE_ROLE
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.exchange.backup import Refused, container, postgres, signature
from kalkan.exchange.backup.container import PART
from kalkan.exchange.backup.postgres import Table
from kalkan.exchange.backup.writing import FORMAT
from kalkan.persons import erasing, ledger

BESIDE = "_restoring"  # added to the name of the database and of the folder of files while they are built
BEFORE = "_before"


class Restored(NamedTuple):
    """What was restored, and what it had to forget again."""

    created_at: str
    rows: int
    audit_events: int
    files: int
    erased_again: int


def restore(
    path: Path,
    *,
    keys: Sequence[Any],
    replace: bool,
    ledger_path: Path | None,
    without_ledger: bool,
    drill: bool,
    signed_by: Sequence[Path] = (),
    unsigned: bool = False,
) -> Restored:
    """Put a backup in the place of the database, or only try it beside (`drill`). Raises Refused.

    This installation or one of `signed_by` must have signed it; `unsigned` takes one that nobody signed.
    """
    target = str(connection.get_connection_params()["dbname"])
    connection.close()
    beside = target + BESIDE
    try:
        with postgres.connected(autocommit=True) as held:
            if not drill and not postgres.is_empty(held) and not replace:
                raise Refused("The database is not empty. To give up what is in it, say --replace.")
        _whole(path)
        manifest = _examined(path, keys, signed_by, unsigned=unsigned)
        known = _ledger(manifest, ledger_path, without_ledger=without_ledger)
        files = Path(settings.MEDIA_ROOT)
        with _database(beside):
            unpacked = _unpack(path, keys, manifest, database=beside, into=files.with_name(files.name + BESIDE))
            _compare(manifest, beside)
            again = _make_it_forget(manifest, beside, known)
            done = _told(manifest, files=unpacked, again=again)
            if drill:
                shutil.rmtree(files.with_name(files.name + BESIDE), ignore_errors=True)
            else:
                _exchange(target, beside, files)
                _keep_ledger(ledger_path)
        return done
    except Refused as refused:
        _remember(refused)
        raise


def _whole(path: Path) -> None:
    """Compare with the digest beside the file, where it came along: the quickest look, before any key is asked for."""
    beside = path.with_name(f"{path.name}.sha256")
    if not path.is_file():
        raise Refused(f"There is no file {path}.")
    if beside.is_file():
        digest = sha256()
        with path.open("rb") as file:
            while held := file.read(PART):
                digest.update(held)
        if beside.read_text().split()[0] != digest.hexdigest():
            raise Refused("The backup was altered, or is not complete: it is not the file that was written.")


def _examined(path: Path, keys: Sequence[Any], signed_by: Sequence[Path], *, unsigned: bool) -> dict[str, Any]:
    """The manifest of a backup that was read to its end, every member as the manifest says. Nothing is kept of it."""
    found: dict[str, str] = {}
    text = signed = b""
    with container.opened(path, keys=keys) as tar:
        for member, file in _members(tar):
            if member.name == "manifest.json":
                text = file.read()
            elif member.name == signature.MEMBER:
                signed = file.read()
            else:
                found[member.name] = _passed_on(file, None)
    if not text:
        raise Refused("The backup is not complete: it has no manifest.")
    if signed or not unsigned:
        signature.check(text, signed, by=signed_by)
    manifest: dict[str, Any] = json.loads(text)
    if manifest["format"] > FORMAT:
        raise Refused(
            f"This backup was written by Kalkan {manifest['kalkan']}: restore it with that version or later."
        )
    if manifest["members"] != found:
        raise Refused("The backup is damaged inside: its parts are not those of its manifest.")
    return manifest


def _unpack(path: Path, keys: Sequence[Any], manifest: dict[str, Any], *, database: str, into: Path) -> int:
    """Fill the new database and the new folder of files; how many files."""
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True, mode=0o700)
    command = [postgres.tool("pg_restore"), "--no-owner", "--exit-on-error", "--single-transaction"]
    process = subprocess.Popen(  # noqa: S603
        [*command, f"--dbname={database}"],
        env=postgres.environment(database),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    files = 0
    with process:
        assert process.stdin is not None  # noqa: S101  # for the type checker
        assert process.stderr is not None  # noqa: S101  # for the type checker
        try:
            with container.opened(path, keys=keys) as tar:
                for member, file in _members(tar):
                    digest = ""
                    if member.name.startswith("database/"):
                        digest = _passed_on(file, process.stdin)
                    elif member.name.startswith("files/"):
                        digest = _kept(file, into, member.name.removeprefix("files/"))
                        files += 1
                    if digest and digest != manifest["members"].get(member.name):
                        raise Refused("The backup was changed while it was read.")
            process.stdin.close()
        except BrokenPipeError:
            pass  # pg_restore has ended, and says why
        except BaseException:
            process.kill()
            raise
        said = process.stderr.read().decode(errors="replace").strip()
    if process.returncode:
        raise Refused(f"PostgreSQL could not take the backup: {said.splitlines()[0] if said else process.returncode}")
    return files


def _compare(manifest: dict[str, Any], database: str) -> None:
    """Every row that was counted when the backup was written is there again, and says the same."""
    wanted = {name: Table(**table) for name, table in manifest["tables"].items()}
    with postgres.connected(database) as held:
        found = postgres.tables(held)
        # The sums are those of one major version; between two, the rows are counted.
        wrong = postgres.differences(wanted, found, with_content=postgres.major(held) == manifest["postgres"])
    if wrong:
        raise Refused(f"What was restored is not what was backed up: {', '.join(wrong)}. Nothing was replaced.")


def _make_it_forget(manifest: dict[str, Any], database: str, known: list[ledger.Entry]) -> int:
    """Bring the restored database up to date and erase again whom the ledger names; nobody stays signed in."""
    with _working_with(database):
        call_command("migrate", interactive=False, verbosity=0)
        again = erasing.reapply(known)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM access_session")
        facts = {"created_at": manifest["created_at"], "erased_again": len(again)}
        record(Event.RESTORED, by=None, facts=facts)
    return len(again)


def _ledger(manifest: dict[str, Any], given: Path | None, *, without_ledger: bool) -> list[ledger.Entry]:
    """Who was erased, from a ledger that is not older than the backup."""
    path = given or Path(settings.LEDGER)
    if not path.exists():
        if without_ledger and manifest["ledger"] == ledger.FIRST:
            return []
        raise Refused(
            f"There is no ledger of erasures at {path}: who was erased since the backup would come back. Name its "
            "kept copy with --ledger FILE; or, if nobody was ever erased, say --without-ledger."
        )
    try:
        known = ledger.entries(path)
    except ledger.LedgerDamaged as damaged:
        raise Refused(str(damaged)) from damaged
    if manifest["ledger"] not in {ledger.FIRST, *(entry.proof for entry in known)}:
        raise Refused("This ledger of erasures is older than the backup. Name a newer copy with --ledger FILE.")
    return known


def _keep_ledger(given: Path | None) -> None:
    """A ledger that was brought along is this installation's from now on, where it has none."""
    own = Path(settings.LEDGER)
    if given is not None and not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(given, own)
        own.chmod(0o600)


@contextmanager
def _database(name: str) -> Iterator[None]:
    """A new database of this name, instead of one that a killed restore left; gone at the end if it is still there."""
    with postgres.connected("postgres", autocommit=True) as held:
        held.execute(MAKE_ROLE)  # what the backup grants, it grants to a role that a new server lacks
        held.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        held.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        yield
    finally:
        with postgres.connected("postgres", autocommit=True) as held:
            held.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _exchange(target: str, beside: str, files: Path) -> None:
    """Both names change hands in one transaction: there is no moment without a database, and none with half a one."""
    old = target + BEFORE
    with postgres.connected("postgres", autocommit=True) as held:
        held.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(old)))
        try:
            with held.transaction():
                for now, then in ((target, old), (beside, target)):
                    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                    held.execute(rename.format(sql.Identifier(now), sql.Identifier(then)))
        except psycopg.errors.ObjectInUse:
            raise Refused("Somebody still works with the database. End Kalkan first, then restore.") from None
        before = files.with_name(files.name + BEFORE)
        shutil.rmtree(before, ignore_errors=True)
        if files.exists():
            files.rename(before)
        files.with_name(files.name + BESIDE).rename(files)
        held.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))
        shutil.rmtree(before, ignore_errors=True)


@contextmanager
def _working_with(database: str) -> Iterator[None]:
    """Django works with another database of the same server."""
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name


def _members(tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    for member in tar:
        file = tar.extractfile(member)
        if file is None:
            raise Refused("The backup is damaged inside: it holds something that is no file.")
        yield member, file


def _passed_on(file: IO[bytes], out: IO[bytes] | None) -> str:
    digest = sha256()
    while held := file.read(PART):
        digest.update(held)
        if out is not None:
            out.write(held)
    return digest.hexdigest()


def _kept(file: IO[bytes], into: Path, name: str) -> str:
    """Write a member below the folder, wherever its name would like to lead."""
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or PurePosixPath(name).is_absolute():
        raise Refused("The backup is damaged inside: a file of it would lie outside its folder.")
    path = into.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        return _passed_on(file, out)


def _told(manifest: dict[str, Any], *, files: int, again: int) -> Restored:
    tables = manifest["tables"]
    rows = sum(table["rows"] for table in tables.values())
    return Restored(manifest["created_at"], rows, tables["audit_auditevent"]["rows"], files, again)


def _remember(refused: Refused) -> None:
    """Note the refusal in the log of the database that is there, if it has one."""
    with postgres.connected() as held:
        is_there = held.execute("SELECT to_regclass('audit_auditevent') IS NOT NULL").fetchone() == (True,)
    if is_there:
        record(Event.RESTORE_REFUSED, by=None, facts={"reason": type(refused).__name__})
