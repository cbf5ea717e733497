"""The invented shelters of the demonstration."""

import pytest

from kalkan.access.models import Institution, User
from kalkan.access.roles import Role
from kalkan.access.services import load_institutions
from kalkan.assistance.models import Bed, Shelter, Stay
from kalkan.web.demonstration_shelters import furnish
from tests.factories import make_case, make_person, make_user

pytestmark = pytest.mark.django_db


def test_the_demonstration_has_shelters_with_beds_and_residents_and_makes_them_once() -> None:
    load_institutions(with_invented=True)
    officer = make_user(Role.PROTECTION_OFFICER)
    for _ in range(2):
        make_case(make_person(officer.institution, sex="female"), officer.institution, stage="protection")

    def staff(house: Institution) -> User:
        return make_user(Role.SHELTER_STAFF, house)

    furnish(staff)
    counts = Shelter.objects.count(), Bed.objects.count()
    assert counts == (4, 24)
    assert sorted(Stay.objects.values_list("status", flat=True)) == ["admitted", "requested"]
    furnish(staff)
    assert (Shelter.objects.count(), Bed.objects.count()) == counts
    assert Stay.objects.count() == 2
