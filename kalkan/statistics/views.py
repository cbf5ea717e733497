"""Pages of figures: the nation, one province, the definitions, the frozen years."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.statistics import breakdowns, figures, indicators, policy, selectors, services, tiles
from kalkan.statistics.forms import FilterForm, FreezeForm
from kalkan.statistics.models import OfficialFigure
from kalkan.statistics.selectors import Filters
from kalkan.statistics.tables import Cube
from kalkan.vocabulary.models import Province


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The widest figures that the reader may see."""
    user = _user(request)
    if policy.may_see_nation(user):
        return redirect("statistics:nation")
    policy.require(user, Permission.STATISTICS_PROVINCE)
    if user.institution.province_id:
        return redirect("statistics:province", code=user.institution.province_id)
    return redirect("statistics:provinces")


@require_GET
def nation(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    policy.require(user, Permission.STATISTICS_NATIONAL)
    form = FilterForm(request.GET)
    filters = form.figure_filters()
    record(Event.FIGURE_COUNTED, by=user, facts={"page": "nation", **_facts(form, filters)})
    if selectors.first_year() is None:
        empty = {"is_empty": True, "may_import": policy.has(user, Permission.IMPORT_RUN)}
        return render(request, "statistics/nation.html", {**empty, "series": _series(figures.yearly(filters))})
    context = figures.context(form, filters, ("province",))
    by_province = context["tables"]["province"]
    return render(
        request,
        "statistics/nation.html",
        {
            **context,
            "may_export": policy.has(user, Permission.EXPORT_RUN),
            "series": _series(context["yearly"]),
            "provinces": figures.shown(by_province, form.indicator, filters),
            "map": tiles.tile_map(_visible(user), by_province.counts, query=_query(request)),
        },
    )


@require_GET
def provinces(request: HttpRequest) -> HttpResponse:
    """The provinces whose figures the reader may see, for those who do not see the nation's."""
    user = _user(request)
    policy.require(user, Permission.STATISTICS_PROVINCE)
    return render(request, "statistics/provinces.html", {"provinces": _visible(user)})


@require_GET
def province(request: HttpRequest, code: str) -> HttpResponse:
    user = _user(request)
    policy.require(user, Permission.STATISTICS_PROVINCE)
    place = policy.provinces.fetch(user, code=code)
    form = FilterForm(request.GET, is_of_province=True)
    filters = form.figure_filters(place.code)
    record(Event.FIGURE_COUNTED, by=user, facts={"page": "province", **_facts(form, filters)})
    context = figures.context(form, filters, ("year",))
    overdue = selectors.count(indicators.BY_CODE["overdue"], ("stage",), Filters(province=place.code))
    return render(
        request,
        "statistics/province.html",
        {
            **context,
            "may_export": policy.has(user, Permission.EXPORT_RUN),
            "province": place,
            "by_year": figures.shown(context["tables"]["year"], form.indicator, filters),
            "overdue": figures.shown(overdue, indicators.BY_CODE["overdue"], Filters(province=place.code)),
            "has_overdue": overdue.total > 0,
            "may_see_nation": policy.may_see_nation(user),
        },
    )


@require_GET
def definitions(request: HttpRequest) -> HttpResponse:
    """How each figure is counted, in the reader's language."""
    user = _user(request)
    _require_any(user)
    shown = [
        {"indicator": one, "breakdowns": [breakdowns.BY_CODE[code].name for code in one.breakdowns]}
        for one in indicators.INDICATORS
    ]
    return render(
        request,
        "statistics/definitions.html",
        {
            "definitions": shown,
            "breakdowns": breakdowns.BREAKDOWNS,
            "may_see_nation": policy.may_see_nation(user),
        },
    )


@require_http_methods(["GET", "POST"])
def snapshots(request: HttpRequest) -> HttpResponse:
    """The frozen years with their revisions; who may, freezes a year here."""
    user = _user(request)
    policy.require(user, Permission.STATISTICS_NATIONAL)
    may_freeze = policy.has(user, Permission.SNAPSHOTS_FREEZE)
    form = FreezeForm(request.POST or None)
    if request.method == "POST":
        policy.require(user, Permission.SNAPSHOTS_FREEZE)
        if form.is_valid():
            try:
                done = services.freeze_year(form.cleaned_data["year"], by=user, reason=form.cleaned_data["reason"])
            except services.NotPossible as refusal:
                form.add_error(None, str(refusal))
            else:
                _tell(request, form.cleaned_data["year"], done)
                return redirect("statistics:snapshots")
    return render(
        request,
        "statistics/snapshots.html",
        {"form": form, "may_freeze": may_freeze, "frozen": figures.frozen_years(), "may_see_nation": True},
    )


def _tell(request: HttpRequest, year: int, done: list[services.Freeze]) -> None:
    new = sum(one.is_new for one in done)
    if new:
        messages.success(request, _("%(year)s: %(count)s figures frozen or revised.") % {"year": year, "count": new})
    else:
        messages.info(request, _("%(year)s was frozen before, and nothing has changed since.") % {"year": year})


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  # the middleware lets nobody else through
    return request.user


def _require_any(user: User) -> None:
    if not policy.may_see_nation(user):
        policy.require(user, Permission.STATISTICS_PROVINCE)


def _visible(user: User) -> list[Province]:
    return list(policy.provinces.visible(user).order_by("code"))


def _query(request: HttpRequest) -> str:
    return f"?{request.GET.urlencode()}" if request.GET else ""


def _facts(form: FilterForm, filters: Filters) -> dict[str, Any]:
    return {"indicator": form.indicator.code, **filters.as_data()}


def _series(found: Mapping[str, Cube]) -> list[figures.Figure]:
    interviewed = ("interviewed-preliminary", "interviewed-identification")
    return [
        figures.series(OfficialFigure.Measure.IDENTIFIED, ("identified",), found),
        figures.series(OfficialFigure.Measure.INTERVIEWED, interviewed, found),
    ]
