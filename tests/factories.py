"""Rows for tests: plain functions, invented people only."""

from datetime import date
from itertools import count
from typing import Any

from django.db import transaction

from kalkan.access.models import Institution, InstitutionKind, ShelterPlace, User
from kalkan.access.roles import Role
from kalkan.cases.lifecycle import DECIDED, WITH_FRONTLINE, Stage
from kalkan.cases.models import Case, StageChange
from kalkan.persons.models import Holding, Person
from kalkan.vocabulary.models import Province

_serial = count(1)


def make_province(code: str = "TR-06") -> Province:
    number = int(code.rpartition("-")[2])
    return Province.objects.get_or_create(
        code=code,
        defaults={"name": f"Province {number}", "region": "TR1", "tile_row": 100 + number, "tile_column": number},
    )[0]


def make_institution(
    kind: str = InstitutionKind.MIGRATION_PROVINCE, province: str | None = "TR-06", **fields: Any
) -> Institution:
    serial = next(_serial)
    if province is not None:
        make_province(province)
    values = {
        "code": f"test-{serial}",
        "name_tr": f"Deneme kurumu {serial}",
        "name_en": f"Test institution {serial}",
        "is_invented": True,
        **fields,
    }
    if kind != InstitutionKind.SHELTER:
        return Institution.objects.create(kind=kind, province_id=province, **values)
    named = {name: values.pop(name) for name in ("name_tr", "name_en")}
    shelter = Institution.objects.create(kind=kind, name_tr=values["code"], name_en=values["code"], **values)
    ShelterPlace.objects.create(institution=shelter, province_id=province or make_province().code, **named)
    return shelter


def make_user(role: str = Role.IDENTIFICATION_EXPERT, institution: Institution | None = None, **fields: Any) -> User:
    serial = next(_serial)
    user = User(
        email=fields.pop("email", f"kisi{serial}@kalkan.invalid"),
        full_name=fields.pop("full_name", f"Deneme Kişisi {serial}"),
        role=role,
        institution=institution or make_institution(),
        is_invented=fields.pop("is_invented", True),
        **fields,
    )
    user.set_unusable_password()
    user.save()
    return user


def make_person(held_by: Institution | None = None, **fields: Any) -> Person:
    person = Person.objects.create(**fields)
    if held_by is not None:
        Holding.objects.create(person=person, institution=held_by, province_id=held_by.province_id)
    return person


def make_case(person: Person | None = None, institution: Institution | None = None, **fields: Any) -> Case:
    """A case as rows, without the services that make one; its person is held by its institution.

    At a stage beyond the first it stands as if taken over from an earlier record.
    """
    serial = next(_serial)
    institution = institution or make_institution()
    stage = fields.get("stage", Stage.SCREENING)
    opened_on = fields.get("opened_on", date(2026, 3, 2))
    values: dict[str, Any] = {
        "number": f"2026-{(institution.province_id or 'TR-00')[-2:]}-{serial:06d}",
        "stage": Stage.SCREENING,
        "province_id": institution.province_id,
        "opened_on": opened_on,
        "is_with_authority": stage not in WITH_FRONTLINE,
    }
    if stage in DECIDED:
        refused = stage == Stage.NOT_RECOGNISED
        values |= {"outcome": "not_recognised" if refused else "recognised", "decided_on": opened_on}
    if stage == Stage.CLOSED:
        values |= {"closed_on": opened_on, "closing_reason": "support_completed"}
    person = person or make_person(institution)
    with transaction.atomic():
        case = Case.objects.create(person=person, institution=institution, **values | fields)
        move = "open" if stage == Stage.SCREENING else "import"
        StageChange.objects.create(case=case, move=move, target=case.stage, on=case.opened_on)
    return case
