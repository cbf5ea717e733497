"""An official document of a case: made for a purpose, kept sealed as it was handed out, opened for a purpose."""

import io
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pypdf
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kalkan.access.models import User
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.access.session import acting
from kalkan.assistance import sheets
from kalkan.assistance.models import OfficialDocument
from kalkan.assistance.services.documents import make_document, open_document
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent, Channel
from kalkan.cases.lifecycle import NotPossible, Stage
from kalkan.cases.models import Case
from kalkan.persons import erasing, sealing
from kalkan.persons import services as persons
from kalkan.persons.details import NameGiven, PersonDetails
from kalkan.persons.models import Attachment, AttachmentContent
from tests.cases.story import Province, at, make_province_team, opened
from tests.factories import make_user
from tests.persons.people import full_details

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Province:
    return make_province_team()


@pytest.fixture
def case(team: Province) -> Case:
    person = persons.record_person(full_details(), by=team.frontline)
    return at(Stage.PROTECTION, team, person=person)


def _make(case: Case, by: User, kind: str = "decision", **said: Any) -> OfficialDocument:
    values = {"language": "ar", "purpose": "identification"} | said
    return make_document(case.reference, by=by, kind=kind, **values)


def _text(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def _client(user: User) -> Client:
    user.language = "en"
    user.save(update_fields=["language"])
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("kind", ["identification", "decision", "information", "consent"])
@pytest.mark.parametrize("language", ["tr", "ar"])
def test_a_document_holds_the_facts_of_the_case(team: Province, case: Case, kind: str, language: str) -> None:
    document = _make(case, team.expert, kind, language=language)
    _name, content, attachment = open_document(
        case.reference, document.reference, by=team.expert, purpose="identification"
    )
    assert sha256(content).hexdigest() == document.sha256
    text = _text(content)
    family = full_details().names[0].family
    assert (family in text) is (kind != "information")
    assert (case.number in text) is (kind != "information")
    assert document.reference.hex[:8].upper() in text
    if kind == "decision":
        assert "Invented grounds." in text
        assert "tanınmasına karar verilmiştir" in text
    assert attachment.media_type == "application/pdf"
    assert document.layout.startswith(f"{kind}/1/")


def test_what_is_kept_is_sealed_under_the_persons_key(team: Province, case: Case) -> None:
    document = _make(case, team.expert)
    kept = Attachment.objects.get(pk=document.attachment_id)
    assert b"%PDF" not in bytes(kept.content.sealed or b"")
    assert b"pdf" not in bytes(kept.content.sealed_name or b"")
    assert sealing.read_file(kept)[1].startswith(b"%PDF")


def test_who_made_what_for_which_purpose_is_in_the_log_and_no_name(team: Province, case: Case) -> None:
    document = _make(case, team.expert)
    made = AuditEvent.objects.get(action=Event.DOCUMENT_MADE)
    assert made.subjects == [case.reference, case.person.reference]
    assert made.facts["sha256"] == document.sha256
    revealed = AuditEvent.objects.filter(action=Event.IDENTITY_REVEALED).latest("pk")
    assert revealed.facts["purpose"] == "identification"
    assert AuditEvent.objects.filter(action=Event.TEXT_READ).count() == 2
    assert full_details().names[0].family not in str([event.facts for event in AuditEvent.objects.all()])


def test_without_a_purpose_no_identity_goes_into_a_document(team: Province, case: Case) -> None:
    with pytest.raises(persons.NotValid):
        _make(case, team.expert, purpose="")
    assert not OfficialDocument.objects.exists()
    assert not Attachment.objects.exists()
    before = AuditEvent.objects.filter(action=Event.IDENTITY_REVEALED).count()
    _make(case, team.expert, "information", purpose="")
    assert AuditEvent.objects.filter(action=Event.IDENTITY_REVEALED).count() == before


@pytest.mark.parametrize(
    ("stage", "kind"),
    [(Stage.SCREENING, "decision"), (Stage.SCREENING, "identification"), (Stage.PROTECTION, "evaluation_report")],
)
def test_what_the_case_does_not_have_yet_is_refused_in_words(team: Province, stage: Stage, kind: str) -> None:
    early = at(stage, team)
    by = team.frontline if stage == Stage.SCREENING else team.expert
    with pytest.raises(NotPossible) as refused:
        _make(early, by, kind)
    assert len(str(refused.value)) > 20
    assert not OfficialDocument.objects.exists()


def test_a_name_that_no_font_has_is_printed_in_latin_letters_when_asked(team: Province) -> None:
    details = PersonDetails(names=(NameGiven("given", "伟", "张", "Wei", "Zhang"),))
    case = opened(team, person=persons.record_person(details, by=team.frontline))
    with pytest.raises(NotPossible) as refused:
        _make(case, team.frontline, "consent", language="tr")
    assert "伟" in str(refused.value) or "张" in str(refused.value)
    assert not OfficialDocument.objects.exists()
    document = _make(case, team.frontline, "consent", language="tr", latin_only=True)
    _name, content, _file = open_document(case.reference, document.reference, by=team.frontline, purpose="interview")
    assert "Wei Zhang" in _text(content)


def test_the_same_form_sent_twice_is_one_document(team: Province, case: Case) -> None:
    key = uuid4()
    assert _make(case, team.expert, request_key=key) == _make(case, team.expert, request_key=key)
    assert OfficialDocument.objects.count() == Attachment.objects.count() == 1


def test_who_may_not_make_one_is_refused(team: Province, case: Case) -> None:
    with pytest.raises(Refused):
        _make(case, make_user(Role.CENTRAL_UNIT, team.directorate), "information")


def test_the_second_wall_lets_whoever_sees_the_case_make_and_open_one(team: Province, case: Case) -> None:
    with acting(Channel.PAGE, team.protector):
        document = _make(case, team.protector)
        open_document(case.reference, document.reference, by=team.protector, purpose="protection")
    stranger = make_province_team("TR-35").protector
    with acting(Channel.PAGE, stranger):
        assert not OfficialDocument.objects.exists()


def test_a_document_once_made_is_neither_changed_nor_taken_away(team: Province, case: Case) -> None:
    document = _make(case, team.expert)
    for statement in (
        "UPDATE assistance_officialdocument SET sha256 = sha256",
        "DELETE FROM assistance_officialdocument",
    ):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            acting(Channel.PAGE, team.expert),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    document.refresh_from_db()


def test_a_file_of_another_person_never_stands_as_a_document_of_the_case(team: Province, case: Case) -> None:
    document = _make(case, team.expert)
    other = opened(team)
    values = {"kind": "consent", "language": "tr", "layout": "x", "content_sha256": "0" * 64, "sha256": "0" * 64}
    file = Attachment.objects.get(pk=document.attachment_id)
    file.pk, file.reference = None, uuid4()
    with transaction.atomic():
        file.save(force_insert=True)
        AttachmentContent.objects.create(attachment=file, sealed=b"x", sealed_name=b"x")
    with pytest.raises(IntegrityError, match="official_document_is_of_the_person"), transaction.atomic():
        OfficialDocument.objects.create(case=other, attachment=file, made_by=team.expert, **values)


# --- pages


def test_a_document_is_made_listed_and_opened(team: Province, case: Case) -> None:
    client, address = _client(team.expert), reverse("assistance:make_document", args=[case.reference])
    hub = reverse("assistance:hub", args=[case.reference])
    assert "No document made yet" in client.get(hub).content.decode()
    form = {"kind": "consent", "language": "tr", "request_key": str(uuid4())}
    assert client.post(address, form).status_code == 422
    done = client.post(address, form | {"purpose": "identification"})
    assert (done.status_code, done["Location"]) == (302, hub)
    document = OfficialDocument.objects.get()
    opens = reverse("assistance:open_document", args=[case.reference, document.reference])
    assert opens in client.get(hub).content.decode()
    asked = client.get(opens)
    assert document.sha256 in asked.content.decode()
    assert client.post(opens, {"purpose": "curiosity"}).status_code == 422
    file = client.post(opens, {"purpose": "identification"})
    assert file.content.startswith(b"%PDF-")
    assert "attachment" in file["Content-Disposition"]
    assert full_details().names[0].family not in file["Content-Disposition"]


def test_the_language_of_the_person_is_offered_first(team: Province) -> None:
    details = replace(full_details(), languages=("ar",))
    case = opened(team, person=persons.record_person(details, by=team.frontline))
    page = _client(team.frontline).get(reverse("assistance:make_document", args=[case.reference]))
    assert page.context["form"].initial["language"] == "ar"


def test_a_sheet_that_there_is_not_is_said_on_the_form(
    team: Province, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "sheets", dict)
    client, address = _client(team.expert), reverse("assistance:make_document", args=[case.reference])
    page = client.post(address, {"kind": "information", "language": "ru", "request_key": str(uuid4())})
    assert page.status_code == 422
    assert "There is no such sheet" in page.content.decode()


def test_the_hub_takes_as_many_queries_for_twenty_documents_as_for_one(team: Province, case: Case) -> None:
    document = _make(case, team.expert, "information")
    client, address = _client(team.expert), reverse("assistance:hub", args=[case.reference])

    def queries() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            client.get(address)
        return len(caught)

    before = queries()
    for _ in range(19):
        file = Attachment.objects.get(pk=document.attachment_id)
        file.pk, file.reference = None, uuid4()
        with transaction.atomic():
            file.save(force_insert=True)
            AttachmentContent.objects.create(attachment=file, sealed=b"x", sealed_name=b"x")
        OfficialDocument.objects.create(
            case=case, kind="consent", language="tr", layout="x", content_sha256="0" * 64, sha256="0" * 64,
            attachment=file, made_by=make_user(Role.IDENTIFICATION_EXPERT, team.directorate),
        )  # fmt: skip
    assert queries() == before


def test_the_file_goes_with_the_persons_key(team: Province, case: Case) -> None:
    """An erased person's documents leave their kind, day and digests, and nothing that opens."""
    document = _make(case, team.expert)
    assert "assistance_officialdocument" in {table for room in erasing._rooms() for table in room.TABLES}
    document.attachment.person.wrapped_key = None
    with pytest.raises(Exception, match="no data key"):
        sealing.read_file(document.attachment)
