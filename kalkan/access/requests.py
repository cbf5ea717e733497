"""What a view gets: login is required by middleware, so the user of a request is always an account."""

from django.http import HttpRequest

from kalkan.access.models import User


class SignedInRequest(HttpRequest):
    """A request whose user has signed in."""

    user: User
