"""Whose persons a user sees, and that the database finds them by index."""

import itertools

import pytest
from django.db import connection

from kalkan.access.models import InstitutionKind
from kalkan.access.roles import MATRIX, Permission, Role, Scope
from kalkan.persons import policy, services
from kalkan.persons.models import Holding, Person
from tests.factories import make_institution, make_person, make_province, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role.values)
def test_each_role_sees_the_persons_of_its_scope_and_no_others(role: str) -> None:
    directorate = make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-06")
    user = make_user(role, directorate)
    own = make_person(directorate)
    neighbour = make_person(make_institution(InstitutionKind.POLICE, "TR-06"))
    far = make_person(make_institution(InstitutionKind.POLICE, "TR-35"))
    nobody = make_person()
    scope, permissions = MATRIX[Role(role)]
    expected = {
        Scope.NONE: set(),
        Scope.INSTITUTION: {own},
        Scope.PROVINCE: {own, neighbour},
        Scope.NATION: {own, neighbour, far, nobody},
    }[scope]
    assert set(policy.persons.visible(user)) == (expected if Permission.PERSONS_VIEW in permissions else set())


def test_a_person_referred_to_a_province_is_seen_there() -> None:
    police = make_institution(InstitutionKind.POLICE, "TR-35")
    officer, expert = make_user(Role.FRONTLINE_OFFICER, police), make_user(Role.IDENTIFICATION_EXPERT)
    person = make_person()
    services.hold_person(person, institution=police, province=None, by=officer)
    assert not policy.persons.visible(expert).exists()
    for _ in range(2):
        services.hold_person(person, institution=police, province=make_province("TR-06"), by=officer)
    assert list(policy.persons.visible(expert)) == [person]
    assert person.holdings.count() == 2


@pytest.mark.parametrize("role", [Role.FRONTLINE_OFFICER, Role.IDENTIFICATION_EXPERT])
def test_the_scope_and_the_blind_keys_are_met_by_index(role: str) -> None:
    """On a table as full as a state's, with fresh statistics: on an empty one the planner may read any index."""
    user = make_user(role)
    elsewhere = [make_institution(InstitutionKind.POLICE, f"TR-{number:02}") for number in range(1, 82)]
    persons = Person.objects.bulk_create(Person(blind_keys=[number]) for number in range(4050))
    Holding.objects.bulk_create(
        Holding(person=person, institution=place, province=place.province)
        for person, place in zip(persons, itertools.cycle(elsewhere), strict=False)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE persons_person, persons_holding")
    scope = policy.persons.visible(user).values("pk").explain()
    assert "holding_institution" in scope
    assert ("holding_province" in scope) == (role == Role.IDENTIFICATION_EXPERT)
    search = Person.objects.filter(blind_keys__overlap=[1, 2]).values("pk").explain()
    assert "person_blind_keys" in search
