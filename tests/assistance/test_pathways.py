"""Several needs of one person: each with its owner and its clock, none of them twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kalkan.access.concurrency import Changed
from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.access.session import acting
from kalkan.assistance.lifecycle.pathways import LIVE, MOVES, Status, check
from kalkan.assistance.models import Pathway, PathwayStep, Promise
from kalkan.assistance.selectors.needs import hints, suggestions
from kalkan.assistance.selectors.pathways import still_to_open
from kalkan.assistance.services.pathways import Opening, close_need, hand_over, open_needs, take_step, take_up
from kalkan.audit.models import AuditEvent, Channel
from kalkan.cases import services as cases
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case
from kalkan.persons import erasing
from kalkan.persons import services as persons
from kalkan.persons.models import Majority
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Profile
from tests.cases.story import DAY, Province, opened, screened
from tests.factories import make_case, make_institution, make_person, make_user

pytestmark = pytest.mark.django_db
NEEDS = ["asylum", "medical", "labour_rights"]


@pytest.fixture
def case(team: Province) -> Case:
    return opened(team, on=timezone.localdate())


@contextmanager
def refused(missing: str) -> Iterator[None]:
    """What follows is refused for want of this, with a sentence that says how to mend it."""
    with pytest.raises(NotPossible) as refusal:
        yield
    assert refusal.value.missing == missing
    assert str(refusal.value)


def begin(case: Case, team: Province, *needs: str, at: Institution | None = None) -> list[Pathway]:
    wanted = [Opening(need, at or team.police) for need in needs or NEEDS]
    return open_needs(case.reference, wanted, by=team.frontline, on=timezone.localdate())


def owed(pathway: Pathway) -> Promise:
    return Promise.objects.get(subject=pathway.reference, kept_at=None, dropped_at=None)


# --- opening ------------------------------------------------------------------------------------------------------


def test_several_needs_open_at_once_each_with_an_owner_and_a_clock_of_its_own(team: Province, case: Case) -> None:
    needs = begin(case, team)
    assert [one.need for one in needs] == NEEDS
    today = timezone.localdate()
    for one in needs:
        promise = owed(one)
        provision = vocabulary.provision(f"pathway_{one.need}", on=today)
        assert (one.status, one.owner, promise.owner, promise.institution) == (
            Status.OPEN, team.frontline, team.frontline, team.police,
        )  # fmt: skip
        assert timezone.localdate(promise.due_at) == calendar.due_on(provision, today)
        assert promise.provision == one.provision == provision


def test_a_need_opened_with_another_institution_waits_there_to_be_taken_up(team: Province, case: Case) -> None:
    (need,) = begin(case, team, "asylum", at=team.directorate)
    assert (need.status, need.owner) == (Status.HANDED_OVER, None)
    assert owed(need).institution == team.directorate


def test_the_same_need_is_not_opened_twice_not_even_from_another_case_that_one_does_not_see(team: Province) -> None:
    person = make_person(team.police, majority=Majority.ADULT)
    first = opened(team, person=person, on=timezone.localdate())
    begin(first, team, "medical")
    other = make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.GENDARMERIE, "TR-35"))
    second = make_case(person=person, institution=other.institution)
    with refused("need"):
        open_needs(
            second.reference,
            [Opening("asylum", other.institution), Opening("medical", other.institution)],
            by=other,
            on=timezone.localdate(),
        )
    assert Pathway.objects.filter(person=person).count() == 1  # all or none


def test_the_database_refuses_a_second_open_need_of_one_person(team: Province, case: Case) -> None:
    (need,) = begin(case, team, "medical")
    with pytest.raises(IntegrityError, match="person_has_each_need_open_once"), transaction.atomic():
        Pathway.objects.create(
            case=case, person=case.person, need="medical", status="handed_over", institution=team.directorate,
            opened_on=DAY, by=team.frontline,
        )  # fmt: skip
    close_need(need.reference, outcome="met", by=team.frontline, on=timezone.localdate(), version=1)
    assert begin(case, team, "medical")[0].pk != need.pk


def test_the_database_refuses_a_need_of_somebody_elses_case(team: Province, case: Case) -> None:
    with pytest.raises(DatabaseError, match="pathway_is_of_the_person_of_its_case"), transaction.atomic():
        Pathway.objects.create(
            case=case, person=make_person(team.police), need="medical", status="handed_over",
            institution=team.police, opened_on=DAY, by=team.frontline,
        )  # fmt: skip


def test_the_same_form_sent_twice_opens_each_need_once(team: Province, case: Case) -> None:
    key, wanted = uuid4(), [Opening(need, team.police) for need in NEEDS]
    first, again = (
        open_needs(case.reference, wanted, by=team.frontline, on=timezone.localdate(), request_key=key)
        for _time in range(2)
    )
    assert [one.pk for one in first] == [one.pk for one in again]
    assert Pathway.objects.count() == len(NEEDS) == PathwayStep.objects.count()


@pytest.mark.parametrize(
    ("wanted", "on", "missing"),
    [
        ([], 0, "nothing"),
        (["medical", "medical"], 0, "twice"),
        (["no_such_need"], 0, "need"),
        (["medical"], 1, "on"),
    ],
)
def test_what_cannot_be_opened_says_why(team: Province, case: Case, wanted: list[str], on: int, missing: str) -> None:
    day = timezone.localdate() + timedelta(days=on)
    openings = [Opening(need, team.police) for need in wanted]
    with refused(missing):
        open_needs(case.reference, openings, by=team.frontline, on=day)


def test_a_need_is_not_left_with_an_institution_at_which_nobody_takes_care_of_needs(
    team: Province, case: Case
) -> None:
    closed = make_institution(InstitutionKind.NGO, "TR-06", is_active=False)
    for nobody in (make_institution(InstitutionKind.SHELTER, "TR-06"), closed):
        with refused("no_seat"):
            begin(case, team, "medical", at=nobody)


def test_a_need_outlives_the_case_that_found_it(team: Province, case: Case) -> None:
    screened(team, case, conclusion="no_signs", on=timezone.localdate())
    cases.close_without_signs(case.reference, by=team.frontline, on=timezone.localdate(), reason="no_signs")
    (need,) = begin(case, team, "asylum")
    assert need.is_live


def test_a_stranger_cannot_open_a_need_nor_learn_that_the_case_exists(case: Case) -> None:
    stranger = make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.POLICE, "TR-35"))
    with pytest.raises(Http404):
        open_needs(case.reference, [Opening("medical", stranger.institution)], by=stranger, on=DAY)


def test_who_may_not_work_on_needs_is_refused(team: Province) -> None:
    case = make_case(institution=team.directorate, stage="identification")
    with pytest.raises(Refused):
        open_needs(case.reference, [Opening("medical", team.directorate)], by=team.decider, on=DAY)


# --- handing over, taking up, closing -----------------------------------------------------------------------------


def far_away() -> User:
    return make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.NGO, "TR-35"))


def test_handing_over_moves_owner_and_promise_and_the_receiver_sees_neither_case_nor_person(
    team: Province, case: Case
) -> None:
    (need,) = begin(case, team, "labour_rights")
    first = owed(need)
    receiver = far_away()
    with acting(Channel.PAGE, team.frontline):
        hand_over(
            need.reference, to=receiver.institution, by=team.frontline, on=timezone.localdate(), version=1,
            note="Uydurma söz",
        )  # fmt: skip
    first.refresh_from_db()
    assert first.dropped_at is not None
    assert owed(need).institution == receiver.institution
    client = Client()
    client.force_login(receiver)
    page = client.get(reverse("assistance:pathway", args=[need.reference]))
    assert page.status_code == 200
    words = page.content.decode()
    assert case.number not in words
    assert str(case.reference) not in words
    assert case.person.short_reference not in words
    assert "notes/" not in words
    assert client.get(reverse("web:case", args=[case.reference])).status_code == 404


def test_the_receiver_takes_it_up_steps_hands_back_and_closes_without_seeing_the_case(
    team: Province, case: Case
) -> None:
    (need,) = begin(case, team, "labour_rights")
    receiver, today = far_away(), timezone.localdate()
    hand_over(need.reference, to=receiver.institution, by=team.frontline, on=today, version=1)
    with acting(Channel.PAGE, receiver):
        assert not Case.objects.exists()
        taken = take_up(need.reference, by=receiver, on=today, version=2)
        assert (taken.status, taken.owner) == (Status.OPEN, receiver)
        take_step(need.reference, by=receiver, on=today, version=3)
        hand_over(need.reference, to=team.police, by=receiver, on=today, version=4)
        assert not Pathway.objects.exists()
    assert owed(need).institution == team.police
    take_up(need.reference, by=team.frontline, on=today, version=5)
    closed = close_need(need.reference, outcome="met", by=team.frontline, on=today, version=6)
    assert (closed.status, closed.outcome) == (Status.CLOSED, "met")
    assert not Promise.objects.filter(subject=need.reference, kept_at=None, dropped_at=None).exists()
    assert [step.move for step in closed.steps.all()] == [
        "open", "hand_over", "take_up", "take_step", "hand_over", "take_up", "close",
    ]  # fmt: skip


def test_the_receiver_cannot_write_about_a_person_it_does_not_see(team: Province, case: Case) -> None:
    (need,) = begin(case, team, "labour_rights", at=far_away().institution)
    receiver = make_user(Role.FRONTLINE_OFFICER, need.institution)
    take_up(need.reference, by=receiver, on=timezone.localdate(), version=1)
    with refused("note"):
        take_step(need.reference, by=receiver, on=timezone.localdate(), version=2, note="Uydurma söz")


def test_only_the_institution_with_which_it_lies_takes_it_up(team: Province, case: Case) -> None:
    (need,) = begin(case, team, "asylum", at=team.directorate)
    with refused("owner"):
        take_up(need.reference, by=team.frontline, on=timezone.localdate(), version=1)
    with refused("elsewhere"):
        hand_over(need.reference, to=team.directorate, by=team.frontline, on=timezone.localdate(), version=1)


def test_two_officers_on_one_need_do_not_overwrite_each_other(team: Province, case: Case) -> None:
    (need,) = begin(case, team, "medical")
    take_step(need.reference, by=team.frontline, on=timezone.localdate(), version=1)
    with pytest.raises(Changed):
        close_need(need.reference, outcome="met", by=team.frontline, on=timezone.localdate(), version=1)


def test_a_step_before_the_last_one_is_refused(team: Province, case: Case) -> None:
    (need,) = begin(case, team, "medical")
    with refused("on"):
        take_step(need.reference, by=team.frontline, on=timezone.localdate() - timedelta(days=1), version=1)


def test_what_is_closed_stays_closed(team: Province, case: Case) -> None:
    (need,) = begin(case, team, "medical")
    with refused("pathway_outcome"):
        close_need(need.reference, outcome="no_such", by=team.frontline, on=timezone.localdate(), version=1)
    close_need(need.reference, outcome="opened_in_error", by=team.frontline, on=timezone.localdate(), version=1)
    assert Promise.objects.get(subject=need.reference).dropped_at is not None
    for verb in (take_step, take_up):
        with refused("closed"):
            verb(need.reference, by=team.frontline, on=timezone.localdate(), version=2)


def test_a_step_is_never_changed_or_removed_by_the_runtime_role(team: Province, case: Case) -> None:
    begin(case, team, "medical")
    for act in (lambda: PathwayStep.objects.update(move="close"), lambda: PathwayStep.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic(), acting(Channel.PAGE, team.frontline):
            act()


def test_no_word_of_a_note_reaches_the_log_or_the_table(team: Province, case: Case) -> None:
    wanted = [Opening("medical", team.police)]
    (need,) = open_needs(case.reference, wanted, by=team.frontline, on=timezone.localdate(), note="Uydurma söz")
    assert not any("Uydurma" in str(event.facts) for event in AuditEvent.objects.all())
    note = need.steps.get().note
    assert note is not None
    assert persons.read_text(note, by=team.frontline, purpose="protection") == "Uydurma söz"


def test_a_person_with_an_open_need_is_not_erased(team: Province, case: Case) -> None:
    begin(case, team, "medical")
    before = erasing.hindrances(case.person)
    for need in Pathway.objects.all():
        close_need(need.reference, outcome="met", by=team.frontline, on=timezone.localdate(), version=1)
    assert len(before) - len(erasing.hindrances(case.person)) == 1


# --- the table of moves -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["", *Status])
@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.name)
def test_every_move_goes_from_where_the_table_says_and_from_nowhere_else(move: object, status: str) -> None:
    if status in move.sources:  # type: ignore[attr-defined]
        assert check(move.name, status=status) is move  # type: ignore[attr-defined]
    else:
        with pytest.raises(NotPossible):
            check(move.name, status=status)  # type: ignore[attr-defined]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts=st.lists(st.sampled_from(["open", "take_up", "take_step", "hand_over", "back", "close"]), max_size=8))
def test_no_sequence_of_moves_leaves_a_live_need_without_a_clock_or_a_closed_one_with_one(
    team: Province, acts: list[str]
) -> None:
    receiver, today = far_away(), timezone.localdate()
    with transaction.atomic():
        case = opened(team, on=today)
        for act in acts:
            need = Pathway.objects.filter(person=case.person).order_by("-id").first()
            try:
                with transaction.atomic():
                    if act == "open" or need is None:
                        begin(case, team, "asylum")
                    elif act in {"hand_over", "back"}:
                        to = receiver.institution if act == "hand_over" else team.police
                        hand_over(need.reference, to=to, by=team.frontline, on=today, version=need.version)
                    elif act == "close":
                        close_need(need.reference, outcome="met", by=team.frontline, on=today, version=need.version)
                    else:
                        verb = take_up if act == "take_up" else take_step
                        by = team.frontline if need.institution == team.police else receiver
                        verb(need.reference, by=by, on=today, version=need.version)
            except NotPossible:
                pass
            rows = Pathway.objects.filter(person=case.person)
            assert rows.filter(status__in=LIVE).count() <= 1
            for one in rows:
                clocks = Promise.objects.filter(subject=one.reference, kept_at=None, dropped_at=None)
                assert [clock.institution_id for clock in clocks] == ([one.institution_id] if one.is_live else [])
        transaction.set_rollback(True)


# --- what the screening suggests ----------------------------------------------------------------------------------


def test_every_line_of_the_table_speaks_of_codes_that_exist() -> None:
    lists = {"signal": "signal", "statelessness": "statelessness", "answer": "immediate_danger"}
    indicators = {one.code for one in vocabulary.indicators()}
    needs = {hint.need for hint in hints()}
    assert needs == {code.code for code in vocabulary.codes("need")}
    for hint in hints():
        if hint.source == "conclusion":
            assert hint.code in {"signs", "no_signs"}
        elif hint.source == "child":
            assert hint.code == "yes"
        else:
            is_known = vocabulary.is_known(lists[hint.source], hint.code)
            assert is_known or (hint.source == "answer" and hint.code in indicators), hint
    for need in needs:
        assert vocabulary.provision(f"pathway_{need}", on=date(2016, 1, 4)).amount


def test_the_answers_suggest_needs_and_say_why(team: Province) -> None:
    person = make_person(team.police, majority=Majority.CHILD, statelessness="at_risk")
    case = cases.open_case(person, by=team.frontline, signal="labour_inspection", on=DAY)
    screening = cases.start_screening(case.reference, by=team.frontline, profile=Profile.CHILD_LABOUR, held_on=DAY)
    answers = {"hurt_or_ill": "yes", "removal_soon": "no", "5.14": "observed", "act": "yes"}
    cases.answer_questions(screening.reference, answers, by=team.frontline)
    found = {one.need.code: one.reasons for one in suggestions(case) if one.reasons}
    assert set(found) == {"medical", "labour_rights", "unaccompanied_child", "statelessness"}
    assert len(found["labour_rights"]) == 2  # the sign and the way it began
    begin(case, team, "medical")
    assert "medical" not in {one.need.code for one in still_to_open(case, team.frontline)}
