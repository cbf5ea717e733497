"""The invented support of the demonstration: every account shown finds something to do, and nothing looks real."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from random import Random
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.services import load_institutions
from kalkan.assistance.lifecycle.referrals import Status
from kalkan.assistance.models import (
    EvaluationReport,
    Goal,
    InformationGiven,
    NeedsAssessment,
    PaperCheck,
    Pathway,
    Permit,
    Programme,
    Promise,
    Referral,
    ReturnPlan,
    ServiceDelivered,
    Stay,
)
from kalkan.assistance.selectors import papers
from kalkan.assistance.selectors import promises as owed
from kalkan.assistance.services.clock import go_round
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case
from kalkan.persons import services as persons
from kalkan.persons.models import SealedText
from kalkan.web import demonstration
from kalkan.web import demonstration_support as support
from tests.standing import standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built")]
PROVINCE = demonstration.SHOWN_PROVINCE
SUPPORT_TEXTS = ("needs", "goal", "evaluation", "pathway", "document_zone", "permit_number")
TABLES: tuple[Any, ...] = (
    Programme, NeedsAssessment, Goal, ServiceDelivered, InformationGiven, Referral, Permit, PaperCheck, Pathway,
    ReturnPlan, EvaluationReport, Stay, Promise,
)  # fmt: skip


def _user(name: str) -> User:
    return User.objects.get(email=f"{name}@kalkan.invalid")


def _first_page(name: str) -> Any:
    client = Client()
    client.force_login(_user(name))
    answer = client.get(reverse("web:home"))
    assert answer.status_code == 200
    return answer


def _owes(name: str) -> set[str]:
    return set(owed.open_promises(_user(name), "institution").values_list("kind", flat=True))


def _counts() -> list[int]:
    return [table.objects.count() for table in TABLES]


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[int]]:
    """The demonstration with the cases of the province shown, after two starts that broke off; rolled back at the end.

    Gives what stood in the tables when the second start had broken off in the middle of a story.
    """
    with standing(django_db_blocker):
        load_institutions(with_invented=True)
        partner = Institution.objects.filter(kind=InstitutionKind.NGO).order_by("code")[:1]
        before = []
        for told in (0, 2):
            _open(partner.get(), is_active=False)
            with pytest.raises(NotPossible):
                demonstration.build(count=0)
            before = _counts()
            _open(partner.get(), is_active=True)
            for story in islice(list(support.stories(shown=PROVINCE)), 2 - told):
                story.tell()
        demonstration.build(count=0)
        yield before


def _open(institution: Institution, *, is_active: bool) -> None:
    institution.is_active = is_active
    institution.save()


def test_a_telling_that_broke_off_kept_whole_stories_only_and_went_on(built: list[int]) -> None:
    assert built[:2] == [2, 2]  # two programmes, each with its assessment: of the third story nothing
    assert built[TABLES.index(InformationGiven)] == built[TABLES.index(Referral)] == 2
    shown = Case.objects.filter(province=PROVINCE, stage="protection")
    assert shown.count() >= 6
    assert sorted(Programme.objects.values_list("case", flat=True)) == sorted(shown.values_list("pk", flat=True))
    assert all(table.objects.exists() for table in TABLES)
    assert list(support.stories(shown=PROVINCE)) == []
    whole = _counts()
    demonstration.build(count=0)
    assert _counts() == whole


def test_partner_document_expert_police_and_shelter_find_something_waiting() -> None:
    assert _first_page("stk").context["referrals_waiting"] >= 2
    assert "referral_answer" in _owes("stk")
    assert reverse("assistance:papers_to_examine") in _first_page("belge.ankara").content.decode()
    assert papers.waiting(_user("belge.ankara"))
    assert _first_page("polis.ankara").context["owed"].late >= 1
    assert _first_page("siginma").context["owed"].soon >= 1
    assert "stay_answer" in _owes("siginma")


def test_deciding_and_protection_officer_find_what_the_other_hand_left_them() -> None:
    assert _first_page("karar.ankara").context["owed"].late >= 1
    assert {"permit_decision", "evaluation_report"} <= _owes("karar.ankara")
    decider, officer = _user("karar.ankara"), _user("koruma.ankara")
    assert not Permit.objects.filter(decided_by=F("requested_by")).exists()
    assert Permit.objects.filter(state="requested", requested_by=officer).count() == 2
    assert Permit.objects.filter(state="granted", decided_by=decider).exists()
    assert EvaluationReport.objects.get().recorded_by == officer
    assert {"goal", "programme_review", "referral_reply", "permit_expiry"} <= _owes("koruma.ankara")


@pytest.mark.parametrize("email", demonstration._SHOWN)
def test_the_first_page_of_every_account_opens(email: str) -> None:
    _first_page(email.removesuffix("@kalkan.invalid"))


def test_there_is_one_of_each_kind() -> None:
    received = Referral.objects.filter(receiver=_user("stk").institution)
    found = set(received.values_list("status", flat=True))
    assert {Status.SENT, Status.ACCEPTED, Status.ASKED, Status.COMPLETED} <= found
    assert all(one.consent is not None and one.consent.recipient_id == one.receiver_id for one in received)
    assert set(Permit.objects.values_list("kind", "state")) == {
        ("first", "granted"), ("first", "requested"), ("extension", "requested"),
    }  # fmt: skip
    assert set(Stay.objects.values_list("status", flat=True)) >= {"requested", "admitted"}


def test_elsewhere_other_organisations_are_asked_and_people_live_in_houses_that_take_them() -> None:
    chance, today = Random(7), timezone.localdate()
    team = demonstration._team("TR-35", chance)
    for _number in range(4):
        demonstration._Story(chance, team, today - timedelta(days=50), today).tell("protection")
    for story in support.stories(shown=PROVINCE):
        story.tell()
    there = Case.objects.filter(province="TR-35", stage="protection", programmes__ended_on=None)
    assert there.count() == 4
    assert not Referral.objects.filter(case__in=there, receiver=_user("stk").institution).exists()
    residents = Stay.objects.filter(case__in=there)
    assert residents.count() >= 2
    assert {(one.status, tuple(one.misfits)) for one in residents} == {("admitted", ())}


def test_some_promises_are_overdue_and_the_centre_sees_it() -> None:
    now = timezone.now()
    late = Promise.objects.filter(kept_at=None, dropped_at=None, due_at__lt=now - timedelta(days=1))
    assert 2 <= late.count() <= 3
    (age,) = [age for age in owed.ages_by_province(_user("merkez")) if age.overdue]
    assert age.province is not None
    assert age.province.code == PROVINCE
    assert age.oldest >= 2
    assert go_round().escalated >= 2


def test_nothing_that_is_written_or_named_looks_real() -> None:
    texts = SealedText.objects.select_related("person").filter(topic__in=SUPPORT_TEXTS)
    assert texts.count() > 20
    reader = _user("koruma.ankara")
    for text in texts:
        words = persons.read_text(text, by=reader, purpose="referral")
        assert words.startswith(("Gösterim kaydı", "UYDURMA-", "P<UTO")), words
    accounts = User.objects.all()
    assert not accounts.filter(is_invented=False).exists()
    assert not accounts.exclude(email__endswith="@kalkan.invalid").exists()
    assert not Referral.objects.filter(receiver__is_invented=False).exists()
