"""New keys for old, while everybody works: every data key wrapped anew, or every blind key made anew.

Works in small batches and remembers nothing: each row says under which version it stands. A rotation that was killed
goes on where it was, and what others write meanwhile is under the new version already. `accounts.key` has no versions:
its exchange is for the day on which it was lost or seen.
"""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from kalkan.access import second_factor
from kalkan.access.models import Session, User
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.persons import blind, keyring, sealing, vault
from kalkan.persons.keyfiles import draft, read_or_make, sync_folder
from kalkan.persons.models import KeyFingerprint, KeyRotation, Person

BATCH = 200
Kind = KeyRotation.Kind
Progress = Callable[[int, int], None]
"""Called with rows done and rows in all."""


class StillUsed(vault.VaultError):
    """An old version cannot be retired yet. Carries a sentence."""


class Rotated(NamedTuple):
    """What a rotation did: to which version, and how many rows of this run."""

    kind: str
    version: int
    rows: int
    resumed: bool


def rotate(kind: str, *, progress: Progress = lambda done, rows: None, by: User | None = None) -> Rotated:
    """Bring every person to a new version of the key, or go on with a rotation that was cut off.

    Raises KeyMissing or KeyWrong. Officers keep working: a row that somebody is writing is taken later.
    """
    rotation, resumed = _begin(Kind(kind))
    name = _name(rotation.kind, rotation.version)
    if not KeyFingerprint.objects.filter(name=name).exists():
        read_or_make(Path(settings.KEYS) / name)
    _checked(rotation)
    renew = _wrap_anew if rotation.kind == Kind.VAULT else _find_anew
    rows, done = behind(rotation.kind, rotation.version).count(), 0
    progress(done, rows)
    while True:
        last = -1
        while batch := _renew(rotation, last, renew):
            last, done = batch[-1], done + len(batch)
            progress(min(done, rows), rows)
        if not behind(rotation.kind, rotation.version).exists():
            break
    with transaction.atomic():
        KeyRotation.objects.filter(pk=rotation.pk).update(finished_at=timezone.now())
        facts = {"kind": str(rotation.kind), "version": rotation.version, "rows": done, "resumed": resumed}
        record(Event.KEYS_ROTATED, by=by, facts=facts)
    return Rotated(str(rotation.kind), rotation.version, done, resumed)


@transaction.atomic
def retire(kind: str, *, by: User | None = None) -> list[str]:
    """Destroy the key files of versions that no row uses any more, and return their names.

    From then on no copy of the database made before the rotation opens: see docs/vault.md. Raises StillUsed.
    """
    newest = keyring.current_version() if kind == Kind.VAULT else keyring.blind_versions()[-1]
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE persons_person IN SHARE MODE")  # whoever is about to use the old one goes first
    if KeyRotation.objects.filter(kind=kind, finished_at=None).exists():
        raise StillUsed("A rotation was cut off. Let `kalkan vault rotate` finish first.")
    left = behind(kind, newest).count()
    if left:
        raise StillUsed(f"{left} persons still stand under an older version. Run `kalkan vault rotate` first.")
    old = [
        name
        for name in keyring.names()
        if name.startswith(f"{kind}") and name != _name(kind, newest)  # vault-1.key, blind.key, blind-2.key
    ]
    KeyFingerprint.objects.filter(name__in=old).update(retired_at=timezone.now())
    if old:
        record(Event.KEY_RETIRED, by=by, facts={"kind": str(kind), "files": old})
    transaction.on_commit(lambda: _destroy(old))
    return old


class Exchanged(NamedTuple):
    """What ended with an `accounts.key`."""

    sessions: int
    factors: int


@transaction.atomic
def exchange_accounts_key(*, by: User | None = None) -> Exchanged:
    """Another `accounts.key`, whether the old one is there or not: all sessions end, and what it sealed is forgotten.

    That is apps and recovery codes; passkeys stay. The server must be started again.

    Killed before the end, the server is locked by the file that is not the right one: do it again.
    """
    path, secret = Path(settings.KEYS) / "accounts.key", secrets.token_bytes(keyring.SIZE)
    done = Exchanged(Session.objects.all().delete()[0], second_factor.forget_sealed())
    new = {"fingerprint": keyring.fingerprint(secret), "retired_at": None}
    KeyFingerprint.objects.update_or_create(name=path.name, defaults=new)
    record(Event.KEYS_ROTATED, by=by, facts={"kind": "accounts", **done._asdict()})
    written = draft(path, secret)

    def put_in_place() -> None:
        written.replace(path)
        sync_folder(path.parent)

    transaction.on_commit(put_in_place)
    return done


def behind(kind: str, version: int) -> QuerySet[Person]:
    """The persons who still stand under an older version."""
    if kind == Kind.VAULT:
        return Person.objects.filter(wrapped_key__isnull=False, key_version__lt=version)
    return Person.objects.filter(blind_version__lt=version).exclude(blind_keys=[])


def _begin(kind: KeyRotation.Kind) -> tuple[KeyRotation, bool]:
    """The rotation that was cut off, or a new one to the next version."""
    cut_off = KeyRotation.objects.filter(kind=kind, finished_at=None).first()
    if cut_off is not None:
        return cut_off, True
    newest = keyring.current_version() if kind == Kind.VAULT else keyring.blind_versions()[-1]
    known = KeyRotation.objects.filter(kind=kind).aggregate(most=Max("version"))["most"] or 0
    return KeyRotation.objects.create(kind=kind, version=max(newest, known) + 1), False


def _checked(rotation: KeyRotation) -> None:
    """Raises KeyMissing or KeyWrong unless the new key is there and known."""
    if rotation.kind == Kind.VAULT:
        keyring.key_encryption_key(rotation.version)
    else:
        keyring.blind_subkey("name", rotation.version)


def _name(kind: str, version: int) -> str:
    return keyring.vault_name(version) if kind == Kind.VAULT else keyring.blind_name(version)


@transaction.atomic
def _renew(rotation: KeyRotation, after: int, renew: Callable[[Sequence[Person], int], None]) -> list[int]:
    """One batch beyond row `after`; its keys. Rows in other hands are left for the next round."""
    waiting = behind(rotation.kind, rotation.version).filter(pk__gt=after).order_by("pk")
    rows = list(waiting.select_for_update(skip_locked=True)[:BATCH])
    if not rows and after == -1:
        rows = list(waiting.select_for_update()[:1])  # only rows in other hands are left: wait for the first of them
    renew(rows, rotation.version)
    return [row.pk for row in rows]


def _wrap_anew(rows: Sequence[Person], version: int) -> None:
    changes = []
    for row in rows:
        if row.wrapped_key is not None and row.key_version is not None:
            held = vault.Wrapped(bytes(row.wrapped_key), row.key_version)
            changes.append((*vault.rewrap(row.reference, held, version), row.pk))
    _write("UPDATE persons_person SET wrapped_key = %s, key_version = %s WHERE id = %s", changes)


def _find_anew(rows: Sequence[Person], version: int) -> None:
    changes = []
    for row in rows:
        details = sealing.opened(
            row, names=row.names.all(), documents=row.documents.all(), contacts=row.contact_points.all()
        )
        with blind.under(version):
            changes.append((blind.of_details(details), version, row.pk))
    _write("UPDATE persons_person SET blind_keys = %s, blind_version = %s WHERE id = %s", changes)


def _write(statement: str, changes: Sequence[Sequence[Any]]) -> None:
    if changes:
        with connection.cursor() as cursor:
            cursor.executemany(statement, changes)


def _destroy(names: Sequence[str]) -> None:
    """Overwrite and remove. What a copy-on-write or flash disk keeps of it is for whoever disposes of the disk."""
    folder = Path(settings.KEYS)
    for name in names:
        path = folder / name
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.write(bytes(size))
            file.flush()
        path.unlink()
    sync_folder(folder)
