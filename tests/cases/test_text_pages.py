"""Sealed texts of a case are read for a purpose, and not past it."""

import pytest
from django.urls import reverse

from kalkan.access.models import InstitutionKind
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases.lifecycle import Stage
from tests.cases.pages import client_of
from tests.cases.story import Province, at
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db


# --- sealed words ---


def test_a_sealed_text_is_read_for_a_purpose_and_remembered(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    sealed = case.decisions.get().grounds
    assert sealed is not None
    path = reverse("cases:text", args=[case.reference, sealed.reference])
    client = client_of(team.decider)
    assert "Invented grounds" not in client.get(path).content.decode()
    assert client.post(path, {"purpose": "curiosity"}).status_code == 422
    assert "Invented grounds" in client.post(path, {"purpose": "identification"}).content.decode()
    assert AuditEvent.objects.filter(action=Event.TEXT_READ, actor=team.decider).count() == 1


def test_a_sealed_text_is_not_read_through_another_case(team: Province) -> None:
    case, other = at(Stage.DRAFTED, team), at(Stage.DRAFTED, team)
    sealed = case.decisions.get().grounds
    assert sealed is not None
    path = reverse("cases:text", args=[other.reference, sealed.reference])
    assert client_of(team.decider).post(path, {"purpose": "identification"}).status_code == 404


def test_the_centre_reads_no_sealed_text(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    sealed = case.decisions.get().grounds
    assert sealed is not None
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    path = reverse("cases:text", args=[case.reference, sealed.reference])
    assert client_of(centre).post(path, {"purpose": "identification"}).status_code == 403
