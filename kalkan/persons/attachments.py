"""Files about a person: attach, open for a purpose, remove for a reason. The rooms above decide who may."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kalkan.access.concurrency import already_made
from kalkan.access.models import User
from kalkan.access.sensitivity import Act, Sensitivity, require
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.persons import codes, policy, sealing
from kalkan.persons.details import NotValid
from kalkan.persons.files.door import Admitted
from kalkan.persons.models import Attachment, Person
from kalkan.vocabulary import selectors as vocabulary


@transaction.atomic
def attach(
    person: Person, admitted: Admitted, *, kind: str, by: User, request_key: UUID | None = None
) -> tuple[Attachment, bool]:
    """Keep an admitted file under the person's key; the attachment, and whether this call made it. Raises NotValid."""
    made = already_made(Attachment.objects.filter(attached_by=by), request_key)
    if made is not None:
        return made, False
    _require_code("kind", "attachment_kind", kind)
    locked = policy.persons.fetch(by, lock=True, pk=person.pk)
    attachment = Attachment(
        person=locked,
        kind=kind,
        media_type=admitted.kind.media_type,
        size=len(admitted.content),
        is_scanned=admitted.is_scanned,
        attached_by=by,
        request_key=request_key,
    )
    had_key = locked.wrapped_key is not None
    sealed = sealing.seal_file(attachment, admitted.content, admitted.name)

    if not had_key:
        locked.save(update_fields=["wrapped_key", "key_version"])
    attachment.save(force_insert=True)
    sealed.save(force_insert=True)
    facts = {
        "file": str(attachment.reference),
        "media_type": attachment.media_type,
        "bytes": attachment.size,
        "scanned": attachment.is_scanned,
    }
    record(Event.FILE_ATTACHED, locked, by=by, facts=facts)
    return attachment, True


@transaction.atomic
def open_attachment(reference: UUID, *, by: User, purpose: str) -> tuple[str, bytes, Attachment]:
    """Name and content of a file, for a purpose of code list `reveal_purpose`. Raises NotValid and vault.Erased."""
    attachment = policy.attachments.fetch(by, reference=reference)
    require(by, Act.VIEW, Sensitivity.NARRATIVE)
    _require_code("purpose", "reveal_purpose", purpose)
    facts = {"file": str(attachment.reference), "purpose": purpose}
    record(Event.FILE_OPENED, attachment.person, by=by, facts=facts)
    return *sealing.read_file(attachment), attachment


@transaction.atomic
def remove_attachment(reference: UUID, *, by: User, reason: str) -> Attachment:
    """Drop the file and its name, for a reason of code list `attachment_removal`. Removing again changes nothing."""
    attachment = policy.attachments.fetch(by, lock=True, reference=reference)
    _require_code("reason", "attachment_removal", reason)
    if attachment.removed_at is None:
        attachment.removed_by, attachment.removed_at, attachment.removal_reason = by, timezone.now(), reason
        attachment.save(update_fields=["removed_by", "removed_at", "removal_reason"])
        facts = {"file": str(attachment.reference), "reason": reason}
        record(Event.FILE_REMOVED, attachment.person, by=by, facts=facts)
    return attachment


def _require_code(field: str, code_list: str, code: str) -> None:
    if not vocabulary.is_known(code_list, code):
        raise NotValid([codes.unknown(field, code_list, code)])
