"""No bed twice, no person in two: two officers at one moment, and any sequence of moves."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections, transaction
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

from kalkan.access.models import User
from kalkan.access.session import acting
from kalkan.assistance.lifecycle.shelters import WHY_NOT, Status
from kalkan.assistance.models import BedUse, Stay
from kalkan.assistance.services import shelters as services
from kalkan.audit.models import Channel
from kalkan.cases.lifecycle import NotPossible
from tests.assistance.house import House, ago, today


def _at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act answers, or what it refuses, when all begin at one moment."""
    gate, found = Barrier(len(acts)), [object()] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        gate.wait()
        try:
            found[place] = act()
        except NotPossible as refusal:
            found[place] = refusal
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return list(found)


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_who_give_one_bed_at_one_moment_the_second_reads_why_not() -> None:
    house = House(beds=1)
    stays = [house.assess(house.request()) for _ in range(2)]

    def give(stay: Stay, who: User) -> Callable[[], object]:
        def act() -> object:
            with acting(Channel.PAGE, who):
                return services.admit(
                    stay.reference, by=who, version=stay.version, bed=house.beds[0].reference, on=today()
                )

        return act

    answers = _at_once(give(stays[0], house.staff), give(stays[1], house.colleague))
    refusals = [one for one in answers if isinstance(one, NotPossible)]
    assert [str(one) for one in refusals] == [str(WHY_NOT["bed_taken"])]
    assert Stay.objects.filter(status=Status.ADMITTED).count() == BedUse.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_shelters_that_admit_one_person_at_one_moment_one_does() -> None:
    here = House(beds=1)
    there = House(beds=1, officer=here.officer)
    case = here.case()
    ready = [(house, house.assess(house.request(case))) for house in (here, there)]

    def take(house: House, stay: Stay) -> Callable[[], object]:
        return lambda: house.admit(stay, house.beds[0])

    answers = _at_once(*(take(house, stay) for house, stay in ready))
    refusals = [str(one) for one in answers if isinstance(one, NotPossible)]
    assert refusals == [str(WHY_NOT["elsewhere"])]
    assert BedUse.objects.count() == 1


_DOUBLE = """
SELECT count(*) FROM assistance_beduse a JOIN assistance_beduse b ON a.id < b.id
WHERE (a.bed_id = b.bed_id OR a.person_id = b.person_id)
    AND daterange(a.first_on, a.until_on, '[)') && daterange(b.first_on, b.until_on, '[)')
"""
_places = st.integers(0, 3)
_days = st.integers(0, 12)


class Shelters(RuleBasedStateMachine):
    """Two houses with two beds each and three people, moved about in any order on any day."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        here = House(profiles=["women", "families"])
        self.houses = [here, House(profiles=["women"], officer=here.officer)]
        self.cases = [here.case() for _ in range(3)]
        self.stays: list[tuple[House, Stay]] = []

    def _try(self, act: Callable[[], object]) -> None:
        with suppress(NotPossible):
            act()

    def _pick(self, place: int) -> tuple[House, Stay] | None:
        return self.stays[place % len(self.stays)] if self.stays else None

    @rule(who=st.integers(0, 2), where=st.integers(0, 1))
    def ask(self, who: int, where: int) -> None:
        house = self.houses[where]

        def act() -> None:
            self.stays.append((house, house.assess(house.request(self.cases[who]))))

        self._try(act)

    @rule(which=_places, bed=st.integers(0, 1), day=_days)
    def admit(self, which: int, bed: int, day: int) -> None:
        if found := self._pick(which):
            self._try(lambda: found[0].admit(found[1], found[0].beds[bed], on=ago(day)))

    @rule(which=_places, bed=st.integers(0, 1), day=_days)
    def move(self, which: int, bed: int, day: int) -> None:
        if found := self._pick(which):
            house, stay = found
            stay.refresh_from_db()
            self._try(
                lambda: services.move_bed(
                    stay.reference, by=house.staff, version=stay.version, bed=house.beds[bed].reference, on=ago(day)
                )
            )

    @rule(which=_places, day=_days)
    def leave(self, which: int, day: int) -> None:
        if found := self._pick(which):
            self._try(lambda: found[0].leave(found[1], on=ago(day)))

    @rule(where=st.integers(0, 1), bed=st.integers(0, 1), day=_days, days=st.integers(1, 5))
    def close(self, where: int, bed: int, day: int, days: int) -> None:
        house = self.houses[where]
        first = ago(day)
        self._try(
            lambda: services.close_bed(
                house.beds[bed].reference, by=house.staff, reason="repair", first_on=first,
                until_on=first + timedelta(days=days),
            )
        )  # fmt: skip

    @precondition(lambda self: hasattr(self, "houses"))
    @invariant()
    def no_bed_is_given_twice_and_nobody_is_in_two(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_DOUBLE)
            assert cursor.fetchone() == (0,)
            cursor.execute(
                "SELECT count(*) FROM assistance_stay s WHERE (s.status = 'admitted') <> EXISTS ("
                "SELECT 1 FROM assistance_beduse u WHERE u.stay_id = s.id AND u.until_on IS NULL)"
            )
            assert cursor.fetchone() == (0,), "whoever is admitted has a bed, and nobody else"


@pytest.mark.django_db
def test_no_sequence_of_moves_gives_a_bed_twice_or_puts_a_person_into_two() -> None:
    run_state_machine_as_test(
        Shelters,
        settings=settings(max_examples=10, stateful_step_count=15, suppress_health_check=list(HealthCheck)),
    )
