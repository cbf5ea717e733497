"""Pages of persons: search before recording, record, look, reveal, correct, consent, judge."""

from django.http import HttpRequest

from kalkan.access.models import User


class SignedInRequest(HttpRequest):
    """A request that has passed the middleware that asks for a sign-in."""

    user: User
