"""Terms come from the law of the day and the working-day calendar; the next deadline is always right."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kalkan.access.models import InstitutionKind
from kalkan.access.roles import Role
from kalkan.cases import selectors, services
from kalkan.cases.lifecycle import Outcome, Stage
from kalkan.cases.models import Case, Interview
from kalkan.persons.models import Majority
from tests.cases.story import Province, at, consented, decided, drafted, fresh, heard, later, opened, screened
from tests.factories import make_case, make_institution, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("stage", "on", "due_on"),
    [
        (Stage.SCREENING, date(2026, 3, 2), None),
        (Stage.PRELIMINARY, date(2026, 3, 2), date(2026, 3, 3)),
        (Stage.PRELIMINARY, date(2024, 2, 28), date(2024, 2, 29)),  # a leap day is a day
        (Stage.REFERRED, date(2026, 3, 2), date(2026, 3, 16)),  # ten working days
        (Stage.REFERRED, date(2026, 4, 20), date(2026, 5, 6)),  # over 23 April and 1 May
        (Stage.REFERRED, date(2026, 3, 13), date(2026, 3, 30)),  # over Ramazan Bayramı
        (Stage.REFERRED, date(2024, 2, 16), date(2024, 3, 1)),  # over a leap day
        (Stage.RECOGNISED, date(2026, 3, 2), date(2026, 4, 1)),  # thirty days of reflection
        (Stage.RECOGNISED, date(2024, 1, 31), date(2024, 3, 1)),
        (Stage.RECOGNISED, date(2012, 5, 7), None),  # the law of that day knew no reflection period
        (Stage.NOT_RECOGNISED, date(2026, 3, 2), None),
        (Stage.PROTECTION, date(2026, 3, 2), None),
        (Stage.CLOSED, date(2026, 3, 2), None),
    ],
)
def test_the_next_deadline_is_that_of_the_stage_and_of_the_law_of_the_day(
    team: Province, stage: Stage, on: date, due_on: date | None
) -> None:
    assert at(stage, team, on=on).next_due_on == due_on


def test_each_deadline_cites_its_provision(team: Province) -> None:
    case = at(Stage.PROTECTION, team)
    assert [deadline.kind for deadline in case.deadlines.order_by("id")] == [
        "preliminary_referral",
        "identification_deadline",
        "decision_deadline",
        "reflection_period",
    ]
    assert all(deadline.provision.code == deadline.kind for deadline in case.deadlines.select_related("provision"))
    assert not case.deadlines.filter(met_on=None).exists()


def test_the_term_of_the_interview_ends_with_it_and_that_of_the_decision_begins(team: Province) -> None:
    case = at(Stage.IDENTIFICATION, team)
    heard(team, case, kind=Interview.Kind.IDENTIFICATION, on=later(2))
    first, second = case.deadlines.exclude(kind="preliminary_referral").order_by("id")
    assert (first.kind, first.met_on) == ("identification_deadline", later(2))
    assert (second.kind, second.starts_on, second.met_on) == ("decision_deadline", later(2), None)


def test_asking_for_more_facts_does_not_stop_the_clock(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    due_on = case.next_due_on
    decided(team, case, outcome=Outcome.MORE_FACTS, on=later(5))
    assert fresh(case).next_due_on == due_on
    drafted(team, fresh(case), on=later(6))
    assert fresh(case).next_due_on == due_on


def test_a_reconsideration_starts_a_term_of_its_own(team: Province) -> None:
    case = at(Stage.NOT_RECOGNISED, team)
    services.reconsider(case.reference, by=team.other_expert, on=later(30), reason="New facts.")
    running = case.deadlines.get(met_on=None)
    assert (running.kind, running.starts_on) == ("decision_deadline", later(30))


# --- work list, next step, timeline, oversight ---


def test_overdue_work_stands_first_and_work_without_a_deadline_last(team: Province) -> None:
    soon = at(Stage.REFERRED, team, on=date(2026, 10, 1))
    late = at(Stage.REFERRED, team, on=date(2024, 1, 8))
    free = at(Stage.PROTECTION, team)
    closed = at(Stage.CLOSED, team)
    assert list(selectors.work_list(team.expert)) == [late, soon, free]
    assert closed in selectors.all_cases(team.expert)


def test_the_work_list_can_be_narrowed(team: Province) -> None:
    mine, others = at(Stage.IDENTIFICATION, team), at(Stage.REFERRED, team)
    Case.objects.filter(pk=others.pk).update(is_urgent=True)
    assert list(selectors.work_list(team.expert, mine=True)) == [mine]
    assert list(selectors.work_list(team.expert, urgent=True)) == [others]
    assert list(selectors.work_list(team.expert, stage=Stage.REFERRED)) == [others]
    assert list(selectors.work_list(team.expert, number=mine.number)) == [mine]
    assert set(selectors.work_list(team.expert, overdue=True)) == {mine, others}
    assert list(selectors.work_list(team.expert, order="number")) == [mine, others]


STEPS = [
    (Stage.SCREENING, "screening", "frontline"),
    (Stage.PRELIMINARY, "preliminary_interview", "frontline"),
    (Stage.REFERRED, "begin_identification", "expert"),
    (Stage.IDENTIFICATION, "identification_interview", "expert"),
    (Stage.DRAFTED, "decide", "decider"),
    (Stage.RECOGNISED, "begin_protection", "protector"),
    (Stage.PROTECTION, "close", "protector"),
    (Stage.NOT_RECOGNISED, None, "expert"),
    (Stage.CLOSED, None, "expert"),
]


@pytest.mark.parametrize(("stage", "name", "who"), STEPS)
def test_the_next_step_is_named_for_whom_it_is(team: Province, stage: str, name: str | None, who: str) -> None:
    case = at(stage, team)
    step = selectors.next_step(case, getattr(team, who))
    assert (step.name if step else None) == name
    if step:
        assert step.is_yours
        assert step.due_on == case.next_due_on
        assert str(case.reference) in step.url
        centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
        other = selectors.next_step(fresh(case), centre)
        assert other is not None
        assert not other.is_yours


def test_the_next_step_follows_what_was_done(team: Province) -> None:
    def name(case: Case, user: str = "frontline") -> str:
        step = selectors.next_step(fresh(case), getattr(team, user))
        assert step is not None
        return step.name

    case = opened(team)
    screened(team, case, conclusion="no_signs")
    assert name(case) == "close"
    case = at(Stage.PRELIMINARY, team)
    heard(team, case)
    assert name(case) == "refer"
    case = at(Stage.IDENTIFICATION, team)
    heard(team, case, kind=Interview.Kind.IDENTIFICATION)
    assert name(case, "expert") == "draft"


def test_the_next_step_of_a_draft_is_not_its_drafters(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    team.expert.role = Role.DECIDING_OFFICER
    step = selectors.next_step(case, team.expert)
    assert step is not None
    assert not step.is_yours


def test_the_timeline_tells_everything_newest_first(team: Province) -> None:
    case = at(Stage.PROTECTION, team)
    services.record_episode(case.reference, by=team.protector, forms=["labour"])
    entries = selectors.timeline(case, team.expert)
    assert {entry.kind for entry in entries} >= {
        "open",
        "refer",
        "screening",
        "interview",
        "draft",
        "decision",
        "episode",
    }
    days = [entry.on for entry in entries]
    assert days == sorted(days, reverse=True)
    assert all(entry.title for entry in entries)


def _queries(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def test_lists_ask_the_same_number_of_questions_at_one_row_and_at_twenty(team: Province) -> None:
    def work() -> list[object]:
        return [
            (selectors.next_step(case, team.decider), case.province, case.assigned_to)
            for case in selectors.work_list(team.decider)
        ]

    oversee = make_user(Role.COMMISSION_SECRETARIAT)
    acts: list[Callable[[], object]] = [work, lambda: selectors.overdue_by_province(oversee)]
    at(Stage.DRAFTED, team)
    few = [_queries(act) for act in acts]
    for stage in [Stage.DRAFTED, Stage.REFERRED, Stage.IDENTIFICATION, Stage.RECOGNISED] * 5:
        make_case(institution=team.directorate, stage=stage)
    assert len(work()) == 21
    assert [_queries(act) for act in acts] == few


def test_the_timeline_asks_the_same_number_of_questions_however_long_it_is(team: Province) -> None:
    case = at(Stage.DRAFTED, team)
    before = _queries(lambda: selectors.timeline(case, team.decider))
    for _time in range(3):
        decided(team, case, outcome=Outcome.MORE_FACTS)
        heard(team, fresh(case), kind=Interview.Kind.IDENTIFICATION)
        drafted(team, fresh(case))
    assert _queries(lambda: selectors.timeline(case, team.decider)) == before


def test_oversight_counts_what_is_open_and_overdue_and_adds_up(team: Province) -> None:
    at(Stage.REFERRED, team, on=date(2024, 1, 8))
    at(Stage.PRELIMINARY, team, on=date(2024, 1, 9))
    at(Stage.CLOSED, team)
    helpline = make_institution(InstitutionKind.HELPLINE, None)
    nowhere = make_case(institution=helpline, opened_on=date(2024, 1, 1))
    loads = selectors.overdue_by_province(make_user(Role.COMMISSION_SECRETARIAT))
    assert len(loads) == 82
    assert loads[0].province is not None
    assert (loads[0].province.code, loads[0].open_cases, loads[0].overdue) == ("TR-06", 2, 2)
    assert loads[0].by_term["preliminary_referral"] == loads[0].by_term["identification_deadline"] == 1
    assert loads[0].oldest_due_on == date(2024, 1, 10)
    assert sum(load.open_cases for load in loads) == Case.objects.exclude(stage="closed").count() == 3
    assert [load.open_cases for load in loads if load.province is None] == [1]
    assert nowhere.province_id is None


def test_links_show_only_cases_that_exist_for_the_reader(team: Province) -> None:
    one, other = at(Stage.REFERRED, team), opened(team)
    services.link_cases(one.reference, other.reference, kind="family", by=team.frontline)
    assert selectors.linked_cases(one, team.frontline) == [("family", other)]
    assert selectors.linked_cases(one, team.expert) == []


def test_a_case_is_put_only_into_hands_that_can_hold_it(team: Province) -> None:
    early, referred = opened(team), at(Stage.REFERRED, team)
    strangers = make_user(Role.IDENTIFICATION_EXPERT, make_institution(province="TR-35"))
    assert set(selectors.officers_for(early, team.frontline)) == {team.frontline}
    found = set(selectors.officers_for(referred, team.expert))
    assert {team.expert, team.other_expert, team.decider, team.protector} <= found
    assert strangers not in found


def test_a_childs_consent_begins_protection_too(team: Province) -> None:
    case = at(Stage.RECOGNISED, team, person=make_person(team.police, majority=Majority.CHILD))
    consented(team, case)
    assert services.begin_protection(case.reference, by=team.protector, on=later(1)).stage == Stage.PROTECTION
