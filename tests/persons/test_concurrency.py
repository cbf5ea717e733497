"""Several officers at the same moment, in real transactions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from kalkan.access.concurrency import Changed
from kalkan.access.models import InstitutionKind
from kalkan.access.roles import Role
from kalkan.persons import services
from kalkan.persons.models import Person, PossibleSame, SealedText
from tests.factories import make_institution, make_user
from tests.persons.people import details, full_details

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gave or raised, all of them begun at once, each on its own connection."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return act()
        except (Changed, services.NotValid) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_two_corrections_at_once_one_is_refused() -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    person = services.record_person(details(), by=officer)
    results = together(
        *(
            lambda sex=sex: services.change_person(person.reference, details(sex=sex), by=officer, version=1)
            for sex in ("male", "other")
        )
    )
    assert sorted(type(result).__name__ for result in results) == ["Changed", "Person"]
    person.refresh_from_db()
    saved = next(result for result in results if isinstance(result, Person))
    assert (person.version, person.sex) == (2, saved.sex)


def test_one_form_sent_twice_at_once_makes_one_person() -> None:
    officer, key = make_user(Role.FRONTLINE_OFFICER), uuid4()
    results = together(
        *[lambda: services.record_person(full_details(), by=officer, request_key=key)] * 4,
        *[lambda: services.record_person(details(names=()), by=officer, request_key=key)] * 2,
    )
    assert len({person.pk for person in results}) == 1
    assert Person.objects.count() == 1


def test_two_officers_who_record_one_person_at_once_are_told_of_each_other() -> None:
    officers = [make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.POLICE, "TR-34")) for _ in "ab"]
    together(*(lambda by=by: services.record_person(full_details(), by=by) for by in officers))
    assert Person.objects.count() == 2
    assert PossibleSame.objects.count() == 1


def test_texts_written_at_once_share_the_one_key_that_was_made() -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    person = services.record_person(details(names=()), by=officer)
    together(*(lambda n=n: services.seal_text(person, "note", f"{n}", by=officer) for n in range(4)))
    words = {services.read_text(text, by=officer, purpose="interview") for text in SealedText.objects.all()}
    assert words == {"0", "1", "2", "3"}
