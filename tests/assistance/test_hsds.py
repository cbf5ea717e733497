"""The directory as Human Services Data Specification: valid, whole, and without shelters."""

import json
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator, FormatChecker
from typer.testing import CliRunner

from kalkan.access.models import Institution, InstitutionKind
from kalkan.access.roles import Role
from kalkan.access.services import load_institutions
from kalkan.assistance.models import Service
from kalkan.assistance.selectors import hsds
from kalkan.assistance.services.directory import Offer, load_services, record_service
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.config.cli import application
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db
SCHEMA = json.loads(Path(__file__).with_name("hsds.schema.json").read_text(encoding="utf-8"))


def _wrong(document: dict[str, Any]) -> list[str]:
    validator = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
    return [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(document)]


def _values(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [value for inner in part.values() for value in _values(inner)]
    if isinstance(part, list):
        return [value for inner in part for value in _values(inner)]
    return [str(part)]


def test_the_whole_demonstration_is_valid_and_no_identifier_stands_for_two_things() -> None:
    load_institutions(with_invented=True)
    load_services()
    document = hsds.document(None)
    assert _wrong(document) == []
    shelters = Service.objects.filter(institution__kind=InstitutionKind.SHELTER)
    assert shelters.exists()
    assert document["total_items"] == Service.objects.count() - shelters.count() == len(document["contents"])
    parts = [part["id"] for service in document["contents"] for part in _parts(service)]
    assert len(parts) == len(set(parts))
    values = _values(document)
    assert not any("shelter" in value.lower() for value in values if value != "shelter")
    for shelter in Institution.objects.filter(kind=InstitutionKind.SHELTER).select_related("place"):
        assert not {shelter.code, shelter.place.name_tr, shelter.place.name_en, str(shelter.reference)} & set(values)


def _parts(service: dict[str, Any]) -> list[dict[str, Any]]:
    lists = ("languages", "cost_options", "schedules", "phones", "contacts", "service_at_locations", "service_areas")
    return [service, *(part for name in lists for part in service[name])]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda service: service.pop("status"),
        lambda service: service.update(status="open"),
        lambda service: service["organization"].pop("description"),
        lambda service: service["service_at_locations"][0]["location"].update(location_type="somewhere"),
        lambda service: service["schedules"][0].update(freq="DAILY"),
        lambda service: service.update(id="1"),
        lambda service: service.update(invented_field=1),
        lambda service: service["phones"][0].pop("number"),
    ],
)
def test_the_schema_would_notice(spoil: Any) -> None:
    _offer()
    document = hsds.document(None)
    assert _wrong(document) == []
    spoil(document["contents"][0])
    assert _wrong(document)


def _offer() -> Service:
    ngo = make_institution(InstitutionKind.NGO, "TR-06")
    offer = Offer(
        category="health", name_tr="Deneme", name_en="Test", province_id="TR-06", languages=("tr", "ar"),
        sexes=("female",), age_from=12, age_to=17, days=(1, 2, 5), opens_at=time(9), closes_at=time(17, 30),
        accessibility=("wheelchair",), cost="free", address="Deneme 1", phone="+90 312 000", email="a@kalkan.invalid",
        web="https://kalkan.invalid/",
    )  # fmt: skip
    return record_service(ngo, offer, by=make_user(Role.PARTNER, ngo))


def test_what_an_institution_says_is_told_field_by_field() -> None:
    service = _offer()
    (told,) = hsds.document(None)["contents"]
    assert (told["id"], told["name"], told["alternate_name"]) == (str(service.reference), "Deneme", "Test")
    assert (told["minimum_age"], told["maximum_age"], told["assured_date"]) == (12, 17, f"{service.verified_on}")
    assert {one["code"] for one in told["languages"]} == {"tr", "ar"}
    (schedule,) = told["schedules"]
    assert (schedule["byday"], schedule["opens_at"], schedule["closes_at"]) == (
        "MO,TU,FR",
        "09:00+03:00",
        "17:30+03:00",
    )
    (place,) = told["service_at_locations"]
    assert place["location"]["addresses"][0]["city"] == "Ankara"
    assert told["cost_options"][0]["amount"] == 0
    assert told["organization"]["id"] == str(service.institution.reference)


def test_who_may_export_downloads_it_and_that_is_recorded() -> None:
    _offer()
    client = Client()
    client.force_login(make_user(Role.ANALYST, make_institution(InstitutionKind.MINISTRY, None)))
    answer = client.get(reverse("assistance:export_directory"))
    assert answer["Content-Disposition"].startswith("attachment")
    assert json.loads(answer.content)["total_items"] == 1
    assert AuditEvent.objects.filter(action=Event.DIRECTORY_EXPORTED).count() == 1
    client.force_login(make_user(Role.PARTNER))
    assert client.get(reverse("assistance:export_directory")).status_code == 403


def test_the_command_writes_a_file_and_overwrites_none(tmp_path: Path) -> None:
    _offer()
    file = tmp_path / "directory.json"
    command = ["directory", "export", "--format", "hsds", "--output", str(file)]
    assert CliRunner().invoke(application(), command).exit_code == 0
    assert _wrong(json.loads(file.read_text(encoding="utf-8"))) == []
    assert CliRunner().invoke(application(), command).exit_code == 2
    assert CliRunner().invoke(application(), [*command, "--force"]).exit_code == 0
    other = ["directory", "export", "--format", "csv", "--output", str(tmp_path / "other")]
    assert CliRunner().invoke(application(), other).exit_code == 2
    nowhere = ["directory", "export", "--output", str(tmp_path / "no" / "such" / "folder")]
    assert CliRunner().invoke(application(), nowhere).exit_code == 1
