"""The `kalkan` command: one door for everything that can be run or scripted. Rooms bring their own commands."""

import os
import sys

import typer

from kalkan.config import database, keys

# What brings an installation back finds an empty database, and must neither fill it nor make keys of its own.
BEFORE_ANY_KEY = (["restore"], ["vault"], ["backup-key"])
# What makes, moves or mends whole tables works as their owner; every other command behind row-level security.
AS_OWNER = (["manage"], ["run"], ["prepare"], ["backup"], *BEFORE_ANY_KEY)


def main() -> None:
    """Start the database if need be, set Django up, and hand over to the command named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kalkan.config.settings")
    needs_database = not _needs_no_database(sys.argv[1:])
    server = database.ensure() if needs_database else None
    if needs_database and sys.argv[1:2] not in BEFORE_ANY_KEY:
        keys.make_for_an_empty_database()
    import django

    django.setup()
    from django.db import connections

    from kalkan.access.session import Task, acting, beyond_reach
    from kalkan.audit.models import Channel
    from kalkan.config import run

    try:
        if sys.argv[1:2] in AS_OWNER:
            run.stop_where_locked(sys.argv[1:])
            application()()
            return
        # A command may be the first thing that runs here: import needs tables before `kalkan run` ever made them.
        if needs_database and database.is_empty() and sys.argv[1:2] not in BEFORE_ANY_KEY:
            run.prepare_database()
        if needs_database:
            run.stop_where_locked(sys.argv[1:])
        with acting(Channel.COMMAND, None), beyond_reach(Task.COMMAND):
            application()()
    finally:
        connections.close_all()
        database.stop(server)


def _needs_no_database(asked: list[str]) -> bool:
    """A proof is checked by whoever has it, also where there is no database to be asked."""
    is_proof = any(word == "--proof" or word.startswith("--proof=") for word in asked)
    return asked[:2] == ["audit", "verify"] and is_proof


def application() -> typer.Typer:
    """The command line with the commands of every room. Needs Django to be set up."""
    from kalkan.access import commands as access
    from kalkan.assistance import commands as assistance
    from kalkan.audit import commands as audit
    from kalkan.cases import commands as cases
    from kalkan.config import messages, run
    from kalkan.exchange import commands as exchange
    from kalkan.persons import commands as persons
    from kalkan.statistics import commands as statistics
    from kalkan.vocabulary import commands as vocabulary
    from kalkan.web import commands as web

    door = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    for room in (run, messages, access, audit, vocabulary, persons, cases, assistance, exchange, statistics, web):
        door.add_typer(room.app)
    return door
