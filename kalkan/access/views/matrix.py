from django.http import HttpResponse
from django.shortcuts import render

from kalkan.access import policy, selectors
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission, Role


def matrix(request: SignedInRequest) -> HttpResponse:
    policy.require(request.user, Permission.MATRIX_VIEW)
    context = {
        "roles": list(Role),
        "rows": selectors.matrix(),
        "classes": selectors.classes(),
        "seats": selectors.seats(),
    }
    return render(request, "access/matrix.html", context)
