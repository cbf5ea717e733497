"""ClamAV's daemon, asked over its socket (INSTREAM). Where `CLAMD` names none, files are noted as not scanned."""

import socket
from contextlib import closing

from django.conf import settings

_PIECE = 64 * 1024
_PATIENCE = 60.0  # seconds for one file; a document that takes longer is not scanned, so not kept
_ANSWER = 4096


class NotScanned(Exception):
    """The scanner did not answer, or could not look at the whole file. Carries its word, for the log of the server."""


def is_configured() -> bool:
    """True where this installation has a scanner."""
    return bool(settings.CLAMD)


def infection_in(content: bytes) -> str | None:
    """The name of what the scanner found, None for a clean file. Raises NotScanned."""
    try:
        with closing(_connect()) as daemon:
            daemon.settimeout(_PATIENCE)
            daemon.sendall(b"zINSTREAM\0")
            for at in range(0, len(content), _PIECE):
                piece = content[at : at + _PIECE]
                daemon.sendall(len(piece).to_bytes(4, "big") + piece)
            daemon.sendall(bytes(4))
            answer = _read(daemon)
    except OSError as away:
        raise NotScanned(str(away)) from away
    if answer == "stream: OK":
        return None
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    raise NotScanned(answer)


def _connect() -> socket.socket:
    """`CLAMD` is the path of a socket, or host:port."""
    if settings.CLAMD.startswith("/"):
        daemon = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        daemon.settimeout(_PATIENCE)
        try:
            daemon.connect(settings.CLAMD)
        except OSError:
            daemon.close()
            raise
        return daemon
    host, _colon, port = settings.CLAMD.rpartition(":")
    if not port.isascii() or not port.isdigit():
        raise OSError("CLAMD is neither the path of a socket nor host:port")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE)


def _read(daemon: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _ANSWER:
        piece = daemon.recv(_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n").decode("ascii", "replace")
