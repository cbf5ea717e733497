"""Pages of persons: search before recording, record, look, reveal, correct, consent, judge."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from kalkan.access.models import User


class SignedInRequest(HttpRequest):
    """A request that has passed the middleware that asks for a sign-in."""

    user: User


def page_to_return_to(request: SignedInRequest) -> str:
    """The page of ours from which somebody came, as `next` says; an address elsewhere is none."""
    url = request.POST.get("next", request.GET.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if is_ours else ""
