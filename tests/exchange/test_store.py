"""What is kept on disk tells nothing to who finds it, and cannot be changed unnoticed."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kalkan.exchange import store


def kept(settings) -> Path:  # type: ignore[no-untyped-def]
    (path,) = (settings.MEDIA_ROOT / "imports").glob("*.sealed")
    return path


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, 1024 * 1024 + 1, 2_500_000])
def test_what_is_kept_is_read_back_at_any_place(settings, size: int) -> None:  # type: ignore[no-untyped-def]
    content = bytes(number % 251 for number in range(size))
    name, stored = store.keep(content[at : at + 70_000] for at in range(0, size, 70_000))
    source = store.source(name)
    assert stored == source.size == size
    with source.open() as file:
        assert file.read() == content
        for at in (0, size // 2, max(size - 3, 0)):
            file.seek(at)
            assert file.read(10) == content[at : at + 10]
    assert b"".join(content[at : at + 64] for at in (0,)) not in kept(settings).read_bytes() or size < 64
    assert kept(settings).stat().st_mode & 0o077 == 0


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=30
)
@given(st.data())
def test_a_changed_byte_is_noticed(settings, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    name, _size = store.keep([b"Aylin Deneme;1990"])
    path = settings.MEDIA_ROOT / "imports" / f"{name}.sealed"
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with pytest.raises(store.FileDamaged), store.source(name).open() as file:
        file.read()


def test_a_file_that_is_cut_at_a_piece_is_noticed(settings) -> None:  # type: ignore[no-untyped-def]
    name, _size = store.keep([b"x" * (1024 * 1024 + 5)])
    path = kept(settings)
    path.write_bytes(path.read_bytes()[: 24 + 1024 * 1024 + 16])
    with pytest.raises(store.FileDamaged), store.source(name).open() as file:
        file.read()


def test_a_forgotten_file_is_gone(settings) -> None:  # type: ignore[no-untyped-def]
    name, _size = store.keep([b"x"])
    store.forget(name)
    store.forget(name)
    assert store.names() == []
    with pytest.raises(FileNotFoundError):
        store.source(name)


def test_an_upload_that_breaks_off_leaves_no_file() -> None:
    def chunks():  # type: ignore[no-untyped-def]
        yield b"x"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.keep(chunks())
    assert store.names() == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "", "a.b"])
def test_a_name_never_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(FileNotFoundError):
        store.source(name)


@given(st.text())
def test_a_sealed_text_is_read_back_and_never_twice_the_same(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert store.unseal(store.seal(text)) == text
    assert store.seal(text) != store.seal(text)


def test_a_fingerprint_is_equal_only_for_equal_texts() -> None:
    assert store.fingerprint("a") == store.fingerprint("a") != store.fingerprint("b")
