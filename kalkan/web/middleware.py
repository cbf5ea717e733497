"""What holds for every page: where events come from, what is never cached, and refusals that are remembered."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kalkan.access.policy import Refused
from kalkan.audit.events import Event
from kalkan.audit.models import Channel
from kalkan.audit.services import acting_through, record

Respond = Callable[[HttpRequest], HttpResponse]


class PrivacyMiddleware:
    """Events of one request carry one reference; pages of signed-in users are never stored by a browser or proxy."""

    def __init__(self, respond: Respond):
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting_through(Channel.PAGE):
            response = self.respond(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response


class RefusalMiddleware:
    """A refusal is recorded after the transaction that it ended was rolled back."""

    def __init__(self, respond: Respond):
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, Refused):
            record(Event.REFUSED, by=request.user, facts={"permission": exception.permission.value})
