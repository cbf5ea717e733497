"""Referrals through their pages, as the sender and as a partner, and the sealed letter through its public page."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.assistance.lifecycle.referrals import Status
from kalkan.assistance.models import Promise, Referral, ReferralCode
from kalkan.assistance.services import referral_letters as letters
from kalkan.assistance.services import referral_moves as moves
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases.lifecycle import NotPossible
from kalkan.persons import services as persons
from tests.assistance.referral_story import NEED, Cast, accepted, acts, consented, fresh, make_cast, referred
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    cache.clear()
    return make_cast()


def _signed_in(user: User) -> Client:
    user.language = "en"
    user.save()
    client = Client()
    client.force_login(user)
    return client


def _page(client: Client, name: str, referral: Referral, *, status: int = 200) -> str:
    answer = client.get(reverse(f"assistance:{name}", args=[referral.reference]))
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


def _hidden(page: str) -> dict[str, str]:
    return {
        name: value
        for name, value in re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', page)
        if name != "csrfmiddlewaretoken"
    }


# --- the sender ------------------------------------------------------------------------------------------------------


def _answers(cast: Cast, **more: Any) -> dict[str, Any]:
    consent = consented(cast)
    return {"basis": f"consent:{consent.reference}", "category": "psychosocial", "need": NEED} | more


def test_the_sender_sees_what_will_be_seen_before_anything_is_sent(cast: Cast) -> None:
    client = _signed_in(cast.protector)
    address = reverse("assistance:refer", args=[cast.case.reference])
    key = _hidden(client.get(address).content.decode())
    check = client.post(address, _answers(cast) | key)
    page = check.content.decode()
    assert "This and nothing else" in page
    assert "Гульнара" in page
    assert NEED in page
    assert "FA 1234567" not in page
    assert not Referral.objects.exists()
    assert not Promise.objects.exists()
    assert AuditEvent.objects.filter(action=Event.IDENTITY_REVEALED, actor=cast.protector).count() == 1

    sent = client.post(address, _hidden(page) | {"confirmed": "yes", "need": NEED})
    assert sent.status_code == 302
    referral = Referral.objects.get()
    hub = client.get(sent["Location"]).content.decode()
    assert referral.number in hub
    again = client.post(address, _hidden(page) | {"confirmed": "yes", "need": NEED})
    assert again.status_code == 302
    assert Referral.objects.count() == 1, "a form sent twice is one referral"


def test_without_a_live_consent_the_page_says_what_to_do_first(cast: Cast) -> None:
    client = _signed_in(cast.protector)
    address = reverse("assistance:refer", args=[cast.case.reference])
    page = client.get(address).content.decode()
    assert reverse("persons:consent", args=[cast.case.person.reference]) in page
    answer = client.post(address, {"basis": "consent:x", "category": "health", "need": "x"})
    assert answer.status_code == 422


def test_a_consent_withdrawn_between_the_page_and_the_click_sends_nothing(cast: Cast) -> None:
    client = _signed_in(cast.protector)
    answers = _answers(cast)
    address = reverse("assistance:refer", args=[cast.case.reference])
    page = client.post(address, answers | _hidden(client.get(address).content.decode())).content.decode()
    consent = cast.case.person.consents.get()
    persons.withdraw_consent(consent.reference, by=cast.protector)
    answer = client.post(address, _hidden(page) | {"confirmed": "yes", "need": NEED})
    assert answer.status_code == 422
    assert not Referral.objects.exists()


def test_the_receiver_of_a_provision_is_chosen_and_the_provision_is_cited() -> None:
    cast = make_cast(is_urgent=True)
    client = _signed_in(cast.protector)
    address = reverse("assistance:refer", args=[cast.case.reference])
    answers = {"basis": "law:referral_life", "category": "safety", "need": NEED, "is_urgent": "on"}
    key = _hidden(client.get(address).content.decode())
    assert client.post(address, answers | key).status_code == 422
    answers["receiver"] = str(cast.ngo.reference)
    client.post(address, answers | key | {"confirmed": "yes"})
    referral = Referral.objects.get()
    assert referral.provision is not None
    assert referral.provision.citation_en in _page(client, "referral", referral)


# --- the receiver ----------------------------------------------------------------------------------------------------


def test_a_partner_reaches_its_work_from_its_home_page_and_nothing_else_of_the_person(cast: Cast) -> None:
    referral = referred(cast)
    client = _signed_in(cast.partner)
    home = client.get("/").content.decode()
    assert "waits for an answer" in home
    assert reverse("assistance:referrals") in home
    inbox = client.get(reverse("assistance:referrals")).content.decode()
    assert referral.number in inbox
    assert "Гульнара" not in inbox
    promises = client.get(reverse("assistance:promises"), {"view": "institution"}).content.decode()
    assert reverse("assistance:referral", args=[referral.reference]) in promises, "owed, though the case is not seen"
    page = _page(client, "referral", referral)
    assert "Гульнара" in page
    assert NEED in page
    assert cast.case.number not in page
    for name, reference in (
        ("web:case", cast.case.reference),
        ("assistance:hub", cast.case.reference),
        ("persons:person", cast.case.person.reference),
        ("assistance:refer", cast.case.reference),
    ):
        assert client.get(reverse(name, args=[reference])).status_code in {403, 404}, name
    assert client.get(reverse("persons:person", args=[cast.case.person.reference])).status_code == 404
    assert client.get(reverse("web:case", args=[cast.case.reference])).status_code == 404


def test_a_partner_asks_accepts_writes_and_reports_back(cast: Cast) -> None:
    referral = referred(cast)
    partner, sender = _signed_in(cast.partner), _signed_in(cast.protector)

    def take(client: Client, name: str, **answers: str) -> None:
        address = reverse(f"assistance:{name}", args=[referral.reference])
        hidden = _hidden(client.get(address).content.decode())
        answer = client.post(address, hidden | answers | {"confirmed": "yes"})
        assert answer.status_code == 302, answer.content.decode()

    take(partner, "referral_ask", text="Which language?")
    assert "Question to you" in sender.get(reverse("assistance:referrals")).content.decode()
    take(sender, "referral_answer", text="Uzbek")
    take(partner, "referral_accept")
    take(partner, "referral_note", text="First meeting on Monday")
    assert "First meeting on Monday" in _page(sender, "referral", referral)
    take(partner, "referral_complete", reason="provided", text="Six meetings were held")
    assert fresh(referral).status == Status.COMPLETED
    page = _page(sender, "referral", referral)
    assert "Six meetings were held" in page
    assert "Uzbek" in page
    after = _page(partner, "referral", referral)
    assert "Гульнара" not in after
    assert "closed" in after


def test_a_step_that_is_not_ones_own_leads_back_with_a_sentence(cast: Cast) -> None:
    referral = referred(cast)
    answer = _signed_in(cast.protector).get(
        reverse("assistance:referral_accept", args=[referral.reference]), follow=True
    )
    assert "not yours to take" in answer.content.decode()


def test_a_page_shown_before_somebody_else_moved_on_is_answered_with_where_it_stands(cast: Cast) -> None:
    referral = referred(cast)
    client = _signed_in(cast.partner)
    address = reverse("assistance:referral_decline", args=[referral.reference])
    hidden = _hidden(client.get(address).content.decode())
    with acts(cast.other_partner):
        moves.ask(referral.reference, by=cast.other_partner, version=1, text="?")
    answer = client.post(address, hidden | {"reason": "full", "confirmed": "yes"})
    assert answer.status_code == 409
    with acts(cast.other_partner):
        moves.accept(referral.reference, by=cast.other_partner, version=2)
    answer = client.post(address, hidden | {"reason": "full", "confirmed": "yes"})
    assert answer.status_code == 422


def test_the_partner_refers_on_and_sees_what_will_be_seen(cast: Cast) -> None:
    referral = accepted(cast)
    client = _signed_in(cast.partner)
    address = reverse("assistance:referral_onward", args=[referral.reference])
    answers = {"receiver": str(cast.second_ngo.reference), "category": "legal_aid", "need": "Lawyer"}
    hidden = _hidden(client.get(address).content.decode())
    assert client.post(address, hidden | answers).status_code == 422, "the person did not agree to this receiver"
    consented(cast, to=cast.second_ngo, purpose="legal_aid", categories=("identity",))
    page = client.post(address, hidden | answers).content.decode()
    assert "This and nothing else" in page
    assert "Lawyer" in page
    assert client.post(address, _hidden(page) | answers | {"confirmed": "yes"}).status_code == 302
    assert Referral.objects.get(onward_of=referral).receiver == cast.second_ngo


def test_the_boxes_ask_the_same_number_of_queries_at_one_row_and_at_twenty(cast: Cast) -> None:
    client = _signed_in(cast.partner)

    def count(name: str, view: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(name), {"view": view}).status_code == 200
        return len(queries)

    def send(number: int) -> None:
        other = make_cast()
        consent = consented(other, to=cast.ngo)
        for _one in range(number):
            referred(other, consent=consent)
            other = make_cast()
            consent = consented(other, to=cast.ngo)

    send(1)
    count("assistance:referrals", "to_answer")
    few = count("assistance:referrals", "to_answer")
    send(8)
    assert count("assistance:referrals", "to_answer") == few


# --- the sealed letter -----------------------------------------------------------------------------------------------


def _letter(cast: Cast) -> tuple[Referral, letters.ReferralLetter]:
    referral = referred(cast, consent=consented(cast, to=cast.quiet_ngo))
    with acts(cast.protector):
        return referral, letters.make_letter(
            referral.reference, by=cast.protector, retrieval_url="https://x/retrieve/"
        )


def _retrieve(number: str, code: str, *, status: int = 200) -> str:
    answer = Client().post(reverse("assistance:retrieve"), {"number": number, "code": code})
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def test_a_letter_tells_nothing_of_the_person_and_opens_the_package_once(cast: Cast) -> None:
    referral, letter = _letter(cast)
    told = " ".join(str(part) for part in vars(letter).values())
    for words in ("Гульнара", "Gulnara", "+998", NEED, cast.case.number, str(cast.case.reference)):
        assert words not in told
    assert letter.answer_due_at is not None
    assert letter.code not in str(ReferralCode.objects.values_list()[0])
    assert Client().get(reverse("assistance:retrieve")).status_code == 200
    page = _retrieve(letter.number.lower().replace("-", " "), f" {letter.code.lower()} ")
    assert "Гульнара" in page
    assert NEED in page
    again = _retrieve(letter.number, letter.code, status=422)
    assert "Гульнара" not in again
    assert fresh(referral).status == Status.SENT
    found = AuditEvent.objects.filter(subjects__contains=[referral.reference]).values_list("action", flat=True)
    assert {Event.REFERRAL_LETTER_MADE, Event.REFERRAL_RETRIEVED} <= set(found)
    assert AuditEvent.objects.filter(action=Event.REFERRAL_RETRIEVAL_REFUSED).count() == 1


def test_five_wrong_codes_close_a_letter_and_one_answer_serves_every_mistake(cast: Cast) -> None:
    _referral, letter = _letter(cast)
    said = {re.sub(r'(value|name="csrf)[^>]*', "", _retrieve("ABCD-EFGH-JKMN", letter.code, status=422))}
    for _try in range(5):
        cache.clear()
        said.add(re.sub(r'(value|name="csrf)[^>]*', "", _retrieve(letter.number, "WRONG", status=422)))
    assert len({re.sub(r"\s+", " ", page) for page in said}) == 1
    assert ReferralCode.objects.get().tries == 5
    cache.clear()
    _retrieve(letter.number, letter.code, status=422)


def test_whoever_tries_many_letters_waits(cast: Cast) -> None:
    for _try in range(10):
        _retrieve("ABCD-EFGH-JKMN", "WRONG", status=422)
    _retrieve("ABCD-EFGH-JKMN", "WRONG", status=429)


@pytest.mark.parametrize("ending", ["revoked", "expired", "newer", "withdrawn"])
def test_a_code_opens_nothing_after_its_end(cast: Cast, ending: str) -> None:
    referral, letter = _letter(cast)
    match ending:
        case "revoked":
            persons.withdraw_consent(cast.case.person.consents.get().reference, by=cast.protector)
        case "expired":
            long_ago = timezone.now() - 2 * letters.LASTS
            ReferralCode.objects.update(made_at=long_ago, expires_at=long_ago + letters.LASTS)
        case "newer":
            letters.make_letter(referral.reference, by=cast.protector, retrieval_url="x")
        case "withdrawn":
            moves.withdraw(referral.reference, by=cast.protector, version=1, reason="other")
    _retrieve(letter.number, letter.code, status=422)


def test_who_can_sign_in_gets_no_letter_and_who_received_makes_none(cast: Cast) -> None:
    referral = referred(cast)
    with pytest.raises(NotPossible) as refusal:
        letters.make_letter(referral.reference, by=cast.protector, retrieval_url="x")
    assert refusal.value.missing == "no_account"
    quiet, _letter_of = _letter(cast)
    make_user(Role.PARTNER, cast.quiet_ngo)
    with pytest.raises(NotPossible):
        letters.make_letter(quiet.reference, by=cast.protector, retrieval_url="x")


def test_bare_sql_finds_no_code_and_opens_no_letter(cast: Cast) -> None:
    referral, letter = _letter(cast)
    with acts(None), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM assistance_referralcode")
        assert cursor.fetchone() == (0,)
        assert not ReferralCode.objects.exists()
    digest = letters._digest(letter.code)
    with acts(None), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM assistance_referral_retrieve(%s, %s)", [referral.number, digest])
        assert cursor.fetchone() == (0,), "what is stored opens nothing"


def test_the_letter_is_made_on_its_page_and_the_sender_writes_the_answer_down(cast: Cast) -> None:
    referral = referred(cast, consent=consented(cast, to=cast.quiet_ngo))
    client = _signed_in(cast.protector)
    page = client.post(reverse("assistance:referral_letter", args=[referral.reference])).content.decode()
    code = re.search(r"<code>([A-Z0-9-]+)</code>", page)
    assert code is not None
    assert "Гульнара" in _retrieve(referral.number, code.group(1))
    address = reverse("assistance:referral_accept", args=[referral.reference])
    assert client.post(address, _hidden(client.get(address).content.decode())).status_code == 302
    assert fresh(referral).status == Status.ACCEPTED


def test_what_came_of_every_referral_is_seen_from_its_case_by_the_centre_without_a_name(cast: Cast) -> None:
    referral = referred(cast)
    centre = make_user(Role.CENTRAL_UNIT, make_institution("migration_centre", None))
    client = _signed_in(centre)
    page = _page(client, "referral", referral)
    assert "Гульнара" not in page
    assert NEED not in page
    assert "shown to the two institutions" in page
    assert client.post(reverse("assistance:referral_accept", args=[referral.reference])).status_code == 403
