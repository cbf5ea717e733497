"""The `kalkan` command: one door for everything that can be run or scripted. Rooms bring their own commands."""

import os
import sys

from kalkan.config import database


def main() -> None:
    """Start the database if need be, set Django up, and hand over to the command named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kalkan.config.settings")
    server = database.ensure()
    try:
        import django

        django.setup()
        _application()()
    finally:
        database.stop(server)


def _application():
    import typer

    from kalkan.cases import commands as cases
    from kalkan.config import messages, run
    from kalkan.exchange import commands as exchange
    from kalkan.persons import commands as persons
    from kalkan.statistics import commands as statistics
    from kalkan.vocabulary import commands as vocabulary
    from kalkan.web import commands as web

    application = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    for room in (run, messages, vocabulary, persons, cases, exchange, statistics, web):
        application.add_typer(room.app)
    return application


if __name__ == "__main__":
    sys.exit(main())
