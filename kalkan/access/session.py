"""Who acts on the database: the settings from which row-level security, the second wall, knows whose rows exist.

Held in a context variable and told to every connection of this process, also to one that opens later. Where nobody
acts the runtime role sees no protected row, so that a forgotten call shows nothing rather than everything.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import TransactionStatus

from kalkan.access.models import User
from kalkan.access.roles import Scope
from kalkan.access.runtime_role import RUNTIME_ROLE
from kalkan.audit.models import Channel
from kalkan.audit.services import acting_through


class Task(StrEnum):
    """Work that has to read beyond the reach of whoever asked. Each table's policy names the tasks it admits."""

    MATCHING = "matching"
    """Compare a new person with everybody, whoever may see them; tells references to the centre only."""
    HANDING_ON = "handing_on"
    """Put a person whom one sees into the hands of another institution, whose rows one does not see."""
    FIGURES = "figures"
    """Count cases for a figure. Never opens the vault."""
    OVERSIGHT = "oversight"
    """Count open and overdue cases of all provinces, without names."""
    IMPORT = "import"
    """Write the records of another collection, and recognise those that came before."""
    ERASURE = "erasure"
    """Find whose term has ended, and remove a person from every room."""
    EMERGENCY = "emergency"
    """Find the one record that an exact number names, count the misses, and tell who must know."""
    CHECKING = "checking"
    """Say which records are a person's and who read them: references and counts, for those who check reading."""
    HAND_OVER = "hand_over"
    """Count the open cases in an officer's hands and put them into a colleague's; tells counts only."""
    SEALING = "sealing"
    """Read every event as it is sealed, and keep the seal."""
    QUEUE = "queue"
    """Put work into the queue, and look whether somebody works on it."""
    RECEIVING = "receiving"
    """Open the package of a referral for the institution that received it."""
    GATE = "gate"
    """Ask of one person whether a removal may go on, whoever may see them; tells reasons, never a record."""
    CLOCK = "clock"
    """Go over every promise once a day: who must be reminded, what has run out."""
    COMMAND = "command"
    """What an operator of the server does on the command line."""


@dataclass(frozen=True)
class _Identity:
    """The session settings, `kalkan.` before each name. All empty: nobody."""

    reach: str = ""
    user: str = ""
    institution: str = ""
    province: str = ""
    permissions: str = ""
    task: str = ""


_NOBODY = _Identity()
# None where nobody was ever said to act: set-up and migrations work as the owner of the tables.
_identity: ContextVar[_Identity | None] = ContextVar("database_identity", default=None)


@contextmanager
def acting(channel: Channel, by: User | None) -> Iterator[None]:
    """Inside, the database shows what `by` may see, or nothing where nobody is signed in; events carry `channel`."""
    with acting_through(channel), _as(_NOBODY if by is None else _identity_of(by)):
        yield


@contextmanager
def beyond_reach(task: Task) -> Iterator[None]:
    """Inside, the tables that admit `task` show all their rows, whoever acts."""
    identity = _identity.get()
    if identity is None:  # the owner's own work, which no policy holds back
        yield
        return
    with _as(replace(identity, task=str(task))):
        yield


def throughout(channel: Channel, by: User | None, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """`chunks` of an answer that is still being written when the request's own context has ended."""
    with acting(channel, by):
        yield from chunks


def tell(connection: BaseDatabaseWrapper) -> None:
    """Tell an open connection who acts now, or that nobody does any more."""
    if connection.connection.info.transaction_status == TransactionStatus.INERROR:
        return  # it hears nothing before the rollback, which brings back what it was told before
    try:
        _say(connection)
    except OperationalError:
        if connection.in_atomic_block:
            raise
        connection.close()  # the server went away: whoever asks next opens another connection, which is told anew


def tell_opened(connection: BaseDatabaseWrapper, **_signal: object) -> None:
    """A connection that opens while somebody acts hears so at once.

    Raises OperationalError where the server went away meanwhile: whoever is opening it may not go on with it.
    """
    if _identity.get() is not None:
        _say(connection)


def _say(connection: BaseDatabaseWrapper) -> None:
    identity = _identity.get()
    role = connection.settings_dict["OPTIONS"].get("assume_role", "none") if identity is None else RUNTIME_ROLE
    told = {"role": role, **{f"kalkan.{name}": value for name, value in asdict(identity or _NOBODY).items()}}
    calls = ", ".join("set_config(%s, %s, false)" for _setting in told)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", [part for setting in told.items() for part in setting])


@contextmanager
def _as(identity: _Identity) -> Iterator[None]:
    token = _identity.set(identity)
    try:
        if connection.connection is not None:
            tell(connection)
        yield
    finally:
        _identity.reset(token)
        if connection.connection is not None:
            tell(connection)


def _identity_of(user: User) -> _Identity:
    scope = user.scope if user.is_active else Scope.NONE
    return _Identity(
        reach=str(scope),
        user=str(user.pk),
        institution=str(user.institution_id),
        province=user.institution.province_id or "" if scope is Scope.PROVINCE else "",
        permissions=f",{','.join(sorted(user.permissions))}," if user.is_active else "",
    )
