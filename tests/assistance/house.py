"""A shelter with beds, and people who ask for them: rows for tests, made through the services where it matters."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from kalkan.access.models import Institution, User
from kalkan.access.roles import InstitutionKind, Role
from kalkan.assistance.models import Bed, Shelter, Stay
from kalkan.assistance.services import shelters as services
from kalkan.cases.models import Case
from kalkan.vocabulary import selectors as vocabulary
from tests.factories import make_case, make_institution, make_person, make_user


def today() -> date:
    return timezone.localdate()


def ago(days: int) -> date:
    return today() - timedelta(days=days)


class House:
    """One shelter with two of its staff, and the protection officer who asks it."""

    def __init__(
        self,
        *,
        profiles: Iterable[str] = ("women",),
        beds: int = 2,
        is_accessible: bool = False,
        province: str = "TR-06",
        officer: User | None = None,
    ):
        self.institution: Institution = make_institution(InstitutionKind.SHELTER, province)
        self.staff = make_user(Role.SHELTER_STAFF, self.institution)
        self.colleague = make_user(Role.SHELTER_STAFF, self.institution)
        self.officer = officer or make_user(
            Role.PROTECTION_OFFICER, make_institution(InstitutionKind.MIGRATION_PROVINCE, province)
        )
        self.shelter: Shelter = services.keep_shelter(
            by=self.staff, profiles=list(profiles), is_accessible=is_accessible, residents_per_staff=4
        )
        self.beds: list[Bed] = [services.add_bed(by=self.staff, room="1", kind="single") for _ in range(beds)]

    def case(self, **person: Any) -> Case:
        seat = self.officer.institution
        values = {"sex": "female", "age_band": "24-26", "majority": "adult", "languages": ["ru"]} | person
        return make_case(make_person(seat, **values), seat, stage="protection")

    def request(self, case: Case | None = None, **values: Any) -> Stay:
        values = {"urgency": "soon", "wanted_on": today(), **values}
        return services.request_stay((case or self.case()).reference, by=self.officer, shelter=self.shelter, **values)

    def assess(self, stay: Stay, *, by: User | None = None, ground: str = "", **answers: str) -> Stay:
        stay.refresh_from_db()
        said = {question.code: "no" for question in vocabulary.codes("stay_safety")} | answers
        return services.assess_stay(
            stay.reference, by=by or self.staff, version=stay.version, answers=said, ground=ground
        )

    def admit(self, stay: Stay, bed: Bed, *, on: date | None = None, by: User | None = None) -> Stay:
        stay.refresh_from_db()
        return services.admit(
            stay.reference, by=by or self.staff, version=stay.version, bed=bed.reference, on=on or today()
        )

    def resident(self, bed: int = 0, *, on: date | None = None, case: Case | None = None) -> Stay:
        return self.admit(self.assess(self.request(case)), self.beds[bed], on=on)

    def leave(self, stay: Stay, *, on: date | None = None, reason: str = "own_home") -> Stay:
        stay.refresh_from_db()
        return services.end_stay(stay.reference, by=self.staff, version=stay.version, reason=reason, on=on or today())


def references(rows: Iterable[Any]) -> set[UUID]:
    return {row.reference for row in rows}
