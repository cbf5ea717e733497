"""Addresses whose views let an exception escape, to see what the middleware makes of it."""

from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest
from django.urls import path

from kalkan.access.concurrency import Changed
from kalkan.access.models import Institution
from kalkan.access.policy import require
from kalkan.access.roles import Permission
from kalkan.cases import lifecycle
from kalkan.config.urls import handler400, handler403, handler404, handler429, handler500  # noqa: F401
from kalkan.config.urls import urlpatterns as real


@transaction.atomic
def refused(request: HttpRequest) -> Any:
    Institution.objects.update(name_en="written before the refusal")
    require(request.user, Permission.IMPORT_RUN)


@transaction.atomic
def impossible(request: HttpRequest) -> Any:
    Institution.objects.update(name_en="written before the move")
    lifecycle.check("recognise", stage="screening", facts={})


def overtaken(request: HttpRequest) -> Any:
    row = Institution.objects.first()
    row.version = 2  # type: ignore[union-attr]
    raise Changed(row)


def away(request: HttpRequest) -> Any:
    raise OperationalError("server closed the connection unexpectedly")


def cut(request: HttpRequest) -> Any:
    raise InterfaceError("connection already closed")


def broken(request: HttpRequest) -> Any:
    raise RuntimeError("a mistake of ours")


urlpatterns = [
    *(path(f"escape/{view.__name__}/", view) for view in (refused, impossible, overtaken, away, cut, broken)),
    *real,
]
