"""Where a shelter is, with bare SQL: what the runtime role shows to each role at each seat."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from kalkan.access.models import Institution, ShelterPlace
from kalkan.access.roles import SEATS, InstitutionKind, Role
from kalkan.access.sensitivity import place_for
from kalkan.access.services import load_institutions
from kalkan.access.session import acting
from kalkan.audit.models import Channel
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role)
def test_bare_sql_shows_the_place_of_a_shelter_to_those_alone_who_may_know_it(role: Role) -> None:
    shelters = [make_institution(InstitutionKind.SHELTER, place) for place in ("TR-06", "TR-06", "TR-35")]
    seats = [make_institution(kind, None if kind == "migration_centre" else "TR-06") for kind in sorted(SEATS[role])]
    for seat in seats:
        user = make_user(role, seats[0] if seat.kind != InstitutionKind.SHELTER else shelters[0])
        allowed = {one.place.pk for one in shelters if place_for(user, one) is not None}
        with acting(Channel.PAGE, user), connection.cursor() as cursor:
            cursor.execute("SELECT id FROM access_shelterplace WHERE institution_id = ANY (%s)",
                           [[one.pk for one in shelters]])  # fmt: skip
            assert {pk for (pk,) in cursor.fetchall()} == allowed, seat.kind
            cursor.execute("UPDATE access_shelterplace SET name_tr = 'x'")
            assert cursor.rowcount == 0
        if role is Role.SHELTER_STAFF:
            assert allowed == {shelters[0].place.pk}
        if role not in {Role.SHELTER_STAFF, Role.PROTECTION_OFFICER}:
            assert allowed == set()


def test_nobody_writes_where_a_shelter_is_but_the_operator_of_the_server() -> None:
    staff = make_user(Role.SHELTER_STAFF, make_institution(InstitutionKind.SHELTER, "TR-06"))
    other = Institution.objects.create(code="yeni", kind=InstitutionKind.SHELTER, name_tr="yeni", name_en="yeni")
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic(), acting(Channel.PAGE, staff):
        ShelterPlace.objects.create(institution=other, name_tr="x", name_en="x", province_id="TR-06")


@pytest.mark.parametrize("told", [{"province_id": "TR-06"}, {"name_tr": "Nar Evi"}, {"name_en": "Nar House"}])
def test_the_row_that_everybody_reads_cannot_tell_where_a_shelter_is(told: dict[str, str]) -> None:
    shelter = make_institution(InstitutionKind.SHELTER, "TR-06")
    with pytest.raises(IntegrityError, match="shelter_tells_no_place"), transaction.atomic():
        Institution.objects.filter(pk=shelter.pk).update(**told)


def test_the_shelters_of_the_file_are_loaded_with_their_place_apart() -> None:
    load_institutions(with_invented=True)
    loaded = Institution.objects.filter(code__startswith="shelter-")
    assert {one.name for one in loaded} == {one.code for one in loaded}
    assert {one.place.province_id for one in loaded} == {"TR-06", "TR-34", "TR-07", "TR-35"}
    assert all(one.place.name for one in loaded)
