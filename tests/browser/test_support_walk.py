"""The life after the decision, on the screens: consent, plan, shelter, referral, permit, report, return, closure."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.roles import Role
from kalkan.assistance.models import EvaluationReport, Permit, Programme, Promise, Referral, ReturnPlan, Stay
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from kalkan.persons import services as persons
from tests.assistance.house import House
from tests.browser import steps
from tests.cases import story
from tests.persons.people import full_details

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
Account = Callable[..., User]
BEGAN = 90  # days ago
NEED = "Uydurma ihtiyaç: haftada bir görüşme."


def _ago(days: int) -> str:
    return _day(-days).isoformat()


def _day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def _answer(page: Page, **said: Any) -> None:
    """Fill in the form and send it; a check page is confirmed."""
    steps.fill(page, **said)
    steps.send(page)


def _go(page: Page, name: str, *arguments: UUID) -> None:
    """Press the link that leads there: a page that no link leads to would not be found by anybody."""
    address = reverse(f"assistance:{name}", args=arguments)
    page.locator(f"main a[href='{address}']").first.click()
    page.wait_for_url(f"**{address}")


def _support(page: Page, case: Case) -> None:
    page.goto(reverse("web:case", args=[case.reference]))
    page.locator(f"a[href='{reverse('assistance:hub', args=[case.reference])}']").first.click()


def _consents(page: Page, case: Case, purpose: str, recipient: Institution, *categories: str) -> None:
    page.goto(reverse("persons:consent", args=[case.person.reference]))
    _answer(
        page, purpose=purpose, recipient=recipient.pk, categories=list(categories), language="tr",
        given_how="written", given_on=_ago(BEGAN),
    )  # fmt: skip


def test_a_recognised_victim_is_carried_to_closure(visit: Visit, account: Account) -> None:
    team = story.make_province_team()
    person = persons.record_person(full_details(), by=team.frontline, met_on=_day(-BEGAN))
    case = story.at(Stage.RECOGNISED, team, on=_day(-BEGAN), person=person)
    house = House(officer=team.protector)
    partner = account(Role.PARTNER, InstitutionKind.NGO)
    ngo = partner.institution
    officer, decider, staff = visit(team.protector), visit(team.decider), visit(house.staff)

    _protect(officer, case, team.directorate, ngo)
    programme = _plan(officer, case, team, ngo)
    _shelter(officer, staff, case, house)
    referral = _refer(officer, case, "psychosocial", ngo)
    ngo_page = visit()
    steps.sign_in(ngo_page, partner)
    _receive(ngo_page, referral, case)
    _lose_consent(officer, ngo_page, case, ngo)
    _permits(officer, decider, case, programme)
    plan = _return(officer, decider, case)
    _report(officer, decider, case, programme)
    _end_stay(staff)

    officer.goto(reverse("cases:close", args=[case.reference]))
    _answer(officer, reason="returned")
    case = story.fresh(case)
    assert case.stage == Stage.CLOSED
    _go_on_after_closure(officer, plan)
    owed = set(Promise.objects.filter(kept_at=None, dropped_at=None).values_list("kind", flat=True))
    assert owed <= {"return_follow_up_3", "return_follow_up_6", "return_follow_up_12"}


def _protect(officer: Page, case: Case, directorate: Institution, ngo: Institution) -> None:
    _consents(officer, case, "psychosocial", ngo, "identity", "contact")
    _consents(officer, case, "legal_aid", ngo, "identity", "documents")
    _consents(officer, case, "return", directorate, "identity")
    officer.goto(reverse("web:case", args=[case.reference]))
    steps.next_step(officer)
    _answer(officer, on=_ago(BEGAN))
    assert story.fresh(case).stage == Stage.PROTECTION


def _plan(officer: Page, case: Case, team: story.Province, ngo: Institution) -> Programme:
    _support(officer, case)
    _go(officer, "give_information", case.reference)
    _answer(officer, sheet="information", language="ru", form="by_interpreter", on=_ago(80))
    _support(officer, case)
    _go(officer, "begin_programme", case.reference)
    _answer(officer, on=_ago(80))
    programme = Programme.objects.get()
    _go(officer, "programme_needs", programme.reference)
    _answer(officer, on=_ago(79), area_housing="4", area_psychosocial="3", note="Uydurma değerlendirme.")
    _go(officer, "programme_goal", programme.reference)
    _answer(
        officer, area="housing", wording="Uydurma hedef: güvenli bir oda.", target_on=_day(30).isoformat(),
        institution=team.directorate.pk,
    )  # fmt: skip
    _go(officer, "programme_service", programme.reference)
    _answer(officer, category="psychosocial", institution=ngo.pk, began_on=_ago(70))
    return programme


def _shelter(officer: Page, staff: Page, case: Case, house: House) -> None:
    _support(officer, case)
    _go(officer, "request_stay", case.reference)
    _answer(officer, shelter=house.shelter.pk, urgency="soon", wanted_on=_ago(0), children=0)
    stay = Stay.objects.get()
    staff.goto(reverse("assistance:shelter"))
    _go(staff, "stay", stay.reference)
    assert case.number not in staff.content()
    _go(staff, "assess_stay", stay.reference)
    for field in staff.locator("main [type=radio][value=no]").all():
        field.check()
    steps.send(staff)
    _go(staff, "admit", stay.reference)
    _answer(staff, bed=house.beds[0].reference)
    stay.refresh_from_db()
    assert stay.status == "admitted"


def _refer(officer: Page, case: Case, purpose: str, ngo: Institution) -> Referral:
    consent = case.person.consents.get(purpose=purpose, withdrawn_at=None)
    _support(officer, case)
    _go(officer, "refer", case.reference)
    _answer(officer, category=purpose, basis=f"consent:{consent.reference}", need=NEED)
    return Referral.objects.get(receiver=ngo, category=purpose)


def _receive(ngo: Page, referral: Referral, case: Case) -> None:
    """In its narrowed view: what the package holds, never the case; then back to the sender."""
    _open(ngo, referral)
    expect(ngo.locator("main")).to_contain_text(NEED)
    expect(ngo.locator("main")).to_contain_text("Абдуллаева")
    expect(ngo.locator("main")).not_to_contain_text("FA 1234567")
    _go(ngo, "referral_accept", referral.reference)
    steps.send(ngo)
    _go(ngo, "referral_complete", referral.reference)
    _answer(ngo, reason="provided", text="Uydurma geri bildirim: görüşmeler tamamlandı.")
    referral.refresh_from_db()
    assert referral.status == "completed"
    for address in (
        reverse("web:case", args=[case.reference]),
        reverse("persons:person", args=[case.person.reference]),
        reverse("assistance:hub", args=[case.reference]),
    ):
        answer = ngo.request.get(address)
        assert answer.status == 404, address


def _lose_consent(officer: Page, ngo: Page, case: Case, receiver: Institution) -> None:
    """The very next request after the withdrawal shows the receiver nothing of the person."""
    referral = _refer(officer, case, "legal_aid", receiver)
    _open(ngo, referral)
    expect(ngo.locator("main")).to_contain_text("FA 1234567")
    _go(ngo, "referral_accept", referral.reference)
    steps.send(ngo)
    address = reverse("assistance:referral", args=[referral.reference])
    ngo.goto(address)
    expect(ngo.locator("main")).to_contain_text("FA 1234567")

    consent = case.person.consents.get(purpose="legal_aid")
    officer.goto(reverse("persons:withdraw", args=[consent.reference]))
    with officer.expect_navigation():
        officer.locator("main form button.btn-danger").click()

    ngo.goto(address)
    for gone in ("FA 1234567", "Абдуллаева", "Gulnara", NEED):
        expect(ngo.locator("main")).not_to_contain_text(gone)
    referral.refresh_from_db()
    assert referral.status == "revoked"


def _open(ngo: Page, referral: Referral) -> None:
    ngo.goto("/")
    ngo.locator(f"a[href='{reverse('assistance:referrals')}']").first.click()
    _go(ngo, "referral", referral.reference)


def _permits(officer: Page, decider: Page, case: Case, programme: Programme) -> None:
    _support(officer, case)
    _go(officer, "permits", case.reference)
    _go(officer, "request_permit", case.reference)
    _answer(officer, starts_on=_ago(10))
    _grant(decider, Permit.objects.get())
    _support(officer, case)
    _go(officer, "permits", case.reference)
    _go(officer, "request_permit", case.reference)
    _answer(officer, ground="safety", ends_on=_day(120).isoformat())
    _evaluate(officer, decider, programme, ground="safety", verdict="extend_permit")
    _grant(decider, Permit.objects.latest("pk"))
    first, extension = Permit.objects.order_by("pk")
    assert (first.state, extension.state) == ("granted", "granted")
    assert extension.starts_on == first.ends_on
    assert extension.report == EvaluationReport.objects.get()


def _grant(decider: Page, permit: Permit) -> None:
    decider.goto(reverse("assistance:permit", args=[permit.reference]))
    _go(decider, "decide_permit", permit.reference)
    _answer(decider, outcome="grant", number="UYDURMA-1")


def _return(officer: Page, decider: Page, case: Case) -> ReturnPlan:
    _support(officer, case)
    _go(officer, "offer_return", case.reference)
    _answer(officer, moment="during_support", on=_ago(60))
    plan = ReturnPlan.objects.get()
    for name, said in (
        ("assess_return", {"destination": "UZ", "note": "Uydurma not.", "on": _ago(59)}),
        ("arrange_return", {"papers": "own_passport", "escort": "none", "receiver_words": "Uydurma kuruluş"}),
        ("decide_return", {"language": "uz", "informed": True, "on": _ago(58)}),
    ):
        officer.goto(reverse("assistance:return", args=[plan.reference]))
        _go(officer, name, plan.reference)
        _answer(officer, **said)
    decider.goto(reverse("assistance:return", args=[plan.reference]))
    _go(decider, "approve_return", plan.reference)
    steps.send(decider)
    officer.goto(reverse("assistance:return", args=[plan.reference]))
    _go(officer, "depart_return", plan.reference)
    _answer(officer, on=_ago(0))
    plan.refresh_from_db()
    assert plan.stage == "departed"
    return plan


def _report(officer: Page, decider: Page, case: Case, programme: Programme) -> None:
    """One writes why support ends, another approves; until then the case cannot be closed."""
    officer.goto(reverse("cases:close", args=[case.reference]))
    steps.fill(officer, reason="returned")
    for button in ("main form.form button:is(.btn-primary, .btn-danger)", "main button[name=confirmed]"):
        with officer.expect_navigation():
            officer.locator(button).first.click()
    expect(officer.locator(".error-summary")).to_be_visible()
    _evaluate(officer, decider, programme, ground="returned", verdict="end")
    programme.refresh_from_db()
    assert programme.ended_on is not None


def _evaluate(officer: Page, decider: Page, programme: Programme, **said: str) -> None:
    officer.goto(reverse("assistance:programme", args=[programme.reference]))
    _go(officer, "programme_report", programme.reference)
    _answer(officer, **said, reasoning="Uydurma gerekçe.")
    decider.goto(reverse("assistance:report", args=[EvaluationReport.objects.latest("pk").reference]))
    _answer(decider, move="approve")


def _end_stay(staff: Page) -> None:
    stay = Stay.objects.get()
    staff.goto(reverse("assistance:stay", args=[stay.reference]))
    _go(staff, "end_stay", stay.reference)
    staff.locator("main [name=reason]").first.check()
    steps.send(staff)


def _go_on_after_closure(officer: Page, plan: ReturnPlan) -> None:
    officer.goto(reverse("assistance:return", args=[plan.reference]))
    _go(officer, "confirm_arrival", plan.reference)
    _answer(officer, on=_ago(0))
    officer.goto(reverse("assistance:return", args=[plan.reference]))
    _go(officer, "follow_up_return", plan.reference)
    _answer(officer, months="1", contact="phone", outcome="settled", on=_ago(0))
    assert plan.follow_ups.get().months == 1
