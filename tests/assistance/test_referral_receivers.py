"""Who receives a referral under a provision: one that offers the service, chosen in the form or the directory."""

from uuid import uuid4

import pytest
from django.urls import reverse

from kalkan.assistance.models import Referral
from tests.assistance.referral_story import NEED, make_cast
from tests.assistance.test_directory import offered
from tests.assistance.test_referral_pages import _answers, _hidden, _signed_in

pytestmark = pytest.mark.django_db


def test_under_a_provision_the_receiver_is_one_that_offers_the_service_in_the_directory() -> None:
    cast = make_cast(is_urgent=True)
    near, elsewhere = offered(cast.second_ngo, category="safety"), offered(cast.ngo, category="health")
    client = _signed_in(cast.protector)
    address = reverse("assistance:refer", args=[cast.case.reference])
    page = client.get(address, {"service": near.reference}).content.decode()
    assert f'<option value="{cast.second_ngo.reference}" selected>' in page
    assert '<option value="safety" selected>' in page
    answers = {"basis": "law:referral_life", "category": "safety", "need": NEED} | _hidden(page)
    wrong = client.post(address, answers | {"receiver": str(elsewhere.institution.reference), "confirmed": "yes"})
    assert (wrong.status_code, Referral.objects.count()) == (422, 0)
    assert "offers no such service in the directory" in wrong.content.decode()
    assert str(cast.ngo.reference) not in wrong.content.decode()
    client.post(address, answers | {"receiver": str(cast.second_ngo.reference), "confirmed": "yes"})
    assert Referral.objects.get().receiver == cast.second_ngo


def test_what_the_directory_does_not_know_keeps_nobody_from_help() -> None:
    cast = make_cast(is_urgent=True)
    offered(cast.ngo, category="health")
    client = _signed_in(cast.protector)
    address = reverse("assistance:refer", args=[cast.case.reference])
    answers = {"basis": "law:referral_life", "category": "safety", "need": NEED, "confirmed": "yes"}
    key = _hidden(client.get(address).content.decode())
    client.post(address, answers | key | {"receiver": str(cast.quiet_ngo.reference)})
    assert Referral.objects.get().receiver == cast.quiet_ngo


def test_a_consent_names_its_receiver_whatever_was_chosen_beside_it() -> None:
    cast = make_cast(is_urgent=True)
    offered(cast.second_ngo, category="health")
    client = _signed_in(cast.protector)
    address = reverse("assistance:refer", args=[cast.case.reference])
    answers = _answers(cast) | {"receiver": str(cast.second_ngo.reference), "confirmed": "yes"}
    client.post(address, answers | _hidden(client.get(address).content.decode()))
    assert Referral.objects.get().receiver == cast.ngo


def test_the_search_of_the_directory_leads_from_the_form_and_back_to_it() -> None:
    cast = make_cast(is_urgent=True)
    service, own = offered(cast.ngo, category="safety"), offered(cast.protector.institution, category="safety")
    refer, search = reverse("assistance:refer", args=[cast.case.reference]), reverse("assistance:directory")
    client = _signed_in(cast.protector)
    form = client.get(refer).content.decode()
    assert f"{search}?case={cast.case.reference}&amp;province=TR-06" in form
    found = client.get(search, {"case": cast.case.reference, "category": "safety"}).content.decode()
    assert f"{refer}?service={service.reference}" in found
    assert f"{refer}?service={own.reference}" not in found
    for reference in ("", "x", uuid4()):
        assert "?service=" not in client.get(search, {"case": reference}).content.decode()
    stranger = _signed_in(cast.partner)  # who does not see the case
    assert "?service=" not in stranger.get(search, {"case": cast.case.reference}).content.decode()
