"""Each kind of promise, made by the verb that makes it: whoever owes it opens the page behind its line."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kalkan.access.models import InstitutionKind, User
from kalkan.access.roles import Permission, Role
from kalkan.access.session import acting
from kalkan.assistance.forms.gate import details
from kalkan.assistance.lifecycle.promises import BY_CODE, KINDS
from kalkan.assistance.models import Promise
from kalkan.assistance.selectors.promises import lines, open_promises
from kalkan.assistance.services import permits, referral_moves, shelters
from kalkan.assistance.services.duties import answer_duty
from kalkan.assistance.services.gate import ask_gate
from kalkan.assistance.services.papers import check_paper
from kalkan.assistance.services.pathways import Opening, open_needs
from kalkan.audit.models import Channel
from kalkan.cases.lifecycle import Stage
from tests.assistance.house import House, ago
from tests.assistance.programmes import begun, written
from tests.assistance.referral_story import accepted, acts, make_cast, referred
from tests.assistance.test_duties import decided, wanted
from tests.assistance.test_papers_mrz import SPECIMENS
from tests.assistance.test_returns import consented as agrees_to_return
from tests.assistance.test_returns import decided as return_decided
from tests.assistance.test_returns import departed
from tests.cases.story import Province, at, opened
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db
Owes = Callable[[Province], User]
_OWED: dict[str, Owes] = {}


def _owes(*kinds: str) -> Callable[[Owes], Owes]:
    """The decorated story leads to a promise of each of `kinds`; it gives somebody who owes it."""

    def remember(story: Owes) -> Owes:
        _OWED.update(dict.fromkeys(kinds, story))
        return story

    return remember


def _ngo_partner() -> User:
    return make_user(Role.PARTNER, make_institution(InstitutionKind.NGO, "TR-06"))


@_owes("pathway_step")
def _need_handed_on(team: Province) -> User:
    gendarmerie = make_institution(InstitutionKind.GENDARMERIE, "TR-06")
    case = opened(team, on=timezone.localdate())
    with acting(Channel.PAGE, team.frontline):
        wanted = [Opening("medical", gendarmerie)]
        open_needs(case.reference, wanted, by=team.frontline, on=timezone.localdate())
    return make_user(Role.FRONTLINE_OFFICER, gendarmerie)


@_owes("paper_examination")
def _doubtful_paper(team: Province) -> User:
    case = opened(team)
    with acting(Channel.PAGE, team.frontline):
        check_paper(
            case.reference, by=team.frontline, kind="passport", country="SY", zone=SPECIMENS["TD3"], verdict="doubt",
            expert=team.police, alterations=["photo_replaced"],
        )  # fmt: skip
    return make_user(Role.DOCUMENT_EXPERT, team.police)


@_owes("referral_answer")
def _referred(_team: Province) -> User:
    cast = make_cast()
    referred(cast)
    return cast.partner


@_owes("referral_feedback")
def _referral_accepted(_team: Province) -> User:
    cast = make_cast()
    accepted(cast)
    return cast.partner


@_owes("referral_reply")
def _referral_asked(_team: Province) -> User:
    cast = make_cast()
    referral = referred(cast)
    with acts(cast.partner):
        referral_moves.ask(referral.reference, by=cast.partner, version=1, text="Uydurma soru")
    return cast.protector


@_owes("referral_elsewhere")
def _referral_declined(_team: Province) -> User:
    cast = make_cast()
    referral = referred(cast)
    with acts(cast.partner):
        referral_moves.decline(referral.reference, by=cast.partner, version=1, reason="full")
    return cast.protector


@_owes("programme_review")
def _programme(team: Province) -> User:
    begun(team)
    return team.protector


@_owes("goal")
def _goal_elsewhere(team: Province) -> User:
    partner = _ngo_partner()
    wanted(begun(team), partner.institution)
    return partner


@_owes("conference_decision")
def _decision_elsewhere(team: Province) -> User:
    partner = _ngo_partner()
    decided(begun(team), partner.institution)
    return partner


@_owes("plan_answer")
def _answered_elsewhere(team: Province) -> User:
    partner = _ngo_partner()
    goal = wanted(begun(team), partner.institution)
    with acting(Channel.PAGE, partner):
        answer_duty(goal.reference, by=partner, answer="cannot", reason="no_capacity")
    return team.protector


@_owes("evaluation_report")
def _report(team: Province) -> User:
    written(team, begun(team))
    return team.decider


@_owes("stay_answer")
def _place_asked_for(_team: Province) -> User:
    house = House()
    house.request()
    return house.staff


@_owes("stay_elsewhere")
def _place_refused(_team: Province) -> User:
    house = House()
    stay = house.request()
    with acting(Channel.PAGE, house.staff):
        shelters.decline_stay(stay.reference, by=house.staff, version=stay.version, reason="full")
    return house.officer


@_owes("stay_review")
def _resident(_team: Province) -> User:
    house = House()
    house.resident()
    return house.staff


@_owes("absence_follow_up")
def _absent(_team: Province) -> User:
    house = House()
    stay = house.resident(on=ago(3))
    with acting(Channel.PAGE, house.staff):
        shelters.record_absence(stay.reference, by=house.staff, is_planned=False, reason="not_known", since_on=ago(1))
    return house.staff


@_owes("incident_follow_up")
def _incident(_team: Province) -> User:
    house = House()
    stay = house.resident(on=ago(3))
    with acting(Channel.PAGE, house.staff):
        shelters.report_incident(
            by=house.staff, kind="stranger", severity="severe", happened_on=ago(1), police_informed=True,
            stay=stay.reference,
        )  # fmt: skip
    return house.officer


@_owes("permit_decision")
def _permit_asked_for(team: Province) -> User:
    case = at(Stage.PROTECTION, team, on=timezone.localdate())
    permits.request_permit(case.reference, by=team.protector, kind="first")
    return team.decider


@_owes("permit_expiry", "reflection_end")
def _permit(team: Province) -> User:
    case = at(Stage.PROTECTION, team, on=timezone.localdate())
    permit = permits.request_permit(case.reference, by=team.protector, kind="first")
    permits.grant_permit(permit.reference, by=team.decider, number="1", version=1)
    return team.protector


@_owes("return_cooling_off")
def _thinking_over(team: Province) -> User:
    case = at(Stage.PROTECTION, team)
    agrees_to_return(team, case)
    return_decided(team, case)
    return team.protector


@_owes(*(f"return_follow_up_{months}" for months in (1, 3, 6, 12)))
def _departed(team: Province) -> User:
    case = at(Stage.PROTECTION, team)
    agrees_to_return(team, case)
    departed(team, case)
    return team.protector


@_owes("gate_screening")
def _asked_at_the_gate(team: Province) -> User:
    with acting(Channel.PAGE, team.frontline):
        ask_gate(details(number="UYDURMA-1"), by=team.frontline)  # whom nobody knows
    return team.frontline


def test_every_kind_has_its_story() -> None:
    assert set(_OWED) == {kind.code for kind in KINDS}


@pytest.mark.parametrize("kind", [kind.code for kind in KINDS])
def test_whoever_owes_it_opens_the_page_behind_the_line(team: Province, kind: str) -> None:
    owes = _OWED[kind](team)
    promise = Promise.objects.get(kind=kind, kept_at=None, dropped_at=None)
    assert promise.institution == owes.institution
    if Permission.CASES_VIEW in owes.permissions:  # a document expert has a list of documents instead
        with acting(Channel.PAGE, owes):
            (line,) = lines(list(open_promises(owes, "institution", kind=kind)))
        assert line.url == reverse(BY_CODE[kind].page, args=[promise.subject])
    client = Client()
    client.force_login(owes)
    answer = client.get(reverse(BY_CODE[kind].page, args=[promise.subject]), follow=True)
    assert answer.status_code == 200
    allowed = (reverse("web:case", args=[promise.case.reference]), reverse("web:home")) if promise.case else ()
    assert answer.request["PATH_INFO"] not in allowed, "led away instead of shown"
