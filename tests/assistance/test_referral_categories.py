"""Every category that a person can agree to leads somewhere: to what is recorded, or to a word that nothing is."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kalkan.access.roles import Role
from kalkan.assistance.lifecycle.packages import AREAS, FIELDS, unspoken
from kalkan.assistance.models import NeedsAssessment
from kalkan.assistance.selectors.referrals import said
from kalkan.assistance.selectors.referrals import unspoken as sentences
from kalkan.assistance.services import packages, programmes
from kalkan.assistance.services.care import add_companion
from kalkan.vocabulary import selectors as vocabulary
from tests.assistance.referral_story import NEED, Cast, acts, consented, make_cast, referred
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ALL = ("identity", "family", "health", "education_work", "finance", "photo", "belief")
SECRET = "Uydurma: kalp ilacı kullanıyor."


@pytest.fixture
def cast() -> Cast:
    """The person is in the programme: needs were assessed twice, a child came along and another child left."""
    made = make_cast()
    day = timezone.localdate()
    consented(made, to=made.second_ngo)
    programme = programmes.begin_programme(made.case.reference, by=made.protector, on=day)
    for levels in ({"health": 4, "money": 1}, {"health": 2, "education": 3}):
        programmes.assess_needs(programme.reference, by=made.protector, on=day, levels=levels, note=SECRET)
    child = {"relation": _relation(), "sex": "female", "age_band": "0-8", "since": day}
    add_companion(programme.reference, by=made.protector, **child)
    return made


def _relation() -> str:
    return vocabulary.codes("companion_relation")[0].code


def _inside(cast: Cast, purpose: str, *categories: str) -> dict[str, Any]:
    consent = consented(cast, purpose=purpose, categories=categories)
    referral = referred(cast, consent=consent, category="other")
    with acts(cast.partner):
        opened = packages.look_inside(referral, by=cast.partner)
    assert opened is not None
    return opened.fields


def test_needs_and_companions_go_where_consent_and_purpose_let_them_and_no_note_does(cast: Cast) -> None:
    fields = _inside(cast, "referral", *ALL)
    assert fields["health_needs"] == {"health": 2}, "the latest level, and no area that nobody asked about"
    assert fields["learning_needs"] == {"education": 3}
    assert fields["money_needs"] == {"money": 1}
    assert [set(one) for one in fields["companions"]] == [{"relation", "sex", "age_band"}]
    words = " ".join(one["value"] for one in said(fields))
    assert vocabulary.label("need_area", "education") in words
    assert vocabulary.label("companion_relation", _relation()) in words
    assert SECRET not in str(fields)
    assert NeedsAssessment.objects.filter(note__isnull=False).count() == 2


@pytest.mark.parametrize(("purpose", "categories"), [("interpreting", ALL), ("referral", ("identity",))])
def test_without_purpose_or_consent_nothing_of_the_programme_goes_along(
    cast: Cast, purpose: str, categories: tuple[str, ...]
) -> None:
    fields = _inside(cast, purpose, *categories)
    assert not {"companions", *AREAS} & set(fields)


def test_who_may_not_read_the_programme_passes_nothing_of_it_on(cast: Cast) -> None:
    frontline = make_user(Role.FRONTLINE_OFFICER, cast.protector.institution)
    parts = ("companions", *AREAS)
    on = timezone.localdate()
    assert set(packages.fields_of(cast.case, parts, by=cast.protector, need="", on=on)) == set(parts)
    assert packages.fields_of(cast.case, parts, by=frontline, need="", on=on) == {}


@pytest.mark.parametrize("purpose", FIELDS)
def test_what_was_agreed_to_and_is_not_told_is_named(purpose: str) -> None:
    every = [code.code for code in vocabulary.codes("data_category")]
    never, silent = unspoken(purpose, every, ["need"])
    assert set(never) | set(silent) == set(every)
    assert not set(never) & set(silent)
    assert set(silent) == set(FIELDS[purpose])
    told = " ".join(sentences(purpose, every, {"need": NEED}))
    for code in every:
        assert vocabulary.label("data_category", code) in told


def test_the_check_page_says_what_is_not_told(cast: Cast, in_english: None) -> None:
    cast.protector.language = "en"
    cast.protector.save(update_fields=["language"])
    consent = consented(cast, purpose="health", categories=("identity", "documents", "finance", "health"))
    client = Client()
    client.force_login(cast.protector)
    answers = {"basis": f"consent:{consent.reference}", "category": "health", "need": NEED, "request_key": uuid4()}
    page = client.post(reverse("assistance:refer", args=[cast.case.reference]), answers).content.decode()
    assert "not passed on for this purpose" in page
    assert "Finances" in page
