"""The directory of services: found by need, the nearest first, kept by its institutions, silent about shelters."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kalkan.access.concurrency import Changed
from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.access.services import load_institutions
from kalkan.access.session import acting
from kalkan.assistance.models import Service
from kalkan.assistance.selectors.directory import Wanted, kept, search, unverified_since
from kalkan.assistance.selectors.distance import from_province, great_circle
from kalkan.assistance.services.directory import (
    Offer,
    change_service,
    load_services,
    offer_service,
    record_service,
    verify_service,
)
from kalkan.assistance.templatetags.directory import weekdays
from kalkan.audit.models import Channel
from kalkan.cases.lifecycle import NotPossible
from kalkan.vocabulary import selectors as vocabulary
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db
OFFER = Offer(category="health", name_tr="Deneme", name_en="Test", province_id="TR-06", languages=("tr",))


@pytest.fixture
def ngo() -> Institution:
    return make_institution(InstitutionKind.NGO, "TR-06")


@pytest.fixture
def partner(ngo: Institution) -> User:
    return make_user(Role.PARTNER, ngo)


def offered(institution: Institution, **said: Any) -> Service:
    return record_service(institution, replace(OFFER, **said), by=make_user(Role.PARTNER, institution))


def names(user: User, **wanted: Any) -> list[str]:
    return [one.name_tr for one in search(user, Wanted(**wanted))]


# --- how far ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "kilometres"),
    # Airline distances between the cities, from tables of distances: within the rounding of the centres.
    [("TR-34", "TR-06", 350), ("TR-35", "TR-65", 1405), ("TR-01", "TR-55", 484), ("TR-06", "TR-06", 0)],
)
def test_distance_is_that_of_the_air_line(one: str, other: str, kilometres: int) -> None:
    assert from_province(one)[other] == pytest.approx(kilometres, abs=12)


@given(
    st.tuples(*(st.floats(36, 42), st.floats(26, 45)) * 3),
)
def test_distance_is_a_distance(points: tuple[float, ...]) -> None:
    one, two, three = points[:2], points[2:4], points[4:]
    assert great_circle(*one, *one) == 0
    assert great_circle(*one, *two) == pytest.approx(great_circle(*two, *one))
    assert great_circle(*one, *three) <= great_circle(*one, *two) + great_circle(*two, *three) + 1e-6


def test_every_province_has_a_centre_within_the_country_and_neighbours_are_near() -> None:
    for province in vocabulary.provinces():
        assert province.latitude is not None
        assert province.longitude is not None
        assert 35.8 < province.latitude < 42.2
        assert 25.6 < province.longitude < 44.9
        near = from_province(province.code)
        assert len(near) == 81
        assert next(iter(near)) == province.code
        nearest = list(near.values())[1]
        assert 20 < nearest < 170, (province, nearest)


def test_an_unknown_province_is_far_from_nothing() -> None:
    assert from_province("TR-99") == {}


# --- search -------------------------------------------------------------------------------------------------------


def test_the_nearest_come_first_and_after_the_province_those_of_the_whole_country(ngo: Institution) -> None:
    for name, province in (("Van", "TR-65"), ("Bolu", "TR-14"), ("her yer", None), ("Ankara", "TR-06")):
        offered(ngo, name_tr=name, province_id=province)
    user = make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.POLICE, "TR-06"))
    assert names(user, province="TR-06") == ["Ankara", "her yer", "Bolu", "Van"]
    assert names(user, province="TR-65")[:2] == ["Van", "her yer"]


def test_a_service_is_found_by_what_the_person_needs_and_by_no_other(ngo: Institution, partner: User) -> None:
    offered(ngo, name_tr="herkes")
    offered(
        ngo, name_tr="kızlar", sexes=("female",), age_from=12, age_to=17, languages=("tr", "ar"),
        citizenships=("SY",), accessibility=("wheelchair", "step_free"),
    )  # fmt: skip
    offered(ngo, name_tr="hukuk", category="legal_aid")
    assert set(names(partner, category="health")) == {"herkes", "kızlar"}
    assert names(partner, language="ar") == ["kızlar"]
    assert names(partner, accessibility=("wheelchair",)) == ["kızlar"]
    assert names(partner, accessibility=("wheelchair", "braille")) == []
    for wanted, fits in (
        ({"sex": "female"}, True), ({"sex": "male"}, False), ({"age": 12}, True), ({"age": 17}, True),
        ({"age": 18}, False), ({"age": 11}, False), ({"citizenship": "SY"}, True), ({"citizenship": "UZ"}, False),
    ):  # fmt: skip
        found = names(partner, category="health", **wanted)
        assert "herkes" in found
        assert ("kızlar" in found) is fits, wanted


def test_what_is_withdrawn_or_of_a_closed_institution_is_not_found(ngo: Institution, partner: User) -> None:
    service = offered(ngo)
    offer_service(service.reference, is_active=False, by=partner, version=1)
    assert names(partner) == []
    assert [one.pk for one in kept(partner)] == [service.pk]
    offer_service(service.reference, is_active=True, by=partner, version=2)
    assert names(partner) == ["Deneme"]
    ngo.is_active = False
    ngo.save()
    assert names(partner) == []


def _asked(user: User, address: str) -> int:
    client = Client()
    client.force_login(user)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("page", ["directory", "own_services"])
def test_a_page_asks_as_much_at_one_service_as_at_twenty(page: str, ngo: Institution, partner: User) -> None:
    address = reverse(f"assistance:{page}")
    offered(ngo)
    _asked(partner, address)  # the first visit of a session writes it
    few = _asked(partner, address)
    for number in range(20):
        offered(ngo if page == "own_services" else make_institution(InstitutionKind.NGO, "TR-35"), name_tr=str(number))
    assert _asked(partner, address) == few


def test_the_search_asks_as_much_for_whoever_may_know_where_shelters_are(ngo: Institution) -> None:
    officer = make_user(Role.PROTECTION_OFFICER, make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-06"))
    address = reverse("assistance:directory")
    counts = []
    for number in (1, 10):
        for _shelter in range(number):
            shelter = make_institution(InstitutionKind.SHELTER, "TR-06")
            record_service(shelter, Offer(category="shelter"), by=make_user(Role.SHELTER_STAFF, shelter))
        _asked(officer, address)
        counts.append(_asked(officer, address))
    assert counts[0] == counts[1]


# --- keeping ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "missing"),
    [
        ({"name_en": ""}, "name"),
        ({"age_from": 18, "age_to": 12}, "ages"),
        ({"opens_at": time(9)}, "hours"),
        ({"opens_at": time(17), "closes_at": time(9), "days": (1,)}, "hours"),
        ({"opens_at": time(9), "closes_at": time(17)}, "hours"),
        ({"is_always_open": True, "days": (1,)}, "always"),
        ({"category": "no_such"}, "service_category"),
        ({"languages": ("xx-no",)}, "language"),
        ({"province_id": "TR-99"}, "province"),
    ],
)
def test_what_cannot_be_offered_says_why(ngo: Institution, partner: User, wrong: dict[str, Any], missing: str) -> None:
    with pytest.raises(NotPossible) as refused:
        record_service(ngo, replace(OFFER, **wrong), by=partner)
    assert refused.value.missing == missing
    assert not Service.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"age_from": 18, "age_to": 12}, "service_accepts_some_age"),
        ({"opens_at": time(17), "closes_at": time(9), "days": [1]}, "service_opens_before_it_closes"),
        ({"is_always_open": True, "days": [1]}, "service_opens_before_it_closes"),
        ({"opens_at": time(9), "closes_at": time(10), "days": [8]}, "days_of_a_service_are_of_the_week"),
        ({"name_en": ""}, "service_has_a_name"),
    ],
)
def test_the_database_refuses_it_too(ngo: Institution, wrong: dict[str, Any], rule: str) -> None:
    service = offered(ngo)
    with pytest.raises(DatabaseError, match=rule), transaction.atomic():
        Service.objects.filter(pk=service.pk).update(**wrong)


def test_an_institution_keeps_its_own_services_and_the_centre_all(ngo: Institution) -> None:
    service = offered(ngo)
    stranger = make_user(Role.PARTNER, make_institution(InstitutionKind.NGO, "TR-06"))
    with pytest.raises(Http404):
        verify_service(service.reference, by=stranger, version=1)
    with pytest.raises(Refused):
        record_service(ngo, OFFER, by=stranger)
    with pytest.raises(Refused):
        record_service(ngo, OFFER, by=make_user(Role.FRONTLINE_OFFICER, ngo))
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    with acting(Channel.PAGE, stranger):
        assert Service.objects.count() == 1  # everybody sees the directory
        assert Service.objects.update(cost="fee") == 0  # and bare SQL changes one's own only
    with acting(Channel.PAGE, centre):
        assert change_service(service.reference, replace(OFFER, cost="fee"), by=centre, version=1).cost == "fee"


def test_the_same_form_sent_twice_offers_one_service(ngo: Institution, partner: User) -> None:
    key = uuid4()
    first, again = (record_service(ngo, OFFER, by=partner, request_key=key) for _time in range(2))
    assert first == again


def test_two_officers_on_one_service_do_not_overwrite_each_other(ngo: Institution, partner: User) -> None:
    service = offered(ngo)
    change_service(service.reference, replace(OFFER, cost="fee"), by=partner, version=1)
    with pytest.raises(Changed):
        change_service(service.reference, OFFER, by=partner, version=1)


@pytest.mark.parametrize(
    ("verified", "today", "is_late"),
    [
        (date(2026, 1, 15), date(2026, 7, 15), False),
        (date(2026, 1, 15), date(2026, 7, 16), True),
        (date(2025, 8, 31), date(2026, 2, 28), False),  # the last day of a shorter month
        (date(2025, 8, 31), date(2026, 3, 1), True),
        (date(2023, 8, 31), date(2024, 2, 29), False),  # a leap year
    ],
)
def test_what_nobody_verified_for_six_months_is_marked(
    ngo: Institution, verified: date, today: date, is_late: bool
) -> None:
    service = Service(institution=ngo, verified_on=verified)
    assert unverified_since(service, on=today) == (verified if is_late else None)


def test_a_late_service_is_marked_until_its_institution_verifies_it(ngo: Institution, partner: User) -> None:
    service = offered(ngo)
    long_ago = timezone.localdate() - timedelta(days=200)
    Service.objects.update(verified_on=long_ago)
    client = Client()
    client.force_login(partner)
    address = reverse("assistance:service", args=[service.reference])
    assert "badge-warn" in client.get(reverse("assistance:directory")).content.decode()
    assert "badge-warn" in client.get(reverse("assistance:own_services")).content.decode()
    client.post(reverse("assistance:verify_service", args=[service.reference]), {"version": "1"})
    for page in ("directory", "own_services"):
        assert "badge-warn" not in client.get(reverse(f"assistance:{page}")).content.decode()
    client.post(reverse("assistance:withdraw_service", args=[service.reference]), {"version": "1"})
    service.refresh_from_db()
    assert service.is_active, "a stale button does nothing"
    client.post(reverse("assistance:withdraw_service", args=[service.reference]), {"version": "2"})
    service.refresh_from_db()
    assert not service.is_active
    assert client.get(address).status_code == 200
    client.force_login(make_user(Role.PARTNER))
    assert client.get(address).status_code == 404


def _typed(**said: Any) -> dict[str, Any]:
    return {"category": "health", "name_tr": "Deneme", "name_en": "Test", "cost": "free", **said}


def test_the_form_offers_changes_and_shows_what_another_saved(ngo: Institution, partner: User) -> None:
    client = Client()
    client.force_login(partner)
    key = str(uuid4())
    hours = {"days": ["1", "2"], "opens_at": "09:00", "closes_at": "17:00"}
    made = client.post(reverse("assistance:add_service"), _typed(request_key=key, province_id="TR-06", **hours))
    service = Service.objects.get()
    assert made["Location"] == reverse("assistance:service", args=[service.reference])
    assert (service.institution, service.days, service.opens_at) == (ngo, [1, 2], time(9))
    address = reverse("assistance:change_service", args=[service.reference])
    page = client.get(address).content.decode()
    assert 'value="Deneme"' in page
    assert client.post(address, _typed(version="1", name_tr="Yeni")).status_code == 302
    stale = client.post(address, _typed(version="1", name_tr="Eski"))
    assert stale.status_code == 409
    assert "Yeni" in stale.content.decode()
    assert "Eski" in stale.content.decode()
    wrong = client.post(address, _typed(version="2", age_from="9", age_to="3"))
    assert wrong.status_code == 422
    service.refresh_from_db()
    assert service.name_tr == "Yeni"


@pytest.mark.parametrize(
    "asked", [{"age": "-1"}, {"age": "many"}, {"category": "no_such"}, {"province": "TR-99"}, {"page": "0"}]
)
def test_a_wrong_question_is_told_and_never_an_error_of_ours(partner: User, asked: dict[str, str]) -> None:
    client = Client()
    client.force_login(partner)
    assert client.get(reverse("assistance:directory"), asked).status_code == (200 if "page" in asked else 422)


def test_days_that_follow_each_other_are_a_span(settings: Any) -> None:
    from django.utils.translation import override

    with override("en"):
        assert weekdays([1, 2, 3, 5]) == "Mon–Wed, Fri"
        assert weekdays([7]) == "Sun"


# --- the demonstration --------------------------------------------------------------------------------------------


def test_the_demonstration_loads_an_invented_directory_once(django_assert_max_num_queries: Callable[..., Any]) -> None:
    load_institutions(with_invented=True)
    added = load_services()
    assert added >= 35
    assert load_services() == 0
    rows = list(Service.objects.select_related("institution"))
    assert all(one.is_invented and one.institution.is_invented for one in rows)
    assert all("uydurma" in one.name_tr for one in rows if one.institution.kind != InstitutionKind.SHELTER)
    assert len({one.category for one in rows}) >= 14
    assert any(unverified_since(one) for one in rows)
    user = make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.POLICE, "TR-06"))
    with django_assert_max_num_queries(2):
        assert list(search(user, Wanted(category="psychosocial", province="TR-34", language="ar")))
