"""Making an official document: filled for a stated purpose, set as PDF, kept sealed as the one that is handed out."""

from hashlib import sha256
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access import concurrency
from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.assistance.lifecycle.documents import Content, DocumentKind, Filled, Language, Version
from kalkan.assistance.models import OfficialDocument
from kalkan.assistance.policy import documents as policy
from kalkan.assistance.selectors import documents as selectors
from kalkan.assistance.selectors import support_documents as support
from kalkan.assistance.selectors.document_words import NotReady, Words
from kalkan.assistance.services.typesetting import CannotBeSet, set_pdf
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy as cases
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case
from kalkan.persons import attachments
from kalkan.persons import services as persons
from kalkan.persons.details import PersonDetails
from kalkan.persons.files import kinds
from kalkan.persons.files.door import Admitted
from kalkan.persons.models import Attachment, SealedText


@transaction.atomic
def make_document(
    reference: UUID,
    *,
    by: User,
    kind: str,
    language: str,
    purpose: str = "",
    latin_only: bool = False,
    request_key: UUID | None = None,
) -> OfficialDocument:
    """Make a document of a case in Turkish and `language`. `purpose` is asked wherever it tells who the person is.

    Raises NotPossible with what is missing: a fact of the case, a text in the language, a letter in the fonts.
    """
    made = concurrency.already_made(OfficialDocument.objects.filter(made_by=by), request_key)
    if made is not None:
        return made
    case = cases.cases.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.DOCUMENTS_MAKE)
    if kind not in selectors.kinds_for(case, by):
        raise NotPossible("make_document", _("This document cannot be made of the case now."), missing="kind")
    wanted = DocumentKind(kind)
    number = uuid4()
    languages = dict.fromkeys((Language.TURKISH, Language(language)))
    try:
        details, words = _opened(case, wanted, by=by, purpose=purpose)
        filled = Filled(
            tuple(
                Version(
                    one,
                    selectors.issued(case, by, number.hex[:8].upper(), one),
                    _content(case, wanted, one, details, words, by=by, latin_only=latin_only),
                )
                for one in languages
            )
        )
        pdf = set_pdf(filled, at=timezone.now())
    except (NotReady, CannotBeSet) as refused:
        raise NotPossible("make_document", str(refused), missing="kind") from None

    # Our own work, not an upload: it does not pass the door for files, which would rewrite it.
    name = f"{case.number} {wanted.value} {language}.pdf"
    admitted = Admitted(pdf.content, name, kinds.PDF, is_scanned=False)
    attachment, _is_new = attachments.attach(case.person, admitted, kind="official_document", by=by)
    document = OfficialDocument.objects.create(
        reference=number,
        case=case,
        kind=wanted,
        language=Language(language),
        layout=pdf.layout,
        content_sha256=pdf.content_sha256,
        sha256=sha256(pdf.content).hexdigest(),
        attachment=attachment,
        made_by=by,
        request_key=request_key,
    )
    facts = {"document": str(number), "kind": wanted.value, "language": language, "sha256": document.sha256}
    record(Event.DOCUMENT_MADE, case, case.person, by=by, facts=facts)
    return document


@transaction.atomic
def open_document(reference: UUID, document: UUID, *, by: User, purpose: str) -> tuple[str, bytes, Attachment]:
    """Name, content and file of a document of a case, for a purpose of code list `reveal_purpose`."""
    found = policy.documents.fetch(by, case__reference=reference, reference=document)
    policy.require(by, Permission.PERSONS_REVEAL)
    facts = {"document": str(found.reference), "purpose": purpose}
    record(Event.DOCUMENT_OPENED, found.case, found.case.person, by=by, facts=facts)
    return attachments.open_attachment(found.attachment.reference, by=by, purpose=purpose)


def _opened(case: Case, kind: DocumentKind, *, by: User, purpose: str) -> tuple[PersonDetails | None, Words]:
    """Who the person is and what the officers wrote, as far as this document says it."""
    if kind == DocumentKind.INFORMATION:
        return None, Words()
    sealed = _sealed(case, kind, by=by)
    details = persons.reveal_identity(case.person.reference, by=by, purpose=purpose)
    read = {name: persons.read_text(text, by=by, purpose=purpose) for name, text in sealed.items() if text is not None}
    return details, Words(**read)


def _sealed(case: Case, kind: DocumentKind, *, by: User) -> dict[str, SealedText | None]:
    """The texts that the document quotes. Raises NotReady where it cannot be made: then nothing is opened."""
    match kind:
        case DocumentKind.DECISION:
            decision = selectors.decision_of(case)
            return {"grounds": decision.grounds, "reasons": decision.reasons} if decision else {}
        case DocumentKind.EVALUATION_REPORT:
            return {"reasoning": support.report_of(case, by).reasoning}
        case DocumentKind.PERMIT_REQUEST:
            support.permit_of(case, by)
        case DocumentKind.RETURN_AGREEMENT:
            return {"receiver": support.return_of(case, by).receiver_words}
    return {}


def _content(
    case: Case,
    kind: DocumentKind,
    language: Language,
    details: PersonDetails | None,
    words: Words,
    *,
    by: User,
    latin_only: bool,
) -> Content:
    if details is None:
        return selectors.information(language)
    person = selectors.named(details, language, latin_only=latin_only)
    match kind:
        case DocumentKind.IDENTIFICATION:
            return selectors.identification(case, person, language)
        case DocumentKind.DECISION:
            return selectors.decision(case, person, words, language)
        case DocumentKind.EVALUATION_REPORT:
            return support.evaluation_report(case, by, person, words, language)
        case DocumentKind.PERMIT_REQUEST:
            return support.permit_request(case, by, person, language)
        case DocumentKind.RETURN_AGREEMENT:
            return support.return_agreement(case, by, person, words, language)
    return selectors.consent(case, person, language)
