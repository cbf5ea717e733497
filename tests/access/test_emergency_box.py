"""Whatever is opened, ended, waited for or taken away, in whatever order: nothing outside the box is ever shown."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from kalkan.access import emergencies
from kalkan.access.emergencies import NotOpened
from kalkan.access.models import Emergency
from kalkan.access.roles import InstitutionKind, Role
from kalkan.cases import policy as cases
from kalkan.cases.emergencies import open_case_in_emergency
from kalkan.cases.models import Case
from kalkan.persons import policy as persons
from kalkan.persons.emergencies import open_person_in_emergency
from kalkan.persons.models import Person
from tests.factories import make_case, make_institution, make_user

MINUTES = st.integers(min_value=0, max_value=200)


class Boxes(RuleBasedStateMachine):
    """Two officers, four cases beyond their reach, a clock. The model is a list of boxes: whose, what, from, to."""

    def __init__(self) -> None:
        super().__init__()
        self.point = transaction.atomic()
        self.point.__enter__()
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.clock = patch.object(timezone, "now", lambda: self.now)
        self.clock.start()
        police = make_institution(InstitutionKind.POLICE, "TR-06")
        authority = make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-34")
        self.users = [make_user(Role.FRONTLINE_OFFICER, police), make_user(Role.IDENTIFICATION_EXPERT, authority)]
        far = make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-01")
        self.cases = [make_case(None, far, is_with_authority=True) for _number in range(4)]
        self.own = [make_case(None, one.institution, is_with_authority=True) for one in self.users]
        self.boxes: list[tuple[int, Case, bool, datetime, datetime]] = []
        self.opened: list[Emergency] = []

    def teardown(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.point.__exit__(None, None, None)

    @rule(who=st.integers(0, 1), what=st.integers(0, 3), is_case=st.booleans())
    def open(self, who: int, what: int, is_case: bool) -> None:
        user, case = self.users[who], self.cases[what]
        try:
            if is_case:
                made = open_case_in_emergency(case.number, by=user, ground="medical")
            else:
                made = open_person_in_emergency(case.person.reference, by=user, ground="medical")
        except NotOpened:
            return
        self.boxes.append((who, case, is_case, self.now, self.now + timedelta(hours=1)))
        self.opened.append(made)

    @rule(which=st.integers(0, 20), by=st.integers(0, 1))
    def end(self, which: int, by: int) -> None:
        if which >= len(self.opened):
            return
        who, case, is_case, start, end = self.boxes[which]
        if who != by:
            return
        emergencies.end_emergency(self.opened[which].reference, by=self.users[by])
        self.boxes[which] = (who, case, is_case, start, min(end, self.now))

    @rule(minutes=MINUTES)
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(minutes=st.integers(1, 30))
    def set_the_clock_back(self, minutes: int) -> None:
        self.now -= timedelta(minutes=minutes)

    @rule(who=st.integers(0, 1), what=st.integers(0, 3))
    def guess(self, who: int, what: int) -> None:
        with pytest.raises(NotOpened):
            open_case_in_emergency(self.cases[what].number[:-1], by=self.users[who], ground="medical")

    @invariant()
    def nothing_outside_the_box_is_shown(self) -> None:
        for who, user in enumerate(self.users):
            mine = [box for box in self.boxes if box[0] == who and box[3] <= self.now < box[4]]
            shown_cases = {box[1].pk for box in mine if box[2]} | {self.own[who].pk}
            shown_persons = {box[1].person_id for box in mine} | {self.own[who].person_id}
            assert set(cases.cases.visible(user).values_list("pk", flat=True)) <= shown_cases
            assert set(persons.persons.visible(user).values_list("pk", flat=True)) <= shown_persons
            assert set(cases.cases.own(user).values_list("pk", flat=True)) == {self.own[who].pk}

    @invariant()
    def what_is_open_is_shown(self) -> None:
        for who, user in enumerate(self.users):
            for box, emergency in zip(self.boxes, self.opened, strict=True):
                emergency.refresh_from_db()
                if box[0] == who and emergency.ended_at is None and box[3] <= self.now < box[4]:
                    assert Person.objects.get(pk=box[1].person_id) in persons.persons.visible(user)


@pytest.mark.django_db
def test_no_sequence_shows_a_row_outside_the_box() -> None:
    run_state_machine_as_test(
        Boxes,
        settings=settings(max_examples=60, stateful_step_count=25, suppress_health_check=list(HealthCheck)),
    )
