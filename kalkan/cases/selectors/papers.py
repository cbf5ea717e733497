"""The files of a case, without what is in them."""

from kalkan.cases.models import Case, CaseAttachment
from kalkan.persons.models import Attachment


def attachments_of(case: Case) -> list[CaseAttachment]:
    """The files of a case that the caller has fetched, newest first, removed ones too; never their bytes."""
    rows = case.attachments.select_related("attachment__attached_by__institution", "attachment__removed_by")
    return list(
        rows.defer("attachment__sealed", "attachment__sealed_name").order_by("-attachment__attached_at", "-id")
    )


def without_bytes(link: CaseAttachment) -> Attachment:
    """The file of a link that the caller has fetched, with its person, without what is in it."""
    return Attachment.objects.defer("sealed", "sealed_name").select_related("person").get(pk=link.attachment_id)
