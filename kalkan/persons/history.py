"""The doors for persons of another collection: many at once without a name, or one by one into the vault."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from kalkan.access.bulk import copy_rows, reserve_ids
from kalkan.access.models import Institution, User
from kalkan.access.policy import require
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.persons import services
from kalkan.persons.details import PersonDetails
from kalkan.persons.models import Holding, Majority, Person

NOTE = "imported"  # topic of the sealed text that holds what has no place of its own
_CHILD_BANDS = frozenset({"0-8", "9-17", "child"})


class HistoricPerson(NamedTuple):
    """What a collection without identities says of one person. Bands stay bands; what is blank stays unknown."""

    reference: UUID
    sex: str = "unknown"
    gender: str = ""
    age_band: str = "unknown"
    citizenships: tuple[str, ...] = ()
    statelessness: str = ""
    languages: tuple[str, ...] = ()

    @property
    def majority(self) -> str:
        """Child or adult as the band says it; nothing is presumed of a person who is not before us."""
        if self.age_band in {"", "unknown"}:
            return Majority.UNKNOWN
        return Majority.CHILD if self.age_band in _CHILD_BANDS else Majority.ADULT

    @property
    def is_child(self) -> bool:
        return self.majority == Majority.CHILD


_SAID = ("sex", "gender", "majority", "age_band", "citizenships", "statelessness", "languages")


@transaction.atomic
def record_historic_persons(
    persons: Sequence[HistoricPerson], *, source: str, institution: Institution, by: User | None
) -> dict[UUID, int]:
    """Write these persons, held by `institution`, and return each reference's primary key.

    `by` is None for the system itself, on the command line of the machine it runs on.
    """
    _require(by)
    keys = reserve_ids(Person, len(persons))
    copy_rows(
        Person,
        ("id", "reference", "source", "recorded_by_id", *_SAID),
        (
            (key, person.reference, source, by.pk if by else None, *_said(person))
            for key, person in zip(keys, persons, strict=True)
        ),
    )
    copy_rows(
        Holding,
        ("person_id", "institution_id", "province_id"),
        ((key, institution.pk, institution.province_id) for key in keys),
    )
    record(Event.RECORD_IMPORTED, *(person.reference for person in persons), by=by, facts={"source": source})
    return {person.reference: key for key, person in zip(keys, persons, strict=True)}


@transaction.atomic
def change_historic_persons(persons: Sequence[HistoricPerson], *, source: str, by: User | None) -> None:
    """Bring persons of this source to what the collection now says of them. The caller has locked their cases."""
    _require(by)
    assigned = ", ".join(f"{name} = %s" for name in _SAID)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE persons_person SET {assigned}, version = version + 1 WHERE reference = %s AND source = %s",
            [(*_said(person), person.reference, source) for person in persons],
        )
    facts = {"source": source, "changed": True}
    record(Event.RECORD_IMPORTED, *(person.reference for person in persons), by=by, facts=facts)


@transaction.atomic
def record_named_person(
    details: PersonDetails, *, source: str, institution: Institution, by: User, note: str = ""
) -> Person:
    """Record a person of another collection in the vault, held by `institution`, with what else is told of them.

    Raises NotValid.
    """
    _require(by)
    person = services.enter_person(details, by=by, institution=institution, source=source)
    if note:
        services.seal_text(person, NOTE, note, by=by)
    record(Event.RECORD_IMPORTED, person, by=by, facts={"source": source})
    return person


@transaction.atomic
def change_named_person(
    reference: UUID, details: PersonDetails, *, source: str, by: User, version: int, note: str = ""
) -> Person:
    """Bring a person to what the collection now says. Raises NotValid, and Changed for one corrected here since."""
    _require(by)
    person = services.rewrite_person(reference, details, by=by, version=version)
    if note:
        services.seal_text(person, NOTE, note, by=by)
    record(Event.RECORD_IMPORTED, person, by=by, facts={"source": source, "changed": True})
    return person


def _said(person: HistoricPerson) -> tuple[Any, ...]:
    values = (getattr(person, name) for name in _SAID)
    return tuple(list(value) if isinstance(value, tuple) else value for value in values)


def _require(by: User | None) -> None:
    if by is not None:
        require(by, Permission.IMPORT_RUN)
