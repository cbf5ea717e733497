"""The web server's worker: gunicorn's own with threads, and an end to its patience.

Without one, eight senders that give a byte now and then hold all eight threads. A proxy in front does the same and
more (`deploy/`); this is for where there is none, and for when it is passed by.
"""

import socket
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

HEADERS = 15.0  # seconds until the headings of a request have arrived
WHOLE = 300.0  # seconds until all of it has: the largest upload on a line of two megabits


class PatientWorker(ThreadWorker):
    """Ends the reading of a request that takes too long to arrive. What is being answered is never cut."""

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self._due: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        """One request of a connection, in a thread."""
        self._due[conn] = time.monotonic() + HEADERS
        try:
            return super().handle(conn)
        finally:
            self._due.pop(conn, None)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """The headings are here."""
        self._due[conn] = time.monotonic() + WHOLE
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """Called by the main loop about once a second."""
        super().murder_pending()
        now = time.monotonic()
        for conn, due in list(self._due.items()):
            if due < now:
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)
