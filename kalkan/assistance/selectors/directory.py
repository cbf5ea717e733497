"""Finding a service by what the person needs, the nearest first, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, CharField, F, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from kalkan.access.models import InstitutionKind, User
from kalkan.assistance.models import Service
from kalkan.assistance.policy import directory as policy
from kalkan.assistance.selectors.distance import from_province
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary

VERIFICATION = "service_verification"  # the provision that says how long a verification lasts
_WHOLE_COUNTRY = ""
_WITH = ("institution__place__province", "province")  # the place of a shelter for those who may know it


@dataclass(frozen=True)
class Wanted:
    """What is looked for. What is left out does not matter; a service that names nobody accepts everybody."""

    category: str = ""
    province: str = ""
    language: str = ""
    sex: str = ""
    age: int | None = None
    citizenship: str = ""
    accessibility: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """One service as the directory shows it. `kilometres` is null where distance says nothing."""

    service: Service
    kilometres: float | None
    unverified_since: date | None


class _Place(Func):
    """Where a value stands in an array, from 1; null where it does not."""

    function = "array_position"
    output_field = IntegerField()


def search(user: User, wanted: Wanted) -> QuerySet[Service]:
    """The services offered now that fit, the nearest first; after those of the province the ones of the whole country.

    A shelter's service has no place to be near: it follows at the end.
    """
    rows = policy.services.visible(user).filter(is_active=True, institution__is_active=True)
    if wanted.category:
        rows = rows.filter(category=wanted.category)
    if wanted.language:
        rows = rows.filter(languages__contains=[wanted.language])
    if wanted.accessibility:
        rows = rows.filter(accessibility__contains=list(wanted.accessibility))
    if wanted.sex:
        rows = rows.filter(Q(sexes=[]) | Q(sexes__contains=[wanted.sex]))
    if wanted.citizenship:
        rows = rows.filter(Q(citizenships=[]) | Q(citizenships__contains=[wanted.citizenship]))
    if wanted.age is not None:
        rows = rows.filter(Q(age_from=None) | Q(age_from__lte=wanted.age))
        rows = rows.filter(Q(age_to=None) | Q(age_to__gte=wanted.age))
    rows = rows.select_related(*_WITH)
    near = list(from_province(wanted.province))
    if near:
        order = Value([near[0], _WHOLE_COUNTRY, *near[1:]], output_field=ArrayField(CharField()))
        return rows.order_by(_nearest(order).asc(nulls_last=True), "institution__name_tr", "id")
    return rows.order_by("institution__name_tr", "id")


def found(services: list[Service], province: str) -> list[Found]:
    """The services of one page, with distance and the day since which nobody verified them."""
    near = from_province(province)
    return [Found(service, near.get(service.province_id or ""), unverified_since(service)) for service in services]


def unverified_since(service: Service, *, on: date | None = None) -> date | None:
    """The last day on which what the directory says was made sure of, if its term has passed; else None."""
    day = on or timezone.localdate()
    try:
        provision = vocabulary.provision(VERIFICATION, on=day)
    except vocabulary.NoProvision:  # no such term: what was verified once stands
        return None
    return service.verified_on if calendar.due_on(provision, service.verified_on) < day else None


def kept(user: User) -> QuerySet[Service]:
    """The services that the user keeps up to date: those longest not verified first, the withdrawn ones last."""
    rows = policy.kept.visible(user).select_related(*_WITH)
    return rows.order_by(F("is_active").desc(), "verified_on", "id")


def _nearest(order: Value) -> _Place:
    province = Case(
        When(institution__kind=InstitutionKind.SHELTER, then=Value(None)),
        default=Coalesce("province_id", Value(_WHOLE_COUNTRY)),
        output_field=CharField(),
    )
    return _Place(order, province)
