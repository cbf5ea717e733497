"""What holds for every page: its language, where events come from, what is never cached, refusals remembered."""

from collections.abc import Callable

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import translation

from kalkan.access import session
from kalkan.access.concurrency import Changed
from kalkan.access.policy import Refused
from kalkan.audit.events import Event
from kalkan.audit.models import Channel
from kalkan.audit.services import record
from kalkan.cases.lifecycle import NotPossible
from kalkan.web import errors

Respond = Callable[[HttpRequest], HttpResponse]


class LanguageMiddleware:
    """The account's language; before sign-in the browser's last choice; Turkish otherwise.

    What the browser itself prefers does not count: an office computer set to English is still read in Turkish.
    """

    def __init__(self, respond: Respond):
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = dict(settings.LANGUAGES)
        cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        chosen = request.user.language if request.user.is_authenticated else cookie
        language = chosen if chosen in known else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.respond(request)
        response.setdefault("Content-Language", language)
        return response


class PrivacyMiddleware:
    """The database shows what the signed-in user may see, and nothing after; events of one request carry one
    reference; no page is ever stored by a browser or a proxy, and a browser that signs out clears what it kept."""

    def __init__(self, respond: Respond):
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        by = request.user if request.user.is_authenticated else None
        with session.acting(Channel.PAGE, by):
            response = self.respond(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            response.streaming_content = session.throughout(Channel.PAGE, by, response.streaming_content)
        if by is not None and not request.user.is_authenticated:
            response["Clear-Site-Data"] = '"cache", "storage"'  # not cookies: language and theme stay
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store"
        return response


class RefusalMiddleware:
    """What escapes a view becomes a page; a refusal is recorded after the transaction was rolled back."""

    def __init__(self, respond: Respond):
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match exception:
            case Refused():
                by = request.user if request.user.is_authenticated else None
                record(Event.REFUSED, by=by, facts={"permission": exception.permission.value})
            case NotPossible():
                return errors.not_possible(request, str(exception.message))
            case Changed():
                return errors.changed(request)
        return None
