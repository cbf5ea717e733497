"""Every door that is not public, tried by somebody who did not sign in."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from kalkan.access.models import InstitutionKind
from kalkan.web.doors import PAGES, Page
from tests.factories import make_institution
from tests.security.test_doors import Rows, _rows
from tests.standing import standing

pytestmark = pytest.mark.django_db
SHUT = [page for page in PAGES if not page.is_public]


@pytest.fixture(scope="module")
def rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[Rows]:
    """What every page is asked for, made once."""
    with standing(django_db_blocker):
        made = _rows(make_institution(InstitutionKind.POLICE, "TR-06"), is_with_authority=False)
        for page in SHUT:
            made.arguments(page)
        connection.check_constraints()
        yield made


@pytest.mark.parametrize("page", SHUT, ids=lambda page: page.name)
def test_nobody_goes_anywhere_unsigned(page: Page, rows: Rows) -> None:
    address = reverse(page.name, kwargs=rows.arguments(page))
    for method in ("get", "post"):
        response = getattr(Client(), method)(address)
        assert response.status_code in {302, 403, 405}, response.status_code
        assert response.status_code != 302 or "/account/" in response["Location"] or response["Location"] == "/"
