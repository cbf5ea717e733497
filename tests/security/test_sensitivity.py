"""Every field has a class, and no list, search or log takes more than the table of classes lets it.

What is looked for are values planted in real rows, and the fields that a column truly reads.
"""

import csv
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models.query_utils import DeferredAttribute
from django.test import Client
from django.urls import reverse
from django.utils import translation

from kalkan.access import sensitivity as access
from kalkan.access.models import Institution, ShelterPlace
from kalkan.access.roles import MATRIX, SEATS, InstitutionKind, Permission, Role
from kalkan.access.sensitivity import RULES, Act, Sensitivity, classes, may, role_may
from kalkan.assistance import sensitivity as assistance
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.audit.services import NotAFact, build
from kalkan.cases import sensitivity as cases
from kalkan.cases.models import Case
from kalkan.exchange import sensitivity as exchange
from kalkan.exchange.lists import LISTS
from kalkan.persons import sensitivity as persons
from kalkan.persons import services
from kalkan.persons.forms.acts import SearchForm
from tests.factories import make_institution, make_user
from tests.security.planted import (
    CRIME,
    FAMILY,
    FILE_NAME,
    GIVEN,
    NUMBER,
    PLACE,
    TELEPHONE,
    WORDS,
    full_case,
    plant,
)

S = Sensitivity
ROOMS = {
    "persons": persons.FIELDS,
    "cases": cases.FIELDS,
    "assistance": assistance.FIELDS,
    "exchange": exchange.FIELDS,
    "access": access.FIELDS,
}
CLASS_OF = {
    (room, model, field): sensitivity
    for room, fields in ROOMS.items()
    for model, field, sensitivity in classes(fields)
}
# What may leave at all, written by hand: a change of the table has to be meant.
MAY_LEAVE = {S.PLAIN, S.CRIMINAL}
pytestmark = pytest.mark.django_db


# --- every field has one class ---------------------------------------------------------------------------------------


def test_every_field_of_the_rooms_has_exactly_one_class() -> None:
    found = {
        (room, model.__name__, field.name)
        for room in ("persons", "cases", "assistance", "exchange")
        for model in apps.get_app_config(room).get_models()
        for field in [*model._meta.concrete_fields, *model._meta.local_many_to_many]
    } | {
        ("access", one.__name__, field.name)
        for one in (Institution, ShelterPlace)
        for field in one._meta.concrete_fields
    }
    assert found - set(CLASS_OF) == set(), "Give these fields a class in the sensitivity.py of their room"
    assert set(CLASS_OF) - found == set(), "These fields are gone"
    assert len(CLASS_OF) == sum(1 for fields in ROOMS.values() for _one in classes(fields)), "A field has two classes"


def test_whatever_is_sealed_or_points_to_sealed_text_is_more_than_plain() -> None:
    plain = []
    for room in ("persons", "cases", "assistance", "exchange"):
        for model in apps.get_app_config(room).get_models():
            for field in model._meta.concrete_fields:
                is_sealed = isinstance(field, models.BinaryField)
                points = field.is_relation and field.related_model._meta.label == "persons.SealedText"  # type: ignore[union-attr]
                if (is_sealed or points) and CLASS_OF[room, model.__name__, field.name] is S.PLAIN:
                    plain.append(field)
    assert plain == []


# Columns in the order of `Role`, see tests/access/test_matrix.py: v views, e edits, x exports, s searches.
EXPECTED = {
    S.IDENTITY: "ves ves ves vs ves - - - - - - - - -",
    S.CONTACT: "ves ves ves vs ves - - - - - - - - -",
    S.SHELTER_LOCATION: "- - - - v v - - - - - - - -",
    S.HEALTH: "ve ve ve v ve - - - - - - - - -",
    S.CARE: "- - - - ve - - - - - - - - -",
    S.CRIMINAL: "ve ve vex vx vex - - - - - - - - -",
    S.NARRATIVE: "ve ve ve ve ve - - - - - - - - e",
    S.PLAIN: "ves ves vexs vexs vexs ves ves vexs vexs ves vexs vexs ves ves",
}


@pytest.mark.parametrize("sensitivity", Sensitivity)
def test_the_table_is_what_was_decided(sensitivity: Sensitivity) -> None:
    letters = {Act.VIEW: "v", Act.EDIT: "e", Act.EXPORT: "x", Act.SEARCH: "s"}
    for role, expected in zip(Role, EXPECTED[sensitivity].split(), strict=True):
        user = make_user(role, make_institution(min(SEATS[role]), "TR-06"))
        allowed = {letter for act, letter in letters.items() if may(user, act, sensitivity)}
        assert allowed == set(expected) - {"-"}, role
        user.is_active = False
        assert not any(may(user, act, sensitivity) for act in Act), "a closed account may nothing"


# --- exports ---------------------------------------------------------------------------------------------------------


@contextmanager
def _reading() -> Iterator[set[tuple[str, str, str]]]:
    """Notes every field that is read off a row, through the descriptor that Django itself gives each field."""
    seen: set[tuple[str, str, str]] = set()
    watched: dict[type, dict[str, Any]] = {}

    class Watched:
        def __init__(self, key: tuple[str, str, str], inner: Any):
            self.key, self.inner = key, inner

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            if instance is None:
                return self.inner.__get__(instance, owner)
            seen.add(self.key)
            name = self.inner.field.attname
            return instance.__dict__[name] if name in instance.__dict__ else self.inner.__get__(instance, owner)

        def __set__(self, instance: Any, value: Any) -> None:
            instance.__dict__[self.inner.field.attname] = value

    for room, name, field_name in CLASS_OF:
        model = apps.get_model(room, name)
        field = model._meta.get_field(field_name)
        inner = model.__dict__.get(field.attname)
        if isinstance(inner, DeferredAttribute):
            watched.setdefault(model, {})[field.attname] = inner
            setattr(model, field.attname, Watched((room, name, field_name), inner))
    try:
        yield seen
    finally:
        for model, attributes in watched.items():
            for name, inner in attributes.items():
                setattr(model, name, inner)


@pytest.mark.parametrize("name", ["worklist", "cases"])
def test_each_column_leaves_under_the_class_of_the_fields_that_it_reads(name: str) -> None:
    case = full_case(make_institution("shelter", "TR-06"))
    definition = LISTS[name]
    assert isinstance(definition.columns, tuple)
    reached: set[tuple[str, str, str]] = set()
    for column in definition.columns:
        row = Case.objects.select_related("person", "institution", "province").get(pk=case.pk)
        with _reading() as read:
            column.value(row)
        found = {CLASS_OF[key] for key in read} - {S.PLAIN}
        assert found == {column.sensitivity} - {S.PLAIN}, (str(column.label), read)
        reached |= read
    assert reached >= {("cases", "Case", "charged_articles"), ("access", "Institution", "code")}


@pytest.mark.parametrize("name", sorted(LISTS))
def test_no_list_has_a_column_of_a_class_that_may_not_leave(name: str) -> None:
    assert {sensitivity for sensitivity in S if any(role_may(role, Act.EXPORT, sensitivity) for role in Role)} == (
        MAY_LEAVE
    )
    definition = LISTS[name]
    columns = definition.columns
    for column in columns({"by": "sex,year"}) if callable(columns) else columns:
        assert column.sensitivity in MAY_LEAVE


@pytest.mark.parametrize("role", [role for role in Role if Permission.CASES_VIEW in MATRIX[role][1]])
def test_what_a_case_is_charged_under_leaves_with_those_who_may_take_it_out(role: Role) -> None:
    if Permission.EXPORT_RUN not in MATRIX[role][1]:
        return
    kind = InstitutionKind.MIGRATION_CENTRE if role is Role.CENTRAL_UNIT else InstitutionKind.MIGRATION_PROVINCE
    seat = make_institution(kind, None if role is Role.CENTRAL_UNIT else "TR-06")
    full_case(seat)
    client = Client()
    client.force_login(make_user(role, seat, language="en"))
    answer = client.get(reverse("exchange:export", args=["cases"]), {"format": "csv"})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    heading = next(csv.reader(text.removeprefix("\ufeff").splitlines()[:1], delimiter=";" if ";" in text else ","))
    is_allowed = role_may(role, Act.EXPORT, S.CRIMINAL)
    with translation.override("en"):
        labels = {str(column.label) for column in LISTS["cases"].columns if column.sensitivity is S.CRIMINAL}  # type: ignore[union-attr]
    with translation.override("tr"):
        labels |= {str(column.label) for column in LISTS["cases"].columns if column.sensitivity is S.CRIMINAL}  # type: ignore[union-attr]
    assert bool(labels & set(heading)) is is_allowed, heading


# --- search ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_one_box_searches_and_opens_for_those_who_may_search_by_identity(role: Role) -> None:
    assert set(SearchForm.base_fields) == {"query"}
    for sensitivity in S:
        held = set(RULES[sensitivity][Act.SEARCH])
        if sensitivity in {S.IDENTITY, S.CONTACT}:
            assert held == {Permission.PERSONS_SEARCH}
        elif sensitivity is not S.PLAIN:
            assert held == set(), "nobody searches by it"


def test_search_finds_by_identity_and_contact_and_by_nothing_else() -> None:
    planted = plant(make_institution("migration_province", "TR-06"))
    client = Client()
    client.force_login(make_user(Role.IDENTIFICATION_EXPERT, planted.case.institution))

    def found(query: str) -> bool:
        answer = client.post(reverse("persons:search"), {"query": query}).content.decode()
        return str(planted.case.person.reference) in answer

    assert found(f"{GIVEN} {FAMILY}")
    assert found(TELEPHONE)
    assert found(NUMBER)
    for other in (WORDS, WORDS.split()[0], PLACE, CRIME, FILE_NAME):
        assert not found(other), other


# --- the log ---------------------------------------------------------------------------------------------------------

# As such a value really looks, class by class: the log takes no words.
SPOKEN = {
    S.IDENTITY: "Zebercet Kuşkonmaz",
    S.CONTACT: "+90 532 000 11 22",
    S.SHELTER_LOCATION: "Iğdır Merkez",
    S.HEALTH: "Sağlık raporu",
    S.CRIMINAL: "TCK 80 insan ticareti",
    S.NARRATIVE: "Beni bir eve kapattılar",
}


@pytest.mark.parametrize("sensitivity", SPOKEN)
def test_the_log_takes_no_words_of_any_class(sensitivity: Sensitivity) -> None:
    for facts in ({"fact": SPOKEN[sensitivity]}, {"fact": [SPOKEN[sensitivity]]}, {SPOKEN[sensitivity]: 1}):
        with pytest.raises(NotAFact) as refused:
            build(Event.CASE_CHANGED, by=None, facts=facts)
        assert SPOKEN[sensitivity] not in str(refused.value)


def test_whole_casework_leaves_no_value_of_any_class_in_events_jobs_and_log_lines(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)  # only speaks where DEBUG is on
    planted = plant(make_institution("migration_province", "TR-06"), through_services=True)
    shelter = make_institution("shelter", "TR-76", name_tr=PLACE, name_en=PLACE)
    expert = make_user(Role.IDENTIFICATION_EXPERT, planted.case.institution)
    services.hold_person(planted.case.person, institution=shelter, province=shelter.place.province, by=expert)
    client = Client()
    client.force_login(expert)
    reference = planted.case.person.reference
    client.post(reverse("persons:search"), {"query": f"{GIVEN} {FAMILY} {NUMBER}"})
    shown = client.post(reverse("persons:reveal", args=[reference]), {"purpose": "identification"}).content.decode()
    assert FAMILY in shown, "the values were there to leak"
    client.get(f"/nowhere/{planted.case.number}")
    client.get(reverse("exchange:export", args=["cases"]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(args::text, ' ') FROM procrastinate_jobs")
        jobs = cursor.fetchone()[0] or ""
    facts = " ".join(str(event.facts) for event in AuditEvent.objects.all())
    lines = " ".join(f"{one.getMessage()} {one.exc_text or ''}" for one in caplog.records) + "".join(
        capfd.readouterr()
    )
    assert "perpetrator" in facts, "the acts were recorded, without their content"
    assert "charged_articles" in facts
    for marker in (GIVEN, FAMILY, NUMBER, TELEPHONE, WORDS, PLACE, FILE_NAME, "TR-76", "tpc_227", "medical_report"):
        assert marker not in facts, marker
        assert marker not in jobs, marker
        assert marker not in lines, marker
    assert "recruiter" not in facts, "a role in the crime is in the case, not in the log"
