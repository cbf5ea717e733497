"""The directory never tells where a shelter is."""

from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from kalkan.access.models import Institution, InstitutionKind
from kalkan.access.roles import Role
from kalkan.assistance.models import Service
from kalkan.assistance.services.directory import Offer, record_service
from kalkan.cases.lifecycle import NotPossible
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelter() -> Institution:
    return make_institution(
        InstitutionKind.SHELTER, "TR-35", code="shelter-x", name_tr="Gizliköy Evi", name_en="Hiddenville House"
    )


@pytest.mark.parametrize(
    "telling",
    [
        {"name_tr": "Gizliköy"}, {"name_en": "Hiddenville"}, {"province_id": "TR-35"}, {"phone": "+90 232 000"},
        {"email": "ev@kalkan.invalid"}, {"web": "https://ev.kalkan.invalid"}, {"address": "Gizliköy 1"},
        {"description_tr": "Gizliköy"}, {"description_en": "Hiddenville"},
    ],
    ids=lambda telling: next(iter(telling)),
)  # fmt: skip
def test_nothing_that_leads_to_a_shelter_can_be_written(shelter: Institution, telling: dict[str, str]) -> None:
    silent = Offer(category="shelter", is_always_open=True)
    service = record_service(shelter, silent, by=make_user(Role.SHELTER_STAFF, shelter))
    with pytest.raises(NotPossible) as refused:
        record_service(shelter, replace(silent, **telling), by=make_user(Role.SHELTER_STAFF, shelter))
    assert refused.value.missing == "place"
    with pytest.raises(DatabaseError, match="service_of_a_shelter_tells_no_place"), transaction.atomic():
        Service.objects.filter(pk=service.pk).update(**telling)


@pytest.mark.parametrize("role", [Role.CENTRAL_UNIT, Role.FRONTLINE_OFFICER, Role.PARTNER, Role.ANALYST])
def test_no_page_tells_where_a_shelter_is(role: Role, shelter: Institution) -> None:
    record_service(shelter, Offer(category="shelter"), by=make_user(Role.SHELTER_STAFF, shelter))
    kind = {
        Role.CENTRAL_UNIT: InstitutionKind.MIGRATION_CENTRE, Role.ANALYST: InstitutionKind.MINISTRY,
        Role.PARTNER: InstitutionKind.NGO, Role.FRONTLINE_OFFICER: InstitutionKind.POLICE,
    }[role]  # fmt: skip
    client = Client()
    client.force_login(make_user(role, make_institution(kind, None)))
    search_page = client.get(reverse("assistance:directory"), {"category": "shelter"}).content.decode()
    own_page = client.get(reverse("assistance:service", args=[Service.objects.get().reference])).content.decode()
    for page in (search_page, own_page):
        assert "shelter-x" in page
        assert "Gizliköy" not in page
        assert "Hiddenville" not in page
    assert "İzmir" not in own_page


def test_whoever_may_know_the_place_is_told(shelter: Institution) -> None:
    staff = make_user(Role.SHELTER_STAFF, shelter)
    service = record_service(shelter, Offer(category="shelter"), by=staff)
    client = Client()
    client.force_login(staff)
    assert "Gizliköy Evi" in client.get(reverse("assistance:service", args=[service.reference])).content.decode()


def test_a_shelter_is_asked_for_nothing_that_leads_to_it(shelter: Institution) -> None:
    client = Client()
    client.force_login(make_user(Role.SHELTER_STAFF, shelter))
    page = client.get(reverse("assistance:add_service")).content.decode()
    assert 'name="category"' in page
    assert not any(f'name="{name}"' in page for name in ("name_tr", "province_id", "phone", "address"))
