"""Keeping the directory: what is offered, made sure of, withdrawn. Each institution its own, the centre all."""

import csv
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kalkan.access import concurrency
from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.policy import Refused
from kalkan.access.roles import Permission, Scope
from kalkan.assistance.models import Service
from kalkan.assistance.policy import directory as policy
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.services.steps import check_codes, check_province

# What would lead to a shelter.
TELLING = ["name_tr", "name_en", "description_tr", "description_en", "province_id", "address", "phone", "email", "web"]

WHY_NOT = {
    "name": _("Give the service a name in Turkish and in English."),
    "place": _("A shelter's service has neither name, place nor contact here: any of them leads to it."),
    "ages": _("The highest age lies below the lowest."),
    "hours": _("Give the days of the week with an hour of opening and a later one of closing, or none of them."),
    "always": _("What is always open has neither days nor hours."),
}


@dataclass(frozen=True)
class Offer:
    """Everything that an institution says of a service. Lists of whom it accepts: empty for everybody."""

    category: str
    name_tr: str = ""
    name_en: str = ""
    description_tr: str = ""
    description_en: str = ""
    province_id: str | None = None
    languages: tuple[str, ...] = ()
    sexes: tuple[str, ...] = ()
    citizenships: tuple[str, ...] = ()
    accessibility: tuple[str, ...] = ()
    age_from: int | None = None
    age_to: int | None = None
    is_always_open: bool = False
    days: tuple[int, ...] = ()
    opens_at: time | None = None
    closes_at: time | None = None
    capacity: int | None = None
    cost: str = "unknown"
    address: str = ""
    phone: str = ""
    email: str = ""
    web: str = ""


@transaction.atomic
def record_service(institution: Institution, offer: Offer, *, by: User, request_key: UUID | None = None) -> Service:
    """Add a service to the directory. Who adds it has just made sure of it."""
    made = concurrency.already_made(Service.objects.filter(institution=institution), request_key)
    if made is not None:
        return made
    policy.require(by, Permission.DIRECTORY_MANAGE)
    if by.scope is not Scope.NATION and institution.pk != by.institution_id:
        raise Refused(Permission.DIRECTORY_MANAGE)
    _check(offer, institution)

    service = Service.objects.create(
        institution=institution,
        verified_on=timezone.localdate(),
        verified_by=by,
        request_key=request_key,
        **_columns(offer),
    )
    record(Event.SERVICE_RECORDED, service, by=by, facts={"category": service.category})
    return service


@transaction.atomic
def change_service(reference: UUID, offer: Offer, *, by: User, version: int) -> Service:
    """Say anew what is offered; that is a verification too."""
    service = policy.kept.fetch(by, lock=True, reference=reference)
    _check(offer, service.institution)
    concurrency.claim(service, version)

    for name, value in _columns(offer).items():
        setattr(service, name, value)
    service.verified_on, service.verified_by, service.changed_at = timezone.localdate(), by, timezone.now()
    service.save()
    record(Event.SERVICE_CHANGED, service, by=by, facts={"category": service.category})
    return service


@transaction.atomic
def verify_service(reference: UUID, *, by: User, version: int) -> Service:
    """Say that what stands there was made sure of today."""
    service = policy.kept.fetch(by, lock=True, reference=reference)
    concurrency.claim(service, version)

    service.verified_on, service.verified_by = timezone.localdate(), by
    service.save(update_fields=["verified_on", "verified_by", "version"])
    record(Event.SERVICE_VERIFIED, service, by=by)
    return service


@transaction.atomic
def offer_service(reference: UUID, *, is_active: bool, by: User, version: int) -> Service:
    """Withdraw a service from the directory, or offer it again. It is never deleted."""
    service = policy.kept.fetch(by, lock=True, reference=reference)
    concurrency.claim(service, version)

    service.is_active, service.changed_at = is_active, timezone.now()
    service.save(update_fields=["is_active", "changed_at", "version"])
    record(Event.SERVICE_OFFERED, service, by=by, facts={"is_active": is_active})
    return service


@transaction.atomic
def load_services(path: Path | None = None, *, today: date | None = None) -> int:
    """Add the invented services of the file whose institution is invented and has none yet; returns how many.

    Column `verified` says how many days before `today` each was verified.
    """
    day = today or timezone.localdate()
    with (path or settings.DATA / "services.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    bare = Institution.objects.filter(is_invented=True, services=None, code__in={row["institution"] for row in rows})
    known = {one.code: one for one in bare}
    new = []
    for row in rows:
        institution = known.get(row["institution"])
        if institution is None:
            continue
        offer = _offer(row)
        _check(offer, institution)
        verified_on = date.fromordinal(day.toordinal() - int(row["verified"]))
        new.append(Service(institution=institution, verified_on=verified_on, is_invented=True, **_columns(offer)))
    Service.objects.bulk_create(new)
    if new:
        record(Event.SERVICES_LOADED, by=None, facts={"added": len(new)})
    return len(new)


def _check(offer: Offer, institution: Institution) -> None:
    """Raises NotPossible with a sentence that says how to mend it."""
    lists = {
        "service_category": (offer.category,),
        "language": offer.languages,
        "sex": offer.sexes,
        "country": offer.citizenships,
        "accessibility": offer.accessibility,
        "service_cost": (offer.cost,),
    }
    for code_list, codes in lists.items():
        check_codes("record_service", code_list, codes)
    check_province("record_service", offer.province_id)
    if institution.kind == InstitutionKind.SHELTER:
        if any(getattr(offer, name) for name in TELLING):
            raise _refusal("place")
    elif not (offer.name_tr and offer.name_en):
        raise _refusal("name")
    if offer.age_from is not None and offer.age_to is not None and offer.age_to < offer.age_from:
        raise _refusal("ages")
    if offer.is_always_open and (offer.opens_at or offer.closes_at or offer.days):
        raise _refusal("always")
    if not _has_whole_hours(offer):
        raise _refusal("hours")


def _has_whole_hours(offer: Offer) -> bool:
    """True for days with hours that follow each other, and for neither."""
    if offer.opens_at is None or offer.closes_at is None:
        return offer.opens_at is None and offer.closes_at is None and not offer.days
    return bool(offer.days) and offer.opens_at < offer.closes_at


def _refusal(why: str) -> NotPossible:
    return NotPossible("record_service", WHY_NOT[why], missing=why)


def _columns(offer: Offer) -> dict[str, object]:
    return {name: sorted(set(value)) if isinstance(value, tuple) else value for name, value in vars(offer).items()}


def _offer(row: dict[str, str]) -> Offer:
    """A line of the file. Several codes of a cell are separated by spaces."""
    hours = row["hours"].split("-") if "-" in row["hours"] else []
    return Offer(
        category=row["category"],
        name_tr=row["name_tr"],
        name_en=row["name_en"],
        description_tr=row["description_tr"],
        description_en=row["description_en"],
        province_id=row["province"] or None,
        languages=tuple(row["languages"].split()),
        sexes=tuple(row["sexes"].split()),
        citizenships=tuple(row["citizenships"].split()),
        accessibility=tuple(row["accessibility"].split()),
        age_from=int(row["age_from"]) if row["age_from"] else None,
        age_to=int(row["age_to"]) if row["age_to"] else None,
        is_always_open=row["hours"] == "always",
        days=tuple(int(day) for day in row["days"]),
        opens_at=time.fromisoformat(hours[0]) if hours else None,
        closes_at=time.fromisoformat(hours[1]) if hours else None,
        capacity=int(row["capacity"]) if row["capacity"] else None,
        cost=row["cost"],
        phone=row["phone"],
        email=row["email"],
        web=row["web"],
    )
