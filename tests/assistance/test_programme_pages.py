"""The pages of a support programme, as officers use them."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.assistance import sheets
from kalkan.assistance.forms.programmes import NAMES
from kalkan.assistance.models import EvaluationReport, Programme, ServiceDelivered
from kalkan.assistance.services import care, claims
from kalkan.assistance.services import programmes as services
from kalkan.cases.lifecycle import Stage
from kalkan.persons import services as persons
from tests.assistance.programmes import begun, ended, written
from tests.cases.story import DAY, Province, at
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db
TODAY = "2026-03-02"
LANGUAGES = ("tr", "en", "ar", "fa", "ru")


def _client(user: User) -> Client:
    user.language = "en"
    user.save(update_fields=["language"])
    client = Client()
    client.force_login(user)
    return client


def _send(user: User, name: str, row: Any, /, **said: Any) -> Any:
    return _client(user).post(reverse(f"assistance:{name}", args=[row.reference]), said)


def _page(user: User, name: str, row: Any) -> str:
    return _client(user).get(reverse(f"assistance:{name}", args=[row.reference])).content.decode()


def _done(response: Any, programme: Programme) -> bool:
    return response.status_code == 302 and response.url == reverse("assistance:programme", args=[programme.reference])


def _version(page: str) -> str:
    return re.findall(r'name="version" value="([^"]+)"', page)[0]


# --- from consent to the end, through pages alone ---


def test_a_programme_is_begun_worked_and_ended_through_pages_alone(team: Province) -> None:
    case, tomorrow = at(Stage.PROTECTION, team), timezone.localdate() + timedelta(days=1)
    assert "Begin the support programme" in _page(team.protector, "hub", case)
    said: dict[str, Any] = {"sheet": "information", "language": "ar", "form": "by_interpreter", "on": TODAY}
    assert _send(team.protector, "give_information", case, **said, request_key=uuid4()).status_code == 302
    assert "Arabic" in _page(team.protector, "hub", case)
    begin = _send(team.protector, "begin_programme", case, on=TODAY, request_key=uuid4())
    programme = Programme.objects.get()
    assert _done(begin, programme)
    needs = {"on": TODAY, "note": "Invented.", "area_housing": "4", "area_health": "0", "request_key": uuid4()}
    assert _done(_send(team.protector, "programme_needs", programme, **needs), programme)
    goal = {"area": "housing", "wording": "A place.", "target_on": tomorrow, "institution": team.directorate.pk}
    assert _done(_send(team.protector, "programme_goal", programme, **goal, request_key=uuid4()), programme)
    service = {"category": "health", "institution": team.directorate.pk, "began_on": TODAY, "cost": "12.50"}
    service |= {"currency": "TRY", "request_key": uuid4()}
    assert _done(_send(team.protector, "programme_service", programme, **service), programme)
    assert ServiceDelivered.objects.get().cost == Decimal("12.50")
    review = {"on": TODAY, "still_wanted": "yes", "note": "Invented.", "request_key": uuid4()}
    assert _done(_send(team.protector, "programme_review", programme, **review), programme)
    row = programme.goal_set.get()
    said = {"move": "reach", "version": _version(_page(team.protector, "goal", row))}
    assert _done(_send(team.protector, "goal", row, **said), programme)
    report = {"ground": "goals_reached", "verdict": "end", "reasoning": "Done.", "on": TODAY, "request_key": uuid4()}
    assert b"confirmed" in _send(team.protector, "programme_report", programme, **report).content
    assert not EvaluationReport.objects.exists()
    assert _done(_send(team.protector, "programme_report", programme, **report, confirmed="yes"), programme)
    written_report = EvaluationReport.objects.get()
    assert "This report is yours" in _page(team.protector, "report", written_report)
    said = {"move": "approve", "version": _version(_page(team.decider, "report", written_report))}
    assert _done(_send(team.decider, "report", written_report, **said, confirmed="yes"), programme)
    page = _page(team.protector, "programme", programme)
    assert "Ended on" in page
    assert "Add a goal" not in page
    said = {"reason": "support_completed", "on": timezone.localdate(), "confirmed": "yes"}
    closed = _client(team.protector).post(reverse("cases:close", args=[case.reference]), said)
    assert closed.status_code == 302


def test_everything_that_goes_with_a_programme_is_recorded_through_pages(team: Province) -> None:
    programme, ngo = begun(team), make_institution("ngo")
    day = timezone.localdate() + timedelta(days=3)
    forms: dict[str, dict[str, Any]] = {
        "programme_note": {"kind": "health", "on": TODAY, "words": "Invented."},
        "programme_companion": {"relation": "child", "sex": "male", "age_band": "0-8", "since": TODAY},
        "programme_booking": {"code": "T-17", "language": "ar", "day": day, "begins": "10:00", "ends": "11:00"},
        "programme_legal_aid": {"bar": "TR-06", "on": TODAY, "lawyer": "Av. Uydurma"},
        "programme_compensation": {"on": TODAY, "claimed": "1000.00", "currency": "TRY"},
        "programme_cash": {"kind": "once", "amount": "500", "currency": "TRY", "begins_on": TODAY},
        "programme_conference": {
            "on": TODAY, "guest_1": ngo.pk, "wording_1": "School.", "does_1": ngo.pk, "due_1": day,
        },
    }  # fmt: skip
    for name, said in forms.items():
        answer = _send(team.protector, name, programme, **said, request_key=uuid4())
        assert _done(answer, programme), (name, answer.content.decode()[:2000])
    then: list[tuple[str, Any, dict[str, Any]]] = [
        ("end_companion", programme.companion_set.get(), {"on": TODAY, "version": 1}),
        ("cancel_booking", programme.booking_set.get(), {}),
        ("legal_step", programme.legalaid_set.get(), {"step": "appointed", "on": TODAY}),
        (
            "decide_compensation",
            programme.compensation_set.get(),
            {"on": TODAY, "outcome": "partly", "awarded": "10", "version": 1},
        ),
        ("conference_decision", programme.conference_set.get().decisions.get(), {"on": TODAY, "move": "do"}),
    ]
    for name, row, said in then:
        assert _done(_send(team.protector, name, row, **said), programme), name
    page = _page(team.protector, "programme", programme)
    for words in ("Awarded in part", "Lawyer appointed", "cancelled", "done on", "Health note"):
        assert words in page, words


def test_the_next_step_is_the_needs_then_a_goal_then_the_review(team: Province) -> None:
    programme = begun(team)

    def next_step() -> str:
        found = re.search(r'<h2 id="next-title">([^<]*)</h2>', _page(team.protector, "programme", programme))
        assert found is not None
        return found[1]

    assert next_step() == "Assess the needs"
    services.assess_needs(programme.reference, by=team.protector, on=DAY, levels={"housing": 3})
    assert next_step() == "Add a goal"
    services.set_goal(
        programme.reference, by=team.protector, area="housing", wording="Invented.",
        target_on=timezone.localdate() + timedelta(days=9), institution=team.directorate,
    )  # fmt: skip
    assert next_step() == "Review the programme"


def test_a_form_about_a_row_says_which_one(team: Province) -> None:
    programme = begun(team)
    claim = claims.claim_compensation(
        programme.reference, by=team.protector, on=DAY, claimed=Decimal("1250.5"), currency="TRY"
    )
    assert "Claimed were 1,250.50 TRY." in _page(team.protector, "decide_compensation", claim)
    aid = claims.ask_legal_aid(programme.reference, by=team.protector, bar="TR-06", on=DAY)
    assert "Bar association of Ankara" in _page(team.protector, "legal_step", aid)
    service = services.record_service(
        programme.reference, by=team.protector, category="health", institution=team.directorate, began_on=DAY
    )
    page = _page(team.protector, "end_service", service)
    assert f"Health care · {team.directorate.name_en} · 2 March 2026" in page
    assert "Support programme</a>" in page, "the way back is named by where it leads"


# --- what is refused is said on the page ---


def test_a_service_that_ended_before_it_began_is_said_to_be_so(team: Province) -> None:
    said = {"category": "health", "institution": team.directorate.pk, "began_on": "2026-03-05", "request_key": uuid4()}
    answer = _send(team.protector, "programme_service", begun(team), **said, ended_on="2026-03-04", outcome="helped")
    assert answer.status_code == 422
    assert "The end lies before the beginning" in answer.content.decode()
    assert not ServiceDelivered.objects.exists()


@pytest.mark.parametrize("ground", ["renewed_ties", "obligations"])
@pytest.mark.parametrize(("forced", "sentence"), [("yes", "is no ground against the person"), ("", "Say whether")])
def test_the_page_asks_whether_it_was_under_force_and_takes_no_yes(
    team: Province, ground: str, forced: str, sentence: str
) -> None:
    said = {"ground": ground, "verdict": "end", "reasoning": "x", "on": TODAY, "request_key": uuid4()}
    answer = _send(team.protector, "programme_report", begun(team), **said, under_force=forced, confirmed="yes")
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not EvaluationReport.objects.exists()


def test_a_goal_settled_by_two_shows_that_somebody_was_faster(team: Province) -> None:
    programme, day = begun(team), timezone.localdate() + timedelta(days=9)
    goal = services.set_goal(
        programme.reference, by=team.protector, area="work", wording="x", target_on=day, institution=team.directorate
    )
    services.settle_goal(goal.reference, by=team.protector, move="reach", version=1)
    services.settle_goal(goal.reference, by=team.protector, move="reopen", version=2, target_on=day)
    assert _send(team.protector, "goal", goal, move="reach", version=1).status_code == 409


def test_a_double_booking_is_refused_on_the_page(team: Province) -> None:
    programme, day = begun(team), timezone.localdate() + timedelta(days=3)
    said = {"code": "T-17", "language": "ar", "day": day, "begins": "10:00", "ends": "11:00"}
    assert _done(_send(team.protector, "programme_booking", programme, **said, request_key=uuid4()), programme)
    again = _send(team.protector, "programme_booking", programme, **said, request_key=uuid4())
    assert again.status_code == 422
    assert "booked at that time already" in again.content.decode()
    named = _send(team.protector, "programme_booking", programme, **said | {"code": "Ayse"}, request_key=uuid4())
    assert named.status_code == 422


def test_an_ended_programme_offers_no_form(team: Province) -> None:
    programme = ended(team, begun(team))
    for name in ("programme_goal", "programme_service", "programme_review", "programme_report"):
        answer = _client(team.protector).get(reverse(f"assistance:{name}", args=[programme.reference]))
        assert answer.status_code == 302, name


# --- who sees what ---


def test_the_words_of_a_care_note_are_on_no_page_but_its_own_and_only_after_a_purpose(team: Province) -> None:
    programme = begun(team)
    note = care.write_note(programme.reference, by=team.protector, kind="health", on=DAY, words="Invented secret.")
    for user in (team.protector, team.decider):
        assert "Invented secret" not in _page(user, "programme", programme)
    assert "Health note" not in _page(team.decider, "programme", programme)
    assert "Invented secret" not in _page(team.protector, "care_note", note)
    assert "Invented secret" in _send(team.protector, "care_note", note, purpose="protection").content.decode()
    assert _send(team.decider, "care_note", note, purpose="protection").status_code == 404


def test_the_police_that_opened_the_case_sees_no_programme(team: Province) -> None:
    programme = begun(team)
    address = reverse("assistance:programme", args=[programme.reference])
    assert _client(team.frontline).get(address).status_code == 404
    hub = _page(team.frontline, "hub", programme.case)
    assert "Programme running" not in hub


def test_withdrawn_consent_is_said_on_the_page(team: Province) -> None:
    programme = begun(team)
    assert "No consent to support holds today" not in _page(team.protector, "programme", programme)
    persons.withdraw_consent(programme.consent.reference, by=team.protector)
    assert "No consent to support holds today" in _page(team.protector, "programme", programme)


def test_the_page_asks_the_database_as_often_for_twenty_rows_as_for_one(team: Province) -> None:
    programme = begun(team)

    def add(number: int) -> None:
        day = timezone.localdate() + timedelta(days=number)
        place = make_institution("ngo")
        of = {"by": team.protector}
        services.set_goal(programme.reference, area="work", wording="x", target_on=day, institution=place, **of)
        services.record_service(programme.reference, category="health", institution=place, began_on=DAY, **of)
        services.hold_review(programme.reference, on=DAY, still_wanted=True, note="x", **of)
        services.assess_needs(programme.reference, on=DAY, levels={"health": 1}, note="x", **of)
        care.write_note(programme.reference, kind="health", on=DAY, words="x", **of)
        care.add_companion(programme.reference, relation="child", since=DAY, **of)
        aid = claims.ask_legal_aid(programme.reference, bar="TR-06", on=DAY, lawyer="x", **of)
        claims.record_legal_step(aid.reference, step="appointed", on=DAY, **of)
        decided = [claims.Decided("x", place, day)]
        claims.hold_conference(programme.reference, on=DAY, institutions=[place], decisions=decided, note="x", **of)

    client = _client(team.protector)
    address = reverse("assistance:programme", args=[programme.reference])
    counts = []
    for numbers in ((1,), range(2, 6)):
        for number in numbers:
            add(number)
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- sheets ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_sheet_stands_in_every_language_in_its_direction_with_a_quick_exit(
    team: Province, name: str, language: str
) -> None:
    address = f"{reverse('assistance:sheet')}?sheet={name}&language={language}"
    page = _client(team.frontline).get(address).content.decode()
    direction = "rtl" if language in ("ar", "fa") else "ltr"
    assert f'<article class="sheet" lang="{language}" dir="{direction}">' in page
    assert "data-quick-exit" in page
    assert "not yet confirmed" in page
    first, other = sheets.sheet(name, language), sheets.sheet(name, "en")
    for ours, theirs in zip(first.text.parts, other.text.parts, strict=True):
        assert bool(ours.heading) == bool(theirs.heading)
        assert (len(ours.paragraphs), len(ours.points)) == (len(theirs.paragraphs), len(theirs.points))


def test_a_sheet_that_is_none_does_not_exist(team: Province) -> None:
    for asked in ("sheet=information&language=zu", "sheet=../provisions&language=tr"):
        assert _client(team.protector).get(f"{reverse('assistance:sheet')}?{asked}").status_code == 404


def test_no_draft_says_that_it_was_verified() -> None:
    assert not any(sheet.text.is_verified for sheet in sheets.sheets().values())


def test_the_central_unit_looks_and_does_not_touch(team: Province) -> None:
    programme = begun(team)
    written(team, programme)
    centre = make_user(Role.CENTRAL_UNIT, make_institution("migration_centre", None))
    page = _page(centre, "programme", programme)
    assert "Support programme" in page
    assert "Add a goal" not in page
    assert "Read the text" not in page
    assert _send(centre, "programme_review", programme).status_code == 403
