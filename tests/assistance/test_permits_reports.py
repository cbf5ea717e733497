"""The evaluation report behind extending and cancelling a permit, and a permit that nobody extends."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from kalkan.access.policy import Refused
from kalkan.assistance.lifecycle.permit_moves import REPORTED_AS
from kalkan.assistance.lifecycle.permits import EXTENSION, FIRST
from kalkan.assistance.lifecycle.programmes import BY_CODE, Verdict
from kalkan.assistance.models import EvaluationReport, Permit, Programme, Promise
from kalkan.assistance.services import evaluation
from kalkan.assistance.services import permits as services
from kalkan.cases.lifecycle import NotPossible, Stage
from kalkan.cases.models import Case
from kalkan.persons import services as persons
from kalkan.vocabulary import selectors as vocabulary
from tests.assistance.programmes import begun
from tests.cases import story
from tests.cases.story import Province

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def programme(team: Province) -> Programme:
    return begun(team)


def asked(team: Province, case: Case, kind: str = FIRST) -> Permit:
    ground = "safety" if kind == EXTENSION else ""
    return services.request_permit(case.reference, by=team.protector, kind=kind, ground=ground)


def grant(team: Province, permit: Permit) -> Permit:
    return services.grant_permit(permit.reference, by=team.decider, number="İ-1", version=permit.version)


def approved(team: Province, programme: Programme, **said: Any) -> EvaluationReport:
    values = {"ground": "safety", "verdict": "extend_permit", "reasoning": "Uydurma.", "on": timezone.localdate()}
    values |= said
    report = evaluation.write_report(programme.reference, by=team.protector, **values)
    return evaluation.answer_report(
        report.reference, by=team.decider, move="approve", version=report.version, on=values["on"]
    )


def owed(permit: Permit) -> set[str]:
    rows = Promise.objects.filter(subject=permit.reference, kept_at=None, dropped_at=None)
    return set(rows.values_list("kind", flat=True))


def test_an_extension_is_granted_on_an_approved_report_that_says_so(team: Province, programme: Programme) -> None:
    grant(team, asked(team, programme.case))
    extension = asked(team, programme.case, EXTENSION)  # the clock of the directorate runs, report or not
    with pytest.raises(NotPossible, match="approved evaluation report that says so"):
        grant(team, extension)
    approved(team, programme, ground="needs_go_on", verdict="continue")
    with pytest.raises(NotPossible, match="approved evaluation report that says so"):
        grant(team, extension)
    report = approved(team, programme)
    assert grant(team, extension).report == report
    assert Permit.objects.get(kind=FIRST).report is None, "the reflection period needs none"


def test_a_report_from_before_the_last_permit_does_not_carry_the_next(team: Province, programme: Programme) -> None:
    grant(team, asked(team, programme.case))
    approved(team, programme, on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(NotPossible, match="written since the last permit began"):
        grant(team, asked(team, programme.case, EXTENSION))


def test_without_support_there_is_no_report_to_wait_for(team: Province) -> None:
    case = story.at(Stage.PROTECTION, team)
    grant(team, asked(team, case))
    assert grant(team, asked(team, case, EXTENSION)).report is None


@pytest.mark.parametrize("verdict", ["cancel_permit", "end"])
def test_a_permit_is_cancelled_on_a_report_with_the_same_ground(
    team: Province, programme: Programme, verdict: str
) -> None:
    permit = grant(team, asked(team, programme.case))

    def cancel(ground: str) -> list[Permit]:
        return services.cancel_permit(
            permit.reference, by=team.decider, ground=ground, was_forced=False, version=permit.version
        )

    with pytest.raises(NotPossible, match="approved evaluation report with the same ground"), transaction.atomic():
        cancel("not_a_victim")
    report = approved(team, programme, ground="not_a_victim", verdict=verdict)
    with pytest.raises(NotPossible, match="with the same ground"), transaction.atomic():
        cancel("obligations_not_met")
    assert cancel("not_a_victim")[0].cancel_report == report


def test_the_database_grants_and_cancels_on_a_report_alone(team: Province, programme: Programme) -> None:
    first = grant(team, asked(team, programme.case))
    extension = asked(team, programme.case, EXTENSION)
    number = persons.seal_text(programme.case.person, "permit_number", "1", by=team.decider)
    granted = {"state": "granted", "decided_by": team.decider, "decided_on": timezone.localdate(), "number": number}
    other = approved(team, begun(team))
    waiting = evaluation.write_report(
        programme.reference, by=team.protector, on=timezone.localdate(), ground="safety", verdict="extend_permit",
        reasoning="Uydurma.",
    )  # fmt: skip
    for wrong in (None, other, waiting):
        with pytest.raises(IntegrityError, match="approved_evaluation_report"), transaction.atomic():
            Permit.objects.filter(pk=extension.pk).update(report=wrong, **granted)
    cancelled = {
        "state": "cancelled", "cancelled_on": timezone.localdate(), "cancelled_by": team.decider, "was_forced": False,
        "cancel_ground": "not_a_victim", "cancel_provision": first.provision,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="approved_evaluation_report"), transaction.atomic():
        Permit.objects.filter(pk=first.pk).update(**cancelled)


def test_each_ground_to_cancel_is_one_that_a_report_can_give() -> None:
    assert set(REPORTED_AS) == {code.code for code in vocabulary.codes("permit_cancellation", retired=True)}
    for ground in REPORTED_AS.values():
        assert Verdict.CANCEL_PERMIT in BY_CODE[ground].verdicts


def test_a_permit_is_left_to_end_and_owes_nothing_more(team: Province) -> None:
    case = story.at(Stage.PROTECTION, team)
    permit = grant(team, asked(team, case))
    assert owed(permit) == {"permit_expiry", "reflection_end"}
    with pytest.raises(Refused):
        services.leave_permit(permit.reference, by=team.decider, reason="not_wanted", version=permit.version)
    with pytest.raises(NotPossible, match="Choose from the list"):
        services.leave_permit(permit.reference, by=team.protector, reason="invented", version=permit.version)
    permit.refresh_from_db()
    left = services.leave_permit(permit.reference, by=team.protector, reason="not_wanted", version=permit.version)
    assert (owed(permit), left.state, left.until) == (set(), "granted", permit.ends_on)
    with pytest.raises(NotPossible, match="said already"):
        services.leave_permit(permit.reference, by=team.protector, reason="not_wanted", version=left.version)
    assert grant(team, asked(team, case, EXTENSION)).starts_on == permit.ends_on, "the person may think again"
    with pytest.raises(IntegrityError, match="left_to_end"), transaction.atomic():
        Permit.objects.filter(kind=EXTENSION).update(left_reason="not_wanted")


def test_what_was_extended_is_not_left_to_end(team: Province) -> None:
    case = story.at(Stage.PROTECTION, team)
    permit = grant(team, asked(team, case))
    asked(team, case, EXTENSION)
    with pytest.raises(NotPossible, match="nothing left to end"):
        services.leave_permit(permit.reference, by=team.protector, reason="not_wanted", version=permit.version)


def test_the_page_leads_to_leaving_and_tells_of_the_report_that_is_missing(
    team: Province, programme: Programme
) -> None:
    permit = grant(team, asked(team, programme.case))
    client = Client()
    client.force_login(team.protector)
    page = reverse("assistance:permits", args=[programme.case.reference])
    address = reverse("assistance:leave_permit", args=[permit.reference])
    words = client.get(page, headers={"accept-language": "en"}).content.decode()
    assert address in words
    assert ("evaluation report" in words) or ("değerlendirme raporu" in words)
    sent = {"reason": "not_wanted", "version": str(permit.version), "confirmed": "yes"}
    assert client.post(address, sent | {"version": "9"}).status_code == 409
    assert client.post(address, sent).status_code == 302
    assert address not in client.get(page).content.decode()
