"""A real clamd, with signatures of the test's own: what it finds is refused, recorded and not kept."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kalkan.access.models import User
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.persons.files import door, scanning
from kalkan.persons.models import Attachment
from tests import clamd, files
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    try:
        clamd.find()
    except FileNotFoundError as none:
        pytest.fail(str(none), pytrace=False)
    with clamd.running(tmp_path_factory.mktemp("c")) as address:
        yield address


@pytest.fixture
def officer(settings, daemon: str) -> User:  # type: ignore[no-untyped-def]
    settings.CLAMD = daemon
    return make_user()


def refusal_of(content: bytes, by: User, name: str = "a.txt") -> str:
    with pytest.raises(door.Refusal) as refusal:
        door.admit(content, name=name, declared="", by=by)
    assert AuditEvent.objects.get(action=Event.UPLOAD_REFUSED, actor=by).facts["reason"] == refusal.value.code
    assert not Attachment.objects.exists()
    return refusal.value.code


def test_a_clean_file_is_noted_as_scanned(officer: User) -> None:
    assert door.admit(files.jpeg(), name="a.jpg", declared="", by=officer).is_scanned


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (clamd.EICAR, "a.txt"),
        (b"Uydurma. " + clamd.MARKER, "a.txt"),
        (files.pdf()[:-6] + b"% " + clamd.MARKER + b"\n%%EOF\n", "a.pdf"),
        (files.docx({"word/notes.xml": clamd.MARKER}), "a.docx"),
        (files.jpeg() + clamd.MARKER, "a.jpg"),
    ],
    ids=["eicar", "text", "pdf", "inside docx", "behind jpeg"],
)
def test_an_infected_file_is_refused(content: bytes, name: str, officer: User) -> None:
    assert refusal_of(content, officer, name) == "infected"


def test_an_infected_table_does_not_reach_the_import(officer: User) -> None:
    with pytest.raises(door.Refusal) as refusal:
        door.admit_table(b"a;b\n1;" + clamd.MARKER, by=officer)
    assert refusal.value.code == "infected"
    assert door.admit_table(b"a;b\n1;2\n", by=officer)
    with pytest.raises(door.Refusal) as refusal:
        door.admit_table(b"MZ\0\0" + bytes(100), by=officer)
    assert refusal.value.code == "not_allowed"


def test_what_is_too_large_for_the_scanner_is_not_kept(officer: User) -> None:
    assert refusal_of(b"a" * (clamd.LARGEST + 1), officer) == "not_scanned"


@pytest.mark.parametrize("address", ["/nothing/there", "127.0.0.1:1", "nonsense", "localhost:many"])
def test_without_the_scanner_that_is_configured_nothing_is_kept(address: str, officer: User, settings) -> None:  # type: ignore[no-untyped-def]
    settings.CLAMD = address
    assert refusal_of(b"Uydurma.", officer) == "not_scanned"


@pytest.mark.parametrize("answer", [b"", b"stream: OK?\0", b"INSTREAM size limit exceeded. ERROR\0", b"\xff" * 5000])
def test_a_scanner_that_answers_something_else_counts_as_none(answer: bytes, officer: User, settings) -> None:  # type: ignore[no-untyped-def]
    with _answering(answer) as address:
        settings.CLAMD = address
        assert refusal_of(b"Uydurma.", officer) == "not_scanned"


def test_a_scanner_that_falls_silent_is_waited_for_only_so_long(
    officer: User, settings, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(scanning, "_PATIENCE", 0.3)
    with _answering(None) as address:
        settings.CLAMD = address
        assert refusal_of(b"Uydurma.", officer) == "not_scanned"


def test_the_scanner_is_also_asked_over_the_network(officer: User, settings, daemon: str) -> None:  # type: ignore[no-untyped-def]
    with _relay(daemon) as address:
        settings.CLAMD = address
        assert scanning.infection_in(b"Uydurma.") is None
        assert scanning.infection_in(clamd.MARKER) == "Kalkan.Test.Marker.UNOFFICIAL"


class _answering:  # noqa: N801
    """A listener that reads everything and gives one answer; None: it never answers."""

    def __init__(self, answer: bytes | None):
        self._serve: Callable[[socket.socket], None] = lambda visitor: self._answer(visitor, answer)
        self._silence = threading.Event()

    def _answer(self, visitor: socket.socket, answer: bytes | None) -> None:
        while not visitor.recv(65536).endswith(bytes(4)):
            pass
        if answer is None:
            self._silence.wait(10)
        else:
            visitor.sendall(answer)

    def __enter__(self) -> str:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def _run(self) -> None:
        while True:
            try:
                visitor, _address = self._listener.accept()
            except OSError:
                return
            with visitor:
                self._serve(visitor)

    def __exit__(self, *_error: object) -> None:
        self._silence.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


class _relay(_answering):  # noqa: N801
    """The daemon's socket, reached through a port."""

    def __init__(self, path: str):
        super().__init__(b"")
        self._serve = lambda visitor: self._pass_on(visitor, Path(path))

    def _pass_on(self, visitor: socket.socket, path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as daemon:
            daemon.connect(str(path))
            said = b""
            while not said.endswith(bytes(4)):
                said = visitor.recv(65536)
                daemon.sendall(said)
            visitor.sendall(daemon.recv(4096))
