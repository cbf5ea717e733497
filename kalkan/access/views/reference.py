from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from kalkan.access import policy
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission
from kalkan.vocabulary import selectors
from kalkan.vocabulary.models import CodeList, Dimension, Profile

PER_PAGE = 50
# Lists that have a page of their own.
_PAGES = {
    CodeList.Holds.INDICATORS: "vocabulary:indicators",
    CodeList.Holds.WEIGHTS: "vocabulary:indicators",
    CodeList.Holds.PROVISIONS: "vocabulary:provisions",
    CodeList.Holds.DAYS: "vocabulary:days",
}


@require_safe
def lists(request: SignedInRequest) -> HttpResponse:
    policy.require(request.user, Permission.CODES_VIEW)
    sizes = selectors.sizes()
    rows = [(one, sizes.get(one.code, 0)) for one in selectors.lists()]
    return render(request, "vocabulary/lists.html", {"lists": rows})


@require_safe
def one_list(request: SignedInRequest, code: str) -> HttpResponse:
    policy.require(request.user, Permission.CODES_VIEW)
    code_list = next((one for one in selectors.lists() if one.code == code), None)
    if code_list is None:
        raise Http404("No such list")
    if code_list.holds in _PAGES:
        return redirect(_PAGES[CodeList.Holds(code_list.holds)])
    words = request.GET.get("words", "")[:100]
    page = Paginator(selectors.find(code, words), PER_PAGE).get_page(request.GET.get("page"))
    context = {"code_list": code_list, "page_obj": page, "words": words}
    return render(request, "vocabulary/list.html", context)


@require_safe
def indicators(request: SignedInRequest) -> HttpResponse:
    policy.require(request.user, Permission.CODES_VIEW)
    weights = [selectors.indicator_weights(profile) for profile in Profile.values]
    groups = [
        (
            dimension.label,
            [
                (indicator, [found.get(indicator.code) for found in weights])
                for indicator in selectors.indicators()
                if indicator.dimension == dimension
            ],
        )
        for dimension in Dimension
    ]
    context = {"groups": groups, "profiles": list(Profile)}
    return render(request, "vocabulary/indicators.html", context)


@require_safe
def provisions(request: SignedInRequest) -> HttpResponse:
    policy.require(request.user, Permission.CODES_VIEW)
    return render(request, "vocabulary/provisions.html", {"provisions": selectors.provisions()})


@require_safe
def days(request: SignedInRequest) -> HttpResponse:
    policy.require(request.user, Permission.CODES_VIEW)
    return render(request, "vocabulary/days.html", {"days": selectors.closed_days().values()})
