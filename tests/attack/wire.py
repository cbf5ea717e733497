"""A request as bytes on the wire would make it, through the WSGI application and everything in front of the views."""

import io
import traceback
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus
from wsgiref.util import FileWrapper

from django.core.signals import got_request_exception, request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

SECRET = "K" * 32  # a CSRF secret of the attacker's own: cookie and form agree
HOST = "127.0.0.1"


@dataclass
class Request:
    """What is sent. Path and query are bytes already decoded as WSGI decodes them (latin-1)."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    session: str = ""
    cookies: str = ""
    content_length: str | None = None

    def spoken(self) -> str:
        """Everything the sender said, to tell an echo from a leak."""
        said = "\n".join((self.path, self.query, self.cookies, *self.headers.values()))
        said += self.body.decode("latin-1")
        return said + unquote_plus(said)  # an address of mail is sent with its sign quoted

    def __str__(self) -> str:
        return f"{self.method} {self.path!r} ? {self.query!r} {self.headers!r} {self.body[:600]!r}"


@dataclass
class Answer:
    """What came back, unpacked where it was packed."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    trace: str = ""

    def header(self, name: str) -> str:
        """The first header of this name, empty if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def text(self) -> str:
        """Body and headers as text; a workbook's parts are read too."""
        parts = [f"{name}: {value}" for name, value in self.headers]
        if self.body.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(self.body)) as archive:
                parts += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
        else:
            parts.append(self.body.decode("utf-8", "replace"))
        return "\n".join(parts)


def send(request: Request) -> Answer:
    """Whatever escapes the application altogether counts as a 500: a server would say so too."""
    started: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started[:] = [int(status.split(" ", 1)[0]), headers]
        return lambda data: None

    with _traces() as traces, _one_connection():
        try:
            chunks = _application()(_environ(request), start)
            try:
                body = b"".join(chunks)
            finally:
                if hasattr(chunks, "close"):
                    chunks.close()
        except Exception:  # the point of the drill: anything at all
            return Answer(500, [], b"", traceback.format_exc())
    return Answer(started[0], started[1], body, "\n".join(traces))


_made: list[Any] = []


def _application() -> Any:
    if not _made:
        _made.append(get_wsgi_application())
    return _made[0]


def _environ(request: Request) -> dict[str, Any]:
    cookies = [f"csrftoken={SECRET}"]
    if request.session:
        cookies.append(f"kalkan_session={request.session}")
    if request.cookies:
        cookies.append(request.cookies)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "8157",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": HOST,
        "HTTP_COOKIE": "; ".join(cookies),
        "CONTENT_LENGTH": str(len(request.body)) if request.content_length is None else request.content_length,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in {"CONTENT_TYPE", "REMOTE_ADDR"} else f"HTTP_{key}"] = value
    return environ


@contextmanager
def _one_connection() -> Iterator[None]:
    """Django drops a connection that is inside a transaction between requests: here every request is inside one."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    try:
        yield
    finally:
        request_started.connect(close_old_connections)
        request_finished.connect(close_old_connections)


@contextmanager
def _traces() -> Iterator[list[str]]:
    """What Django caught and turned into a 500, for whoever has to mend it."""
    found: list[str] = []

    def note(**_facts: Any) -> None:
        found.append(traceback.format_exc())

    got_request_exception.connect(note)
    try:
        yield found
    finally:
        got_request_exception.disconnect(note)
