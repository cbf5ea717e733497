"""The files of a case, without what is in them."""

from kalkan.cases.models import Case, CaseAttachment


def attachments_of(case: Case) -> list[CaseAttachment]:
    """The files of a case that the caller has fetched, newest first, removed ones too; never their bytes."""
    rows = case.attachments.select_related("attachment__attached_by__institution", "attachment__removed_by")
    return list(rows.order_by("-attachment__attached_at", "-id"))
