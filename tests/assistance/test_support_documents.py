"""Evaluation report, permit request and return agreement, made from what is recorded; and the letter of a referral."""

import base64
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from kalkan.access.models import User
from kalkan.access.session import acting
from kalkan.assistance.models import OfficialDocument, ReferralCode
from kalkan.assistance.selectors.documents import documents_of, kinds_for
from kalkan.assistance.services import evaluation, permits, returns
from kalkan.assistance.services import programmes as programme_services
from kalkan.assistance.services.documents import make_document, open_document
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent, Channel
from kalkan.cases.lifecycle import NotPossible, Stage
from kalkan.cases.models import Case
from kalkan.persons import services as persons
from kalkan.persons.models import Attachment
from tests.assistance.referral_story import NEED, acts, consented, make_cast, referred
from tests.cases.story import DAY, Province, at, make_province_team
from tests.persons.people import full_details

pytestmark = pytest.mark.django_db
REASONING = "Uydurma gerekçe.\n\nİkinci paragraf."
NARROW = ["evaluation_report", "permit_request", "return_agreement"]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def team() -> Province:
    return make_province_team()


@pytest.fixture
def case(team: Province) -> Case:
    return at(Stage.PROTECTION, team, person=persons.record_person(full_details(), by=team.frontline))


def reported(team: Province, case: Case, *, approved: bool = True) -> None:
    programme = programme_services.begin_programme(case.reference, by=team.protector, on=DAY)
    report = evaluation.write_report(
        programme.reference, by=team.protector, on=DAY, ground="safety", verdict="extend_permit", reasoning=REASONING
    )
    if approved:
        evaluation.answer_report(report.reference, by=team.decider, move="approve", version=report.version)


def permitted(team: Province, case: Case) -> None:
    first = permits.request_permit(case.reference, by=team.protector, kind="first")
    permits.grant_permit(first.reference, by=team.decider, number="Uydurma-1", version=first.version)
    permits.request_permit(case.reference, by=team.protector, kind="extension", ground="safety")


def returning(team: Province, case: Case, *, approved: bool = True) -> None:
    day = timezone.localdate() - timedelta(days=20)
    by, person = team.protector, case.person.reference
    persons.give_consent(
        person, by=by, purpose="return", recipient=team.directorate, categories=["identity"], language="uz",
        given_how="written", given_on=day,
    )  # fmt: skip
    plan = returns.offer_return(case.reference, by=by, moment="during_support", on=day)
    plan = returns.assess_return(
        plan.reference, by=by, on=day, destination="UZ", risks=(), unknown=("stigma",), note="Uydurma önlem",
        version=plan.version,
    )  # fmt: skip
    plan = returns.arrange_return(
        plan.reference, by=by, papers="own_passport", escort="social_worker", receiver_words="Uydurma kuruluş",
        version=plan.version,
    )  # fmt: skip
    plan = returns.decide_return(plan.reference, by=by, on=day, language="uz", informed=True, version=plan.version)
    if approved:
        returns.approve_return(plan.reference, by=team.decider, version=plan.version)


FILLING = {"evaluation_report": reported, "permit_request": permitted, "return_agreement": returning}
SAYS = {
    "evaluation_report": ["İkamet izni uzatılmalıdır", "Güvenliği nedeniyle", "Uydurma gerekçe.", "İkinci paragraf."],
    "permit_request": ["Ankara Valiliği", "uzatılmasını", "Güvenliği nedeniyle"],
    "return_agreement": ["Özbekistan", "Uydurma kuruluş", "Sosyal hizmet uzmanı", "Kendi pasaportu", "1, 3, 6, 12"],
}


def _client(user: User) -> Client:
    user.language = "en"
    user.save(update_fields=["language"])
    client = Client()
    client.force_login(user)
    return client


def _text(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def _asked(kind: str, **said: Any) -> dict[str, Any]:
    return {"kind": kind, "language": "en", "purpose": "protection", "request_key": str(uuid4())} | said


@pytest.mark.parametrize("kind", NARROW)
def test_it_is_made_from_its_rows_through_the_page(team: Province, case: Case, kind: str) -> None:
    FILLING[kind](team, case)
    client, address = _client(team.protector), reverse("assistance:make_document", args=[case.reference])
    assert f'value="{kind}"' in client.get(address).content.decode()
    assert client.post(address, _asked(kind)).status_code == 302
    document = OfficialDocument.objects.get()
    opens = reverse("assistance:open_document", args=[case.reference, document.reference])
    text = _text(client.post(opens, {"purpose": "protection"}).content)
    for words in [*SAYS[kind], team.protector.full_name, full_details().names[0].family, case.number]:
        assert words in text
    made = AuditEvent.objects.get(action=Event.DOCUMENT_MADE)
    assert (made.facts["kind"], made.facts["sha256"]) == (kind, document.sha256)
    read = AuditEvent.objects.filter(action=Event.TEXT_READ)
    assert [event.facts["purpose"] for event in read] == ([] if kind == "permit_request" else ["protection"])
    assert "Uydurma" not in str([event.facts for event in AuditEvent.objects.all()])


def test_a_request_for_an_extension_names_the_report_and_the_days_before_it(team: Province, case: Case) -> None:
    reported(team, case)
    permitted(team, case)
    document = make_document(
        case.reference, by=team.decider, kind="permit_request", language="ar", purpose="protection"
    )
    _name, content, _file = open_document(case.reference, document.reference, by=team.decider, purpose="protection")
    text = _text(content)
    first, extension = case.permits.all()
    report = case.programmes.get().evaluationreport_set.get()
    assert f"{first.starts_on:%d.%m.%Y} – {first.ends_on:%d.%m.%Y}" in text
    assert f"{extension.ends_on:%d.%m.%Y}" in text
    assert report.reference.hex[:8].upper() in text


@pytest.mark.parametrize("kind", NARROW)
def test_it_is_neither_offered_nor_made_where_nothing_is_there(team: Province, case: Case, kind: str) -> None:
    client, address = _client(team.protector), reverse("assistance:make_document", args=[case.reference])
    assert f'value="{kind}"' not in client.get(address).content.decode()
    assert client.post(address, _asked(kind)).status_code == 422
    with pytest.raises(NotPossible, match="cannot be made of the case now"):
        make_document(case.reference, by=team.protector, kind=kind, language="tr", purpose="protection")
    assert not OfficialDocument.objects.exists()


@pytest.mark.parametrize(
    ("kind", "words"), [("evaluation_report", "another officer approves"), ("return_agreement", "not approved yet")]
)
def test_what_is_not_approved_yet_is_said_and_nobody_is_opened(
    team: Province, case: Case, kind: str, words: str
) -> None:
    (reported if kind == "evaluation_report" else returning)(team, case, approved=False)
    before = AuditEvent.objects.filter(action__in=[Event.IDENTITY_REVEALED, Event.TEXT_READ]).count()
    client, address = _client(team.protector), reverse("assistance:make_document", args=[case.reference])
    page = client.post(address, _asked(kind))
    assert page.status_code == 422
    assert words in page.content.decode()
    assert AuditEvent.objects.filter(action__in=[Event.IDENTITY_REVEALED, Event.TEXT_READ]).count() == before
    assert not Attachment.objects.exists()


def test_who_does_not_work_with_it_neither_makes_nor_sees_it(team: Province, case: Case) -> None:
    for fill in FILLING.values():
        fill(team, case)
    for kind in NARROW:
        make_document(case.reference, by=team.protector, kind=kind, language="tr", purpose="protection")
    assert {str(kind) for kind in kinds_for(case, team.decider)} >= set(NARROW)
    for user in (team.expert, team.frontline):
        assert not {str(kind) for kind in kinds_for(case, user)} & set(NARROW)
        assert documents_of(case, user) == []
        with acting(Channel.PAGE, user):
            assert not OfficialDocument.objects.exists(), "the second wall"
        one = OfficialDocument.objects.get(kind="return_agreement")
        opens = reverse("assistance:open_document", args=[case.reference, one.reference])
        assert _client(user).post(opens, {"purpose": "protection"}).status_code == 404
    with acting(Channel.PAGE, team.decider):
        assert OfficialDocument.objects.count() == len(NARROW)


def test_the_letter_of_a_referral_is_handed_out_once_names_nobody_and_is_kept_nowhere() -> None:
    cast = make_cast()
    referral = referred(cast, consent=consented(cast, to=cast.quiet_ngo))
    client, address = _client(cast.protector), reverse("assistance:referral_letter", args=[referral.reference])
    answer = client.post(address, {"language": "en"})
    page = answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    found = re.search(r'download="[^"]+\.pdf" href="data:application/pdf;base64,([^"]+)"', page)
    code = re.search(r"<code>([A-Z0-9-]+)</code>", page)
    assert found is not None
    assert code is not None
    content = base64.b64decode(found[1], validate=True)
    text = _text(content)
    assert code[1] in text.replace(" ", ""), "printed with space between its letters"
    for words in (referral.number, "/retrieve/", cast.protector.full_name, "With the consent of the person"):
        assert words in text
    for words in ("Гульнара", "Gulnara", "+998", NEED, cast.case.number):
        assert words not in text
    made = AuditEvent.objects.get(action=Event.REFERRAL_LETTER_MADE)
    assert code[1] not in str(made.facts)
    assert code[1] not in str(list(ReferralCode.objects.values_list()))
    assert not OfficialDocument.objects.exists()
    assert not Attachment.objects.exists()
    again = client.get(address).content.decode()
    assert code[1] not in again
    assert "base64," not in again
    opened = Client().post(reverse("assistance:retrieve"), {"number": referral.number, "code": code[1]})
    assert "Гульнара" in opened.content.decode()


def test_no_letter_is_made_as_a_document_of_the_case_nor_in_a_language_that_there_is_not() -> None:
    cast = make_cast()
    referral = referred(cast, consent=consented(cast, to=cast.quiet_ngo))
    with acts(cast.protector), pytest.raises(NotPossible):
        make_document(
            cast.case.reference, by=cast.protector, kind="referral_letter", language="tr", purpose="protection"
        )
    client, address = _client(cast.protector), reverse("assistance:referral_letter", args=[referral.reference])
    assert client.post(address, {"language": "tlh"}).status_code == 422
    assert not ReferralCode.objects.exists()
