"""Sessions in PostgreSQL, so that a copy of the database gives no session away (`SESSION_ENGINE`).

The row is found by a digest of the cookie, and what the session remembers is sealed: a cookie cannot be computed from
a dump, nor a TOTP secret read that is being set up. A session ends after half an hour without a click and ten hours
after sign-in, whichever comes first (OWASP ASVS 5.0, 7.3.1 and 7.3.2).
"""

import json
import logging
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.utils import timezone

from kalkan.access.sealing import account_cipher, decrypt, encrypt

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=10)  # a long shift
BEFORE_SIGN_IN = timedelta(hours=1)
# What a signed-in session remembers about itself; the columns of its row repeat it for the list of sessions.
BEGUN, SEEN, REFERENCE, BROWSER, FACTOR = "begun", "seen", "reference", "browser", "second_factor"
ABOUT = (BEGUN, SEEN, REFERENCE, BROWSER, FACTOR)


class Ended(NamedTuple):
    """A session that ran out: whose it was, its reference, and whether rest or length ended it."""

    user_id: int
    reference: UUID
    reason: str


def digest(key: str) -> str:
    """What the database knows of a cookie."""
    return blake2b(key.encode(), digest_size=20).hexdigest()


class SessionStore(DatabaseSessions):
    """Django's sessions in the database, under a digest and sealed."""

    ended: Ended | None = None

    @classmethod
    def get_model_class(cls) -> Any:
        from kalkan.access.models import Session

        return Session

    def save(self, must_create: bool = False) -> None:
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        if SESSION_KEY in data:
            now = timezone.now().timestamp()
            for name, value in ((BEGUN, now), (SEEN, now), (REFERENCE, uuid4().hex)):
                data.setdefault(name, value)
        super().save(must_create)

    def cycle_key(self) -> None:
        """Another cookie, and another reference: the row of the old one stands until the new one does."""
        self._session.pop(REFERENCE, None)  # type: ignore[attr-defined]
        super().cycle_key()

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        key = self._get_or_create_session_key()  # type: ignore[attr-defined]
        row: Any = self.model(session_key=digest(key), session_data=self.encode(data))
        if SESSION_KEY not in data:
            row.expire_date = timezone.now() + BEFORE_SIGN_IN
            return row
        row.user_id = int(data[SESSION_KEY])
        row.reference = UUID(data[REFERENCE])
        row.begun_at, row.seen_at = _moment(data[BEGUN]), _moment(max(data[BEGUN], data[SEEN]))
        row.browser, row.second_factor = data.get(BROWSER, ""), data.get(FACTOR, "")
        row.expire_date = min(row.begun_at + ABSOLUTE, row.seen_at + IDLE)
        return row

    def _get_session_from_db(self) -> Any:
        row: Any = self.model.objects.filter(pk=digest(self.session_key or "")).first()
        if row is not None and row.expire_date > timezone.now():
            return row
        if row is not None:
            if row.user_id is not None:
                is_long = timezone.now() >= row.begun_at + ABSOLUTE
                self.ended = Ended(row.user_id, row.reference, "length" if is_long else "rest")
            row.delete()
        self._session_key = None
        return None

    def exists(self, session_key: str) -> bool:
        return super().exists(digest(session_key))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.filter(pk=digest(key)).delete()

    def encode(self, session_dict: dict[str, Any]) -> str:
        plain = json.dumps(session_dict, separators=(",", ":")).encode()
        return b64encode(encrypt(account_cipher("session"), plain, self._bound())).decode()

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        try:
            return json.loads(decrypt(account_cipher("session"), b64decode(session_data), self._bound()))
        except (InvalidTag, ValueError):
            logging.getLogger("django.security.SuspiciousSession").warning("A session was not sealed with our key")
            return {}

    def _bound(self) -> bytes:
        return (self.session_key or "").encode()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
