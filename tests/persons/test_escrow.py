"""A copy of the keys split among officers: enough of them bring it back, fewer learn nothing."""

import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from pytest_django import Settings

from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.config.database import ROOT
from kalkan.persons import escrow, keyring, rotation, services
from kalkan.persons.keyfiles import read_or_make
from kalkan.persons.models import KeyFingerprint
from tests.factories import make_user
from tests.persons.people import full_details

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keys(settings: Settings, tmp_path: Path) -> Path:
    KeyFingerprint.objects.all().delete()
    folder = tmp_path / "keys"
    for name in ("vault-1.key", "blind.key", "files.key", "accounts.key"):
        read_or_make(folder / name)
    settings.KEYS = folder
    keyring.register()
    return folder


def lose(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    keyring._checked.cache_clear()
    keyring._subkey.cache_clear()


def test_three_of_five_officers_bring_the_keys_back_and_a_person_is_read_again(keys: Path, tmp_path: Path) -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    person = services.record_person(full_details(), by=officer)
    rotation.rotate("vault")
    made = escrow.split(tmp_path, shares=5, threshold=3)
    lose(keys)
    assert keyring.trouble() is not None
    with pytest.raises(keyring.KeyMissing):
        services.identity_of(type(person).objects.get(pk=person.pk))
    names = escrow.combine(made.sealed, made.shares[2:], into=keys)
    assert names == ["vault-1.key", "vault-2.key", "blind.key", "accounts.key", "files.key"]
    assert keyring.trouble() is None
    assert services.reveal_identity(person.reference, by=officer, purpose="interview") == full_details()
    assert oct((keys / "vault-1.key").stat().st_mode)[-3:] == "600"


def test_any_three_of_five_suffice_and_no_two_do(tmp_path: Path) -> None:
    made = escrow.split(tmp_path, shares=5, threshold=3)
    sealed = made.sealed.read_bytes()
    assert len({tuple(sorted(escrow.bring_back(sealed, few))) for few in combinations(made.shares, 3)}) == 1
    for two in combinations(made.shares, 2):
        with pytest.raises(escrow.Refused, match="3 different shares are needed, 2 were given"):
            escrow.bring_back(sealed, two)
        with pytest.raises(escrow.Refused, match="3 different shares are needed, 2 were given"):
            escrow.bring_back(sealed, [*two, two[0].upper() + " "])  # one share twice is not two


def test_a_slip_of_the_pen_and_a_share_of_another_split_are_noticed(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    made, other = (escrow.split(tmp_path / name, shares=3, threshold=2) for name in ("one", "two"))
    sealed = made.sealed.read_bytes()
    words = made.shares[0].split()
    slip = " ".join([*words[:7], "academic" if words[7] != "academic" else "acid", *words[8:]])
    for shares, sentence in (
        ([made.shares[1], slip], "Share 2 was copied wrongly"),
        ([made.shares[0], other.shares[1]], "not of one split"),
        (other.shares[:2], "belong to another copy"),
        ([], "shares are needed"),
        ([""], "Share 1 was copied wrongly"),
    ):
        with pytest.raises(escrow.Refused, match=sentence):
            escrow.bring_back(sealed, shares)
    with pytest.raises(escrow.Refused):
        escrow.bring_back(sealed[:-1] + bytes([sealed[-1] ^ 1]), made.shares)
    with pytest.raises(escrow.Refused, match="not a sealed copy"):
        escrow.bring_back(b"x" * 200, made.shares)


def test_a_key_that_is_there_is_never_overwritten(keys: Path, tmp_path: Path) -> None:
    made = escrow.split(tmp_path, shares=3, threshold=2)
    (keys / "blind.key").write_bytes(b"x" * 32)
    (keys / "vault-1.key").unlink()
    with pytest.raises(escrow.Refused, match=r"blind\.key"):
        escrow.combine(made.sealed, made.shares, into=keys)
    assert not (keys / "vault-1.key").exists()


def test_neither_the_sealed_copy_nor_the_log_holds_a_key_or_a_share(keys: Path, tmp_path: Path) -> None:
    made = escrow.split(tmp_path, shares=5, threshold=3)
    sealed = made.sealed.read_bytes()
    for path in keys.iterdir():
        assert path.read_bytes() not in sealed
    event = AuditEvent.objects.get(action=Event.KEYS_SPLIT)
    assert not any(word in str(event.facts) for word in made.shares)
    with pytest.raises(escrow.Refused, match="there already"):
        escrow.split(tmp_path, shares=5, threshold=3)


@pytest.mark.parametrize(("shares", "threshold"), [(5, 1), (2, 3), (17, 3), (1, 1), (0, 0)])
def test_a_split_that_protects_nothing_is_refused(tmp_path: Path, shares: int, threshold: int) -> None:
    with pytest.raises(escrow.Refused, match="shares"):
        escrow.split(tmp_path, shares=shares, threshold=threshold)
    assert not (tmp_path / escrow.SEALED).exists()


def test_wrong_keys_are_not_split(keys: Path, tmp_path: Path) -> None:
    (keys / "vault-1.key").write_bytes(b"y" * 32)
    with pytest.raises(escrow.Refused, match=r"vault-1\.key"):
        escrow.split(tmp_path, shares=5, threshold=3)


def test_the_command_line_brings_keys_back_into_an_empty_folder(keys: Path, tmp_path: Path) -> None:
    made = escrow.split(tmp_path, shares=4, threshold=2)
    files = [tmp_path / f"share-{number}" for number in range(4)]
    for path, words in zip(files, made.shares, strict=True):
        path.write_text(words + "\n")
    environment = {**os.environ, "KALKAN_KEYS": str(tmp_path / "fresh")}

    def combine(*shares: Path) -> subprocess.CompletedProcess[str]:
        given = [part for share in shares for part in ("--share", str(share))]
        command = [sys.executable, "-m", "kalkan", "vault", "combine", str(made.sealed), *given]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    refused = combine(files[0])
    assert refused.returncode == 2
    assert "2 different shares are needed, 1 were given" in refused.stderr
    assert combine(*files[:2]).returncode == 0
    for name in ("vault-1.key", "blind.key", "files.key", "accounts.key"):
        assert (tmp_path / "fresh" / name).read_bytes() == (keys / name).read_bytes()
