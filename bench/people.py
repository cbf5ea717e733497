"""Persons and cases that the benches stand on: sealed as a service would seal them, or laid down by SQL alone."""

import random
from datetime import date, timedelta
from typing import NamedTuple

GIVEN = (
    "Mehmet Fatma Mustafa Ayşe Ahmet Emine Ali Hatice Hüseyin Zeynep Hasan Elif İbrahim Meryem İsmail Şerife Yusuf "
    "Zehra Osman Sultan Murat Hanife Ömer Merve Ramazan Havva Halil Zeliha Süleyman Esra Abdullah Fadime Mahmut "
    "Gülnare Dilnoza Светлана Наталья Гульнара Oʻgʻiloy Мадина Olena Tetiana Irina მარიამ محمد فاطمة زينب پریسا Mary"
)
ROOTS = "Yıl Kay Demir Şahin Çel Yıldız Öz Aydın Arslan Doğan Kılıç Aslan Çet Kara Koç Kurt Özkan Şimşek Pol Korkmaz"
ENDS = "maz a ik dır türk taş soy oğlu kan er lar gil han lı ova ov baş tepe su can"
FAMILY = [root + end for root in ROOTS.split() for end in ENDS.split()]

# One case for each person, the provinces in turn, its stage one of eight in turn.
CASES = """
INSERT INTO persons_holding (person_id, institution_id, province_id, since)
SELECT p.id, i.id, i.province_id, now()
FROM (SELECT id, 1 + (row_number() OVER (ORDER BY id)) % 81 AS turn FROM persons_person) p
JOIN (SELECT id, province_id, row_number() OVER (ORDER BY province_id) AS turn FROM access_institution
      WHERE kind = 'migration_province') i USING (turn);

INSERT INTO cases_case (reference, number, person_id, stage, institution_id, province_id, is_child, is_urgent, source,
    is_with_authority, signal, is_historic, opened_on, opened_on_precision, opened_by_id, assigned_to_id, outcome,
    closing_reason, next_due_on, charged_articles, recorded_at, version, closed_on, decided_on)
SELECT gen_random_uuid(), '2026-' || right(h.province_id, 2) || '-' || lpad(h.person_id::text, 6, '0'), h.person_id,
    stage, h.institution_id, h.province_id, false, false, 'kalkan', true, 'ngo', false,
    DATE '2017-01-01' + (h.person_id % 3500)::int, 'day', {user}, CASE WHEN h.person_id % 40 = 0 THEN {user} END,
    CASE WHEN stage IN ('closed', 'protection') THEN 'recognised' ELSE '' END,
    CASE WHEN stage = 'closed' THEN 'returned' ELSE '' END,
    CASE WHEN stage <> 'closed' THEN DATE '2026-10-01' + (h.person_id % 90)::int END, ARRAY[]::text[], now(), 1,
    CASE WHEN stage = 'closed' THEN DATE '2026-01-01' END,
    CASE WHEN stage IN ('closed', 'protection') THEN DATE '2026-01-01' END
FROM persons_holding h
CROSS JOIN LATERAL (SELECT ({stages})[1 + h.person_id % 8] AS stage) s;
"""


class Sealed(NamedTuple):
    """One person as laid down, in plain words."""

    pk: int
    given: str
    family: str
    phone: str
    number: str
    birth: date

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


def seal(size: int, *, has_papers: bool = False) -> list[Sealed]:
    """`size` persons sealed as a service would seal them, written with COPY. `has_papers`: each with a passport."""
    from django.db import connection
    from django.db.models import Model
    from django.utils import timezone
    from rich.progress import track

    from kalkan.access.bulk import reserve_ids
    from kalkan.persons import sealing
    from kalkan.persons.details import ContactGiven, DocumentGiven, NameGiven, PersonDetails, RoughDate
    from kalkan.persons.models import ContactPoint, IdentityDocument, Person, PersonName

    chance, people, today = random.Random(8157), [], timezone.localdate()
    # Names are as unevenly spread as in life: the tenth is a tenth as common as the first.
    given = GIVEN.split()
    given_weights = [1 / (rank + 1) for rank in range(len(given))]
    family_weights = [1 / (rank + 5) for rank in range(len(FAMILY))]
    written: dict[type[Model], list[Model]] = {Person: [], PersonName: [], ContactPoint: [], IdentityDocument: []}
    fields = {
        model: [field for field in model._meta.concrete_fields if model is Person or not field.primary_key]
        for model in written
    }

    def flush() -> None:
        with connection.cursor() as cursor:
            for model, rows in written.items():
                columns = ", ".join(str(field.column) for field in fields[model])
                with cursor.copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row([getattr(row, field.attname) for field in fields[model]])
                rows.clear()

    for turn, pk in enumerate(track(reserve_ids(Person, size), description="Sealing"), 1):
        one = Sealed(
            pk,
            " ".join(chance.choices(given, given_weights, k=chance.choice((1, 1, 2)))),
            chance.choices(FAMILY, family_weights)[0],
            f"+90532{turn:07d}",
            f"AB{turn:07d}",
            date(1960, 1, 1) + timedelta(chance.randrange(17_000)),
        )
        details = PersonDetails(
            names=(NameGiven("given", one.given, one.family),),
            sex=chance.choice(("female", "female", "male")),
            birth=RoughDate(one.birth),
            citizenships=("UZ",),
            documents=(DocumentGiven("passport", one.number, "UZ"),) if has_papers else (),
            contacts=(ContactGiven("mobile", one.phone),),
        )
        person = Person(pk=pk, met_on=today)
        rows = sealing.put(person, details, on=today)
        written[Person].append(person)
        written[PersonName] += rows.names
        written[ContactPoint] += rows.contacts
        written[IdentityDocument] += rows.documents
        people.append(one)
        if turn % 5000 == 0 or turn == size:
            flush()
    return people
