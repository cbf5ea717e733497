"""A support programme from its consent to the report that ends it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.utils import timezone

from kalkan.access.concurrency import Changed
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.access.session import Task, acting, beyond_reach
from kalkan.assistance import sheets
from kalkan.assistance.lifecycle.programmes import BY_CODE, GROUNDS, Verdict, check_ground
from kalkan.assistance.models import EvaluationReport, Goal, Programme, Promise
from kalkan.assistance.selectors.programmes import is_in_programme, programme_page
from kalkan.assistance.services import evaluation
from kalkan.assistance.services import programmes as services
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent, Channel
from kalkan.cases import services as cases
from kalkan.cases.lifecycle import NotPossible, Stage
from kalkan.persons import services as persons
from kalkan.vocabulary import selectors as vocabulary
from tests.assistance.programmes import begun, ended, written
from tests.cases.story import DAY, Province, at, consented, fresh, later, raw
from tests.factories import make_institution, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
TODAY = timezone.localdate


def _open_promises(subject: Any, kind: str) -> list[Promise]:
    return list(Promise.objects.filter(subject=subject, kind=kind, kept_at=None, dropped_at=None))


def _goal(team: Province, programme: Programme, **said: Any) -> Goal:
    values = {"area": "work", "wording": "Find work.", "target_on": TODAY() + timedelta(days=30)}
    values |= {"institution": team.directorate, "by": team.protector}
    return services.set_goal(programme.reference, **values | said)


# --- beginning ---


def test_a_programme_begins_under_protection_on_the_consent_and_owes_a_review(team: Province) -> None:
    programme = begun(team)
    assert programme.officer == team.protector
    assert programme.consent.purpose == "psychosocial"
    (review,) = _open_promises(programme.reference, "programme_review")
    assert (review.institution, review.owner) == (team.directorate, team.protector)
    assert review.provision.code == "programme_review"
    assert AuditEvent.objects.filter(action=Event.PROGRAMME_BEGUN).exists()
    assert is_in_programme(programme.case)
    assert is_in_programme(programme.case.person)


@pytest.mark.parametrize("stage", [Stage.RECOGNISED, Stage.IDENTIFICATION])
def test_no_programme_begins_before_protection(team: Province, stage: Stage) -> None:
    case = at(stage, team)
    consented(team, case)
    with pytest.raises(NotPossible, match="begin protection first"):
        services.begin_programme(case.reference, by=team.protector, on=DAY)


def test_no_programme_begins_without_a_consent_that_holds(team: Province) -> None:
    case = at(Stage.PROTECTION, team)
    persons.withdraw_consent(case.person.consents.get().reference, by=team.protector)
    with pytest.raises(NotPossible, match="record the person's consent first"):
        services.begin_programme(case.reference, by=team.protector, on=TODAY())


def test_one_programme_runs_at_a_time_and_the_same_form_twice_is_one(team: Province) -> None:
    case, key = at(Stage.PROTECTION, team), uuid4()
    first = services.begin_programme(case.reference, by=team.protector, on=DAY, request_key=key)
    assert services.begin_programme(case.reference, by=team.protector, on=DAY, request_key=key) == first
    with pytest.raises(NotPossible, match="running already"):
        services.begin_programme(case.reference, by=team.protector, on=DAY)
    with pytest.raises(IntegrityError, match="case_has_one_running_programme"):
        Programme.objects.create(
            case=case, institution=team.directorate, officer=team.protector, consent=first.consent, begun_on=DAY,
            recorded_by=team.protector,
        )  # fmt: skip


@pytest.mark.parametrize("role", [Role.FRONTLINE_OFFICER, Role.IDENTIFICATION_EXPERT, Role.DECIDING_OFFICER])
def test_other_roles_begin_no_programme(team: Province, role: Role) -> None:
    case = at(Stage.PROTECTION, team)
    with pytest.raises(Refused):
        services.begin_programme(case.reference, by=team.of(role), on=DAY)


# --- needs, goals, services, reviews ---


def test_needs_are_seen_over_time_and_an_area_not_asked_stays_open(team: Province) -> None:
    programme = begun(team)
    for day, levels in ((DAY, {"housing": 4, "health": 3}), (later(30), {"housing": 1}), (later(60), {"housing": 0})):
        services.assess_needs(programme.reference, by=team.protector, on=day, levels=levels, note="Invented.")
    rows = {row.area: row for row in programme_page(programme, team.protector)["needs"]}
    assert rows["housing"].levels == [4, 1, 0]
    assert rows["housing"].change == -4
    assert rows["health"].levels == [3, None, None]
    assert rows["health"].change is None


@pytest.mark.parametrize("levels", [{}, {"housing": 5}, {"housing": -1}, {"nowhere": 1}])
def test_a_level_that_is_none_is_refused(team: Province, levels: dict[str, int]) -> None:
    programme = begun(team)
    with pytest.raises(NotPossible):
        services.assess_needs(programme.reference, by=team.protector, on=DAY, levels=levels)


def test_a_goal_is_a_promise_until_it_is_reached_dropped_or_opened_again(team: Province) -> None:
    programme, ngo = begun(team), make_institution("ngo")
    goal = _goal(team, programme, institution=ngo)
    (owed,) = _open_promises(goal.reference, "goal")
    assert owed.institution == ngo
    goal = services.settle_goal(goal.reference, by=team.protector, move="reach", version=1)
    assert Promise.objects.get(subject=goal.reference).kept_at is not None
    with pytest.raises(NotPossible, match="done already"):
        services.settle_goal(goal.reference, by=team.protector, move="reach", version=2)
    new_day = TODAY() + timedelta(days=60)
    services.settle_goal(goal.reference, by=team.protector, move="reopen", version=2, target_on=new_day)
    assert len(_open_promises(goal.reference, "goal")) == 1
    with pytest.raises(NotPossible, match="Give the reason"):
        services.settle_goal(goal.reference, by=team.protector, move="drop", version=3)
    with pytest.raises(Changed):
        services.settle_goal(goal.reference, by=team.protector, move="drop", version=1, reason="Moved away.")
    services.settle_goal(goal.reference, by=team.protector, move="drop", version=3, reason="Moved away.")
    assert _open_promises(goal.reference, "goal") == []


def test_a_goal_for_a_day_that_has_passed_is_refused(team: Province) -> None:
    with pytest.raises(NotPossible, match="This day has passed"):
        _goal(team, begun(team), target_on=TODAY() - timedelta(days=1))


def _service(team: Province, programme: Programme, **said: Any) -> Any:
    values = {"category": "health", "institution": team.directorate, "began_on": later(10), "by": team.protector}
    return services.record_service(programme.reference, **values | said)


def test_a_service_keeps_amounts_exactly(team: Province) -> None:
    said: dict[str, Any] = {"cost": Decimal("1250.10"), "currency": "TRY", "quantity": Decimal("2.5"), "unit": "hour"}
    service = _service(team, begun(team), ended_on=later(12), outcome="helped", **said)
    service.refresh_from_db()
    assert (service.cost, service.currency, service.quantity) == (Decimal("1250.10"), "TRY", Decimal("2.50"))


def test_a_service_that_ended_before_it_began_is_refused_by_code_and_database(team: Province) -> None:
    programme = begun(team)
    with pytest.raises(NotPossible, match="The end lies before the beginning"):
        _service(team, programme, ended_on=later(9), outcome="helped")
    service = _service(team, programme)
    with pytest.raises(NotPossible, match="The end lies before the beginning"):
        services.end_service(service.reference, by=team.protector, on=later(9), outcome="helped", version=1)
    with pytest.raises(IntegrityError, match="service_ends_after_it_began"):
        raw(("UPDATE assistance_servicedelivered SET ended_on = %s WHERE id = %s", later(9), service.pk))
    ended_service = services.end_service(
        service.reference, by=team.protector, on=later(11), outcome="partly", version=1
    )
    assert ended_service.ended_on == later(11)


def test_no_service_is_recorded_for_a_day_without_consent(team: Province) -> None:
    programme = begun(team)
    persons.withdraw_consent(programme.consent.reference, by=team.protector)
    with pytest.raises(NotPossible, match="Support rests on consent"):
        _service(team, programme, began_on=TODAY())
    assert _service(team, programme, began_on=later(1)).pk  # what was given while it held can still be written down


def test_a_review_keeps_what_was_owed_and_owes_the_next(team: Province) -> None:
    programme = begun(team)
    (first,) = _open_promises(programme.reference, "programme_review")
    review = services.hold_review(
        programme.reference, by=team.protector, on=later(80), still_wanted=True, note="Invented."
    )
    first.refresh_from_db()
    assert first.kept_at is not None
    assert review.next_due_on == later(80) + timedelta(days=90)
    assert len(_open_promises(programme.reference, "programme_review")) == 1


def test_another_officer_takes_the_programme_over_with_what_is_owed(team: Province) -> None:
    programme, other = begun(team), make_user(Role.PROTECTION_OFFICER, team.directorate)
    stranger = make_user(Role.PROTECTION_OFFICER, make_institution(province="TR-35"))
    for wrong in (stranger, team.decider):
        with pytest.raises(NotPossible, match="Choose an officer"):
            services.hand_programme(programme.reference, by=team.protector, to=wrong, version=1)
    services.hand_programme(programme.reference, by=team.protector, to=other, version=1)
    (owed,) = _open_promises(programme.reference, "programme_review")
    assert owed.owner == other


# --- the evaluation report ---


def test_every_ground_is_a_code_with_a_provision_that_holds() -> None:
    assert set(BY_CODE) == {code.code for code in vocabulary.codes("evaluation_ground")}
    for ground in GROUNDS:
        assert vocabulary.provision(ground.provision, on=DAY)


@pytest.mark.parametrize("ground", GROUNDS, ids=lambda ground: ground.code)
@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("under_force", [None, True, False])
def test_each_ground_carries_its_own_verdicts_and_none_that_force_shuts_out(
    ground: Any, verdict: Verdict, under_force: bool | None
) -> None:
    is_possible = verdict in ground.verdicts and (not ground.asks_force or under_force is False)
    if is_possible:
        assert check_ground(ground.code, verdict, under_force=under_force) == ground
    else:
        with pytest.raises(NotPossible):
            check_ground(ground.code, verdict, under_force=under_force)


@pytest.mark.parametrize("ground", ["renewed_ties", "obligations"])
def test_what_was_done_under_force_is_no_ground_in_code_and_database(team: Province, ground: str) -> None:
    programme = begun(team)
    with pytest.raises(NotPossible, match="under force, threat, violence or intimidation is no ground"):
        written(team, programme, ground=ground, under_force=True)
    with pytest.raises(NotPossible, match="Say whether it happened under force"):
        written(team, programme, ground=ground)
    report = written(team, programme, ground=ground, under_force=False)
    assert report.provision.code == "permit_cancellation"
    for forced in (True, None):
        with pytest.raises(IntegrityError, match="what_was_done_under_force_is_no_ground"):
            raw(("UPDATE assistance_evaluationreport SET under_force = %s WHERE id = %s", forced, report.pk))


def test_a_programme_ends_only_by_a_report_that_another_approves(team: Province) -> None:
    programme = begun(team)
    goal = _goal(team, programme)
    report = written(team, programme)
    assert len(_open_promises(report.reference, "evaluation_report")) == 1
    with pytest.raises(NotPossible, match="waiting for approval"):
        written(team, programme)
    evaluation.answer_report(report.reference, by=team.decider, move="approve", version=1)
    programme.refresh_from_db()
    assert (programme.ended_on, programme.ended_by) == (TODAY(), report)
    assert not is_in_programme(programme.case)
    for subject, kind in (
        (programme.reference, "programme_review"),
        (goal.reference, "goal"),
        (report.reference, "evaluation_report"),
    ):
        assert _open_promises(subject, kind) == []
    with pytest.raises(NotPossible, match="This programme has ended"):
        _goal(team, programme)
    assert services.begin_programme(programme.case.reference, by=team.protector, on=TODAY()) != programme


def test_nobody_approves_a_report_of_their_own(team: Province) -> None:
    report = written(team, begun(team))
    with pytest.raises(Refused):
        evaluation.answer_report(report.reference, by=team.protector, move="approve", version=1)
    team.protector.role = Role.DECIDING_OFFICER
    team.protector.save()
    with pytest.raises(NotPossible, match="nobody approves a report of their own"):
        evaluation.answer_report(report.reference, by=team.protector, move="approve", version=1)
    statement = "UPDATE assistance_evaluationreport SET state = 'approved', answered_on = %s, answered_by_id = %s"
    with pytest.raises(IntegrityError, match="report_is_not_approved_by_its_author"):
        raw((statement, DAY, team.protector.pk))


def test_a_returned_report_says_why_and_leaves_the_way_to_another(team: Province) -> None:
    programme = begun(team)
    report = written(team, programme)
    with pytest.raises(NotPossible, match="Give the reason"):
        evaluation.answer_report(report.reference, by=team.decider, move="return", version=1)
    evaluation.answer_report(report.reference, by=team.decider, move="return", version=1, remark="Too short.")
    with pytest.raises(NotPossible, match="done already"):
        evaluation.answer_report(report.reference, by=team.decider, move="approve", version=2)
    assert is_in_programme(programme.case)
    assert written(team, programme).pk != report.pk


@pytest.mark.parametrize(
    ("ground", "verdict"),
    [("safety", "extend_permit"), ("needs_go_on", "continue"), ("not_a_victim", "cancel_permit")],
)
def test_an_approved_report_that_does_not_end_it_leaves_the_programme_running(
    team: Province, ground: str, verdict: str
) -> None:
    programme = begun(team)
    report = written(team, programme, ground=ground, verdict=verdict)
    evaluation.answer_report(report.reference, by=team.decider, move="approve", version=1)
    assert is_in_programme(programme.case)


def test_the_database_ends_no_programme_by_another_report_and_reopens_none(team: Province) -> None:
    programme, other = begun(team), begun(team)
    ended(team, other)
    foreign = EvaluationReport.objects.get(programme=other)
    end = "UPDATE assistance_programme SET ended_on = %s, ended_by_id = %s WHERE id = %s"
    mine = written(team, programme)
    for report in (foreign, mine):  # of another programme; not approved
        with pytest.raises(IntegrityError, match="programme ends by its own approved report"):
            raw((end, DAY, report.pk, programme.pk))
    with pytest.raises(IntegrityError, match="programme_ends_by_a_report"):
        raw((end, DAY, None, programme.pk))
    with pytest.raises(IntegrityError, match="ended programme stays ended"):
        raw((end, None, None, other.pk))
    with pytest.raises(IntegrityError, match="answered report is never altered"):
        raw(("UPDATE assistance_evaluationreport SET verdict = 'continue' WHERE id = %s", foreign.pk))


def test_a_case_closes_after_its_programme(team: Province) -> None:
    programme = begun(team)
    with pytest.raises(NotPossible, match="support programme is still running"):
        cases.close_case(programme.case.reference, by=team.protector, on=TODAY(), reason="support_completed")
    close = "UPDATE cases_case SET stage = 'closed', closed_on = %s, closing_reason = 'returned' WHERE id = %s"
    with pytest.raises(IntegrityError, match="case closes after its programme"):
        raw((close, DAY, programme.case.pk))
    ended(team, programme)
    cases.close_case(programme.case.reference, by=team.protector, on=TODAY(), reason="support_completed")
    assert fresh(programme.case).stage == Stage.CLOSED


def test_the_gate_learns_beyond_its_reach_that_somebody_is_in_the_programme(team: Province) -> None:
    programme = begun(team)
    stranger = make_user(Role.FRONTLINE_OFFICER, make_institution("police", "TR-35"))
    with acting(Channel.PAGE, stranger):
        assert not is_in_programme(programme.case)
        with beyond_reach(Task.GATE):
            assert is_in_programme(programme.case)


# --- information ---


def test_what_was_explained_is_kept_with_its_version(team: Province) -> None:
    case = at(Stage.PRELIMINARY, team)
    given = services.give_information(
        case.reference, by=team.frontline, sheet="information", language="ar", form="by_interpreter", on=DAY
    )
    assert given.sheet_version == sheets.sheet("information", "ar").text.version
    with pytest.raises(NotPossible, match="no such sheet"):
        services.give_information(
            case.reference, by=team.frontline, sheet="information", language="zu", form="read_together", on=DAY
        )


@pytest.mark.parametrize("day", [date(2026, 3, 1), TODAY() + timedelta(days=1)])
def test_a_day_before_the_programme_or_to_come_is_refused(team: Province, day: date) -> None:
    programme = begun(team)
    with pytest.raises(NotPossible):
        services.hold_review(programme.reference, by=team.protector, on=day, still_wanted=True, note="x")
