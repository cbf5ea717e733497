"""Who may be the same: candidates by blind keys, a bounded number of them opened, and reasons for every score."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import IntegerField, Q, QuerySet, TextChoices
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from kalkan.persons import blind, naming, sealing
from kalkan.persons.details import PersonDetails
from kalkan.persons.models import Person, PersonName, Precision

POOL = 1000  # rows that the index may hand over for ranking by keys
OPENED = 100  # rows of these whose names are opened and compared
LIKELY = 50.0  # from this score on two records may be one person
COMMON = 5  # a full name that more people than this share says little by itself


class Reason(TextChoices):
    """Why two records may, or may not, be one person."""

    DOCUMENT_SAME = "document_same", _("same document number")
    PHONE_SAME = "phone_same", _("same phone number")
    NAME_SAME = "name_same", _("same name")
    NAME_ALIKE = "name_alike", _("similar name")
    NAME_COMMON = "name_common", _("many people have this name")
    BIRTH_SAME = "birth_same", _("same date of birth")
    BIRTH_YEAR_SAME = "birth_year_same", _("same year of birth")
    BIRTH_DIFFERS = "birth_differs", _("another year of birth")
    SEX_DIFFERS = "sex_differs", _("another sex")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom one looks for, as forms of names and keys."""

    names: tuple[tuple[naming.Word, ...], ...]
    phones: frozenset[int]
    papers: frozenset[int]
    day: int | None = None
    years: frozenset[int] = frozenset()
    sex: str = "unknown"

    @property
    def births(self) -> frozenset[int]:
        return self.years if self.day is None else self.years | {self.day}


@dataclass(frozen=True, slots=True)
class Match:
    """A person and how well it fits."""

    person: Person
    score: float
    reasons: tuple[str, ...]


def wanted_by(query: blind.Query) -> Wanted:
    """What a search looks for."""
    return Wanted(
        (query.words,) if query.words else (),
        query.phones,
        query.papers,
        blind.of_day(query.day) if query.day else None,
        frozenset({blind.of_year(query.year)}) if query.year else frozenset(),
    )


def wanted_like(details: PersonDetails) -> Wanted:
    """Whoever may be the person of these details."""
    birth = details.birth
    day = blind.of_day(birth.value) if birth and birth.precision == Precision.DAY else None
    return Wanted(
        tuple(dict.fromkeys(form for name in details.names for form in name.forms)),
        blind.of_contacts(details),
        frozenset().union(*(blind.of_document(document.number) for document in details.documents)),
        day,
        (blind.of_birth(birth) - {day}) if birth else frozenset(),
        details.sex,
    )


def candidates(rows: QuerySet[Person], wanted: Wanted, *, is_loose: bool, is_same: bool = False) -> list[Person]:
    """At most OPENED of `rows`, those that share most keys first. `is_loose`: one word in three or more may be absent.

    A number decides by itself. A name asks that each of its words is met by some key; with a birth, those who share
    it come before those who do not. `is_same`: only who may be LIKELY, which another birth rules out for a mere name.
    """
    found: dict[int, None] = {}
    numbers = wanted.phones | wanted.papers
    if numbers:
        found |= dict.fromkeys(_ranked(rows.filter(_meeting([[numbers]])), numbers))
    for form in wanted.names:
        keys = [blind.of_word(word) for word in form]
        every = frozenset().union(*(word.every for word in keys)) | wanted.births
        ways = _ways(keys, is_loose=is_loose)
        if wanted.births:
            found |= dict.fromkeys(_ranked(rows.filter(_meeting([[*way, wanted.births] for way in ways])), every))
        exact = [[*way, *([word.exact] for word in keys)] for way in ways]
        others = rows
        if is_same and wanted.births:
            # By name alone only those with no birth on record are left; and a few more, so that a common name shows.
            others = rows.filter(birth=None)
            found |= dict.fromkeys(rows.filter(_meeting(exact)).values_list("pk", flat=True)[: COMMON + 1])
        if len(found) < OPENED:
            ranked = _ranked(others.filter(_meeting(ways)), every)
            if len(ranked) == OPENED:
                # The index may have handed over the wrong end of a long list: those written alike come first.
                found |= dict.fromkeys(others.filter(_meeting(exact)).values_list("pk", flat=True)[:OPENED])
            found |= dict.fromkeys(ranked)
    if not wanted.names and not numbers and wanted.births:
        needed = [wanted.day] if wanted.day is not None else list(wanted.years)
        found |= dict.fromkeys(rows.filter(_meeting([[needed]])).values_list("pk", flat=True)[:OPENED])
    kept = Person.objects.in_bulk(list(found)[:OPENED])
    return [kept[pk] for pk in found if pk in kept]


def _ways(keys: Sequence[blind.WordKeys], *, is_loose: bool) -> list[list[Collection[int]]]:
    """How a name can be met: each way is a list of words, each word the keys of which one must be held."""
    words: list[Collection[int]] = [word.every for word in keys]
    if not is_loose or len(words) < 3:
        return [words]
    return [[word for place, word in enumerate(words) if place != left_out] for left_out in range(len(words))]


def _meeting(ways: Sequence[Sequence[Collection[int]]]) -> Q:
    """Persons who meet one of the `ways`. Asked through a function of the database, see migration 0002 of the room."""
    asked = json.dumps([[list(keys) for keys in way] for way in ways])
    return Q(pk__in=RawSQL("SELECT persons_meeting(%s::jsonb)", [asked]))


def _ranked(rows: QuerySet[Person], keys: Iterable[int]) -> list[int]:
    pool = list(rows.order_by().values_list("pk", flat=True)[:POOL])
    if len(pool) <= OPENED:
        return pool
    shared = RawSQL(
        "(SELECT count(*) FROM unnest(persons_person.blind_keys) AS held WHERE held = ANY(%s))",
        [list(keys)],
        output_field=IntegerField(),
    )
    ranked = Person.objects.filter(pk__in=pool).order_by(shared.desc(), "pk")
    return list(ranked.values_list("pk", flat=True)[:OPENED])


def compared(found: Sequence[Person], wanted: Wanted) -> list[Match]:
    """Each candidate with its score, 0 to 100, and reasons; the best first. Opens names, nothing else."""
    names: dict[int, list[PersonName]] = {person.pk: [] for person in found}
    if wanted.names:
        for name in PersonName.objects.filter(person__in=list(names)).order_by("pk"):
            names[name.person_id].append(name)
    alike = {person.pk: _name_likeness(person, names[person.pk], wanted) for person in found}
    is_common = sum(likeness == 1.0 for likeness in alike.values()) > COMMON
    matches = [_scored(person, alike[person.pk], wanted, is_common) for person in found]
    return sorted(matches, key=lambda match: (-match.score, match.person.pk))


def _name_likeness(person: Person, names: Sequence[PersonName], wanted: Wanted) -> float:
    if not names or person.is_erased:
        return 0.0
    details = sealing.opened(person, names=names)
    return max(
        (naming.similarity(form, other) for name in details.names for other in name.forms for form in wanted.names),
        default=0.0,
    )


def _scored(person: Person, likeness: float, wanted: Wanted, is_common: bool) -> Match:
    keys = set(person.blind_keys)
    score, reasons = 0.0, []

    def weigh(reason: Reason, points: float) -> None:
        nonlocal score
        score += points
        reasons.append(reason.value)

    if keys & wanted.papers:
        weigh(Reason.DOCUMENT_SAME, 60)
    if keys & wanted.phones:
        weigh(Reason.PHONE_SAME, 40)
    if likeness >= 0.7:
        is_one_word = max(map(len, wanted.names)) == 1
        most = 25 if is_one_word else 45 if is_common else 60
        weigh(Reason.NAME_SAME if likeness == 1.0 else Reason.NAME_ALIKE, most * (likeness - 0.4) / 0.6)
        if is_common and likeness == 1.0:
            reasons.append(Reason.NAME_COMMON.value)
    if wanted.day is not None and wanted.day in keys:
        weigh(Reason.BIRTH_SAME, 35)
    elif keys & wanted.years:
        weigh(Reason.BIRTH_YEAR_SAME, 15)
    elif wanted.births and person.birth is not None:
        weigh(Reason.BIRTH_DIFFERS, -25)
    if {person.sex, wanted.sex} == {"female", "male"}:
        weigh(Reason.SEX_DIFFERS, -15)
    return Match(person, round(max(0.0, min(100.0, score)), 1), tuple(reasons))
