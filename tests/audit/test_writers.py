"""Whoever writes beside a seal is neither missed nor kept waiting."""

import threading
from collections.abc import Callable

import psycopg
import pytest
from django.db import connection, transaction

from kalkan.audit import sealing
from kalkan.audit.events import Event
from kalkan.audit.models import Batch
from kalkan.audit.services import record
from tests.audit.tampering import TABLE, check

# --- commits out of order ----------------------------------------------------------------------------------------

INSERT = (
    f"INSERT INTO {TABLE} (reference, at, action, subjects, facts, channel) "
    "VALUES (gen_random_uuid(), now(), 'persons:person:view', '{}', '{}', 'page') RETURNING id"
)


@pytest.fixture
def writers(transactional_db: None) -> object:
    made: list[psycopg.Connection] = []

    def connect() -> psycopg.Connection:
        values = connection.get_connection_params()
        told = {name: values[name] for name in ("dbname", "host", "port", "user", "password") if name in values}
        made.append(psycopg.connect(**told))
        return made[-1]

    yield connect
    for one in made:
        one.close()


def test_a_lower_number_that_commits_later_is_not_missed(writers: Callable[[], psycopg.Connection]) -> None:
    slow, quick = writers(), writers()
    (lower,) = slow.execute(INSERT).fetchone() or ()
    (higher,) = quick.execute(INSERT).fetchone() or ()
    quick.commit()
    assert lower < higher

    assert sealing.seal(patience=0.2) == []  # the higher one alone is not sealed
    slow.commit()
    heads = sealing.seal(patience=0.2)

    assert [head.last for head in heads] == [higher]
    sealed = {one.id for batch in Batch.objects.all() for one in sealing.unpacked(bytes(batch.entries))}
    assert {lower, higher} <= sealed
    assert check().is_whole


def test_a_number_that_is_never_committed_holds_nothing_up(writers: Callable[[], psycopg.Connection]) -> None:
    failing, quick = writers(), writers()
    failing.execute(INSERT)
    (higher,) = quick.execute(INSERT).fetchone() or ()
    quick.commit()
    failing.rollback()

    assert sealing.seal(patience=0.2)[-1].last == higher


def test_sealing_waits_for_the_writers_of_before_and_not_for_those_of_after(
    writers: Callable[[], psycopg.Connection],
) -> None:
    """New writers keep coming while the seal waits for the old one: it is done as soon as the old one is."""
    old, new = writers(), writers()
    (lower,) = old.execute(INSERT).fetchone() or ()
    quick = writers()
    (middle,) = quick.execute(INSERT).fetchone() or ()
    quick.commit()
    done = threading.Timer(0.3, old.commit)
    later = threading.Timer(0.15, lambda: new.execute(INSERT))
    done.start(), later.start()
    heads = sealing.seal(patience=10)
    done.join(), later.join()
    new.rollback()

    assert heads[-1].last == middle > lower


def test_writers_are_not_kept_waiting_by_a_seal(writers: Callable[[], psycopg.Connection]) -> None:
    record(Event.PERSON_VIEWED, by=None)
    with transaction.atomic():
        assert sealing.seal()
        writer = writers()
        writer.execute("SET lock_timeout = '200ms'")
        writer.execute(INSERT)
        writer.commit()
