"""Voluntary and safe return, from the offer to the last follow-up."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from kalkan.access.concurrency import Changed
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.access.session import acting
from kalkan.assistance.lifecycle.returns import MOVES, Risk, Stage, check, risk_of
from kalkan.assistance.models import Promise, ReturnPlan
from kalkan.assistance.selectors.returns import hindrance, section
from kalkan.assistance.services import returns as services
from kalkan.audit.models import AuditEvent, Channel
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.lifecycle import Stage as CaseStage
from kalkan.cases.models import Case
from kalkan.cases.services import close_case
from kalkan.persons import services as persons
from kalkan.persons.models import Consent
from kalkan.vocabulary import calendar
from kalkan.vocabulary.models import Provision
from tests.assistance.programmes import begun, ended
from tests.cases import story
from tests.cases.story import Province

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def case(team: Province) -> Case:
    return story.at(CaseStage.PROTECTION, team)


def today() -> date:
    return timezone.localdate()


def offered(team: Province, case: Case, **said: Any) -> ReturnPlan:
    values = {"by": team.protector, "moment": "during_support", "on": today() - timedelta(days=20)} | said
    return services.offer_return(case.reference, **values)


def assessed(team: Province, case: Case, *, risks: tuple[str, ...] = ()) -> ReturnPlan:
    plan = offered(team, case)
    return services.assess_return(
        plan.reference, by=team.protector, on=plan.offered_on, destination="UZ", risks=risks, unknown=("stigma",),
        note="Uydurma önlem", version=plan.version,
    )  # fmt: skip


def consented(team: Province, case: Case) -> Consent:
    return persons.give_consent(
        case.person.reference, by=team.protector, purpose="return", recipient=team.directorate,
        categories=["identity"], language="uz", given_how="written", given_on=today() - timedelta(days=20),
    )  # fmt: skip


def decided(team: Province, case: Case, *, on: date | None = None, risks: tuple[str, ...] = ()) -> ReturnPlan:
    plan = assessed(team, case, risks=risks)
    plan = services.arrange_return(
        plan.reference, by=team.protector, papers="own_passport", escort="none", receiver_words="Uydurma kuruluş",
        version=plan.version,
    )  # fmt: skip
    return services.decide_return(
        plan.reference, by=team.protector, on=on or today() - timedelta(days=20), language="uz", informed=True,
        version=plan.version,
    )  # fmt: skip


def departed(team: Province, case: Case) -> ReturnPlan:
    plan = decided(team, case)
    plan = services.approve_return(plan.reference, by=team.decider, version=plan.version)
    return services.record_departure(plan.reference, by=team.protector, on=today(), version=plan.version)


def owed(plan: ReturnPlan) -> set[str]:
    return set(
        Promise.objects.filter(subject=plan.reference, kept_at=None, dropped_at=None).values_list("kind", flat=True)
    )


def test_a_return_goes_from_the_offer_to_the_last_follow_up(team: Province, case: Case) -> None:
    consented(team, case)
    plan = departed(team, case)
    assert owed(plan) == {f"return_follow_up_{months}" for months in (1, 3, 6, 12)}
    for one in Promise.objects.filter(subject=plan.reference, kind__startswith="return_follow_up"):
        months = int(one.kind.rpartition("_")[2])
        assert timezone.localdate(one.due_at) == calendar.add_months(today(), months)
    plan = services.confirm_arrival(plan.reference, by=team.protector, on=today(), version=plan.version)
    for months in (1, 3, 6, 12):
        services.record_follow_up(
            plan.reference, by=team.protector, months=months, on=today(), contact="phone", outcome="settled",
            note="Uydurma haber", version=ReturnPlan.objects.get().version,
        )  # fmt: skip
        assert f"return_follow_up_{months}" not in owed(plan)
    plan = services.complete_return(
        plan.reference, by=team.protector, on=today(), version=ReturnPlan.objects.get().version
    )
    assert plan.stage == Stage.COMPLETED
    assert AuditEvent.objects.filter(action="assistance:return:move").count() == 12


@pytest.mark.parametrize("stage", [CaseStage.REFERRED, CaseStage.DRAFTED, CaseStage.NOT_RECOGNISED])
def test_no_return_is_planned_while_the_decision_is_open(team: Province, stage: CaseStage) -> None:
    undecided = story.at(stage, team)
    with pytest.raises(NotPossible, match="decision on this person is still open"):
        services.offer_return(undecided.reference, by=team.protector, moment="after_identification", on=today())
    with pytest.raises(IntegrityError, match="return_is_planned_for_recognised_victims"), transaction.atomic():
        ReturnPlan.objects.create(
            case=undecided, moment="after_identification", offered_on=today(), offered_by=team.protector,
            provision_id=_provision(),
        )  # fmt: skip


def test_the_moments_are_those_of_the_regulation(team: Province) -> None:
    recognised = story.at(CaseStage.RECOGNISED, team)
    with pytest.raises(NotPossible, match="Choose another moment"):
        offered(team, recognised)
    with pytest.raises(NotPossible, match="Choose from the list"):
        offered(team, recognised, moment="whenever")
    assert offered(team, recognised, moment="after_identification").stage == Stage.OFFERED


def test_an_offer_is_asked_for_at_each_moment_of_the_regulation_and_once(team: Province) -> None:
    def asked(case: Case) -> str:
        found = section(Case.objects.get(pk=case.pk), team.protector)
        assert found is not None
        return str(found.context["moment"])

    case = story.at(CaseStage.RECOGNISED, team)
    assert asked(case) == "after_identification"
    declined = offered(team, case, moment="after_identification")
    assert asked(case) == ""
    services.decline_return(declined.reference, by=team.protector, on=today(), version=declined.version)
    assert asked(case) == ""

    case = story.at(CaseStage.PROTECTION, team)
    assert asked(case) == "during_support"
    programme = begun(team)
    assert asked(programme.case) == "during_support"
    ended(team, programme)
    case = programme.case
    assert asked(case) == "end_of_support"


def test_without_live_consent_nobody_returns(team: Province, case: Case) -> None:
    with pytest.raises(NotPossible, match="own consent for return"):
        decided(team, case)


def test_consent_withdrawn_before_the_departure_stops_the_return(team: Province, case: Case) -> None:
    consent = consented(team, case)
    plan = decided(team, case)
    plan = services.approve_return(plan.reference, by=team.decider, version=plan.version)
    persons.withdraw_consent(consent.reference, by=team.protector)
    with pytest.raises(NotPossible, match="was withdrawn"):
        services.record_departure(plan.reference, by=team.protector, on=today(), version=plan.version)


def test_the_person_may_change_their_mind_until_the_departure(team: Province, case: Case) -> None:
    consented(team, case)
    plan = decided(team, case)
    plan = services.approve_return(plan.reference, by=team.decider, version=plan.version)
    plan = services.withdraw_return(plan.reference, by=team.protector, on=today(), version=plan.version)
    assert (plan.stage, owed(plan)) == (Stage.WITHDRAWN, set())
    assert offered(team, case).pk != plan.pk


def test_after_the_departure_nothing_is_withdrawn(team: Province, case: Case) -> None:
    consented(team, case)
    plan = departed(team, case)
    with pytest.raises(NotPossible, match="Departed"):
        services.withdraw_return(plan.reference, by=team.protector, on=today(), version=plan.version)


def test_the_days_of_thinking_over_come_before_the_approval(team: Province, case: Case) -> None:
    consented(team, case)
    plan = decided(team, case, on=today() - timedelta(days=7))
    assert plan.cooling_off_until == today()
    with pytest.raises(NotPossible, match="thinking it over"):
        services.approve_return(plan.reference, by=team.decider, version=plan.version)
    with pytest.raises(IntegrityError, match="return_waits_until_it_was_thought_over"), transaction.atomic():
        ReturnPlan.objects.filter(pk=plan.pk).update(stage="approved", approved_on=today(), approved_by=team.decider)


def test_a_high_risk_is_approved_with_a_ground_only(team: Province, case: Case) -> None:
    consented(team, case)
    plan = decided(team, case, risks=("threats", "debt"))
    assert plan.risk == Risk.HIGH
    with pytest.raises(NotPossible, match="The risk is high"):
        services.approve_return(plan.reference, by=team.decider, version=plan.version)
    plan.refresh_from_db()
    with pytest.raises(IntegrityError, match="return_of_high_risk_has_a_ground"), transaction.atomic():
        ReturnPlan.objects.filter(pk=plan.pk).update(stage="approved", approved_on=today(), approved_by=team.decider)
    approved = services.approve_return(plan.reference, by=team.decider, ground="Uydurma gerekçe", version=plan.version)
    assert approved.approval_ground is not None


def test_nobody_approves_a_return_that_they_planned(team: Province, case: Case) -> None:
    consented(team, case)
    plan = decided(team, case)
    with pytest.raises(Refused):
        services.approve_return(plan.reference, by=team.protector, version=plan.version)
    team.protector.role = Role.DECIDING_OFFICER
    team.protector.save()
    moved = type(team.protector).objects.get(pk=team.protector.pk)
    with pytest.raises(NotPossible, match="another officer"):
        services.approve_return(plan.reference, by=moved, version=plan.version)
    with pytest.raises(IntegrityError, match="return_is_approved_by_another_officer"), transaction.atomic():
        ReturnPlan.objects.filter(pk=plan.pk).update(stage="approved", approved_on=today(), approved_by=moved)


def test_each_follow_up_is_recorded_once_and_after_the_departure(team: Province, case: Case) -> None:
    consented(team, case)
    plan = departed(team, case)
    said = {"by": team.protector, "contact": "phone", "outcome": "settled"}
    with pytest.raises(NotPossible, match="before the departure"):
        services.record_follow_up(
            plan.reference, months=1, on=today() - timedelta(days=1), version=plan.version, **said
        )
    plan.refresh_from_db()
    services.record_follow_up(plan.reference, months=1, on=today(), version=plan.version, **said)
    for months in (1, 2):
        plan.refresh_from_db()
        with pytest.raises(NotPossible, match="1, 3, 6 and 12"):
            services.record_follow_up(plan.reference, months=months, on=today(), version=plan.version, **said)
    plan.refresh_from_db()
    with pytest.raises(NotPossible, match="1, 3, 6 and 12 months first"):
        services.complete_return(plan.reference, by=team.protector, on=today(), version=plan.version)


def test_follow_ups_go_on_when_the_case_is_closed_and_a_planned_return_keeps_it_open(
    team: Province, case: Case
) -> None:
    consented(team, case)
    assert hindrance(case) == ""
    plan = decided(team, case)
    with pytest.raises(NotPossible, match="before closing"):
        close_case(case.reference, by=team.protector, on=today(), reason="returned")
    plan = services.approve_return(plan.reference, by=team.decider, version=plan.version)
    plan = services.record_departure(plan.reference, by=team.protector, on=today(), version=plan.version)
    assert hindrance(case) == ""
    close_case(case.reference, by=team.protector, on=today(), reason="returned")
    services.record_follow_up(
        plan.reference, by=team.protector, months=1, on=today(), contact="organisation", outcome="needs_support",
        version=plan.version,
    )  # fmt: skip


def test_two_forms_are_one_plan_and_a_second_plan_waits(team: Province, case: Case) -> None:
    key = uuid4()
    one = offered(team, case, request_key=key)
    assert offered(team, case, request_key=key) == one
    with pytest.raises(NotPossible, match="planned for this person already"):
        offered(team, case)
    with pytest.raises(Changed):
        services.decline_return(one.reference, by=team.protector, on=today(), version=9)


def test_where_a_person_goes_is_not_for_the_officers_who_met_them_first(team: Province, case: Case) -> None:
    plan = offered(team, case)
    for by in (team.frontline, team.expert):
        with acting(Channel.PAGE, by):
            assert not ReturnPlan.objects.exists()
        with pytest.raises(Http404):
            services.decline_return(plan.reference, by=by, on=today(), version=1)


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.name)
def test_the_table_and_the_database_agree_on_every_move(team: Province, case: Case, move: Any, stage: Stage) -> None:
    facts = dict.fromkeys(move.needs, True)
    if stage in move.sources:
        assert check(move.name, stage=stage, facts=facts) == move
        for need in move.needs:
            with pytest.raises(NotPossible):
                check(move.name, stage=stage, facts=facts | {need: False})
        return
    with pytest.raises(NotPossible):
        check(move.name, stage=stage, facts=facts)
    if stage == move.target:
        return
    other = [one for one in MOVES if stage in one.sources and one.target == move.target]
    if not other:
        plan = _at(stage, case, team)
        with pytest.raises(IntegrityError, match="return_goes_the_way_of_its_table"), transaction.atomic():
            ReturnPlan.objects.filter(pk=plan.pk).update(stage=move.target)


@pytest.mark.parametrize(
    ("grave", "other", "unknown", "risk"),
    [
        ((), (), (), "low"),
        ((), ("debt",), (), "medium"),
        ((), (), ("debt",), "medium"),
        (("threats",), (), (), "high"),
    ],
)
def test_one_grave_risk_makes_it_high(grave: Any, other: Any, unknown: Any, risk: str) -> None:
    assert risk_of(grave=grave, other=other, unknown=unknown) == risk


def test_the_pages_carry_a_return_to_its_departure(team: Province, case: Case) -> None:
    consented(team, case)
    client, approver = Client(), Client()
    client.force_login(team.protector)
    approver.force_login(team.decider)
    _send(client, "offer_return", case.reference, moment="during_support", request_key=str(uuid4()), on=_ago())
    plan = ReturnPlan.objects.get()
    go = plan.reference
    _send(client, "assess_return", go, destination="UZ", risks=["threats"], note="Uydurma", version=1, on=_ago())
    _send(client, "arrange_return", go, papers="own_passport", escort="none", receiver_words="Uydurma", version=2)
    _send(client, "decide_return", go, language="uz", informed="on", version=3, on=_ago())
    assert client.get(reverse("assistance:approve_return", args=[go])).status_code == 403
    refused = approver.post(reverse("assistance:approve_return", args=[go]), {"version": 4, "confirmed": "yes"})
    assert refused.status_code == 422
    _send(approver, "approve_return", go, ground="Uydurma gerekçe", version=4)
    _send(client, "depart_return", go, version=5, on=today().isoformat())
    plan.refresh_from_db()
    assert plan.stage == Stage.DEPARTED
    text = reverse("assistance:return_text", args=[go, plan.risk_note.reference])  # type: ignore[union-attr]
    assert "Uydurma" in client.post(text, {"purpose": "protection"}).content.decode()
    assert client.get(reverse("assistance:return_text", args=[go, uuid4()])).status_code == 404


def _send(client: Client, page: str, reference: Any, **said: Any) -> None:
    address = reverse(f"assistance:{page}", args=[reference])
    assert client.get(address).status_code == 200, page
    response = client.post(address, said | {"confirmed": "yes"})
    assert response.status_code == 302, (page, response.content.decode()[:4000])
    assert client.get(response["Location"]).status_code == 200


def _ago() -> str:
    return (today() - timedelta(days=20)).isoformat()


def _provision() -> int:
    return Provision.objects.get(code="voluntary_return").pk


def _at(stage: Stage, case: Case, team: Province) -> ReturnPlan:
    """A plan of that stage as bare rows, with everything that the stage needs."""
    words = persons.seal_text(case.person, "return_receiver", "Uydurma", by=team.protector)
    return ReturnPlan.objects.create(
        case=case, stage=stage, moment="during_support", provision_id=_provision(), offered_on=today(),
        offered_by=team.protector, destination="UZ", risk="low", assessed_on=today(), assessed_by=team.protector,
        language="uz", decided_on=today(), decision_recorded_by=team.protector,
        cooling_off_until=today() - timedelta(days=1), papers="own_passport", escort="none", receiver_words=words,
        arranged_by=team.protector, approved_on=today(), approved_by=team.decider, departed_on=today(),
    )  # fmt: skip
