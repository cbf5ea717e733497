"""Who works with persons in these tests."""

import pytest

from kalkan.access.models import InstitutionKind, User
from kalkan.access.roles import Role
from tests.factories import make_institution, make_user


@pytest.fixture
def officer() -> User:
    return make_user(Role.FRONTLINE_OFFICER)


@pytest.fixture
def stranger() -> User:
    return make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.POLICE, "TR-35"))


@pytest.fixture
def centre() -> User:
    return make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
