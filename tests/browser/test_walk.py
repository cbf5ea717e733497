"""One person's case, from the first search to the decision of a second officer, on the screens and in Turkish."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from kalkan.access.models import InstitutionKind, User
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case, Decision
from kalkan.persons.models import Person
from tests.browser import steps
from tests.cases import story

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
Account = Callable[..., User]


def test_a_case_goes_from_screening_to_the_decision_of_another_officer(visit: Visit, account: Account) -> None:
    officer = account(Role.FRONTLINE_OFFICER, InstitutionKind.POLICE)
    expert = account(Role.IDENTIFICATION_EXPERT, InstitutionKind.MIGRATION_PROVINCE)
    decider = account(Role.DECIDING_OFFICER, InstitutionKind.MIGRATION_PROVINCE)

    page = visit()
    steps.sign_in(page, officer)
    steps.find_or_record(page, "Намуна Мисолова", year="1999")
    steps.open_case(page)
    steps.screen(page)
    case = Case.objects.get()
    expect(page.get_by_role("heading", name=case.number)).to_be_visible()
    steps.next_step(page)
    steps.interview(page, "Uydurma anlatım: pasaportu alınmış, gece gündüz çalıştırılmış.")
    steps.next_step(page)
    steps.send(page)
    case.refresh_from_db()
    assert case.stage == Stage.REFERRED
    expect(page.locator(".next-step a.btn-primary")).to_have_count(0)
    page.goto("/")
    expect(page.get_by_role("link", name=case.number)).to_have_count(0)

    page = visit()
    steps.sign_in(page, expert)
    page.get_by_role("link", name=case.number).click()
    steps.next_step(page)
    steps.send(page)
    steps.next_step(page)
    steps.interview(page, "Uydurma anlatım: aynı olaylar, tarihleriyle.")
    steps.next_step(page)
    steps.draft(page)
    expect(page.locator(".next-step")).to_contain_text("Bu adım şu rollerindir")

    page = visit()
    steps.sign_in(page, decider)
    page.get_by_role("link", name=case.number).click()
    steps.next_step(page)
    page.locator("[name=outcome][value=recognised]").check()
    page.locator("[name=reasons]").fill("Uydurma gerekçe: taslağa katılıyorum.")
    steps.send(page)

    case.refresh_from_db()
    decision = Decision.objects.get()
    assert (case.stage, case.outcome) == (Stage.RECOGNISED, "recognised")
    assert (decision.drafted_by, decision.decided_by) == (expert, decider)
    expect(page.get_by_role("heading", name=case.number)).to_be_visible()
    for name in (expert.full_name, decider.full_name):
        expect(page.locator("#decisions-title").locator("..").locator("..")).to_contain_text(name)
    done = set(AuditEvent.objects.filter(subjects__contains=[case.reference]).values_list("action", flat=True))
    assert {Event.CASE_OPENED, Event.SCREENING_CONCLUDED, Event.INTERVIEW_RECORDED, Event.DECISION_MADE} <= done
    assert Person.objects.count() == 1


def test_who_drafted_cannot_decide_neither_by_button_nor_by_a_forged_request(visit: Visit, account: Account) -> None:
    team = story.make_province_team()
    case = story.at(Stage.DRAFTED, team)
    # The expert has since been promoted: the role allows to decide, the rule of the second hand does not.
    team.expert.role = Role.DECIDING_OFFICER
    team.expert.set_password("gizli-deneme-parolasi")
    team.expert.save()

    page = visit()
    steps.sign_in(page, team.expert)
    expect(page.get_by_role("link", name=case.number)).to_have_count(0)
    page.goto(f"/case/{case.reference}/")
    expect(page.locator(".next-step a.btn-primary")).to_have_count(0)
    expect(page.locator(f"a[href$='/{case.reference}/decide/']")).to_have_count(0)

    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post(
        f"/cases/{case.reference}/decide/",
        form={
            "csrfmiddlewaretoken": token,
            "outcome": "recognised",
            "reasons": "Kendi taslağım",
            "on": case.opened_on.isoformat(),
            "version": str(story.fresh(case).version),
            "confirmed": "yes",
        },
        headers={"Referer": page.url},
    )
    assert answer.status in {403, 409, 422}
    assert story.fresh(case).stage == Stage.DRAFTED
    assert Decision.objects.get().decided_by is None


def test_pressing_twice_makes_one_record(visit: Visit, account: Account) -> None:
    officer = account(Role.FRONTLINE_OFFICER, InstitutionKind.POLICE)
    page = visit()
    steps.sign_in(page, officer)
    steps.find_or_record(page, "Deneme Kurgusoy", year="1990")
    page.locator("select[name=signal]").select_option("helpline_157")
    # The form as the page holds it, sent twice at once past the page's own guard: a slow line and an impatient hand.
    statuses = page.evaluate(
        """async () => {
            const form = document.querySelector("main form.form");
            const send = () => fetch(form.action || location.href, {method: "POST", body: new FormData(form)});
            return (await Promise.all([send(), send(), send()])).map(answer => answer.status);
        }"""
    )
    assert statuses == [200, 200, 200]
    assert Case.objects.count() == 1
    assert Person.objects.count() == 1


def test_two_officers_on_one_case_see_both_versions_and_nothing_is_overwritten(visit: Visit) -> None:
    team = story.make_province_team()
    case = story.at(Stage.IDENTIFICATION, team)
    first, second = visit(team.expert), visit(team.other_expert)
    for page in (first, second):
        page.goto(f"/cases/{case.reference}/change/")
    first.locator("[name=signal]").select_option("helpline_157")
    steps.send(first)
    second.locator("[name=signal]").select_option("ngo")
    steps.send(second)
    expect(second.get_by_role("alert")).to_contain_text("Bu arada başka biri kayıt yaptı")
    expect(second.get_by_role("alert").locator("tbody tr")).not_to_have_count(0)
    expect(second.locator("[name=signal]")).to_have_value("ngo")
    assert story.fresh(case).signal == "helpline_157"
    steps.send(second)
    assert story.fresh(case).signal == "ngo"


def test_a_screening_can_be_held_with_the_keyboard_alone(visit: Visit) -> None:
    team = story.make_province_team()
    case = story.opened(team)
    page = visit(team.frontline)
    page.goto(f"/cases/{case.reference}/screening/")

    def reach(selector: str) -> None:
        for _press in range(80):
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{selector} cannot be reached with Tab on {page.url}")

    reach("[name=about]")
    page.keyboard.press("Space")
    if page.locator("[name=age]").count():
        reach("[name=age]")
        page.keyboard.press("Space")
    reach("main form.form button.btn-primary")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    while "/result/" not in page.url:
        for name in page.evaluate(
            "[...new Set([...document.querySelectorAll('main [type=radio]')].map(r => r.name))]"
        ):
            reach(f'[name="{name}"]')
            page.keyboard.press("Space")
            page.keyboard.press("ArrowDown")
        reach("main form.form button.btn-primary")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    assert case.screenings.get().answers.count() > 10
