"""Every page of the system by name, with who looks at it: for the accessibility tests and for the pictures."""

from collections.abc import Iterator
from uuid import UUID

from kalkan.access.emergencies import end_emergency
from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.cases import services
from kalkan.cases.emergencies import open_case_in_emergency
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from kalkan.persons import erasing, holds
from kalkan.persons import services as persons
from kalkan.persons.details import NameGiven, PersonDetails
from tests.browser.shown import Shown
from tests.browser.support_pages import support as support
from tests.cases import story
from tests.factories import make_institution, make_person, make_user


def everything() -> Iterator[Shown]:
    """Invented cases at every stage, and every page there is about them and beside them; `support` shows theirs."""
    team = story.make_province_team()
    centre = make_institution("migration_centre", None)
    cases = {stage: story.at(stage, team) for stage in Stage}
    yield Shown("sign-in", None, "/account/login/")
    yield Shown("password-set", team.expert, "/account/password/set/")
    team.other_expert.set_password("gizli-deneme-parolasi")
    team.other_expert.save()
    yield Shown("password", team.other_expert, "/account/password/change/")
    yield Shown("sign-out", team.expert, "/account/logout/")
    for name in ("", "totp/activate/", "webauthn/", "webauthn/add/"):
        yield Shown(
            f"second-factor-{name.strip('/').replace('/', '-')}", team.expert, f"/account/second-factor/{name}"
        )
    yield Shown("sessions", team.expert, "/access/sessions/")
    yield Shown("invitation-refused", None, "/access/invitation/")
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
_IN_FRONT = {Role.FRONTLINE_OFFICER, Role.HELPLINE_OPERATOR, Role.DOCUMENT_EXPERT}


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
    make_user(Role.IDENTIFICATION_EXPERT, team.directorate, full_name="Yerine Bakan")
    yield Shown("oversight", unit, "/cases/oversight/")
    yield Shown("matches", unit, "/persons/possible-same/")
    for name in ("nation", "provinces", "provinces/TR-06", "definitions", "frozen"):
        yield Shown(f"statistics-{name.replace('/', '-')}", analyst, f"/statistics/{name}/")
    yield Shown("imports", unit, "/exchange/imports/")
    yield Shown("import-new", unit, "/exchange/imports/new/")
    waiting = erasing.ask(make_person().reference, by=unit, ground="erasure_on_request")
    holds.set_hold(make_person().reference, by=auditor, reason="criminal_case")
    yield Shown("erasures", auditor, "/persons/erasures/")
    yield Shown("erasure-ask", auditor, "/persons/erasures/ask/")
    yield Shown("erasure", auditor, f"/persons/erasures/{waiting.reference}/")
    yield Shown("holds", auditor, "/persons/holds/")
    yield Shown("audit", auditor, "/audit/")
    yield Shown("reading", auditor, "/reading/")
    yield Shown("unusual", auditor, "/reading/unusual/")
    yield Shown("reads", auditor, f"/reading/by/{team.expert.reference}/")
    case = story.at(Stage.IDENTIFICATION, team)
    yield Shown("readers", auditor, f"/reading/of/{case.person.reference}/")
    yield Shown("access-report", auditor, f"/reading/of/{case.person.reference}/report/")
    stranger = make_user(Role.FRONTLINE_OFFICER, make_institution("gendarmerie", "TR-07"))
    open_case_in_emergency(case.number, by=stranger, ground="danger_to_life")
    yield Shown("emergency-open", stranger, "/emergencies/open/")
    yield Shown("emergency-case", stranger, f"/case/{case.reference}/")
    yield Shown("emergency-person", stranger, f"/persons/{case.person.reference}/")
    yield Shown("emergency-home", stranger, "/")
    other = make_user(Role.FRONTLINE_OFFICER, stranger.institution)
    emergency = open_case_in_emergency(case.number, by=other, ground="medical")
    end_emergency(emergency.reference, by=other)
    yield Shown("emergencies", auditor, "/emergencies/")
    yield Shown("emergency", auditor, f"/emergencies/{emergency.reference}/")
    yield Shown("emergency-watched", unit, "/")
    yield Shown("accounts", administrator, "/access/accounts/")
    yield Shown("account-new", administrator, "/access/accounts/new/")
    yield Shown("account", administrator, f"/access/accounts/{team.expert.reference}/")
    for name in ("hand-over", "close", "leave"):
        yield Shown(f"account-{name}", administrator, f"/account-of/{team.expert.reference}/{name}/")
    yield Shown("permissions", analyst, "/access/permissions/")
    yield Shown("code-lists", analyst, "/vocabulary/")
    yield Shown("code-list", analyst, "/vocabulary/lists/exploitation_form/")
    yield Shown("not-found", analyst, "/nothing/")
    yield Shown("refused", analyst, "/work/")
