"""Sealing and opening."""

from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import Settings

from kalkan.config.keys import read_or_make
from kalkan.persons import keyring, vault
from kalkan.persons.models import KeyFingerprint

pytestmark = pytest.mark.django_db


class SealedValues(TestCase):
    @runs(max_examples=60)
    @given(st.binary(max_size=300), st.text(min_size=1, max_size=20))
    def test_what_was_sealed_opens_again(self, value: bytes, place: str) -> None:
        _wrapped, key = vault.make(uuid4())
        assert key.open(place, key.seal(place, value)) == value

    @runs(max_examples=60)
    @given(st.binary(max_size=60), st.data())
    def test_no_changed_byte_goes_unnoticed(self, value: bytes, data: st.DataObject) -> None:
        _wrapped, key = vault.make(uuid4())
        sealed = bytearray(key.seal("name", value))
        index = data.draw(st.integers(0, len(sealed) - 1))
        sealed[index] ^= data.draw(st.integers(1, 255))
        with pytest.raises(vault.NotGenuine):
            key.open("name", bytes(sealed))


def test_a_value_moved_to_another_place_does_not_open() -> None:
    _wrapped, key = vault.make(uuid4())
    with pytest.raises(vault.NotGenuine):
        key.open("document", key.seal("name", b"x"))


def test_a_value_or_key_moved_to_another_person_does_not_open() -> None:
    one, other = uuid4(), uuid4()
    wrapped, key = vault.make(one)
    _other_wrapped, other_key = vault.make(other)
    with pytest.raises(vault.NotGenuine):
        other_key.open("name", key.seal("name", b"x"))
    with pytest.raises(vault.NotGenuine):
        vault.unwrap(other, wrapped)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + bytes(27), b"\x02" + bytes(40)])
def test_what_was_never_sealed_is_refused(sealed: bytes) -> None:
    _wrapped, key = vault.make(uuid4())
    with pytest.raises(vault.NotGenuine):
        key.open("name", sealed)


def test_equal_values_never_look_alike() -> None:
    _wrapped, key = vault.make(uuid4())
    assert key.seal("name", b"same") != key.seal("name", b"same")


def test_a_lost_key_file_is_named(settings: Settings, tmp_path: Path) -> None:
    wrapped, _key = vault.make(reference := uuid4())
    settings.KEYS = tmp_path
    with pytest.raises(vault.KeyMissing, match=r"vault-1\.key"):
        vault.unwrap(reference, wrapped)
    with pytest.raises(vault.KeyMissing, match="key-encryption key"):
        vault.make(reference)
    with pytest.raises(vault.KeyMissing, match=r"blind\.key"):
        keyring.blind_subkey("name")


@pytest.mark.parametrize("name", ["vault-1.key", "blind.key"])
def test_another_key_file_is_refused_before_it_does_harm(settings: Settings, tmp_path: Path, name: str) -> None:
    vault.make(uuid4())
    keyring.blind_subkey("name")
    for known in ("vault-1.key", "blind.key"):
        KeyFingerprint.objects.get_or_create(name=known, defaults={"fingerprint": "0" * 16})
        read_or_make(tmp_path / known)
    settings.KEYS = tmp_path
    with pytest.raises(vault.KeyWrong, match=name):
        vault.make(uuid4()) if name.startswith("vault") else keyring.blind_subkey("name")


def test_a_damaged_key_file_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "vault-1.key").write_bytes(b"short")
    settings.KEYS = tmp_path
    with pytest.raises(vault.KeyWrong, match="damaged"):
        vault.make(uuid4())


def test_new_keys_are_wrapped_under_the_highest_version_and_old_ones_still_open(
    settings: Settings, tmp_path: Path
) -> None:
    for name in ("vault-1.key", "blind.key"):
        (tmp_path / name).write_bytes((Path(settings.KEYS) / name).read_bytes())
    settings.KEYS = tmp_path
    old, _key = vault.make(reference := uuid4())
    read_or_make(tmp_path / "vault-2.key")
    new, _key = vault.make(reference)
    assert (old.version, new.version) == (1, 2)
    vault.unwrap(reference, old)
    vault.unwrap(reference, new)
