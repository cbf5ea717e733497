"""A province with its people, and a case that they carry to any stage through the services."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.roles import Role
from kalkan.cases import services
from kalkan.cases.lifecycle import Outcome, Stage
from kalkan.cases.models import Case, Decision, Interview
from kalkan.persons import services as persons
from kalkan.persons.models import Majority, Person
from tests.factories import make_institution, make_person, make_user

DAY = date(2026, 3, 2)  # a Monday
TRAFFICKING = {"act": "yes", "4.1": "yes", "4.2": "yes", "5.1": "observed", "5.2": "yes"}


@dataclass
class Province:
    """Everyone who works on cases of one province."""

    police: Institution
    directorate: Institution
    frontline: User
    expert: User
    other_expert: User
    decider: User
    other_decider: User
    protector: User

    def of(self, role: str) -> User:
        """Somebody of this role, at home where the role is."""
        known = {
            Role.FRONTLINE_OFFICER: self.frontline,
            Role.IDENTIFICATION_EXPERT: self.expert,
            Role.DECIDING_OFFICER: self.decider,
            Role.PROTECTION_OFFICER: self.protector,
        }
        return known.get(Role(role)) or make_user(role, self.directorate)


def make_province_team(code: str = "TR-06") -> Province:
    """One police unit and one directorate with their officers."""
    police = make_institution(InstitutionKind.POLICE, code)
    directorate = make_institution(InstitutionKind.MIGRATION_PROVINCE, code)
    return Province(
        police=police,
        directorate=directorate,
        frontline=make_user(Role.FRONTLINE_OFFICER, police),
        expert=make_user(Role.IDENTIFICATION_EXPERT, directorate),
        other_expert=make_user(Role.IDENTIFICATION_EXPERT, directorate),
        decider=make_user(Role.DECIDING_OFFICER, directorate),
        other_decider=make_user(Role.DECIDING_OFFICER, directorate),
        protector=make_user(Role.PROTECTION_OFFICER, directorate),
    )


def opened(team: Province, *, on: date = DAY, person: Person | None = None, **options: Any) -> Case:
    """A case opened by the frontline officer."""
    person = person or make_person(team.police, majority=Majority.ADULT)
    return services.open_case(person, by=team.frontline, signal="police_operation", on=on, **options)


def screened(team: Province, case: Case, *, conclusion: str = "signs", on: date = DAY) -> Case:
    """A screening with clear signs, concluded so."""
    answers = TRAFFICKING if conclusion == "signs" else {"4.1": "no", "act": "no"}
    screening = services.start_screening(case.reference, by=team.frontline, profile="adult_labour", held_on=on)
    services.answer_questions(screening.reference, answers, by=team.frontline)
    services.conclude_screening(screening.reference, by=team.frontline, conclusion=conclusion, on=on)
    return fresh(case)


def heard(team: Province, case: Case, *, kind: str = Interview.Kind.PRELIMINARY, on: date = DAY, **said: Any) -> Case:
    """An interview of its kind, by the officer whose it is."""
    by = team.frontline if kind == Interview.Kind.PRELIMINARY else team.expert
    values = {"guardian": "social_worker" if case.is_child else "", "by": by} | said
    services.record_interview(
        case.reference, kind=kind, held_on=on, rights_explained=True, narrative="Invented words.", **values
    )
    return fresh(case)


def drafted(
    team: Province,
    case: Case,
    *,
    proposed: str = Outcome.RECOGNISED,
    by: User | None = None,
    on: date = DAY,
    **said: Any,
) -> Decision:
    """A draft that fits what it proposes."""
    recognises = proposed == Outcome.RECOGNISED
    values = {
        "act_found": True,
        "means_found": None if case.is_child else recognises,
        "purpose_found": recognises,
        "grounds_codes": ["act_shown"] if recognises else ["no_purpose"],
        "provision": "recognition_ground" if recognises else "refusal_ground",
        "grounds": "Invented grounds.",
    } | said
    return services.draft_decision(case.reference, by=by or team.expert, on=on, proposed=proposed, **values)


def decided(
    team: Province, case: Case, *, outcome: str = Outcome.RECOGNISED, by: User | None = None, on: date = DAY
) -> Decision:
    """The decision of another officer."""
    return services.decide(
        case.reference, by=by or team.decider, on=on, outcome=outcome, reasons="Invented.", version=fresh(case).version
    )


def consented(team: Province, case: Case, *, on: date = DAY) -> None:
    """Consent to psychosocial support."""
    persons.give_consent(
        case.person.reference,
        by=team.protector,
        purpose="psychosocial",
        recipient=team.directorate,
        categories=["health"],
        language="tr",
        given_how="written",
        given_on=on,
        guardian_agreed=True if fresh(case).person.is_child else None,
    )


def at(stage: str, team: Province, *, on: date = DAY, **options: Any) -> Case:
    """A case that has come as far as `stage`, everything on one day."""
    case = opened(team, on=on, **options)
    for reached, go in _WAY:
        if case.stage == stage:
            break
        if stage == Stage.NOT_RECOGNISED and reached == Stage.DRAFTED:
            heard(team, case, kind=Interview.Kind.IDENTIFICATION, on=on)
            drafted(team, case, proposed=Outcome.NOT_RECOGNISED, on=on)
            decided(team, case, outcome=Outcome.NOT_RECOGNISED, on=on)
        else:
            go(team, case, on)
        case = fresh(case)
    assert case.stage == stage
    return case


def _refer(team: Province, case: Case, on: date) -> None:
    heard(team, case, on=on)
    services.refer_for_identification(case.reference, by=team.frontline, on=on)


def _draft(team: Province, case: Case, on: date) -> None:
    heard(team, case, kind=Interview.Kind.IDENTIFICATION, on=on)
    drafted(team, fresh(case), on=on)


def _protect(team: Province, case: Case, on: date) -> None:
    consented(team, case, on=on)
    services.begin_protection(case.reference, by=team.protector, on=on)


_WAY: Any = (
    (Stage.PRELIMINARY, lambda team, case, on: screened(team, case, on=on)),
    (Stage.REFERRED, _refer),
    (
        Stage.IDENTIFICATION,
        lambda team, case, on: services.begin_identification(case.reference, by=team.expert, on=on),
    ),
    (Stage.DRAFTED, _draft),
    (Stage.RECOGNISED, lambda team, case, on: decided(team, case, on=on)),
    (Stage.PROTECTION, _protect),
    (
        Stage.CLOSED,
        lambda team, case, on: services.close_case(
            case.reference, by=team.protector, on=on, reason="support_completed"
        ),
    ),
)


def raw(*statements: tuple[Any, ...]) -> None:
    """Statements with their values past all services; undone if they break a rule of the database."""
    with transaction.atomic(), connection.cursor() as cursor:
        for sql, *values in statements:
            cursor.execute(sql, values or None)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def fresh(case: Case) -> Case:
    """The case as it stands now."""
    return Case.objects.select_related("person").get(pk=case.pk)


def later(days: int) -> date:
    """So many days after the first."""
    return DAY + timedelta(days=days)
