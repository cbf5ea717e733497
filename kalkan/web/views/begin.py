"""Starting a screening: look for the person first, then open the case, then screen."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from kalkan.access.policy import require
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission


def begin(request: SignedInRequest) -> HttpResponse:
    """The way in: without a person to the search, with the person that was found or recorded to the new case."""
    require(request.user, Permission.CASES_SCREEN)
    person = request.GET.get("person")
    if person is None:
        return redirect(f"{reverse('persons:search')}?{urlencode({'next': request.path})}")
    try:
        return redirect("cases:open", person=UUID(person))
    except ValueError as unreadable:
        raise Http404("No person here") from unreadable
