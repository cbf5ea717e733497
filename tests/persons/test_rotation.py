"""New keys for old, while everybody works: nothing is lost, a killed rotation goes on, an old key ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event as Signal
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from pytest_django import Settings

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.config.database import ROOT
from kalkan.persons import blind, keyring, matching, rotation, selectors, services, vault
from kalkan.persons.keyfiles import read_or_make
from kalkan.persons.models import KeyFingerprint, KeyRotation, Person
from tests.address import database_url
from tests.factories import make_user
from tests.persons.people import details, full_details

FAMILIES = [
    f"{first}{last}" for first in ("Kar", "Ak", "Yıl", "Bol", "Sar", "Çel") for last in ("lı", "maz", "soy", "gün")
]


@pytest.fixture(autouse=True)
def keys(settings: Settings, tmp_path: Path, db: None) -> Path:
    """Keys of this test alone."""
    KeyFingerprint.objects.all().delete()
    for name in ("vault-1.key", "blind.key", "files.key", "accounts.key"):
        read_or_make(tmp_path / name)
    settings.KEYS = tmp_path
    return tmp_path


@pytest.fixture
def officer(db: None) -> User:
    return make_user(Role.FRONTLINE_OFFICER)


def many(officer: User, count: int = len(FAMILIES)) -> list[Person]:
    return [services.record_person(details("Gülnare", family), by=officer) for family in FAMILIES[:count]]


@pytest.mark.django_db
def test_after_a_rotation_everybody_is_read_and_the_old_key_opens_nothing(
    officer: User, keys: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 5)
    people = many(officer, 12)
    text = services.seal_text(people[0], "narrative", "Sözler", by=officer)
    steps: list[tuple[int, int]] = []
    done = rotation.rotate("vault", progress=lambda one, all_: steps.append((one, all_)))
    assert (done.version, done.rows, done.resumed) == (2, 12, False)
    assert steps[0] == (0, 12)
    assert steps[-1] == (12, 12)
    assert set(Person.objects.values_list("key_version", flat=True)) == {2}
    with django_capture_on_commit_callbacks(execute=True):
        assert rotation.retire("vault") == ["vault-1.key"]
    assert keyring.names() == ["vault-2.key", "blind.key", "accounts.key", "files.key"]
    for person, family in zip(people, FAMILIES, strict=False):
        assert services.reveal_identity(person.reference, by=officer, purpose="interview").names[0].family == family
    assert services.read_text(text, by=officer, purpose="interview") == "Sözler"
    assert {Event.KEYS_ROTATED, Event.KEY_RETIRED} <= set(AuditEvent.objects.values_list("action", flat=True))


@pytest.mark.django_db
def test_a_rotation_changes_no_version_that_an_officer_has_seen(officer: User) -> None:
    person = many(officer, 1)[0]
    rotation.rotate("vault")
    services.change_person(person.reference, details("Gülnare", "Yeni"), by=officer, version=person.version)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["vault", "blind"])
def test_a_version_in_use_is_not_retired(
    officer: User, keys: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(officer, 3)

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rotation, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            rotation.rotate(kind)
    with pytest.raises(rotation.StillUsed, match="finish first"):
        rotation.retire(kind)
    assert rotation.rotate(kind).resumed
    assert len(rotation.retire(kind)) == 1
    assert KeyRotation.objects.filter(kind=kind).count() == 1


@pytest.mark.django_db
def test_a_retired_key_is_refused_even_where_its_file_comes_back(officer: User, keys: Path) -> None:
    person = many(officer, 1)[0]
    old, wrapped = (keys / "vault-1.key").read_bytes(), bytes(person.wrapped_key)
    rotation.rotate("vault")
    rotation.retire("vault")
    (keys / "vault-1.key").write_bytes(old)
    keyring._checked.cache_clear()
    with pytest.raises(vault.KeyWrong, match="retired"):
        vault.unwrap(person.reference, vault.Wrapped(wrapped, 1))
    with pytest.raises(IntegrityError, match="key_is_retired"), transaction.atomic():
        Person.objects.filter(pk=person.pk).update(wrapped_key=wrapped, key_version=1)


@pytest.mark.django_db
def test_blind_keys_are_made_anew_and_search_finds_before_during_and_after(officer: User) -> None:
    people = many(officer, 6)
    before = {person.pk: set(person.blind_keys) for person in people}
    found = lambda: {one.person.pk for one in selectors.search(officer, "Gülnare")}  # noqa: E731
    assert len(found()) == 6
    during: list[set[int]] = []

    def half_way(rows: object, version: int) -> None:
        rotation._find_anew(list(rows)[:3], version)  # type: ignore[call-overload]

    rotation_row, _resumed = rotation._begin(KeyRotation.Kind.BLIND)
    read_or_make(Path(str(keyring._folder())) / "blind-2.key")
    half_way(Person.objects.order_by("pk"), rotation_row.version)
    during.append(found())
    assert Person.objects.filter(blind_version=2).count() == 3
    newer = services.record_person(details("Gülnare", "Yepyeni"), by=officer)
    assert newer.blind_version == 2
    assert {match.person.pk for match in selectors.likely_same(officer, details("Gülnare", "Yepyeni"))} >= {newer.pk}
    rotation.rotate("blind")
    assert during == [set(before)]
    assert found() == {*before, newer.pk}
    assert not any(set(person.blind_keys) & before[person.pk] for person in Person.objects.filter(pk__in=before))
    assert rotation.retire("blind") == ["blind.key"]
    assert found() == {*before, newer.pk}
    assert keyring.trouble() is None


@pytest.mark.django_db
def test_numbers_and_days_of_birth_are_found_under_the_new_key(officer: User) -> None:
    person = services.record_person(full_details(), by=officer)
    rotation.rotate("blind")
    rotation.retire("blind")
    for query in ("FA1234567", "+998 90 123 45 67", "03.05.1998", "Sveta", "Гульнара Абдуллаева"):
        assert [one.person.pk for one in selectors.search(officer, query)] == [person.pk], query


@pytest.mark.django_db
def test_one_person_recorded_in_the_middle_is_compared_with_all(officer: User) -> None:
    twin = services.record_person(full_details(), by=officer)
    read_or_make(Path(str(keyring._folder())) / "blind-2.key")
    again = services.record_person(full_details(), by=officer)
    assert (twin.blind_version, again.blind_version) == (1, 2)
    assert [match.person.pk for match in selectors.same_as(full_details(), among=Person.objects.all())] == [
        twin.pk,
        again.pk,
    ]
    assert again.possible_same.get().other_id == twin.pk


@pytest.mark.django_db
def test_a_rotation_whose_new_key_was_lost_says_so(officer: User, keys: Path) -> None:
    many(officer, 1)
    rotation.rotate("vault")
    (keys / "vault-2.key").unlink()
    keyring._checked.cache_clear()
    assert keyring.trouble() is not None
    assert keyring.trouble().code == "key_missing"  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_officers_who_write_meanwhile_lose_nothing(officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    people = many(officer, 10)
    enough = Signal()

    def write() -> int:
        turn = 0
        try:
            while not enough.is_set() or turn < 10:
                person = Person.objects.get(pk=people[turn % 10].pk)
                said = details("Gülnare", FAMILIES[(turn + 1) % len(FAMILIES)])
                services.change_person(person.reference, said, by=officer, version=person.version)
                services.seal_text(person, "note", f"Not {turn}", by=officer)
                turn += 1
            return turn
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        for _round in range(3):
            rotation.rotate("vault")
            rotation.rotate("blind")
        enough.set()
        written = writing.result(timeout=60)
    assert written >= 10
    assert set(Person.objects.values_list("key_version", "blind_version")) == {(4, 4)}
    for person in Person.objects.all():
        assert services.identity_of(person).names[0].given == "Gülnare"
        for text in person.texts.all():
            assert services.read_text(text, by=officer, purpose="interview").startswith("Not ")
        with blind.under(4):
            assert sorted(person.blind_keys) == sorted(blind.of_details(services.identity_of(person)))
    assert matching.OPENED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["vault", "blind"])
def test_a_rotation_killed_in_the_middle_goes_on(officer: User, keys: Path, kind: str) -> None:
    people = many(officer)
    command = [sys.executable, "-m", "kalkan", "vault", "rotate", "--kind", kind, "--json"]
    environment = {**os.environ, "DATABASE_URL": database_url(), "KALKAN_KEYS": str(keys)}
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=people[-1].pk)  # held: the process cannot end by itself
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while Person.objects.exclude(key_version=1, blind_version=1).count() < len(people) - 1:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert rotation.behind(kind, 2).count() == 1
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert '"resumed": true' in ended.stdout
    assert '"rows": 1' in ended.stdout
    for person, family in zip(people, FAMILIES, strict=True):
        assert services.reveal_identity(person.reference, by=officer, purpose="interview").names[0].family == family
    assert len(selectors.search(officer, "Gülnare")) == 24
