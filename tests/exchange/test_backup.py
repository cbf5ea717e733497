"""A backup is whole, opens with its key alone, and brings nobody back who was erased."""

import json
import os
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pyrage
import pytest
from django.db import connection
from pytest_django import Settings

from kalkan.access.models import User
from kalkan.access.roles import InstitutionKind, Role
from kalkan.audit import signing
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.exchange import store
from kalkan.exchange.backup import Refused, container, postgres, restoring, signature, writing
from kalkan.persons import erasing, ledger, selectors, services
from kalkan.persons.models import Person
from tests.factories import make_institution, make_user
from tests.persons.people import details, full_details

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _places(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.LEDGER = tmp_path / "ledger" / "erasures.jsonl"
    settings.MEDIA_ROOT = tmp_path / "files"
    yield
    connection.close()


@pytest.fixture
def pair() -> tuple[pyrage.x25519.Recipient, pyrage.x25519.Identity]:
    identity = pyrage.x25519.Identity.generate()
    return identity.to_public(), identity


@pytest.fixture
def officer() -> User:
    return make_user(Role.FRONTLINE_OFFICER)


@pytest.fixture
def backup(tmp_path: Path, officer: User, pair) -> Path:  # type: ignore[no-untyped-def]
    """Two persons and an upload, backed up."""
    services.record_person(full_details(), by=officer)
    services.record_person(details("Nilüfer", "Örnekoğlu"), by=officer)
    store.keep([b"a,b\n", b"1,2\n" * 400_000])
    folder = tmp_path / "backups"
    folder.mkdir()
    return writing.back_up(folder, to=[pair[0]]).path


def bring_back(backup: Path, identity: object, **said: object) -> restoring.Restored:
    options = {"replace": True, "ledger_path": None, "without_ledger": True, "drill": False} | said
    return restoring.restore(backup, keys=[identity], **options)  # type: ignore[arg-type]


def databases() -> set[str]:
    with postgres.connected("postgres") as held:
        return {name for (name,) in held.execute("SELECT datname FROM pg_database").fetchall()}


def test_what_was_lost_comes_back_row_by_row(backup: Path, officer: User, pair) -> None:  # type: ignore[no-untyped-def]
    with postgres.connected() as held:
        before = postgres.tables(held)
    file = store.names()[0][0]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE persons_personname, exchange_importrun CASCADE")
    services.record_person(details("Sonradan", "Gelen"), by=officer)
    store.forget(file)
    done = bring_back(backup, pair[1])
    assert done.files == 1
    assert done.erased_again == 0
    with postgres.connected() as held:
        after = postgres.tables(held)
    # The two events are the backup's own and that of its return; sessions end.
    assert postgres.differences(before, after, with_content=True) == ["audit_auditevent"]
    assert after["audit_auditevent"].rows == before["audit_auditevent"].rows
    assert AuditEvent.objects.filter(action=Event.RESTORED).count() == 1
    assert store.source(file).open().read(8) == b"a,b\n1,2\n"
    assert len(selectors.search(officer, "Gulnara Abdullaeva")) == 1
    assert selectors.search(officer, "Sonradan Gelen") == []
    assert not any(name.endswith(("_restoring", "_before")) for name in databases())


def test_nothing_of_it_can_be_read_without_the_key(backup: Path) -> None:
    held = backup.read_bytes()
    assert held.startswith(b"age-encryption.org/v1")
    for word in (b"persons_person", b"manifest", b"Kalkan", b"PGDMP", b"kalkan.invalid"):
        assert word not in held
    assert oct(backup.stat().st_mode)[-3:] == "600"


def test_it_opens_without_kalkan_too(backup: Path, tmp_path: Path, pair) -> None:  # type: ignore[no-untyped-def]
    out = BytesIO()
    pyrage.decrypt_io(BytesIO(backup.read_bytes()), out, [pair[1]])
    with tarfile.open(fileobj=BytesIO(out.getvalue())) as tar:
        manifest = json.loads(tar.extractfile("manifest.json").read())  # type: ignore[union-attr]
        parts = sorted(name for name in tar.getnames() if name.startswith("database/"))
        dump = tmp_path / "dump"
        dump.write_bytes(b"".join(tar.extractfile(name).read() for name in parts))  # type: ignore[union-attr]
    assert manifest["parts"] == len(parts)
    assert not any("key" in name for name in manifest["members"])
    listed = subprocess.run([postgres.tool("pg_restore"), "--list", dump], capture_output=True, text=True, check=True)
    assert "TABLE DATA public persons_person" in listed.stdout


def test_another_key_is_refused(backup: Path) -> None:
    with pytest.raises(Refused, match="another public key"):
        bring_back(backup, pyrage.x25519.Identity.generate())
    assert Person.objects.count() == 2


@pytest.mark.parametrize("place", [0.01, 0.5, 0.999])
@pytest.mark.parametrize("harm", ["cut", "changed"])
@pytest.mark.parametrize("has_digest", [True, False])
def test_a_damaged_file_is_refused_before_anything_is_touched(  # type: ignore[no-untyped-def]
    backup: Path, pair, place: float, harm: str, has_digest: bool
) -> None:
    held = bytearray(backup.read_bytes())
    at = int(len(held) * place)
    if harm == "cut":
        held = held[:at]
    else:
        held[at] ^= 1
    backup.write_bytes(held)
    if not has_digest:
        backup.with_name(f"{backup.name}.sha256").unlink()
    with pytest.raises(Refused, match=r"altered, or is not complete|another public key|not a backup"):
        bring_back(backup, pair[1])
    assert Person.objects.count() == 2
    assert AuditEvent.objects.filter(action=Event.RESTORE_REFUSED).count() == 1
    assert not any(name.endswith("_restoring") for name in databases())


def test_what_is_no_backup_is_refused(tmp_path: Path, pair) -> None:  # type: ignore[no-untyped-def]
    for content in (b"", b"PK\x03\x04", b"age-encryption.org/v1\n", os.urandom(5000)):
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(Refused):
            bring_back(tmp_path / "x", pair[1])
    with pytest.raises(Refused, match="no file"):
        bring_back(tmp_path / "absent", pair[1])


def test_a_backup_that_lacks_its_end_or_a_part_is_refused(  # type: ignore[no-untyped-def]
    backup: Path, tmp_path: Path, pair
) -> None:
    with container.opened(backup, keys=[pair[1]]) as tar:
        parts = [(member.name, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]
    for number, left_out in enumerate(("manifest.json", "database/000001", "files")):
        path = tmp_path / f"{number}"
        kept = [(name, content) for name, content in parts if not name.startswith(left_out)]

        def fill(archive: container.Writer, kept: list[tuple[str, bytes]] = kept) -> None:
            for name, content in kept:
                archive.add(name, content)

        container.write(path, fill, to=[pair[0]], told=lambda size: None)
        with pytest.raises(Refused, match=r"not complete|damaged inside"):
            bring_back(path, pair[1])
    assert Person.objects.count() == 2


def test_a_database_with_anything_in_it_is_not_replaced_unasked(backup: Path, pair) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused, match="--replace"):
        bring_back(backup, pair[1], replace=False)


def test_a_drill_compares_everything_and_changes_nothing(backup: Path, officer: User, pair) -> None:  # type: ignore[no-untyped-def]
    services.record_person(details("Sonradan", "Gelen"), by=officer)
    done = bring_back(backup, pair[1], replace=False, drill=True)
    assert done.rows > 1000
    assert Person.objects.count() == 3
    assert not any(name.endswith("_restoring") for name in databases())


def test_a_restored_database_that_differs_from_its_manifest_is_not_used(  # type: ignore[no-untyped-def]
    backup: Path, tmp_path: Path, pair
) -> None:
    with container.opened(backup, keys=[pair[1]]) as tar:
        parts = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    manifest = json.loads(parts["manifest.json"])
    manifest["tables"]["audit_auditevent"]["content"] += "1"
    parts["manifest.json"] = json.dumps(manifest).encode()
    parts[signature.MEMBER] = signature.made(parts["manifest.json"])  # by an insider

    def fill(archive: container.Writer) -> None:
        for name, content in parts.items():
            archive.add(name, content)

    container.write(tmp_path / "forged", fill, to=[pair[0]], told=lambda size: None)
    with pytest.raises(Refused, match="audit_auditevent"):
        bring_back(tmp_path / "forged", pair[1])
    assert Person.objects.count() == 2


def _written_anew(path: Path, backup: Path, pair, **changed: bytes | None) -> Path:  # type: ignore[no-untyped-def]
    """The backup as whoever holds the public key could write it; a part that is None is left out."""
    with container.opened(backup, keys=[pair[1]]) as tar:
        parts = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    parts |= {name.replace("_", "."): content for name, content in changed.items()}  # type: ignore[dict-item]

    def fill(archive: container.Writer) -> None:
        for name, content in parts.items():
            if content is not None:
                archive.add(name, content)

    container.write(path, fill, to=[pair[0]], told=lambda size: None)
    return path


@pytest.fixture
def stranger(settings: Settings, tmp_path: Path) -> Callable[[bytes], bytes]:
    """Signs as another installation would; its public key is in `tmp_path / "stranger.pub"`."""
    own, folder = settings.KEYS, tmp_path / "of another"
    folder.mkdir()
    (folder / "audit.key").write_bytes(os.urandom(32))

    def sign(manifest: bytes) -> bytes:
        settings.KEYS = folder
        try:
            (tmp_path / "stranger.pub").write_text(signing.pem())
            return signature.made(manifest)
        finally:
            settings.KEYS = own

    return sign


def test_a_backup_that_another_installation_signed_needs_its_public_key(  # type: ignore[no-untyped-def]
    backup: Path, tmp_path: Path, pair, stranger: Callable[[bytes], bytes]
) -> None:
    with container.opened(backup, keys=[pair[1]]) as tar:
        manifest = next(tar.extractfile(one).read() for one in tar if one.name == "manifest.json")  # type: ignore[union-attr]
        for _rest in tar:
            pass
    theirs = _written_anew(tmp_path / "theirs", backup, pair, manifest_sig=stranger(manifest))
    for options in ({}, {"unsigned": True}):
        with pytest.raises(Refused, match="did not sign this backup"):
            bring_back(theirs, pair[1], **options)
    assert Person.objects.count() == 2
    assert AuditEvent.objects.filter(action=Event.RESTORE_REFUSED).count() == 2
    with pytest.raises(Refused, match="did not sign this backup"):
        bring_back(backup, pair[1], signed_by=[tmp_path / "stranger.pub"], drill=True)
    assert bring_back(theirs, pair[1], signed_by=[tmp_path / "stranger.pub"], drill=True).rows > 1000


@pytest.mark.parametrize("signed", [b"", b"{}", b"[]", b"\xff", b'{"key": "x", "signature": "zz"}'])
def test_a_manifest_exchanged_or_a_signature_broken_is_refused(  # type: ignore[no-untyped-def]
    backup: Path, tmp_path: Path, pair, signed: bytes
) -> None:
    forged = _written_anew(tmp_path / "forged", backup, pair, manifest_sig=signed)
    with pytest.raises(Refused, match="sign"):
        bring_back(forged, pair[1])
    changed = _written_anew(tmp_path / "changed", backup, pair, manifest_json=b'{"format": 2}')
    with pytest.raises(Refused, match="did not sign this backup"):
        bring_back(changed, pair[1])
    assert Person.objects.count() == 2


def test_a_backup_that_nobody_signed_is_taken_only_where_that_is_said(backup: Path, tmp_path: Path, pair) -> None:  # type: ignore[no-untyped-def]
    bare = _written_anew(tmp_path / "bare", backup, pair, manifest_sig=None)
    with pytest.raises(Refused, match="--unsigned"):
        bring_back(bare, pair[1])
    assert bring_back(bare, pair[1], unsigned=True, drill=True).rows > 1000


def test_without_the_key_that_signs_no_backup_is_written(  # type: ignore[no-untyped-def]
    tmp_path: Path, pair, settings: Settings
) -> None:
    settings.KEYS = tmp_path / "nothing"
    with pytest.raises(Refused, match=r"audit\.key"):
        writing.back_up(tmp_path, to=[pair[0]])
    assert list(tmp_path.glob("*kalkan-*")) == []


def test_who_was_erased_after_the_backup_does_not_come_back(backup: Path, officer: User, pair) -> None:  # type: ignore[no-untyped-def]
    centre = make_institution(InstitutionKind.MIGRATION_CENTRE, None)
    asker, doer = make_user(Role.CENTRAL_UNIT, centre), make_user(Role.DATA_PROTECTION_OFFICER, centre)
    found = selectors.search(officer, "Gulnara Abdullaeva")[0].person
    request = erasing.ask(found.reference, by=asker, ground="erasure_on_request")
    erasing.carry_out(request.reference, by=doer)
    assert bring_back(backup, pair[1], without_ledger=False).erased_again == 1
    assert selectors.search(officer, "Gulnara Abdullaeva") == []
    assert not Person.objects.filter(reference=found.reference, wrapped_key__isnull=False).exists()
    assert len(selectors.search(officer, "Nilüfer Örnekoğlu")) == 1


def test_without_the_ledger_or_with_an_older_one_nothing_is_restored(  # type: ignore[no-untyped-def]
    backup: Path, officer: User, pair, tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(Refused, match="no ledger"):
        bring_back(backup, pair[1], without_ledger=False)
    older = tmp_path / "older.jsonl"
    older.write_text("")
    ledger.add(
        {
            "erasure": "00000000-0000-0000-0000-000000000001",
            "person": "00000000-0000-0000-0000-000000000002",
            "at": "2026-01-01T00:00:00+00:00",
            "ground": "x",
            "rule": "y",
            "requested_by": "",
            "carried_out_by": "",
            "removed": {},
            "kept": {},
        }
    )
    newer = writing.back_up(backup.parent, to=[pair[0]]).path
    with pytest.raises(Refused, match="older than the backup"):
        bring_back(newer, pair[1], ledger_path=older)
    own = Path(settings.LEDGER)
    copy = own.rename(tmp_path / "copy.jsonl")
    with pytest.raises(Refused, match="no ledger"):
        bring_back(newer, pair[1])
    bring_back(newer, pair[1], ledger_path=copy)
    assert ledger.entries()


def test_a_backup_that_cannot_be_finished_leaves_no_file(tmp_path: Path, pair, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused, match="no folder"):
        writing.back_up(tmp_path / "nowhere", to=[pair[0]])
    monkeypatch.setattr(postgres, "tool", lambda name: "/bin/false")
    with pytest.raises(Refused, match="could not be read"):
        writing.back_up(tmp_path, to=[pair[0]])
    assert list(tmp_path.glob("*kalkan-*")) == []


@pytest.mark.parametrize("given", [["age1nothing"], ["/nowhere"], []])
def test_what_is_no_public_key_is_refused(given: list[str]) -> None:
    with pytest.raises(Refused):
        container.recipients(given)
