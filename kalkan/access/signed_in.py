"""Where an account is signed in, and ending it."""

from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils import timezone

from kalkan.access import browsers, policy, sessions
from kalkan.access.models import Session, User
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import build, record, record_many


def begin(session: SessionBase, *, user_agent: str, factor: str) -> None:
    """Bind a session that was just signed in to its browser, and note how the second factor was proved."""
    session[sessions.BROWSER], session[sessions.FACTOR] = browsers.family(user_agent), factor


def confirm(session: SessionBase, factor: str) -> None:
    """The second factor was set up in this session (or, empty, the last one was removed)."""
    session[sessions.FACTOR] = factor


def is_confirmed(session: SessionBase) -> bool:
    """True if a second factor was proved or set up in this session."""
    return bool(session.get(sessions.FACTOR))


def reference_of(session: SessionBase) -> UUID | None:
    """The reference under which a signed-in session is listed."""
    reference = session.get(sessions.REFERENCE)
    return UUID(reference) if reference and SESSION_KEY in session else None


def live(user: User) -> Any:
    """The sessions of an account that can still be used, the latest click first."""
    return Session.objects.filter(user=user, expire_date__gt=timezone.now())


@transaction.atomic
def end_session(reference: UUID, *, by: User) -> None:
    """End one of one's own sessions: its next request is refused. Raises Http404 where it is not there."""
    session = policy.sessions.fetch(by, lock=True, reference=reference)
    session.delete()
    record(Event.SESSION_ENDED, by, by=by, facts={"session": str(reference), "reason": "owner"})


@transaction.atomic
def end_other_sessions(*, by: User, keep: UUID | None) -> int:
    """End all of one's own sessions but the one in use; returns how many."""
    return end_all(by, reason="owner", by=by, keep=keep)


@transaction.atomic
def end_sessions_of(reference: UUID, *, by: User) -> int:
    """An administrator ends every session of an account; returns how many."""
    user = policy.accounts.fetch(by, reference=reference)
    policy.accounts.require(by, Permission.ACCOUNTS_MANAGE)
    return end_all(user, reason="administrator", by=by)


def end_all(user: User, *, reason: str, by: User | None, keep: UUID | None = None) -> int:
    """End the sessions of an account, in the caller's transaction: after a change of its rights or secrets."""
    ending = Session.objects.filter(user=user)
    if keep is not None:
        ending = ending.exclude(reference=keep)
    references = list(ending.select_for_update().values_list("reference", flat=True))
    Session.objects.filter(reference__in=references).delete()
    record_many(
        [
            build(Event.SESSION_ENDED, user, by=by, facts={"session": str(reference), "reason": reason})
            for reference in references
        ]
    )
    return len(references)
