"""Whatever officers do in whatever order, the rules of a case hold: tried against the real database."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import Http404
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kalkan.access.concurrency import Changed
from kalkan.access.models import User
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.cases import lifecycle, services
from kalkan.cases.lifecycle import NotPossible, Outcome, Stage
from kalkan.cases.models import Interview, Screening
from kalkan.persons.models import Majority
from tests.cases.story import DAY, TRAFFICKING, Province, at, consented, drafted, fresh, make_province_team
from tests.factories import make_person

DAYS = st.integers(-3, 3)
# From the first stage alone, chance would seldom come as far as a decision.
STARTS = [
    Stage.SCREENING,
    Stage.PRELIMINARY,
    Stage.IDENTIFICATION,
    Stage.DRAFTED,
    Stage.NOT_RECOGNISED,
    Stage.RECOGNISED,
]
REFUSALS = (NotPossible, Refused, Http404, Changed)
DUTIES = st.sampled_from([Role.FRONTLINE_OFFICER, Role.IDENTIFICATION_EXPERT, Role.DECIDING_OFFICER])


class Life(RuleBasedStateMachine):
    """Officers who try everything, change duty, and go back and forth in time."""

    team: Province

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize(
        majority=st.sampled_from([Majority.ADULT, Majority.CHILD, Majority.UNKNOWN]), stage=st.sampled_from(STARTS)
    )
    def begin(self, majority: str, stage: str) -> None:
        self.team = make_province_team()
        self.person = make_person(self.team.police, majority=majority)
        self.case = at(stage, self.team, person=self.person)
        self.day = DAY

    def _officer(self, number: int) -> User:
        team = self.team
        return [team.frontline, team.expert, team.other_expert, team.decider, team.other_decider, team.protector][
            number
        ]

    def _try(self, act: Any) -> None:
        try:
            with transaction.atomic():
                act()
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        except REFUSALS:
            return

    WHO = st.integers(0, 5)

    @rule(who=WHO, days=DAYS)
    def time_passes(self, who: int, days: int) -> None:
        self.day = DAY + timedelta(days=max(0, (self.day - DAY).days + days))

    @rule(who=WHO, role=DUTIES)
    def an_officer_changes_duty(self, who: int, role: str) -> None:
        officer = self._officer(who)
        officer.role = role
        officer.save()

    @rule(majority=st.sampled_from([Majority.ADULT, Majority.PRESUMED_CHILD, Majority.CHILD]))
    def the_age_becomes_known(self, majority: str) -> None:
        self.person.majority = majority
        self.person.save()

    @rule(who=WHO, profile=st.sampled_from(["adult_labour", "child_sexual"]), has_signs=st.booleans())
    def screen(self, who: int, profile: str, has_signs: bool) -> None:
        by = self._officer(who)

        def act() -> None:
            running = services.start_screening(self.case.reference, by=by, profile=profile, held_on=self.day)
            services.answer_questions(running.reference, TRAFFICKING if has_signs else {"4.1": "no"}, by=by)

        self._try(act)

    @rule(who=WHO, conclusion=st.sampled_from(["signs", "no_signs"]), dissent=st.sampled_from(["", "Because."]))
    def conclude(self, who: int, conclusion: str, dissent: str) -> None:
        running = Screening.objects.filter(case=self.case).order_by("-id").first()
        if running is not None:
            self._try(
                lambda: services.conclude_screening(
                    running.reference, by=self._officer(who), conclusion=conclusion, dissent=dissent, on=self.day
                )
            )

    @rule(who=WHO, kind=st.sampled_from(list(Interview.Kind)))
    def interview(self, who: int, kind: str) -> None:
        self._try(
            lambda: services.record_interview(
                self.case.reference,
                by=self._officer(who),
                kind=kind,
                held_on=self.day,
                guardian="lawyer",
                rights_explained=True,
                narrative="Invented.",
            )
        )

    @rule(who=WHO)
    def refer(self, who: int) -> None:
        self._try(lambda: services.refer_for_identification(self.case.reference, by=self._officer(who), on=self.day))

    @rule(who=WHO)
    def take_up(self, who: int) -> None:
        self._try(lambda: services.begin_identification(self.case.reference, by=self._officer(who), on=self.day))

    @rule(who=WHO, proposed=st.sampled_from(list(Outcome)), means=st.sampled_from([None, True, False]))
    def draft(self, who: int, proposed: str, means: bool | None) -> None:
        case = fresh(self.case)
        self._try(
            lambda: drafted(self.team, case, by=self._officer(who), proposed=proposed, means_found=means, on=self.day)
        )

    @rule(who=WHO, outcome=st.sampled_from(list(Outcome)), is_stale=st.booleans())
    def decide(self, who: int, outcome: str, is_stale: bool) -> None:
        version = 1 if is_stale else fresh(self.case).version
        self._try(
            lambda: services.decide(
                self.case.reference,
                by=self._officer(who),
                on=self.day,
                outcome=outcome,
                reasons="Invented.",
                version=version,
            )
        )

    @rule(who=WHO)
    def reconsider(self, who: int) -> None:
        self._try(lambda: services.reconsider(self.case.reference, by=self._officer(who), on=self.day, reason="New."))

    @precondition(lambda self: fresh(self.case).stage == Stage.RECOGNISED)
    @rule()
    def consent(self) -> None:
        if self.team.protector.role == Role.PROTECTION_OFFICER:
            consented(self.team, fresh(self.case), on=self.day)

    @rule(who=WHO)
    def protect(self, who: int) -> None:
        self._try(lambda: services.begin_protection(self.case.reference, by=self._officer(who), on=self.day))

    @rule(who=WHO, end=st.sampled_from([services.close_case, services.close_without_signs, services.break_off]))
    def end(self, who: int, end: Any) -> None:
        self._try(lambda: end(self.case.reference, by=self._officer(who), on=self.day, reason="lost_contact"))

    @invariant()
    def nobody_decided_on_their_own_draft_or_interview(self) -> None:
        for decision in self.case.decisions.exclude(decided_by=None):
            assert decision.decided_by_id != decision.drafted_by_id
            heard_by = self.case.interviews.filter(kind="identification").values_list("by", flat=True)
            # Whoever decided may be sent to hold a later interview, never the other way round.
            before = self.case.interviews.filter(kind="identification", recorded_at__lt=decision.reasons.written_at)
            assert decision.decided_by_id not in set(before.values_list("by", flat=True)) or not heard_by

    @invariant()
    def a_refusal_is_reconsidered_by_others(self) -> None:
        hands: set[int | None] = set()
        for decision in self.case.decisions.order_by("id"):
            assert not hands & {decision.drafted_by_id, decision.decided_by_id}
            if decision.outcome == Outcome.NOT_RECOGNISED:
                hands |= {decision.drafted_by_id, decision.decided_by_id}

    @invariant()
    def a_child_was_never_asked_for_means(self) -> None:
        assert not self.case.decisions.filter(is_child=True).exclude(means_found=None).exists()
        for screening in self.case.screenings.all():
            assert screening.conclusion or not fresh(self.case).is_child or screening.profile.startswith("child")

    @invariant()
    def the_log_tells_the_whole_way(self) -> None:
        at: str = ""
        latest = None
        for change in self.case.stage_changes.all():
            assert change.source == at
            assert latest is None or change.on >= latest
            if change.source:
                assert Stage(change.source) in lifecycle.BY_NAME[change.move].sources
            at, latest = change.target, change.on
        assert fresh(self.case).stage == at

    @invariant()
    def the_next_deadline_is_the_earliest_that_runs(self) -> None:
        case = fresh(self.case)
        running = [deadline.due_on for deadline in case.deadlines.filter(met_on=None)]
        assert case.next_due_on == min(running, default=None)
        assert len(running) == (1 if Stage(case.stage) in lifecycle.TERMS else 0)

    @invariant()
    def what_is_recognised_rests_on_a_decision(self) -> None:
        case = fresh(self.case)
        if case.stage in {Stage.RECOGNISED, Stage.PROTECTION}:
            last = case.decisions.last()
            assert last is not None
            assert (last.outcome, case.outcome) == (Outcome.RECOGNISED, Outcome.RECOGNISED)


@pytest.mark.django_db
def test_no_sequence_of_acts_breaks_a_rule() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
