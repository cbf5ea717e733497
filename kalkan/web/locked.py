"""A server whose key files are gone, or are not the ones of its database: it says so and serves nothing.

Going on would answer every search with nobody and seal new persons under a key that opens nothing else.
"""

from collections.abc import Callable
from functools import lru_cache

from django.db import InterfaceError, OperationalError, ProgrammingError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from kalkan.persons import keyring

HEALTH = "/health/"


class LockedMiddleware:
    """Answers everything with one calm sentence while the installation is locked."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]):
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            found = trouble()
        except (OperationalError, InterfaceError):
            if request.path != HEALTH:
                raise
            found = None  # the database is away, which the health address itself says
        if found is None:
            return self.respond(request)
        response: HttpResponse
        if request.path == HEALTH:
            response = JsonResponse({"status": "locked", "code": found.code, "key": found.name}, status=503)
        else:
            # Which file it is says the health address and the command line: not everybody who opens a page.
            response = HttpResponse(render_to_string("errors/locked.html"), status=503)
        response["Cache-Control"] = "no-store"
        return response


@lru_cache(maxsize=1)
def trouble() -> keyring.Trouble | None:
    """What is wrong with the key files, as this process found it when it began. Back again means start again."""
    return look_again()


def look_again() -> keyring.Trouble | None:
    """What is wrong with the key files now; nothing in a database that has no tables yet."""
    try:
        with transaction.atomic():
            return keyring.trouble()
    except ProgrammingError:
        return None
