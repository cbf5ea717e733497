"""What every answer says to the browser besides itself, and how large a request may be at all."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kalkan.web import errors
from kalkan.web.uploads import most_bytes

Respond = Callable[[HttpRequest], HttpResponse]

# Nothing here needs a camera, a place or a payment; a page that asks for one was tampered with.
_POWERS = (
    *("accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "display-capture", "encrypted-media"),
    *("fullscreen", "geolocation", "gyroscope", "hid", "idle-detection", "interest-cohort", "local-fonts"),
    *("magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "usb"),
    *("web-share", "xr-spatial-tracking"),
)
HEADERS = {
    "Permissions-Policy": ", ".join(f"{power}=()" for power in _POWERS)
    # Passkeys are the one power that sign-in uses.
    + ", publickey-credentials-get=(self), publickey-credentials-create=(self)",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Permitted-Cross-Domain-Policies": "none",
}


class HeadersMiddleware:
    """Outermost but one, so that static files and answers of the middleware below carry the headers too."""

    def __init__(self, respond: Respond):
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        return response


class SizeMiddleware:
    """Refuses what is announced as larger than any form takes, before a byte of it is read."""

    def __init__(self, respond: Respond):
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if not (announced.isascii() and announced.isdigit()):
            return errors.bad_request(request)  # a careful server says so before us
        if len(announced) > 15 or int(announced) > most_bytes():
            return errors.too_large(request)
        return self.respond(request)
