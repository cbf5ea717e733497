"""Files of a case: attached by whoever works on it, opened by whoever may reveal, removed for a reason."""

from uuid import UUID

from django.db import transaction

from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.cases import policy
from kalkan.cases.models import CaseAttachment
from kalkan.persons import attachments
from kalkan.persons.files import door
from kalkan.persons.models import Attachment


def attach_file(
    reference: UUID,
    content: bytes,
    *,
    name: str,
    declared: str,
    kind: str,
    by: User,
    request_key: UUID | None = None,
) -> Attachment:
    """Attach a file to a case. Raises door.Refusal, which is recorded; then nothing of the file is kept."""
    case = policy.cases.fetch(by, reference=reference)
    policy.require_any(by, policy.RECORDING)
    admitted = door.admit(content, name=name, declared=declared, by=by, about=(case, case.person))

    with transaction.atomic():
        case = policy.cases.fetch(by, lock=True, reference=reference)
        attachment, is_new = attachments.attach(case.person, admitted, kind=kind, by=by, request_key=request_key)
        if is_new:
            CaseAttachment.objects.create(case=case, attachment=attachment)
    return attachment


@transaction.atomic
def open_file(reference: UUID, file: UUID, *, by: User, purpose: str) -> tuple[str, bytes, Attachment]:
    """Name, content and row of a file of a case, for a purpose of code list `reveal_purpose`."""
    link = policy.attachments.fetch(by, case__reference=reference, attachment__reference=file)
    policy.attachments.require(by, Permission.PERSONS_REVEAL)
    return attachments.open_attachment(link.attachment.reference, by=by, purpose=purpose)


@transaction.atomic
def remove_file(reference: UUID, file: UUID, *, by: User, reason: str) -> Attachment:
    """Drop a file of a case for good, for a reason of code list `attachment_removal`; that it was there stays."""
    link = policy.attachments.fetch(by, case__reference=reference, attachment__reference=file)
    policy.require_any(by, policy.RECORDING)
    return attachments.remove_attachment(link.attachment.reference, by=by, reason=reason)
