"""Files of a case: sealed with the person, seen with the case, opened for a purpose, removed for a reason."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kalkan.access.models import InstitutionKind, User
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.cases import services
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case, CaseAttachment
from kalkan.persons import sealing, vault
from kalkan.persons.models import Attachment, AttachmentContent, Person
from tests import files
from tests.cases.story import Province, at, make_province_team, opened
from tests.factories import make_institution, make_user
from tests.persons.test_dump import everything

pytestmark = pytest.mark.django_db
NAME = "Gülnare pasaport.jpg"
WORDS = "Uydurma tutanak: Karakuş adlı kişi"


def _client(user: User) -> Client:
    user.language = "en"
    user.save(update_fields=["language"])
    client = Client()
    client.force_login(user)
    return client


def _path(name: str, case: Case, *more: object) -> str:
    return reverse(f"cases:{name}", args=[case.reference, *more])


def _send(user: User, case: Case, content: bytes, name: str, *, key: UUID | None = None, **said: Any) -> Any:
    file = SimpleUploadedFile(name, content, content_type="application/octet-stream")
    values = {"kind": "identity_document", "file": file, "request_key": str(key or uuid4())} | said
    return _client(user).post(_path("attach", case), values)


def _attached(team: Province, case: Case, content: bytes = WORDS.encode(), name: str = "tutanak.txt") -> Attachment:
    return services.attach_file(case.reference, content, name=name, declared="", kind="police_report", by=team.expert)


@pytest.fixture
def case(team: Province) -> Case:
    return at(Stage.IDENTIFICATION, team)


def test_a_file_is_attached_listed_opened_and_removed(team: Province, case: Case) -> None:
    done = _send(team.expert, case, files.jpeg(), NAME)
    assert (done.status_code, done.url) == (302, reverse("web:case", args=[case.reference]))
    attachment = Attachment.objects.get()
    page = _client(team.expert).get(done.url).content.decode()
    opens, removes = (_path(name, case, attachment.reference) for name in ("open_file", "remove_file"))
    assert "Copy of an identity or travel document" in page
    assert "not scanned" in page
    assert opens in page
    assert removes in page
    assert "Gülnare" not in page, "the name of a file may be the name of a person"

    asked = _client(team.expert).get(opens)
    assert "Gülnare" not in asked.content.decode()
    assert _client(team.expert).post(opens, {"purpose": "curiosity"}).status_code == 422
    file = _client(team.expert).post(opens, {"purpose": "identification"})
    assert file.content.startswith(b"\xff\xd8\xff")
    assert files.PLACE.encode() not in file.content
    assert file["Content-Type"] == "image/jpeg"
    assert file["Content-Disposition"].startswith("attachment; filename*=utf-8''G%C3%BClnare%20pasaport.jpg")
    assert "sandbox" in file["Content-Security-Policy"]
    assert "default-src 'none'" in file["Content-Security-Policy"]
    assert file["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in file["Cache-Control"]

    assert _client(team.expert).post(removes, {"reason": ""}).status_code == 422
    assert _client(team.expert).post(removes, {"reason": "wrong_file"}).status_code == 302
    attachment.refresh_from_db()
    assert (AttachmentContent.objects.exists(), attachment.removal_reason) == (False, "wrong_file")
    assert _client(team.expert).post(opens, {"purpose": "identification"}).status_code == 410
    assert "Removed: The wrong file" in _client(team.expert).get(done.url).content.decode()
    for event in (Event.FILE_ATTACHED, Event.FILE_OPENED, Event.FILE_REMOVED):
        written = AuditEvent.objects.get(action=event)
        assert written.subjects == [case.person.reference]
        assert written.facts["file"] == str(attachment.reference)
    assert AuditEvent.objects.get(action=Event.FILE_OPENED).facts["purpose"] == "identification"


def test_neither_the_file_nor_its_name_stands_in_any_table(team: Province, case: Case) -> None:
    _attached(team, case, name=NAME.replace(".jpg", ".txt"))
    dump = everything()
    for secret in (WORDS, "Karakuş", "Gülnare", "Gülnare pasaport.txt"):
        for form in (secret, secret.encode().hex(), secret.encode("utf-16-le").hex()):
            assert form not in dump, secret


def test_a_file_opens_only_as_itself_and_not_once_the_person_is_erased(team: Province, case: Case) -> None:
    first, second = _attached(team, case), _attached(team, case, b"Baska bir metin")
    assert sealing.read_file(first)[1].decode() == WORDS
    AttachmentContent.objects.filter(pk=first.pk).update(
        sealed=second.content.sealed, sealed_name=second.content.sealed_name
    )
    with pytest.raises(vault.NotGenuine):
        sealing.read_file(Attachment.objects.get(pk=first.pk))
    Person.objects.filter(pk=case.person_id).update(wrapped_key=None)
    with pytest.raises(vault.Erased):
        sealing.read_file(Attachment.objects.get(pk=second.pk))
    opens = _path("open_file", case, second.reference)
    assert _client(team.expert).post(opens, {"purpose": "identification"}).status_code == 410


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (files.pdf(OpenAction=files.script()), "a.pdf", "macros, scripts or other files inside"),
        (b"MZ\0\0" + bytes(50), "a.pdf", "This type of file is not kept"),
        (files.jpeg(), "a.pdf", "not what its name says"),
        (files.jpeg()[:300], "a.jpg", "damaged, locked with a password"),
        (b"", "a.txt", "empty"),
    ],
)
def test_a_refused_file_is_a_sentence_on_the_page_recorded_and_not_kept(
    team: Province, case: Case, content: bytes, name: str, sentence: str
) -> None:
    page = _send(team.expert, case, content, name)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not Attachment.objects.exists()
    if content:  # an empty one does not get as far as the door
        event = AuditEvent.objects.get(action=Event.UPLOAD_REFUSED)
        assert event.subjects == [case.reference, case.person.reference]


def test_a_file_larger_than_the_limit_is_refused_before_it_is_read(team: Province, case: Case, settings) -> None:  # type: ignore[no-untyped-def]
    settings.ATTACHMENT_LIMIT = 100
    assert "larger than 100" in _send(team.expert, case, b"a" * 101, "a.txt").content.decode().replace("\xa0", " ")
    settings.UPLOAD_LIMIT = 200
    assert _send(team.expert, case, b"a" * 5000, "a.txt").status_code == 422
    assert not Attachment.objects.exists()


def test_a_double_click_attaches_once(team: Province, case: Case) -> None:
    key = uuid4()
    for _time in range(2):
        assert _send(team.expert, case, files.png(), "a.png", key=key).status_code == 302
    assert CaseAttachment.objects.count() == 1
    assert AuditEvent.objects.filter(action=Event.FILE_ATTACHED).count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_learns_of_no_file(team: Province, case: Case, method: str) -> None:
    attachment, elsewhere = _attached(team, case), make_province_team("TR-34")
    other = at(Stage.IDENTIFICATION, elsewhere)
    for user in (elsewhere.expert, elsewhere.frontline):
        for path in (
            _path("attach", case),
            _path("open_file", case, attachment.reference),
            _path("remove_file", case, attachment.reference),
            # Through a case of one's own: the file of another case is not there either.
            *([_path("open_file", other, attachment.reference)] if user == elsewhere.expert else []),
            *([_path("remove_file", other, attachment.reference)] if user == elsewhere.expert else []),
        ):
            said = {"purpose": "interview", "reason": "wrong_file"} if method == "post" else {}
            assert getattr(_client(user), method)(path, said).status_code == 404, path
    attachment.refresh_from_db()
    assert attachment.removed_at is None


def test_who_may_not_reveal_cannot_open_and_who_does_not_work_on_cases_cannot_attach(
    team: Province, case: Case
) -> None:
    attachment = _attached(team, case)
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    opens, removes = (_path(name, case, attachment.reference) for name in ("open_file", "remove_file"))
    page = _client(centre).get(reverse("web:case", args=[case.reference])).content.decode()
    assert "Law-enforcement report" not in page, "of which kind a file is may be health"
    assert "<strong>File</strong>" in page
    assert opens not in page
    assert removes not in page
    assert _client(centre).post(opens, {"purpose": "interview"}).status_code == 403
    assert _client(team.decider).post(opens, {"purpose": "interview"}).status_code == 200
    for user in (centre, team.decider):
        assert _client(user).post(removes, {"reason": "wrong_file"}).status_code == 403
        assert _client(user).get(_path("attach", case)).status_code == 403


def test_the_page_of_a_case_costs_the_same_at_one_file_and_at_twenty(team: Province, case: Case) -> None:
    client, path = _client(team.expert), reverse("web:case", args=[case.reference])
    costs = []
    for more in (1, 19):
        for _number in range(more):
            _attached(team, case)
        with CaptureQueriesContext(connection) as said:
            page = client.get(path).content.decode()
        costs.append(len(said))
        assert not any("persons_attachmentcontent" in one["sql"] for one in said), "the bytes stay where they are"
    assert page.count("<strong>Law-enforcement report</strong>") == 20
    assert costs[0] == costs[1]


def _commit(act: Callable[[], Any]) -> None:
    with transaction.atomic():
        act()
        connection.check_constraints()  # as the end of the transaction does


def test_the_database_keeps_a_file_with_its_person_and_drops_what_was_removed(team: Province, case: Case) -> None:
    attachment, other = _attached(team, case), opened(team)
    with pytest.raises(DatabaseError, match="attachment_is_of_the_person"), transaction.atomic():
        CaseAttachment.objects.filter(attachment=attachment).update(case=other)
    for wrong in ({"removed_at": attachment.attached_at}, {"removal_reason": "duplicate"}):
        with pytest.raises(DatabaseError, match="attachment_is_removed_for_a_reason"), transaction.atomic():
            Attachment.objects.filter(pk=attachment.pk).update(**wrong)
    kept = AttachmentContent.objects.get(pk=attachment.pk)
    with pytest.raises(DatabaseError, match="attachment_has_content_until_it_is_removed"):
        _commit(AttachmentContent.objects.filter(pk=attachment.pk).delete)
    Attachment.objects.filter(pk=attachment.pk).update(removed_at=attachment.attached_at, removal_reason="duplicate")
    assert not AttachmentContent.objects.exists()
    with pytest.raises(DatabaseError, match="attachment_has_content_until_it_is_removed"):
        _commit(lambda: kept.save(force_insert=True))


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_attach_once() -> None:
    team = make_province_team()
    case, key, made = at(Stage.IDENTIFICATION, team), uuid4(), []

    def click() -> None:
        try:
            attachment = services.attach_file(
                case.reference, b"Uydurma", name="a.txt", declared="", kind="other", by=team.expert, request_key=key
            )
            made.append(attachment.pk)
        finally:
            connections.close_all()

    clicks = [threading.Thread(target=click) for _number in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert len(made) == 2
    assert len(set(made)) == 1
    assert CaseAttachment.objects.count() == 1
