"""Writing a backup: the database as it is at one moment, the uploads, the ledger; no key."""

import json
import os
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from django.conf import settings
from django.utils import timezone

from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.exchange.backup import Refused, container, postgres, signature
from kalkan.exchange.backup.container import Told, Writer
from kalkan.persons import ledger
from kalkan.persons.keyfiles import sync_folder

FORMAT = 2  # 1 was not signed
SUFFIX = ".kalkan-backup"


class Written(NamedTuple):
    """A backup that was written and read again."""

    path: Path
    size: int
    sha256: str
    rows: int
    audit_events: int
    files: int


def back_up(folder: Path, *, to: Sequence[Any], told: Told = lambda size: None) -> Written:
    """Write a backup into `folder`, while everybody works. Raises Refused; then no file is left.

    Verified after writing, as far as that goes without the private key: what the disk holds is byte for byte what was
    encrypted, pg_dump ended well, and the manifest counts what the dump holds.
    """
    if not folder.is_dir():
        raise Refused(f"There is no folder {folder}.")
    path = folder / f"kalkan-{timezone.now():%Y-%m-%dT%H%M%S}{SUFFIX}"
    unfinished = path.with_suffix(".unfinished")
    known = ledger.entries()
    counted: dict[str, int] = {}
    try:
        with postgres.at_one_moment() as (held, snapshot):

            def fill(archive: Writer) -> None:
                counted.update(_fill(archive, held, snapshot, known))

            digest, size = container.write(unfinished, fill, to=to, told=told)
        if _digest(unfinished) != digest:
            raise Refused("The disk does not hold what was written to it: the backup is discarded.")
        unfinished.rename(path)
    except OSError as wrong:
        raise Refused(f"The backup cannot be written: {wrong.strerror or wrong}.") from wrong
    finally:
        unfinished.unlink(missing_ok=True)
    path.with_name(f"{path.name}.sha256").write_text(f"{digest}  {path.name}\n")
    sync_folder(folder)
    record(Event.BACKED_UP, by=None, facts={"sha256": digest, "size": size, **counted})
    return Written(path, size, digest, **counted)


def _fill(archive: Writer, held: psycopg.Connection, snapshot: str, known: list[ledger.Entry]) -> dict[str, int]:
    said: dict[str, Any] = {
        "format": FORMAT,
        "kalkan": settings.VERSION,
        "created_at": timezone.now().isoformat(),
        "postgres": postgres.major(held),
    }
    archive.add("kalkan.json", json.dumps(said).encode())
    parts = _dump(archive, snapshot)
    tables = postgres.tables(held)
    files = _uploads(archive)
    if known:
        archive.add("ledger.jsonl", Path(settings.LEDGER).read_bytes())
    applied = held.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1").fetchall()
    manifest = {
        **said,
        "parts": parts,
        "tables": {name: table._asdict() for name, table in tables.items()},
        "migrations": [name for (name,) in applied],
        "ledger": ledger.head(known),
        "members": dict(archive.digests),
    }
    text = json.dumps(manifest).encode()
    archive.add("manifest.json", text)
    archive.add(signature.MEMBER, signature.made(text))
    events = tables["audit_auditevent"].rows
    return {"rows": sum(table.rows for table in tables.values()), "audit_events": events, "files": files}


def _dump(archive: Writer, snapshot: str) -> int:
    """The database in pg_dump's own format, cut into parts; how many."""
    command = [postgres.tool("pg_dump"), "--format=custom", "--no-owner", f"--snapshot={snapshot}"]
    process = subprocess.Popen(  # noqa: S603
        command, env=postgres.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    number = 0
    with process:
        assert process.stdout is not None  # noqa: S101  # for the type checker
        assert process.stderr is not None  # noqa: S101  # for the type checker
        try:
            while part := process.stdout.read(container.PART):
                number += 1
                archive.add(f"database/{number:06d}", part)
        except BaseException:
            process.kill()
            raise
        said = process.stderr.read().decode(errors="replace").strip()
    if process.returncode:
        raise Refused(f"PostgreSQL could not be read: {said.splitlines()[-1] if said else process.returncode}")
    return number


def _uploads(archive: Writer) -> int:
    """The files under MEDIA_ROOT, sealed as they lie there. One that is deleted meanwhile is left out."""
    root, number = Path(settings.MEDIA_ROOT), 0
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        if not path.is_file() or path.is_symlink():
            continue
        try:
            with path.open("rb") as file:
                archive.add_file(f"files/{path.relative_to(root)}", file, os.fstat(file.fileno()).st_size)
        except FileNotFoundError:
            continue
        number += 1
    return number


def _digest(path: Path) -> str:
    """Of what the disk gives back, not of what the system still has in memory."""
    digest = sha256()
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while held := file.read(container.PART):
            digest.update(held)
    return digest.hexdigest()
