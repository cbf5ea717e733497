"""Every page of support by name, with who looks at it: for the accessibility tests and for the pictures."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone

from kalkan.access.models import InstitutionKind, User
from kalkan.access.roles import Role
from kalkan.assistance import sheets
from kalkan.assistance.forms.gate import details
from kalkan.assistance.lifecycle.permits import EXTENSION, FIRST
from kalkan.assistance.models import Programme
from kalkan.assistance.services import care, claims, evaluation, papers, pathways, permits, programmes, returns
from kalkan.assistance.services import shelters as houses
from kalkan.assistance.services.directory import Offer, offer_service, record_service
from kalkan.assistance.services.documents import make_document
from kalkan.assistance.services.gate import ask_gate
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from kalkan.persons import services as persons
from tests.assistance import test_returns as returning
from tests.assistance.house import House, ago
from tests.assistance.test_duties import wanted
from tests.assistance.test_papers_mrz import SPECIMENS
from tests.assistance.test_papers_work import WRONG
from tests.browser.referral_pages import referrals
from tests.browser.shown import Shown
from tests.cases import story
from tests.factories import make_institution, make_user
from tests.persons.people import full_details

WORDS = "Uydurma: bu sözler bir deneme içindir."
PURPOSE = {"purpose": "protection"}


def support() -> Iterator[Shown]:
    """Invented support of one person with everything in it, its empty beginning, and every page of the room."""
    team = story.make_province_team()
    person = persons.record_person(full_details(), by=team.frontline, met_on=ago(90))
    case = story.at(Stage.PROTECTION, team, on=ago(90), person=person)
    empty = story.at(Stage.PROTECTION, team, on=ago(3))
    unit = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    yield from _directory(team, unit)
    yield from _pathways(team, case)
    yield from _programme(team, case, empty)
    yield from _care(team, Programme.objects.get(case=case))
    yield from _sheets(team)
    yield from _shelter(team, case, unit)
    yield from _permits(team, case)
    yield from _returns(team)
    yield from _gate()
    yield from _papers(team, case)
    yield from _documents(team, case)
    yield from referrals(team, case)
    yield _page("hub", team.protector, case)
    for role in (Role.FRONTLINE_OFFICER, Role.IDENTIFICATION_EXPERT, Role.DECIDING_OFFICER):
        yield _page("hub", team.of(role), case, name=f"hub-{role.value}")
    yield _page("hub", team.protector, empty, name="hub-empty")
    closed = story.at(Stage.CLOSED, team, on=ago(30))
    yield _page("hub", team.protector, closed, name="hub-closed")
    yield from _promises(team, unit)


def _page(
    path: str, user: User | None, *rows: Any, name: str = "", query: str = "", answers: dict[str, Any] | None = None
) -> Shown:
    address = reverse(f"assistance:{path}", args=[row.reference for row in rows])
    return Shown(name or path.replace("_", "-"), user, address + query, answers)


def _day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def _promises(team: story.Province, unit: User) -> Iterator[Shown]:
    for view in ("mine", "institution", "province"):
        yield _page("promises", team.protector, name=f"promises-{view}", query=f"?view={view}")
    yield _page("promises", unit, name="promises-centre")
    stranger = make_user(Role.PROTECTION_OFFICER, make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-65"))
    yield _page("promises", stranger, name="promises-empty")
    yield _page("ageing", unit)


def _directory(team: story.Province, unit: User) -> Iterator[Shown]:
    partner = make_user(Role.PARTNER, make_institution(InstitutionKind.NGO, "TR-06"))
    newcomer = make_user(Role.PARTNER, make_institution(InstitutionKind.NGO, "TR-35"))
    full = Offer(
        category="psychosocial", name_tr="Bireysel görüşme", name_en="Individual sessions", description_tr=WORDS,
        description_en="Invented: these words are for a test.", province_id="TR-06", languages=("tr", "ar", "fa"),
        sexes=("female",), citizenships=("SY", "UZ"), accessibility=("step_free", "women_staff"), age_from=18,
        age_to=65, days=(1, 2, 3, 5), opens_at=time(9), cost="free", capacity=12,
        closes_at=time(17, 30), address="Uydurma Sokak 7, Çankaya", phone="+90 312 000 00 00",
        email="destek@kalkan.invalid", web="https://kalkan.invalid/destek",
    )  # fmt: skip
    one = record_service(partner.institution, full, by=partner)
    for category, days in (("legal_aid", 0), ("health", 300)):
        offer = Offer(category=category, name_tr="Uydurma hizmet", name_en="Invented service", province_id="TR-06")
        made = record_service(partner.institution, offer, by=partner)
        type(made).objects.filter(pk=made.pk).update(verified_on=ago(days))
    gone = record_service(partner.institution, replace(full, category="cash"), by=partner)
    offer_service(gone.reference, is_active=False, by=partner, version=gone.version)
    yield _page("directory", team.protector)
    yield _page("directory", unit, name="directory-asked", query="?category=psychosocial&province=TR-34&language=ar")
    yield _page("directory", team.frontline, name="directory-none", query="?category=family_tracing&sex=male&age=7")
    yield _page("own_services", partner)
    yield _page("own_services", newcomer, name="own-services-empty")
    yield _page("add_service", partner)
    yield _page("service", team.protector, one)
    yield _page("service", partner, one, name="service-own")
    yield _page("service", partner, gone, name="service-withdrawn")
    yield _page("change_service", partner, one)


def _pathways(team: story.Province, case: Case) -> Iterator[Shown]:
    elsewhere = make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.GENDARMERIE, "TR-06"))
    today = timezone.localdate()
    own, other, done = (
        pathways.open_needs(case.reference, [pathways.Opening(need, at)], by=team.protector, on=today, note=WORDS)[0]
        for need, at in (
            ("medical", team.directorate), ("labour_rights", elsewhere.institution), ("asylum", team.directorate),
        )
    )  # fmt: skip
    pathways.close_need(done.reference, outcome="met", by=team.protector, on=today, version=1, note=WORDS)
    yield _page("needs", team.protector, case)
    yield _page("pathway", team.protector, own)
    yield _page("pathway", elsewhere, other, name="pathway-elsewhere")
    yield _page("pathway", team.protector, done, name="pathway-closed")
    yield _page("take_up_need", elsewhere, other)
    for path in ("step_need", "hand_over_need", "close_need"):
        yield _page(path, team.protector, own)
    text = own.steps.get(note__isnull=False).note
    yield _page("need_note", team.protector, own, text)
    yield _page("need_note", team.protector, own, text, name="need-note-opened", answers=PURPOSE)


def _programme(team: story.Province, case: Case, empty: Case) -> Iterator[Shown]:
    by, began = team.protector, ago(80)
    programmes.give_information(
        case.reference, by=by, sheet="information", language="fa", form="by_interpreter", on=began
    )
    programme = programmes.begin_programme(case.reference, by=by, on=began)
    go = programme.reference
    for on, levels in ((began, {"housing": 4, "psychosocial": 3, "legal": 2}), (ago(20), {"housing": 1, "work": 2})):
        assessed = programmes.assess_needs(go, by=by, on=on, levels=levels, note=WORDS)
    goals = [
        programmes.set_goal(go, by=by, area=area, wording=WORDS, target_on=_day(30), institution=team.directorate)
        for area in ("housing", "work")
    ]
    programmes.settle_goal(goals[0].reference, by=by, move="reach", version=1)
    programmes.record_service(
        go, by=by, category="interpreting", institution=team.directorate, began_on=began, ended_on=began,
        quantity=Decimal("1.5"), unit="hour", cost=Decimal("1250.50"), currency="TRY", outcome="helped",
    )  # fmt: skip
    running = programmes.record_service(
        go, by=by, category="psychosocial", institution=team.directorate, began_on=began
    )
    programmes.hold_review(go, by=by, on=ago(40), still_wanted=True, note=WORDS)
    returned = evaluation.write_report(
        go, by=by, on=ago(30), ground="needs_go_on", verdict="continue", reasoning=WORDS
    )
    evaluation.answer_report(returned.reference, by=team.decider, move="return", version=1, remark=WORDS)
    report = evaluation.write_report(go, by=by, on=ago(5), ground="safety", verdict="extend_permit", reasoning=WORDS)
    yield _page("give_information", by, empty)
    yield _page("begin_programme", by, empty)
    begun = programmes.begin_programme(story.at(Stage.PROTECTION, team, on=ago(2)).reference, by=by, on=ago(1))
    yield _page("programme", by, programme)
    yield _page("programme", team.decider, programme, name="programme-decider")
    yield _page("programme", by, begun, name="programme-begun")
    for part in ("needs", "goal", "service", "review"):
        yield _page(f"programme_{part}", by, programme)
    yield _page("hand_programme", by, programme)
    said = {"ground": "goals_reached", "verdict": "end", "reasoning": WORDS, "on": ago(1).isoformat()}
    yield _page("programme_report", by, programme)
    yield _page("programme_report", by, programme, name="programme-report-check", answers=said)
    yield _page("programme_text", by, programme, assessed.note)
    yield _page("programme_text", by, programme, assessed.note, name="programme-text-opened", answers=PURPOSE)
    yield _page("goal", by, goals[1])
    partner = make_user(Role.PARTNER, make_institution(InstitutionKind.NGO, "TR-06"))
    yield _page("owed", partner, wanted(programme, partner.institution))
    yield _page("end_service", by, running)
    yield _page("report", by, report, name="report-own")
    yield _page("report", team.decider, report)
    yield _page("report", by, returned, name="report-returned")


def _care(team: story.Province, programme: Programme) -> Iterator[Shown]:
    by, go, on = team.protector, programme.reference, ago(50)
    note = care.write_note(go, by=by, kind="health", on=on, words=WORDS)
    child = care.add_companion(go, by=by, relation="child", since=on, sex="male", age_band="0-8")
    begins = timezone.now().replace(minute=0) + timedelta(days=3)
    booking = care.book_interpreter(
        go, by=by, code="T-17", language="uz", begins_at=begins, ends_at=begins + timedelta(hours=1)
    )
    aid = claims.ask_legal_aid(go, by=by, bar="TR-06", on=on, lawyer="Av. Uydurma")
    claims.record_legal_step(aid.reference, by=by, step="appointed", on=ago(45))
    claim = claims.claim_compensation(go, by=by, on=on, claimed=Decimal("125000"), currency="TRY", court=WORDS)
    claims.grant_cash(
        go, by=by, kind="monthly", amount=Decimal("4500"), currency="TRY", begins_on=on, ends_on=_day(90),
        conditions=WORDS,
    )  # fmt: skip
    decided = claims.Decided(WORDS, team.directorate, _day(10))
    meeting = claims.hold_conference(
        go, by=by, on=ago(10), institutions=[team.directorate, team.police], decisions=[decided], note=WORDS
    )
    for part in ("note", "companion", "booking", "legal_aid", "compensation", "cash", "conference"):
        yield _page(f"programme_{part}", by, programme)
    yield _page("care_note", by, note)
    yield _page("care_note", by, note, name="care-note-opened", answers=PURPOSE)
    yield _page("end_companion", by, child)
    yield _page("cancel_booking", by, booking)
    yield _page("legal_step", by, aid)
    yield _page("decide_compensation", by, claim)
    yield _page("conference_decision", by, meeting.decisions.get())


def _sheets(team: story.Province) -> Iterator[Shown]:
    for name, language in sheets.sheets():
        query = f"?sheet={name}&language={language}"
        yield _page("sheet", team.protector, name=f"sheet-{name}-{language}", query=query)


def _shelter(team: story.Province, case: Case, unit: User) -> Iterator[Shown]:
    newcomer = make_user(Role.SHELTER_STAFF, make_institution(InstitutionKind.SHELTER, "TR-35"))
    house = House(officer=team.protector, beds=4, profiles=("women", "families"), is_accessible=True)
    stay = house.resident(0, on=ago(60), case=case)
    away = house.resident(1, on=ago(6))
    absence = houses.record_absence(
        away.reference, by=house.staff, is_planned=False, reason="not_known", since_on=ago(1)
    )
    houses.close_bed(house.beds[3].reference, by=house.staff, reason="repair", first_on=ago(1), until_on=_day(4))
    asked = house.request(risks=["knows_area", "phone_traced"], needs=["own_room"], children=1)
    ready = house.assess(house.request(urgency="now"))
    waiting = house.assess(house.request(urgency="planned"))
    houses.keep_waiting(waiting.reference, by=house.staff, version=waiting.version)
    left = house.leave(house.resident(2, on=ago(9)), on=ago(2))
    incident = houses.report_incident(
        by=house.staff, kind="threat", severity="severe", happened_on=ago(1), police_informed=True,
        stay=stay.reference,
    )  # fmt: skip
    seen = houses.report_incident(
        by=house.staff, kind="illness", severity="severe", happened_on=ago(3), police_informed=False,
        stay=stay.reference,
    )  # fmt: skip
    houses.follow_up_incident(seen.reference, by=team.protector, on=ago(1), account=WORDS)
    houses.plan_shift(by=house.staff, day=timezone.localdate(), staff={"morning": 2, "evening": 1, "night": 1})
    yield _page("shelter", house.staff)
    yield _page("shelter", newcomer, name="shelter-empty")
    yield _page("shelter_profile", newcomer)
    yield _page("shelter_profile", house.staff, name="shelter-profile-change")
    yield _page("beds", house.staff)
    yield _page("close_bed", house.staff, house.beds[2])
    yield _page("shifts", house.staff)
    yield _page("report_incident", house.staff)
    yield _page("occupancy", team.protector)
    yield _page("occupancy", unit, name="occupancy-centre")
    for name, one in (("asked", asked), ("assessed", ready), ("waiting", waiting), ("left", left), ("away", away)):
        yield _page("stay", house.staff, one, name=f"stay-{name}")
    yield _page("stay", house.staff, stay)
    yield _page("stay", team.protector, stay, name="stay-officer")
    yield _page("assess_stay", house.staff, asked)
    yield _page("admit", house.staff, ready)
    yield _page("decline_stay", house.staff, asked)
    yield _page("withdraw_stay", team.protector, asked)
    for path in ("move_bed", "end_stay", "absence"):
        yield _page(path, house.staff, stay)
    yield _page("end_absence", house.staff, absence)
    yield _page("incident", team.protector, incident)
    yield _page("incident", house.staff, incident, name="incident-staff")
    yield _page("incident", team.protector, seen, name="incident-followed-up")
    yield _page("incident_account", team.protector, seen)
    yield _page("request_stay", team.protector, house.case())


def _permits(team: story.Province, case: Case) -> Iterator[Shown]:
    by = team.protector
    first = permits.request_permit(case.reference, by=by, kind=FIRST, starts_on=ago(25))
    first = permits.grant_permit(first.reference, by=team.decider, number="UYDURMA-1", version=first.version)
    bare = story.at(Stage.PROTECTION, team, on=ago(10))
    yield _page("permits", by, bare, name="permits-empty")
    yield _page("request_permit", by, bare, name="request-permit-first")
    other = story.at(Stage.PROTECTION, team, on=ago(20))
    granted = permits.request_permit(other.reference, by=by, kind=FIRST, starts_on=ago(20))
    permits.grant_permit(granted.reference, by=team.decider, number="UYDURMA-2", version=1)
    yield _page("request_permit", by, other)
    answers = {"ground": "safety", "ends_on": _day(100).isoformat()}
    yield _page("request_permit", by, other, name="request-permit-check", answers=answers)
    yield _page("leave_permit", by, granted)
    yield _page("all_permits", by)
    yield _page("all_permits", make_user(Role.PROTECTION_OFFICER), name="all-permits-empty")
    extension = permits.request_permit(case.reference, by=by, kind=EXTENSION, ground="safety")
    yield _page("permits", by, case)
    yield _page("permit", team.decider, extension)
    yield _page("decide_permit", team.decider, extension)
    yield _page("cancel_permit", team.decider, first)
    yield _page("permit_number", by, first)
    yield _page("permit_number", by, first, name="permit-number-opened", answers=PURPOSE)


def _returns(team: story.Province) -> Iterator[Shown]:
    by = team.protector

    def case() -> Case:
        made = story.at(Stage.PROTECTION, team, on=ago(60))
        returning.consented(team, made)
        return made

    yield _page("offer_return", by, case())
    offered = returning.offered(team, case())
    assessed = returning.assessed(team, case(), risks=("debt", "stigma"))
    decided = returning.decided(team, case(), risks=("threats",))
    approved = returning.decided(team, case())
    approved = returns.approve_return(approved.reference, by=team.decider, version=approved.version)
    departed = returning.departed(team, case())
    followed = returning.departed(team, case())
    for months in (1, 3, 6, 12):
        followed.refresh_from_db()
        returns.record_follow_up(
            followed.reference, by=by, months=months, on=timezone.localdate(), contact="phone", outcome="settled",
            note=WORDS, version=followed.version,
        )  # fmt: skip
    stages = {
        "offered": offered, "assessed": assessed, "decided": decided, "approved": approved, "departed": departed,
        "followed-up": followed,
    }  # fmt: skip
    for name, plan in stages.items():
        yield _page("return", by, plan, name=f"return-{name}")
    yield _page("return", team.decider, decided, name="return-decider")
    yield _page("return_text", by, assessed, assessed.risk_note)
    for path, plan in (
        ("assess_return", offered), ("decline_return", offered), ("decide_return", assessed),
        ("arrange_return", assessed), ("withdraw_return", decided), ("depart_return", approved),
        ("confirm_arrival", departed), ("follow_up_return", departed), ("complete_return", followed),
    ):  # fmt: skip
        yield _page(path, by, plan)
    yield _page("approve_return", team.decider, decided)
    yield _page("all_returns", by)
    yield _page("all_returns", make_user(Role.PROTECTION_OFFICER), name="all-returns-empty")


def _gate() -> Iterator[Shown]:
    border = make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.POLICE, "TR-22"))
    elsewhere = make_institution(InstitutionKind.POLICE, "TR-30")
    yield _page("gate", make_user(Role.FRONTLINE_OFFICER, elsewhere), name="gate-empty")
    known = full_details().documents[0].number
    for name, number in (("stopped", known), ("unscreened", "U 0000001")):
        _answer, check = ask_gate(details(number=number), by=border)
        yield _page("gate_check", border, check, name=f"gate-check-{name}")
    yield _page("gate", border)


def _papers(team: story.Province, case: Case) -> Iterator[Shown]:
    expert = make_user(Role.DOCUMENT_EXPERT, team.police)
    said: dict[str, Any] = {"kind": "passport", "country": "SY", "by": team.expert}
    clear = papers.check_paper(case.reference, zone=SPECIMENS["TD3"], verdict="clear", **said)
    doubtful, examined = (
        papers.check_paper(
            case.reference, zone=WRONG, verdict="doubt", expert=team.police, status="suspected_false",
            alterations=["photo_replaced", "obtained_by_deceit"], **said,
        )
        for _one in range(2)
    )  # fmt: skip
    papers.examine_paper(examined.reference, by=expert, finding="altered", note=WORDS, version=1)
    typed = {"kind": "passport", "country": "SY", "zone": WRONG, "verdict": "doubt", "expert": team.police.code}
    yield _page("check_paper", team.expert, case)
    yield _page("check_paper", team.expert, case, name="check-paper-check", answers=typed)
    yield _page("paper", team.expert, case, clear, name="paper-clear")
    yield _page("paper", team.expert, case, examined)
    yield _page("paper", team.expert, case, examined, name="paper-opened", answers=PURPOSE)
    yield _page("papers_to_examine", expert)
    idle = make_user(Role.DOCUMENT_EXPERT, make_institution(InstitutionKind.POLICE, "TR-34"))
    yield _page("papers_to_examine", idle, name="papers-to-examine-empty")
    yield _page("examine_paper", expert, doubtful)


def _documents(team: story.Province, case: Case) -> Iterator[Shown]:
    made = make_document(case.reference, by=team.expert, kind="decision", language="ar", purpose="identification")
    yield _page("make_document", team.protector, case)
    yield _page("make_document", team.expert, case, name="make-document-expert")
    yield _page("open_document", team.expert, case, made)
