"""Nobody decides on their own draft; a refusal is reconsidered by others; a child is never asked for means."""

from typing import Any

import pytest
from django.db import IntegrityError
from django.http import Http404

from kalkan.access.concurrency import Changed
from kalkan.access.models import InstitutionKind, User
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases import services
from kalkan.cases.lifecycle import NotPossible, Outcome, Stage
from kalkan.cases.models import Case, Decision, Episode, Interview
from kalkan.persons.models import Majority
from tests.cases.story import DAY, Province, at, decided, drafted, fresh, heard, raw
from tests.factories import make_institution, make_person, make_user

pytestmark = pytest.mark.django_db
DECIDE = "UPDATE cases_decision SET outcome = %s, decided_by_id = %s, decided_on = %s WHERE case_id = %s"


def _promote(officer: User, role: str) -> User:
    officer.role = role
    officer.save()
    return officer


def _child_at(stage: str, team: Province) -> Case:
    return at(stage, team, person=make_person(team.police, majority=Majority.CHILD))


# --- another hand ---


@pytest.mark.parametrize("outcome", list(Outcome))
def test_nobody_decides_on_their_own_draft_even_after_a_change_of_duty(team: Province, outcome: str) -> None:
    case = at(Stage.DRAFTED, team)
    drafter = _promote(team.expert, Role.DECIDING_OFFICER)
    with pytest.raises(NotPossible) as refusal:
        decided(team, case, by=drafter, outcome=outcome)
    assert refusal.value.missing == "another_hand"
    assert fresh(case).stage == Stage.DRAFTED


def test_the_database_too_refuses_a_decision_by_its_drafter(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    with pytest.raises(
        IntegrityError, match=r"case_is_not_decided_by_its_interviewer|decision_is_not_made_by_its_drafter"
    ):
        raw((DECIDE, "recognised", team.expert.pk, DAY, case.pk))


def test_the_database_refuses_the_drafter_who_held_no_interview(team: Province) -> None:
    case = at(Stage.IDENTIFICATION, team)
    heard(team, case, kind=Interview.Kind.IDENTIFICATION)
    drafted(team, case, by=team.other_expert)
    with pytest.raises(IntegrityError, match="decision_is_not_made_by_its_drafter"):
        raw((DECIDE, "recognised", team.other_expert.pk, DAY, case.pk))


def test_whoever_held_the_interview_does_not_decide(team: Province) -> None:
    case = at(Stage.IDENTIFICATION, team)
    heard(team, case, kind=Interview.Kind.IDENTIFICATION)
    drafted(team, case, by=team.other_expert)
    interviewer = _promote(team.expert, Role.DECIDING_OFFICER)
    with pytest.raises(NotPossible) as refusal:
        decided(team, case, by=interviewer)
    assert refusal.value.missing == "another_hand"
    with pytest.raises(IntegrityError, match="case_is_not_decided_by_its_interviewer"):
        raw((DECIDE, "recognised", interviewer.pk, DAY, case.pk))


def test_only_the_migration_authority_identifies_whatever_the_role_says(team: Province) -> None:
    stranger = make_user(Role.IDENTIFICATION_EXPERT, make_institution(InstitutionKind.NGO, "TR-06"))
    case = at(Stage.REFERRED, team)
    with pytest.raises(NotPossible) as refusal:
        services.begin_identification(case.reference, by=stranger, on=DAY)
    assert refusal.value.missing == "migration_authority"
    case = at(Stage.DRAFTED, team)
    judge = make_user(Role.DECIDING_OFFICER, make_institution(InstitutionKind.JUDICIARY, "TR-06"))
    with pytest.raises(NotPossible):
        decided(team, case, by=judge)
    with pytest.raises(IntegrityError, match="only_the_migration_authority_identifies"):
        raw((DECIDE, "recognised", judge.pk, DAY, case.pk))


def test_an_officer_of_another_province_does_not_know_the_case(team: Province) -> None:
    elsewhere = make_user(Role.DECIDING_OFFICER, make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-35"))
    case = at(Stage.DRAFTED, team)
    with pytest.raises(Http404):
        decided(team, case, by=elsewhere)


# --- what is decided stays ---


@pytest.mark.parametrize(
    "change",
    [
        "outcome = 'not_recognised'",
        "decided_by_id = NULL, outcome = '', decided_on = NULL",
        "grounds_codes = '{no_act}'",
        "version = 9",
    ],
)
def test_a_decision_is_never_altered(team: Province, change: str) -> None:
    at(Stage.RECOGNISED, team)
    with pytest.raises(IntegrityError, match="made_decision_is_never_altered"):
        raw((f"UPDATE cases_decision SET {change}",))


@pytest.mark.parametrize("stage", [Stage.DRAFTED, Stage.RECOGNISED])
def test_a_draft_or_decision_is_never_deleted(team: Province, stage: Stage) -> None:
    at(stage, team)
    with pytest.raises(IntegrityError, match="decision_is_never_deleted"):
        raw(("DELETE FROM cases_decision",))


@pytest.mark.parametrize(
    "change",
    ["means_found = false", "grounds_codes = '{no_act}'", "drafted_on = '2020-01-01'", "proposed = 'recognised'"],
)
def test_whoever_decides_cannot_rewrite_the_draft(team: Province, change: str) -> None:
    case = at(Stage.IDENTIFICATION, team)
    heard(team, case, kind=Interview.Kind.IDENTIFICATION)
    drafted(team, case, proposed=Outcome.NOT_RECOGNISED, means_found=True)
    with pytest.raises(IntegrityError, match=r"draft_is_not_rewritten|proposed_recognition"):
        raw((f"{DECIDE[: DECIDE.index(' WHERE')]}, {change}", "recognised", team.decider.pk, DAY))


@pytest.mark.parametrize(
    "change",
    ["outcome = 'recognised', decided_by_id = {0}", "outcome = '', decided_by_id = {0}, decided_on = '2026-03-02'"],
)
def test_a_decision_has_an_outcome_and_a_day(team: Province, change: str) -> None:
    at(Stage.DRAFTED, team)
    with pytest.raises(IntegrityError, match="decision_has_an_outcome_a_day_and_grounds"):
        raw((f"UPDATE cases_decision SET {change.format(team.decider.pk)}",))


@pytest.mark.parametrize("missing", ["grounds_codes", "grounds", "provision"])
def test_a_draft_cites_grounds_and_provision(team: Province, missing: str) -> None:
    case = at(Stage.IDENTIFICATION, team)
    heard(team, case, kind=Interview.Kind.IDENTIFICATION)
    with pytest.raises(NotPossible) as refusal:
        drafted(team, case, **{missing: [] if missing == "grounds_codes" else ""})
    assert refusal.value.missing in {"grounds", "provision"}


@pytest.mark.parametrize("provision", ["reflection_period", "offence", "nothing"])
def test_only_a_ground_that_held_on_the_day_carries_a_decision(team: Province, provision: str) -> None:
    case = at(Stage.IDENTIFICATION, team)
    heard(team, case, kind=Interview.Kind.IDENTIFICATION)
    with pytest.raises(NotPossible) as refusal:
        drafted(team, case, provision=provision)
    assert refusal.value.missing == "provision"


@pytest.mark.parametrize("element", ["act_found", "means_found", "purpose_found"])
@pytest.mark.parametrize("said", [False, None])
def test_recognition_is_proposed_only_on_every_element(team: Province, element: str, said: bool | None) -> None:
    case = at(Stage.IDENTIFICATION, team)
    heard(team, case, kind=Interview.Kind.IDENTIFICATION)
    with pytest.raises(NotPossible) as refusal:
        drafted(team, case, **{element: said})
    assert refusal.value.missing == "elements"


def test_a_decision_on_a_case_that_moved_on_is_not_made(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    seen_at = case.version
    decided(team, case, outcome=Outcome.MORE_FACTS)
    drafted(team, fresh(case))
    with pytest.raises(Changed) as changed:
        services.decide(
            case.reference, by=team.decider, on=DAY, outcome=Outcome.RECOGNISED, reasons="x", version=seen_at
        )
    assert changed.value.current.version > seen_at
    assert fresh(case).stage == Stage.DRAFTED


def test_more_facts_bring_the_case_back_and_a_new_draft_follows(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    decided(team, case, outcome=Outcome.MORE_FACTS)
    assert fresh(case).stage == Stage.IDENTIFICATION
    assert fresh(case).outcome == ""
    drafted(team, fresh(case))
    decided(team, case)
    assert [one.outcome for one in case.decisions.all()] == ["more_facts", "recognised"]


# --- reconsideration ---


def _reconsidered(team: Province) -> Case:
    case = at(Stage.NOT_RECOGNISED, team)
    services.reconsider(case.reference, by=team.other_expert, on=DAY, reason="New facts.")
    return fresh(case)


@pytest.mark.parametrize("who", ["expert", "decider"])
def test_a_refusal_is_taken_up_again_only_by_others(team: Province, who: str) -> None:
    case = at(Stage.NOT_RECOGNISED, team)
    officer = _promote(getattr(team, who), Role.IDENTIFICATION_EXPERT)
    with pytest.raises(NotPossible) as refusal:
        services.reconsider(case.reference, by=officer, on=DAY, reason="New facts.")
    assert refusal.value.missing == "other_hand"
    moved = (
        'INSERT INTO cases_stagechange (case_id, move, source, target, by_id, "on", recorded_at, facts) '
        "VALUES (%s, 'reconsider', 'not_recognised', 'identification', %s, %s, now(), '{}')"
    )
    with pytest.raises(IntegrityError, match="refusal_is_reconsidered_by_other_officers"):
        raw((moved, case.pk, officer.pk, DAY))


@pytest.mark.parametrize("who", ["expert", "decider"])
def test_nobody_who_refused_drafts_again(team: Province, who: str) -> None:
    case = _reconsidered(team)
    officer = _promote(getattr(team, who), Role.IDENTIFICATION_EXPERT)
    with pytest.raises(NotPossible) as refusal:
        drafted(team, case, by=officer)
    assert refusal.value.missing == "other_hand"


@pytest.mark.parametrize("who", ["expert", "decider"])
def test_nobody_who_refused_decides_again(team: Province, who: str) -> None:
    case = _reconsidered(team)
    drafted(team, case, by=team.other_expert)
    officer = _promote(getattr(team, who), Role.DECIDING_OFFICER)
    with pytest.raises(NotPossible):
        decided(team, case, by=officer)
    with pytest.raises(IntegrityError, match=r"other_officers|interviewer"):
        raw((f"{DECIDE} AND decided_by_id IS NULL", "recognised", officer.pk, DAY, case.pk))


def test_other_officers_can_turn_a_refusal_into_recognition(team: Province) -> None:
    case = _reconsidered(team)
    assert (case.outcome, case.decided_on, case.assigned_to) == ("", None, team.other_expert)
    draft = drafted(team, case, by=team.other_expert)
    assert draft.reconsiders is not None
    assert draft.reconsiders.outcome == Outcome.NOT_RECOGNISED
    decided(team, case, by=team.other_decider)
    assert fresh(case).stage == Stage.RECOGNISED


def test_a_draft_after_a_refusal_cannot_hide_that_it_reconsiders(team: Province) -> None:
    case = _reconsidered(team)
    columns = "is_child, act_found, means_found, purpose_found, proposed, grounds_codes, provision_id"
    hides = f"""
        INSERT INTO cases_decision (reference, case_id, drafted_by_id, drafted_on, outcome, recorded_at,
            version, {columns})
        SELECT gen_random_uuid(), case_id, %s, drafted_on, '', now(), 1, {columns}
        FROM cases_decision WHERE case_id = %s
    """
    with pytest.raises(IntegrityError, match="draft_after_a_refusal_reconsiders_it"):
        raw((hides, team.other_expert.pk, case.pk))


# --- children ---


@pytest.mark.parametrize("means", [True, False])
def test_the_service_refuses_any_answer_on_means_for_a_child(team: Province, means: bool) -> None:
    case = _child_at(Stage.IDENTIFICATION, team)
    heard(team, case, kind=Interview.Kind.IDENTIFICATION)
    with pytest.raises(NotPossible) as refusal:
        drafted(team, case, means_found=means)
    assert refusal.value.missing == "means_found"


@pytest.mark.parametrize("ground", ["means_shown", "no_means"])
def test_means_are_no_ground_for_a_child(team: Province, ground: str) -> None:
    case = _child_at(Stage.IDENTIFICATION, team)
    heard(team, case, kind=Interview.Kind.IDENTIFICATION)
    with pytest.raises(NotPossible):
        drafted(team, case, grounds_codes=["act_shown", ground])


@pytest.mark.parametrize("means", ["true", "false"])
def test_the_database_refuses_any_answer_on_means_for_a_child(team: Province, means: str) -> None:
    case = _child_at(Stage.DRAFTED, team)
    columns = "reconsiders_id, act_found, purpose_found, proposed, grounds_codes, provision_id, drafted_by_id"
    asks = f"""
        INSERT INTO cases_decision (reference, case_id, is_child, means_found, drafted_on, outcome, recorded_at,
            version, {columns})
        SELECT gen_random_uuid(), case_id, %s, {means}, drafted_on, '', now(), 1, {columns}
        FROM cases_decision WHERE case_id = %s
    """
    decided(team, case, outcome=Outcome.MORE_FACTS)
    with pytest.raises(IntegrityError, match="child_is_never_asked_for_means"):
        raw((asks, True, case.pk))
    with pytest.raises(IntegrityError, match="decision_follows_the_rules_of_its_case"):
        raw((asks, False, case.pk))


def test_a_child_is_recognised_on_act_and_purpose(team: Province) -> None:
    case = _child_at(Stage.RECOGNISED, team)
    decision = case.decisions.get()
    assert (decision.is_child, decision.means_found) == (True, None)


@pytest.mark.parametrize("majority", [Majority.CHILD, Majority.PRESUMED_CHILD])
def test_means_of_an_exploited_child_are_never_recorded(team: Province, majority: str) -> None:
    case = at(Stage.SCREENING, team, person=make_person(team.police, majority=majority))
    with pytest.raises(NotPossible) as refusal:
        services.record_episode(case.reference, by=team.frontline, forms=["labour"], means=["debt_bondage"])
    assert refusal.value.missing == "means"
    episode = services.record_episode(case.reference, by=team.frontline, forms=["labour"])
    with pytest.raises(IntegrityError, match="child_is_never_asked_for_means"):
        raw(("UPDATE cases_episode SET means = '{debt_bondage}' WHERE id = %s", episode.pk))


def test_means_that_another_system_recorded_for_a_child_are_taken_over(team: Province) -> None:
    case = at(Stage.SCREENING, team, person=make_person(team.police, majority=Majority.CHILD))
    Case.objects.filter(pk=case.pk).update(is_historic=True)
    assert Episode.objects.create(case=case, means=["debt_bondage"]).pk


def test_a_person_found_to_be_a_child_needs_a_new_draft(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    case.person.majority = Majority.PRESUMED_CHILD
    case.person.save()
    with pytest.raises(NotPossible) as refusal:
        decided(team, case)
    assert refusal.value.missing == "is_child"
    decided(team, case, outcome=Outcome.MORE_FACTS)
    heard(team, fresh(case), kind=Interview.Kind.IDENTIFICATION, guardian="lawyer")
    assert fresh(case).is_child
    assert drafted(team, fresh(case)).means_found is None


# --- memory ---


def test_a_decision_is_remembered_with_codes_and_never_with_words(team: Province) -> None:
    case = at(Stage.RECOGNISED, team)
    events = AuditEvent.objects.filter(subjects__contains=[case.reference])
    found = set(events.values_list("action", flat=True))
    assert found >= {Event.CASE_OPENED, Event.SCREENING_CONCLUDED, Event.DECISION_DRAFTED, Event.DECISION_MADE}
    kept: Any = [*events.values_list("facts", flat=True), *case.stage_changes.values_list("facts", flat=True)]
    assert "Invented" not in str(kept)


def test_the_words_of_a_decision_lie_sealed(team: Province) -> None:
    case = at(Stage.RECOGNISED, team)
    decision = Decision.objects.select_related("grounds", "reasons").get(case=case)
    assert decision.grounds is not None
    assert b"Invented" not in bytes(decision.grounds.sealed)
