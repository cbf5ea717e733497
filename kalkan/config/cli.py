"""The `kalkan` command: one door for everything that can be run or scripted. Rooms bring their own commands."""

import os
import sys

import typer

from kalkan.config import database


def main() -> None:
    """Start the database if need be, set Django up, and hand over to the command named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kalkan.config.settings")
    server = database.ensure()
    import django

    django.setup()
    from django.db import connections

    from kalkan.access.session import Task, acting, beyond_reach
    from kalkan.audit.models import Channel
    from kalkan.config import run

    try:
        if sys.argv[1:2] in (["manage"], ["run"], ["prepare"]):  # these make and mend the tables, as their owner
            application()()
            return
        # A command may be the first thing that runs here: import needs tables before `kalkan run` ever made them.
        if database.is_empty():
            run.prepare_database()
        with acting(Channel.COMMAND, None), beyond_reach(Task.COMMAND):
            application()()
    finally:
        connections.close_all()
        database.stop(server)


def application() -> typer.Typer:
    """The command line with the commands of every room. Needs Django to be set up."""
    from kalkan.access import commands as access
    from kalkan.cases import commands as cases
    from kalkan.config import messages, run
    from kalkan.exchange import commands as exchange
    from kalkan.persons import commands as persons
    from kalkan.statistics import commands as statistics
    from kalkan.vocabulary import commands as vocabulary
    from kalkan.web import commands as web

    door = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    for room in (run, messages, access, vocabulary, persons, cases, exchange, statistics, web):
        door.add_typer(room.app)
    return door
