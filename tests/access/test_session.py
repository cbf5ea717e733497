"""Who acts is told to the database, and forgotten when the work ends, however it ends."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from kalkan.access.roles import Role
from kalkan.access.session import RUNTIME_ROLE, Task, acting, beyond_reach, tell, tell_opened, throughout
from kalkan.audit.models import Channel
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NOBODY = ("", "", "", "", "", "")


def _told() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT "
            + ", ".join(
                f"coalesce(current_setting('kalkan.{name}', true), '')"
                for name in ("reach", "user", "institution", "province", "permissions", "task")
            )
        )
        return cursor.fetchone()


def _role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0]


def test_the_database_hears_who_acts_and_that_it_ended() -> None:
    user, before = make_user(Role.IDENTIFICATION_EXPERT), _role()
    with acting(Channel.PAGE, user):
        reach, who, institution, province, permissions, task = _told()
        assert (reach, who, institution, task) == ("province", str(user.pk), str(user.institution_id), "")
        assert province == user.institution.province_id
        assert ",cases:case:view," in permissions
        assert _role() == RUNTIME_ROLE
    assert _told() == NOBODY
    assert _role() == before


def test_a_task_ends_with_its_block_and_leaves_the_reader_as_before() -> None:
    user = make_user(Role.ANALYST)
    with acting(Channel.PAGE, user):
        own = _told()
        with beyond_reach(Task.FIGURES):
            assert _told() == (*own[:-1], "figures")
        assert _told() == own


@pytest.mark.parametrize("broken", ["SELECT 1 / 0", "SELECT nonsense"])
def test_an_error_of_the_database_leaves_nobody_behind(broken: str) -> None:
    user = make_user()
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        acting(Channel.PAGE, user),
        beyond_reach(Task.COMMAND),
        connection.cursor() as cursor,
    ):
        cursor.execute(broken)
    assert _told() == NOBODY


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_opens_later_hears_it_too() -> None:
    user = make_user()
    with acting(Channel.PAGE, user):
        connection.close()
        assert _told()[1] == str(user.pk)
    assert _told() == NOBODY


@pytest.mark.django_db(transaction=True)
def test_an_error_outside_of_a_transaction_leaves_nobody_behind() -> None:
    with pytest.raises(ZeroDivisionError), acting(Channel.PAGE, make_user()):
        raise ZeroDivisionError
    assert _told() == NOBODY


def test_where_nobody_was_ever_said_to_act_a_task_changes_nothing() -> None:
    """Set-up and migrations work as the owner of the tables."""
    before = _role()
    with beyond_reach(Task.FIGURES):
        assert (_told(), _role()) == (NOBODY, before)


def test_an_answer_still_being_written_is_written_for_its_reader() -> None:
    user = make_user()
    chunks = throughout(Channel.PAGE, user, (_told()[1].encode() for _ in range(2)))
    assert list(chunks) == [str(user.pk).encode()] * 2
    assert _told() == NOBODY


@pytest.fixture
def lost() -> Iterator[BaseDatabaseWrapper]:
    """A connection whose server went away and that does not know it yet."""
    lost = connection.copy()
    with lost.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [process])
    yield lost
    lost.close()


def test_a_server_that_goes_away_while_a_connection_opens_is_an_error_of_the_database(
    lost: BaseDatabaseWrapper,
) -> None:
    """Django would go on with a connection closed under its hands, and fail on nothing at all."""
    with acting(Channel.PAGE, None), pytest.raises(OperationalError):
        tell_opened(lost)


def test_a_connection_whose_server_went_away_is_opened_anew_and_told(lost: BaseDatabaseWrapper) -> None:
    with acting(Channel.PAGE, None):
        tell(lost)
        with lost.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == (RUNTIME_ROLE,)
