"""The directory as others read it: Human Services Data Specification 3 (Open Referral), JSON.

The shape is that of the specification's list of services, each with its organization, locations, schedules and the
rest inside it. Shelters are not in it at all: who asks for the list has no reason to know that they exist.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

from django.utils.translation import override

from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.assistance.models import Service
from kalkan.assistance.policy import directory as policy
from kalkan.vocabulary import selectors as vocabulary

VERSION = "3.1"
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_OFFSET = "+03:00"  # the country keeps one time all year
_TAXONOMY = UUID("6f8f5a0e-3f0b-5f3c-9a61-3a1d5f7b9b10")  # of our categories, so that a term keeps its identifier


def document(user: User | None) -> dict[str, Any]:
    """What may be published of the services offered now; `user` is None for an operator of the server.

    In Turkish, with the English names beside. Two queries.
    """
    rows = Service.objects.all() if user is None else policy.services.visible(user)
    rows = rows.filter(is_active=True, institution__is_active=True).exclude(institution__kind=InstitutionKind.SHELTER)
    with override("tr"):
        contents = [_service(row) for row in rows.select_related("institution", "province").order_by("id")]
    return {
        "version": VERSION,
        "total_items": len(contents),
        "total_pages": 1,
        "page_number": 1,
        "size": len(contents),
        "first_page": True,
        "last_page": True,
        "empty": not contents,
        "contents": contents,
    }


def _service(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": str(service.reference),
        "name": service.name_tr,
        "alternate_name": service.name_en,
        "description": service.description_tr or service.name_tr,
        "status": "active",
        "fees_description": vocabulary.label("service_cost", service.cost),
        "eligibility_description": _eligibility(service),
        "assured_date": f"{service.verified_on:%Y-%m-%d}",
        "last_modified": service.changed_at.isoformat(timespec="milliseconds"),
        "organization": _organization(service.institution),
        "service_areas": [_area(service)],
        "languages": [
            {"id": _id(service, f"language-{code}"), "code": code, "name": vocabulary.label("language", code)}
            for code in service.languages
        ],
        "cost_options": [_cost(service)],
        "schedules": list(_schedules(service)),
        "phones": list(_phones(service, "phone")),
        "contacts": list(_contacts(service)),
        "service_at_locations": list(_places(service)),
        "attributes": [_category(service)],
    }
    optional = {
        "url": service.web,
        "email": service.email,
        "minimum_age": service.age_from,
        "maximum_age": service.age_to,
    }
    return found | {name: value for name, value in optional.items() if value not in (None, "")}


def _organization(institution: Institution) -> dict[str, Any]:
    return {
        "id": str(institution.reference),
        "name": institution.name_tr,
        "alternate_name": institution.name_en,
        "description": str(InstitutionKind(institution.kind).label),
    }


def _eligibility(service: Service) -> str:
    """Whom it accepts, in words; empty lists accept everybody."""
    accepted = [*vocabulary.labels("sex", service.sexes), *vocabulary.labels("country", service.citizenships)]
    return ", ".join(accepted)


def _area(service: Service) -> dict[str, Any]:
    name = service.province.name if service.province else vocabulary.label("country", "TR")
    return {"id": _id(service, "area"), "name": name}


def _cost(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": _id(service, "cost"),
        "option": vocabulary.label("service_cost", service.cost),
        "currency": "TRY",
    }
    return found | ({"amount": 0} if service.cost == "free" else {})


def _schedules(service: Service) -> Iterator[dict[str, Any]]:
    days: tuple[str, ...]
    if service.is_always_open:
        days, opens, closes = _DAYS, "00:00", "23:59"
    elif service.opens_at and service.closes_at:
        days = tuple(_DAYS[day - 1] for day in service.days)
        opens, closes = f"{service.opens_at:%H:%M}", f"{service.closes_at:%H:%M}"
    else:
        return
    yield {
        "id": _id(service, "schedule"),
        "freq": "WEEKLY",
        "wkst": "MO",
        "byday": ",".join(days),
        "timezone": 3,
        "opens_at": opens + _OFFSET,
        "closes_at": closes + _OFFSET,
    }


def _phones(service: Service, part: str) -> Iterator[dict[str, Any]]:
    if service.phone:
        yield {"id": _id(service, part), "number": service.phone, "type": "voice"}


def _contacts(service: Service) -> Iterator[dict[str, Any]]:
    """The institution's own, never a person's."""
    if service.phone or service.email:
        found = {"id": _id(service, "contact"), "name": service.institution.name_tr}
        email = {"email": service.email} if service.email else {}
        yield found | email | {"phones": list(_phones(service, "contact-phone"))}


def _places(service: Service) -> Iterator[dict[str, Any]]:
    if service.province is None:
        return
    location: dict[str, Any] = {
        "id": _id(service, "location"),
        "location_type": "physical",
        "name": f"{service.institution.name_tr}, {service.province.name}",
        "accessibility": [
            {"id": _id(service, f"accessibility-{code}"), "description": vocabulary.label("accessibility", code)}
            for code in service.accessibility
        ],
    }
    if service.address:
        location["addresses"] = [
            {
                "id": _id(service, "address"),
                "address_1": service.address,
                "city": service.province.name,
                "state_province": service.province.name,
                "postal_code": "",
                "country": "TR",
                "address_type": "physical",
            }
        ]
    yield {"id": _id(service, "service-at-location"), "location": location}


def _category(service: Service) -> dict[str, Any]:
    name = vocabulary.label("service_category", service.category)
    term = {
        "id": str(uuid5(_TAXONOMY, service.category)),
        "code": service.category,
        "name": name,
        "description": name,
        "taxonomy": "Kalkan service_category",
    }
    return {
        "id": _id(service, "category"),
        "link_id": str(service.reference),
        "link_entity": "service",
        "link_type": "service_category",
        "value": service.category,
        "taxonomy_term": term,
    }


def _id(service: Service, part: str) -> str:
    """The identifier of a part of the service: the same in every export."""
    return str(uuid5(service.reference, part))
