"""What a plan asks of an institution that does not hold the case: what it sees, what it answers, who settles it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.roles import Role
from kalkan.access.session import acting
from kalkan.assistance.lifecycle.duties import Answer
from kalkan.assistance.models import ConferenceDecision, Duty, Goal, Programme, Promise
from kalkan.assistance.selectors.promises import open_promises
from kalkan.assistance.services import claims
from kalkan.assistance.services import programmes as plans
from kalkan.assistance.services.duties import answer_duty
from kalkan.audit.models import AuditEvent, Channel
from kalkan.cases.lifecycle import NotPossible
from tests.assistance.programmes import begun, ended
from tests.assistance.referral_story import accepted, make_cast
from tests.cases.story import DAY, Province
from tests.factories import make_case, make_institution, make_user

pytestmark = pytest.mark.django_db
WORDS = "Uydurma: haftada bir görüşme."


@pytest.fixture
def ngo(db: None) -> Institution:
    return make_institution(InstitutionKind.NGO, "TR-06")


@pytest.fixture
def partner(ngo: Institution) -> User:
    return make_user(Role.PARTNER, ngo, language="en")


@pytest.fixture
def programme(team: Province) -> Programme:
    return begun(team)


def today() -> date:
    return timezone.localdate()


def wanted(programme: Programme, of: Institution) -> Goal:
    """A goal for which `of` answers."""
    return plans.set_goal(
        programme.reference, by=programme.officer, area="psychosocial", wording=WORDS, institution=of,
        target_on=today() + timedelta(days=7),
    )  # fmt: skip


def decided(programme: Programme, of: Institution) -> ConferenceDecision:
    """A decision of a conference that `of` carries out."""
    decisions = [claims.Decided(WORDS, of, today() + timedelta(days=7))]
    claims.hold_conference(
        programme.reference, by=programme.officer, on=DAY, institutions=[of], decisions=decisions
    )  # fmt: skip
    return ConferenceDecision.objects.get()


def said(by: User, part: Any, answer: str, **more: Any) -> Duty:
    """As the runtime role, behind both walls."""
    with acting(Channel.PAGE, by):
        return answer_duty(part.reference, by=by, answer=answer, **more)


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _url(part: Any) -> str:
    return reverse("assistance:owed", args=[part.reference])


def _owed(part: Any) -> list[tuple[str, Institution]]:
    rows = Promise.objects.filter(subject=part.reference, kept_at=None, dropped_at=None)
    return [(one.kind, one.institution) for one in rows.order_by("kind")]


# --- the narrow page ---


def test_the_owing_institution_sees_area_day_and_asker_and_nothing_of_the_person(
    programme: Programme, ngo: Institution, partner: User
) -> None:
    goal = wanted(programme, ngo)
    (line,) = open_promises(partner)
    page = _client(partner).get(_url(goal))
    assert (line.subject, page.status_code) == (goal.reference, 200)
    text = page.content.decode()
    assert "Psychosocial" in text
    assert programme.institution.name_en in text
    assert "No referral of this person to you is open" in text
    case = programme.case
    wording = goal.wording
    assert wording is not None
    for secret in (case.number, case.reference, case.person.reference, wording.reference, programme.reference, WORDS):
        assert str(secret) not in text
    assert AuditEvent.objects.filter(action="assistance:duty:view", actor=partner).exists()


def test_the_way_to_a_live_referral_stands_there_while_its_consent_holds() -> None:
    cast = make_cast()
    referral = accepted(cast)
    cast.partner.language = "en"
    cast.partner.save(update_fields=["language"])
    programme = Programme.objects.create(
        case=cast.case, institution=cast.protector.institution, officer=cast.protector, consent=referral.consent,
        begun_on=today(), recorded_by=cast.protector,
    )  # fmt: skip
    goal, other = wanted(programme, cast.ngo), wanted(programme, cast.second_ngo)
    link = reverse("assistance:referral", args=[referral.reference])
    assert link in _client(cast.partner).get(_url(goal)).content.decode()
    assert link not in _client(cast.second_partner).get(_url(other)).content.decode()
    assert referral.consent is not None
    type(referral.consent).objects.filter(pk=referral.consent_id).update(withdrawn_at=timezone.now())
    assert link not in _client(cast.partner).get(_url(goal)).content.decode()


def test_it_exists_for_nobody_else(programme: Programme, team: Province, ngo: Institution) -> None:
    goal = wanted(programme, ngo)
    stranger = make_user(Role.PARTNER, make_institution(InstitutionKind.NGO, "TR-06"))
    for by in (stranger, team.frontline, team.expert):  # the police opened the case, and do not read how it goes on
        assert _client(by).get(_url(goal)).status_code == 404
        with acting(Channel.PAGE, by), pytest.raises(Http404):
            answer_duty(goal.reference, by=by, answer=Answer.DONE, on=today())
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    assert _client(centre).get(_url(goal)).status_code == 200
    with acting(Channel.PAGE, centre), pytest.raises(NotPossible) as refusal:
        answer_duty(goal.reference, by=centre, answer=Answer.DONE, on=today())
    assert refusal.value.missing == "owes"


def test_whoever_runs_the_programme_is_led_to_the_part_of_the_plan(
    programme: Programme, team: Province, ngo: Institution
) -> None:
    for part, page in ((wanted(programme, ngo), "goal"), (decided(programme, ngo), "conference_decision")):
        address = reverse(f"assistance:{page}", args=[part.reference])
        assert _client(team.protector).get(_url(part)).headers["Location"] == address
        assert _client(team.protector).get(address).status_code == 200


# --- the answer ---


@pytest.mark.parametrize("make", [wanted, decided])
@pytest.mark.parametrize(
    ("answer", "more", "shown"),
    [
        ("done", {"on": DAY}, "It was done"),
        ("cannot", {"reason": "no_capacity"}, "No place or staff"),
    ],
)
def test_an_answer_goes_to_the_programme_page_and_the_asker_owes_the_next_step(
    programme: Programme, team: Province, partner: User, make: Any, answer: str, more: dict[str, Any], shown: str
) -> None:
    part = make(programme, partner.institution)
    sent = _client(partner).post(_url(part), {"answer": answer, **more})
    assert (sent.status_code, sent.headers["Location"]) == (302, _url(part))
    assert shown in _client(partner).get(_url(part)).content.decode()
    assert _owed(part) == [("plan_answer", team.directorate)]
    assert Promise.objects.get(subject=part.reference, kind="plan_answer").owner == team.protector
    assert list(open_promises(partner)) == []
    team.protector.language = "en"
    team.protector.save(update_fields=["language"])
    page = reverse("assistance:programme", args=[programme.reference])
    assert shown in _client(team.protector).get(page).content.decode()
    assert shown in _client(team.protector).get(_url(part), follow=True).content.decode()
    event = AuditEvent.objects.get(action="assistance:duty:answer")
    assert (event.actor, event.facts["answer"]) == (partner, answer)


def test_settled_in_the_plan_nothing_is_owed_any_more(programme: Programme, team: Province, partner: User) -> None:
    goal, decision = wanted(programme, partner.institution), decided(programme, partner.institution)
    said(partner, goal, "cannot", reason="unsafe")
    said(partner, decision, "cannot", reason="not_offered")
    with acting(Channel.PAGE, team.protector):
        plans.settle_goal(goal.reference, by=team.protector, move="drop", version=1, reason="Uydurma")
    drop = {"move": "drop", "on": DAY.isoformat()}
    settle = reverse("assistance:conference_decision", args=[decision.reference])
    assert _client(team.protector).post(settle, drop).status_code == 422  # without a reason
    assert _client(team.protector).post(settle, drop | {"reason": "Uydurma"}).status_code == 302
    assert (_owed(goal), _owed(decision)) == ([], [])
    decision.refresh_from_db()
    assert (decision.done_on, decision.dropped_on) == (None, DAY)
    with pytest.raises(NotPossible):
        claims.do_decision(decision.reference, by=team.protector, on=DAY)


def test_a_goal_opened_again_is_asked_for_anew(programme: Programme, team: Province, partner: User) -> None:
    goal = wanted(programme, partner.institution)
    said(partner, goal, "cannot", reason="no_capacity")
    plans.settle_goal(goal.reference, by=team.protector, move="drop", version=1, reason="Uydurma")
    new_day = today() + timedelta(days=30)
    plans.settle_goal(goal.reference, by=team.protector, move="reopen", version=2, target_on=new_day)
    assert _owed(goal) == [("goal", partner.institution)]
    assert said(partner, goal, "done", on=today()).promise.kept_at is None
    assert [one.answer for one in Duty.objects.filter(goal=goal)] == ["cannot", "done"]
    assert _owed(goal) == [("plan_answer", team.directorate)]


@pytest.mark.parametrize(
    ("answer", "more", "missing"),
    [
        ("done", {}, "day"),
        ("done", {"on": date(2999, 1, 1)}, "on"),
        ("cannot", {}, "reason"),
        ("cannot", {"reason": "bored"}, "duty_refusal"),
        ("maybe", {}, "answer"),
    ],
)
def test_an_answer_that_says_nothing_is_refused(
    programme: Programme, partner: User, answer: str, more: dict[str, Any], missing: str
) -> None:
    goal = wanted(programme, partner.institution)
    with pytest.raises(NotPossible) as refusal:
        said(partner, goal, answer, **more)
    assert refusal.value.missing == missing
    assert _owed(goal) == [("goal", partner.institution)]


def test_the_same_answer_again_changes_nothing_and_another_is_not_taken(programme: Programme, partner: User) -> None:
    goal = wanted(programme, partner.institution)
    said(partner, goal, "done", on=today())
    said(partner, goal, "done", on=today())
    assert AuditEvent.objects.filter(action="assistance:duty:answer").count() == 1
    with pytest.raises(NotPossible) as refusal:
        said(partner, goal, "cannot", reason="unsafe")
    assert refusal.value.missing == "answered"


def test_what_was_settled_or_has_ended_takes_no_answer(team: Province, partner: User) -> None:
    programme = begun(team)
    goal, other = wanted(programme, partner.institution), wanted(programme, partner.institution)
    plans.settle_goal(goal.reference, by=team.protector, move="reach", version=1)
    with pytest.raises(NotPossible) as refusal:
        said(partner, goal, "done", on=today())
    assert refusal.value.missing == "settled"
    answered = wanted(programme, partner.institution)
    said(partner, answered, "done", on=today())
    ended(team, programme)
    assert (_owed(goal), _owed(other), _owed(answered)) == ([], [], [])
    page = _client(partner).get(_url(other))
    assert (page.status_code, "no longer owed" in page.content.decode()) == (200, True)


def test_another_officer_of_the_programme_settles_what_was_asked_before(
    programme: Programme, team: Province, partner: User
) -> None:
    answered, waiting = wanted(programme, partner.institution), wanted(programme, partner.institution)
    said(partner, answered, "done", on=today())
    colleague = make_user(Role.PROTECTION_OFFICER, team.directorate)
    plans.hand_programme(programme.reference, by=team.protector, to=colleague, version=1)
    said(partner, waiting, "done", on=today())
    owners = Promise.objects.filter(kind="plan_answer").values_list("owner", flat=True)
    assert list(owners) == [colleague.pk, colleague.pk]


# --- the second wall ---


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE assistance_duty SET area = 'health'",
        "UPDATE assistance_duty SET answer = 'done', done_on = now(), answered_at = now(), "
        "answered_by_id = {stranger}",
        "INSERT INTO assistance_promise (reference, kind, subject, case_id, institution_id, made_at, due_at) "
        "VALUES (gen_random_uuid(), 'plan_answer', gen_random_uuid(), {case}, {asker}, now(), now())",
    ],
)
def test_the_owing_institution_changes_nothing_but_its_answer(
    programme: Programme, team: Province, partner: User, statement: str
) -> None:
    wanted(programme, partner.institution)
    known = {"stranger": team.frontline.pk, "case": programme.case_id, "asker": team.directorate.pk}
    with (
        acting(Channel.PAGE, partner),
        pytest.raises(DatabaseError, match=r"answered_once|row-level security"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(**known))


def test_neither_programme_nor_case_nor_goal_exists_for_the_owing_institution(
    programme: Programme, partner: User
) -> None:
    wanted(programme, partner.institution)
    make_case()
    with acting(Channel.PAGE, partner), connection.cursor() as cursor:
        for table, rows in (
            ("assistance_duty", 1), ("assistance_promise", 1), ("assistance_goal", 0), ("assistance_programme", 0),
            ("cases_case", 0), ("persons_sealedtext", 0),
        ):  # fmt: skip
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (rows,), table
