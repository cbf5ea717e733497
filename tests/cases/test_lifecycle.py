"""The table of moves, cell by cell: stage × move × role through the services, stage × move by raw SQL."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404

from kalkan.access.models import User
from kalkan.access.policy import Refused
from kalkan.access.roles import MATRIX, Permission, Role, Scope
from kalkan.cases import lifecycle, services
from kalkan.cases.documents import lifecycle_page
from kalkan.cases.lifecycle import BY_NAME, MOVES, WITH_FRONTLINE, NotPossible, Outcome, Stage
from kalkan.cases.models import Case, Interview, Screening, StageChange
from kalkan.config.database import ROOT
from tests.cases.story import (
    DAY,
    TRAFFICKING,
    Province,
    at,
    consented,
    drafted,
    fresh,
    heard,
    make_province_team,
    raw,
    screened,
)
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(team: Province) -> Province:
    """One institution for everybody, so that a refusal is never a matter of whose case it is."""
    team.police = team.directorate
    team.frontline = make_user(Role.FRONTLINE_OFFICER, team.directorate)
    return team


def _ready(stage: str, team: Province) -> Case:
    """A case at `stage` with every fact at hand that a move from there needs."""
    case = at(stage, team)
    match stage:
        case Stage.SCREENING:
            screened(team, case, conclusion="no_signs")
            running = services.start_screening(case.reference, by=team.frontline, profile="adult_labour", held_on=DAY)
            services.answer_questions(running.reference, TRAFFICKING, by=team.frontline)
        case Stage.PRELIMINARY:
            heard(team, case)
        case Stage.IDENTIFICATION:
            heard(team, case, kind=Interview.Kind.IDENTIFICATION)
        case Stage.RECOGNISED:
            consented(team, case)
    return fresh(case)


def _conclude(team: Province, case: Case, by: User) -> Any:
    screening = Screening.objects.filter(case=case).order_by("-id").first()
    assert screening is not None
    return services.conclude_screening(screening.reference, by=by, conclusion="signs", on=DAY)


def _decide(outcome: str) -> Callable[[Province, Case, User], Any]:
    return lambda team, case, by: services.decide(
        case.reference, by=by, on=DAY, outcome=outcome, reasons="Invented.", version=case.version
    )


ATTEMPTS: dict[str, Callable[[Province, Case, User], Any]] = {
    "conclude_screening": _conclude,
    "refer": lambda team, case, by: services.refer_for_identification(case.reference, by=by, on=DAY),
    "begin_identification": lambda team, case, by: services.begin_identification(case.reference, by=by, on=DAY),
    "draft_decision": lambda team, case, by: drafted(team, case, by=by),
    "ask_more_facts": _decide(Outcome.MORE_FACTS),
    "recognise": _decide(Outcome.RECOGNISED),
    "not_recognise": _decide(Outcome.NOT_RECOGNISED),
    "begin_protection": lambda team, case, by: services.begin_protection(case.reference, by=by, on=DAY),
    "reconsider": lambda team, case, by: services.reconsider(case.reference, by=by, on=DAY, reason="Invented."),
    "close_without_signs": lambda team, case, by: services.close_without_signs(
        case.reference, by=by, on=DAY, reason="no_signs"
    ),
    "break_off": lambda team, case, by: services.break_off(case.reference, by=by, on=DAY, reason="lost_contact"),
    "break_off_identification": lambda team, case, by: services.break_off(
        case.reference, by=by, on=DAY, reason="lost_contact"
    ),
    "close": lambda team, case, by: services.close_case(case.reference, by=by, on=DAY, reason="returned"),
}


def test_every_move_is_tried() -> None:
    assert set(ATTEMPTS) == set(BY_NAME)


def _expected(stage: str, name: str, role: str) -> Any:
    if name.startswith("break_off"):  # one verb, which takes the move that fits the stage
        name = "break_off" if stage in WITH_FRONTLINE else "break_off_identification"
    move = BY_NAME[name]
    scope, permissions = MATRIX[Role(role)]
    if scope is Scope.NONE or Permission.CASES_VIEW not in permissions:
        return Http404
    if move.permission not in permissions:
        return Refused
    return move.target if stage in move.sources else NotPossible


@pytest.mark.parametrize("stage", list(Stage))
def test_a_move_is_possible_exactly_where_the_table_says_and_for_whom(house: Province, stage: Stage) -> None:
    case = _ready(stage, house)
    wrong = {}
    for role in Role:
        officer = make_user(role, house.directorate)
        for name, attempt in ATTEMPTS.items():
            expected, happened = _expected(stage, name, role), None
            try:
                with transaction.atomic():
                    attempt(house, case, officer)
                    happened = fresh(case).stage
                    transaction.set_rollback(True)
            except (Http404, Refused, NotPossible) as refusal:
                happened = type(refusal)
            if happened != expected:
                wrong[(stage, name, role)] = (happened, expected)
    assert wrong == {}
    assert fresh(case).stage == stage


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.name)
def test_a_move_without_any_one_of_its_needs_is_refused_in_words(move: lifecycle.Move) -> None:
    whole = dict.fromkeys(move.needs, "given")
    assert lifecycle.check(move.name, stage=move.sources[0], facts=whole) == move
    for need in move.needs:
        with pytest.raises(NotPossible) as refusal:
            lifecycle.check(move.name, stage=move.sources[0], facts=whole | {need: ""})
        assert refusal.value.missing == need
        assert str(refusal.value.message)


def test_every_need_says_how_to_mend_it_and_no_sentence_is_left_over() -> None:
    assert {need for move in MOVES for need in move.needs} == set(lifecycle.WHY_NOT)


def test_every_stage_is_reached_and_every_stage_but_the_last_is_left() -> None:
    reached = {move.target for move in MOVES} | {Stage.SCREENING}
    assert reached == set(Stage)
    assert {source for move in MOVES for source in move.sources} == set(Stage) - {Stage.CLOSED}


def test_a_refused_case_is_never_just_closed_and_a_closed_one_never_opened() -> None:
    assert [move.name for move in lifecycle.moves_from(Stage.NOT_RECOGNISED)] == ["reconsider"]
    assert lifecycle.moves_from(Stage.CLOSED) == ()


def test_the_page_about_the_lifecycle_is_current() -> None:
    page = Path(ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")
    assert page == lifecycle_page(), "run `kalkan lifecycle`"


# --- the same table by raw SQL: no service, no policy, only the database ---------------------------------------------

MOVED = (
    'INSERT INTO cases_stagechange (case_id, move, source, target, by_id, "on", recorded_at, facts) '
    "VALUES (%s, %s, %s, %s, %s, %s, now(), '{}')"
)
STANDS = (
    "UPDATE cases_case SET stage = %s, closed_on = %s, closing_reason = 'x', decided_on = %s, outcome = 'recognised' "
    "WHERE id = %s"
)
DRAFTS = """
    INSERT INTO cases_decision (reference, case_id, is_child, act_found, means_found, purpose_found, proposed,
        grounds_codes, provision_id, drafted_by_id, drafted_on, outcome, recorded_at, version)
    SELECT gen_random_uuid(), %s, false, true, true, true, 'recognised', '{act_shown}',
        (SELECT min(id) FROM vocabulary_provision), %s, %s, '', now(), 1
"""
DECIDES = "UPDATE cases_decision SET outcome = %s, decided_by_id = %s, decided_on = %s WHERE case_id = %s"


def _raw_move(case: Case, move: str, source: str, target: str, by: User, on: date = DAY) -> None:
    raw((MOVED, case.pk, move, source, target, by.pk, on), (STANDS, target, on, on, case.pk))


_BEHIND = {"recognise": "recognised", "not_recognise": "not_recognised", "ask_more_facts": "more_facts"}


@pytest.mark.parametrize("stage", list(Stage))
def test_the_database_knows_the_same_table_as_the_code(team: Province, stage: Stage) -> None:
    case = at(stage, team)
    wrong = {}
    for move in MOVES:
        by, happened = team.other_decider, False
        try:
            with transaction.atomic():
                if move.name == "draft_decision" and stage != Stage.DRAFTED:
                    by = team.other_expert
                    raw((DRAFTS, case.pk, by.pk, DAY))
                if move.name in _BEHIND:
                    raw((DECIDES, _BEHIND[move.name], by.pk, DAY, case.pk))
                _raw_move(case, move.name, stage, move.target, by)
                happened = True
                transaction.set_rollback(True)
        except IntegrityError:
            pass
        if happened is not (stage in move.sources):
            wrong[move.name] = happened
    assert wrong == {}


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage != Stage.SCREENING])
def test_a_stage_cannot_be_set_without_its_move(team: Province, stage: Stage) -> None:
    case = at(Stage.SCREENING, team)
    with pytest.raises(IntegrityError, match="case_stage_changes_only_by_a_move"):
        raw((STANDS, stage, DAY, DAY, case.pk))


def test_a_move_cannot_be_logged_without_moving_the_case(team: Province) -> None:
    case = at(Stage.SCREENING, team)
    values = (case.pk, "conclude_screening", "screening", "preliminary", team.frontline.pk, DAY)
    with pytest.raises(IntegrityError, match="case_stage_changes_only_by_a_move"):
        raw((MOVED, *values))


def test_a_move_cannot_start_where_the_case_does_not_stand(team: Province) -> None:
    case = at(Stage.SCREENING, team)
    with pytest.raises(IntegrityError, match="stage_change_starts_where_the_case_stands"):
        _raw_move(case, "refer", "preliminary", "referred", team.frontline)


def test_a_move_cannot_lie_before_the_one_before_it(team: Province) -> None:
    case = at(Stage.PRELIMINARY, team)
    with pytest.raises(IntegrityError, match="stage_changes_follow_in_time"):
        _raw_move(case, "refer", "preliminary", "referred", team.frontline, on=date(2020, 1, 1))


def test_a_case_begins_once(team: Province) -> None:
    case = at(Stage.SCREENING, team)
    with pytest.raises(IntegrityError, match="case_begins_once"), transaction.atomic():
        StageChange.objects.create(case=case, move="open", target="screening", by=team.frontline, on=DAY)


@pytest.mark.parametrize(
    "change", ["UPDATE cases_stagechange SET \"on\" = '2020-01-01'", "DELETE FROM cases_stagechange"]
)
def test_the_log_of_moves_is_append_only(team: Province, change: str) -> None:
    at(Stage.PRELIMINARY, team)
    with pytest.raises(IntegrityError, match="stage_changes_are_append_only"):
        raw((change,))


def test_a_case_without_a_beginning_is_refused_and_a_historic_one_is_taken_as_it_is() -> None:
    team = make_province_team()
    person = make_case(institution=team.police).person
    begins = """
        INSERT INTO cases_case (reference, number, person_id, institution_id, is_historic, opened_on, stage, is_child,
            is_with_authority, is_urgent, source, signal, opened_on_precision, outcome, closing_reason,
            charged_articles, recorded_at, version)
        SELECT gen_random_uuid(), %s, %s, %s, %s, %s, 'screening', false, false, false, 'x', '', 'day', '', '', '{}',
            now(), 1
    """
    with pytest.raises(IntegrityError, match="case_stage_changes_only_by_a_move"):
        raw((begins, "2026-06-900001", person.pk, team.police.pk, False, DAY))
    raw((begins, "2026-06-900002", person.pk, team.police.pk, True, DAY))
