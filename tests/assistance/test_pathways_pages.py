"""The pages on which needs are opened, handed over and closed."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kalkan.access.models import User
from kalkan.assistance.lifecycle.pathways import Status
from kalkan.assistance.models import Pathway
from kalkan.assistance.selectors.needs import suggestions
from kalkan.assistance.selectors.pathways import of_person, section, still_to_open
from kalkan.cases.models import Case
from tests.assistance.test_pathways import begin, far_away
from tests.cases.story import Province, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(team: Province) -> Case:
    return opened(team, on=timezone.localdate())


def test_the_form_opens_what_was_chosen_and_returns_to_the_page_of_support(team: Province, case: Case) -> None:
    client = Client()
    client.force_login(team.frontline)
    address = reverse("assistance:needs", args=[case.reference])
    page = client.get(address)
    assert page.status_code == 200
    said = {
        "on": str(timezone.localdate()), "note": "", "request_key": str(uuid4()),
        "open_medical": "on", "open_asylum": "on",
        **{f"with_{one.need.code}": team.police.pk for one in suggestions(case)},
        "with_asylum": team.directorate.pk,
    }  # fmt: skip
    answer = client.post(address, said)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("assistance:hub", args=[case.reference])
    assert {(one.need, one.institution) for one in Pathway.objects.all()} == {
        ("medical", team.police), ("asylum", team.directorate),
    }  # fmt: skip
    nothing = client.post(address, {**said, "open_medical": "", "open_asylum": "", "request_key": str(uuid4())})
    assert nothing.status_code == 422
    hub = client.get(answer["Location"]).content.decode()
    assert all(reverse("assistance:pathway", args=[one.reference]) in hub for one in Pathway.objects.all())
    case_page = client.get(reverse("web:case", args=[case.reference])).content.decode()
    assert address in case_page


def test_each_move_has_its_page_and_a_stale_one_is_told(team: Province, case: Case) -> None:
    (need,) = begin(case, team, "medical")
    client = Client()
    client.force_login(team.frontline)
    today = str(timezone.localdate())
    step = reverse("assistance:step_need", args=[need.reference])
    assert client.get(step).status_code == 200
    said = {"on": today, "note": "", "version": "1", "request_key": str(uuid4())}
    assert client.post(step, said).status_code == 302
    close = reverse("assistance:close_need", args=[need.reference])
    assert client.post(close, {"on": today, "outcome": "met", "version": "1"}).status_code == 409
    over = reverse("assistance:hand_over_need", args=[need.reference])
    receiver = far_away()
    assert client.post(over, {"on": today, "to": receiver.institution.pk, "version": "2"}).status_code == 302
    client.force_login(receiver)
    up = reverse("assistance:take_up_need", args=[need.reference])
    assert client.post(up, {"on": today, "version": "3"}).status_code == 302
    assert client.post(close, {"on": today, "outcome": "met", "version": "4"}).status_code == 302
    need.refresh_from_db()
    assert (need.status, need.owner) == (Status.CLOSED, receiver)


def test_the_page_of_support_asks_as_much_at_one_need_as_at_eight(team: Province, case: Case) -> None:
    begin(case, team, "medical")
    few = _queries(case, team.frontline)
    begin(case, team, *(one.need.code for one in still_to_open(case, team.frontline)))
    assert len(of_person(case, team.frontline)) == 8
    assert _queries(case, team.frontline) == few


def _queries(case: Case, user: User) -> int:
    with CaptureQueriesContext(connection) as asked:
        section(case, user)
    return len(asked)
