"""Every page of the system by name, with who looks at it: for the accessibility tests and for the pictures."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.cases import services
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from kalkan.persons import services as persons
from kalkan.persons.details import NameGiven, PersonDetails
from tests.cases import story
from tests.factories import make_institution, make_user


class Shown(NamedTuple):
    """One page as one user opens it."""

    name: str
    user: User | None
    address: str


def everything() -> Iterator[Shown]:
    """Invented cases at every stage, and every page there is about them and beside them."""
    team = story.make_province_team()
    centre = make_institution("migration_centre", None)
    cases = {stage: story.at(stage, team) for stage in Stage}
    yield Shown("sign-in", None, "/account/login/")
    yield Shown("password", team.expert, "/account/password/change/")
    yield Shown("sign-out", team.expert, "/account/logout/")
    for role in Role:
        home = centre if role in _AT_THE_CENTRE else team.police if role in _IN_FRONT else team.directorate
        yield Shown(f"home-{role.value}", make_user(role, home), "/")
    yield Shown("work-list", team.expert, "/?view=all&stage=&order=stage")
    for stage, case in cases.items():
        reader = team.expert if case.is_with_authority else team.frontline
        yield Shown(f"case-{stage.value}", reader, f"/case/{case.reference}/")
    yield from _steps(team, cases)
    yield from _persons(team, cases[Stage.PROTECTION])
    yield from _beside(team, centre)


_AT_THE_CENTRE = {
    Role.CENTRAL_UNIT,
    Role.COMMISSION_SECRETARIAT,
    Role.ANALYST,
    Role.DATA_PROTECTION_OFFICER,
    Role.ADMINISTRATOR,
}
_IN_FRONT = {Role.FRONTLINE_OFFICER, Role.HELPLINE_OPERATOR}


def _steps(team: story.Province, cases: dict[Stage, Case]) -> Iterator[Shown]:
    def page(name: str, user: User, stage: Stage) -> Shown:
        return Shown(name, user, f"/cases/{cases[stage].reference}/{name}/")

    yield page("screening", team.frontline, Stage.SCREENING)
    running = _running_screening(team)
    for name in ("danger", "act", "exploitation"):
        yield Shown(f"screening-{name}", team.frontline, f"/cases/screenings/{running}/{name}/")
    yield Shown("screening-result", team.frontline, f"/cases/screenings/{running}/result/")
    yield page("preliminary-interview", team.frontline, Stage.PRELIMINARY)
    yield page("break-off", team.frontline, Stage.PRELIMINARY)
    yield page("begin-identification", team.expert, Stage.REFERRED)
    yield page("identification-interview", team.expert, Stage.IDENTIFICATION)
    yield page("draft", team.expert, Stage.IDENTIFICATION)
    yield page("decide", team.decider, Stage.DRAFTED)
    yield page("begin-protection", team.protector, Stage.RECOGNISED)
    yield page("close", team.protector, Stage.PROTECTION)
    yield page("reconsider", team.other_expert, Stage.NOT_RECOGNISED)
    for name in ("exploitation", "perpetrator", "link", "assign", "change"):
        yield page(name, team.expert, Stage.IDENTIFICATION)
    yield from _files(team, cases[Stage.IDENTIFICATION])


def _files(team: story.Province, case: Case) -> Iterator[Shown]:
    """A file that can be opened, and one that was removed."""
    attached = [
        services.attach_file(case.reference, b"Uydurma.", name="a.txt", declared="", kind=kind, by=team.expert)
        for kind in ("police_report", "translation")
    ]
    kept, gone = (one.reference for one in attached)
    services.remove_file(case.reference, gone, by=team.expert, reason="wrong_file")
    yield Shown("file-attach", team.expert, f"/cases/{case.reference}/files/add/")
    yield Shown("file-open", team.expert, f"/cases/{case.reference}/files/{kept}/")
    yield Shown("file-remove", team.expert, f"/cases/{case.reference}/files/{kept}/remove/")
    yield Shown("case-with-files", team.expert, f"/case/{case.reference}/")


def _running_screening(team: story.Province) -> UUID:
    case = story.opened(team)
    screening = services.start_screening(
        case.reference, by=team.frontline, profile="adult_labour", held_on=story.DAY, place="police_station"
    )
    services.answer_questions(screening.reference, story.TRAFFICKING, by=team.frontline)
    return screening.reference


def _persons(team: story.Province, case: Case) -> Iterator[Shown]:
    details = PersonDetails(names=(NameGiven(kind="given", given="Намуна", family="Мисолова"),), citizenships=("UZ",))
    person = persons.record_person(details, by=team.expert)
    persons.record_person(details, by=team.expert)
    yield Shown("person-search", team.frontline, "/persons/")
    yield Shown("person-new", team.frontline, "/persons/new/")
    yield Shown("open-case", team.expert, f"/cases/open/{person.reference}/")
    for name in ("", "reveal/", "correct/", "consent/"):
        yield Shown(f"person-{name.rstrip('/') or 'page'}", team.expert, f"/persons/{person.reference}/{name}")
    consent = case.person.consents.get()
    yield Shown("person-withdraw", team.protector, f"/persons/consents/{consent.reference}/withdraw/")


def _beside(team: story.Province, centre: object) -> Iterator[Shown]:
    unit = make_user(Role.CENTRAL_UNIT, centre)  # type: ignore[arg-type]
    analyst = make_user(Role.ANALYST, centre)  # type: ignore[arg-type]
    auditor = make_user(Role.DATA_PROTECTION_OFFICER, centre)  # type: ignore[arg-type]
    administrator = make_user(Role.ADMINISTRATOR, centre)  # type: ignore[arg-type]
    yield Shown("oversight", unit, "/cases/oversight/")
    yield Shown("matches", unit, "/persons/possible-same/")
    for name in ("nation", "provinces", "provinces/TR-06", "definitions", "frozen"):
        yield Shown(f"statistics-{name.replace('/', '-')}", analyst, f"/statistics/{name}/")
    yield Shown("imports", unit, "/exchange/imports/")
    yield Shown("import-new", unit, "/exchange/imports/new/")
    yield Shown("audit", auditor, "/audit/")
    yield Shown("accounts", administrator, "/access/accounts/")
    yield Shown("account-new", administrator, "/access/accounts/new/")
    yield Shown("account", administrator, f"/access/accounts/{team.expert.reference}/")
    yield Shown("permissions", analyst, "/access/permissions/")
    yield Shown("code-lists", analyst, "/vocabulary/")
    yield Shown("code-list", analyst, "/vocabulary/lists/exploitation_form/")
    yield Shown("not-found", analyst, "/nothing/")
    yield Shown("refused", analyst, "/work/")
