"""Two provinces that have nothing to do with each other, and everybody who may attack from the first of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import connection
from django.test import Client

from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.roles import MATRIX, Permission, Role, Scope
from kalkan.cases import services as cases
from kalkan.cases.lifecycle import OPEN, Stage
from kalkan.cases.models import Case
from kalkan.config import settings as plain
from kalkan.exchange.models import ImportRun
from kalkan.persons import services as persons
from kalkan.persons.details import ContactGiven, DocumentGiven, NameGiven, PersonDetails
from kalkan.persons.models import Attachment, Consent, Person, PossibleSame, SealedText
from tests.cases import story
from tests.factories import make_institution, make_user

PLANTED = "Yabanci157"  # part of every identity and text planted; nothing else on any page contains it
AT_THE_CENTRE = {
    Role.CENTRAL_UNIT,
    Role.COMMISSION_SECRETARIAT,
    Role.ANALYST,
    Role.DATA_PROTECTION_OFFICER,
}
IN_FRONT = {Role.FRONTLINE_OFFICER, Role.PARTNER}


@dataclass
class Attacker:
    """Somebody with a session, and what must never reach them unless they said it first."""

    name: str
    user: User | None
    session: str
    foreign: frozenset[str]

    @cached_property
    def words(self) -> list[str]:
        """What is foreign and no reference: names, numbers, texts."""
        return [marker for marker in self.foreign if marker.count("-") != 4]


@dataclass
class Ground:
    """The world that is attacked: who attacks, with which values of their own and of others."""

    attackers: list[Attacker]
    own: dict[str, list[str]] = field(default_factory=dict)
    others: dict[str, list[str]] = field(default_factory=dict)


def make() -> Ground:
    """Plant both provinces with cases at every stage, persons, imports and accounts. Needs the code lists loaded."""
    here, there = story.make_province_team("TR-06"), story.make_province_team("TR-34")
    centre = make_institution(InstitutionKind.MIGRATION_CENTRE, None)
    own = _plant(here, "Yerli157")
    planted = _plant(there, PLANTED)
    _worker_beats()
    references = {value for name, values in planted.items() if name != "words" for value in values}
    words = {PLANTED, *planted["words"]}
    attackers = [Attacker("anonymous", None, "", frozenset(references | words | set(_all(own))))]
    for role in Role:
        home = _home(role, here, centre)
        user = make_user(role, home)
        scope, held = MATRIX[role]
        foreign = set(words)
        if scope is not Scope.NATION and Permission.AUDIT_VIEW not in held:
            foreign |= references
        if Permission.PERSONS_REVEAL not in held:
            foreign |= {"Yerli157", *own["words"]}
        attackers.append(Attacker(role.value, user, _session(user), frozenset(foreign)))
    shelter = make_user(Role.SHELTER_STAFF, make_institution(InstitutionKind.SHELTER, "TR-06"))
    everything = frozenset(references | words | set(_all(own)))  # nothing was ever referred there
    attackers.append(Attacker("shelter_of_nobody", shelter, _session(shelter), everything))
    return Ground(attackers, own, planted)


def _home(role: Role, here: story.Province, centre: Institution) -> Institution:
    if role in AT_THE_CENTRE:
        return centre
    if role in IN_FRONT or role is Role.ADMINISTRATOR:
        return here.police
    if role is Role.HELPLINE_OPERATOR:
        return make_institution(InstitutionKind.HELPLINE, None)
    if role is Role.SHELTER_STAFF:
        return make_institution(InstitutionKind.SHELTER, "TR-06")
    return here.directorate


def _plant(team: story.Province, mark: str) -> dict[str, list[str]]:
    """Rows of every kind for one province; their references by kind, and the words sealed in them."""
    words = [f"{mark}{part}" for part in ("ad", "soyad", "belge", "anlati", "yer", "dosya")]
    details = PersonDetails(
        names=(NameGiven(kind="given", given=words[0], family=words[1]),),
        documents=(DocumentGiven(kind="passport", number=words[2], country="UZ", status="", expires_on=None),),
        contacts=(ContactGiven(kind="email", value=f"{mark.lower()}@kalkan.invalid", is_safe=True),),
        citizenships=("UZ",),
    )
    for number, stage in enumerate(Stage):
        person = persons.record_person(details, by=team.frontline) if number % 3 == 0 else None
        case = story.at(stage, team, person=person)
        persons.seal_text(case.person, "note", words[3], by=team.frontline)
        if case.stage in OPEN and case.is_with_authority:
            cases.record_episode(case.reference, by=team.expert, forms=["labour"], place=words[4])
            said = {"name": f"{words[5]}.txt", "declared": "", "kind": "other"}
            cases.attach_file(case.reference, words[3].encode(), by=team.expert, **said)
    people = [team.frontline, team.expert, team.decider, team.protector]
    mine = Case.objects.filter(institution__in=[team.police, team.directorate])
    holders = Person.objects.filter(holdings__institution__in=[team.police, team.directorate])
    ordered = mine.order_by("pk")
    every_text = _references(SealedText.objects.filter(person__in=holders))
    every_file = _references(Attachment.objects.filter(person__in=holders))
    run = ImportRun.objects.create(by=team.expert, institution=team.directorate, format="ctdc", state="checked")
    return {
        "case": _references(mine),
        "number": list(mine.values_list("number", flat=True)),
        "person": _references(holders.distinct()),
        "screening": [str(one) for one in mine.values_list("screenings__reference", flat=True) if one],
        "decision": [str(one) for one in mine.values_list("decisions__reference", flat=True) if one],
        # One for each case, in the order of the cases: an address names both.
        "text": [_of(case, "interviews__narrative__reference", every_text) for case in ordered],
        "file": [_of(case, "attachments__attachment__reference", every_file) for case in ordered],
        "every text": every_text,
        "consent": _references(Consent.objects.filter(person__in=holders)),
        "match": _references(PossibleSame.objects.filter(person__in=holders)),
        "account": [str(one.reference) for one in people],
        "email": [one.email for one in people],
        "import": [str(run.reference)],
        "words": words,
    }


def _of(case: Case, path: str, others: list[str]) -> str:
    """What belongs to this case, or else something that belongs to another."""
    found = Case.objects.filter(pk=case.pk).exclude(**{path: None}).values_list(path, flat=True).first()
    return str(found or others[0])


def _references(rows: Any) -> list[str]:
    return [str(one) for one in rows.order_by("pk").values_list("reference", flat=True)]


def _all(planted: dict[str, list[str]]) -> Iterable[str]:
    return (value for values in planted.values() for value in values)


def _session(user: User) -> str:
    client = Client()
    client.force_login(user)
    key = client.cookies[plain.SESSION_COOKIE_NAME].value
    return str(key)


def _worker_beats() -> None:
    """Without a worker that beats, the health page rightly answers 503."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '10 years')")
