"""Official documents: seen beside the case, opened by whoever may reveal."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.assistance.models import OfficialDocument
from kalkan.assistance.policy.documents import NARROW, documents
from kalkan.cases.models import Case
from kalkan.persons import sealing
from kalkan.persons.models import Attachment
from kalkan.web.doors import Kind, Page
from tests.factories import make_user


def fill(case: Case, by: User) -> None:
    """A document of the case that everybody sees beside it, and one of each narrower kind."""
    for kind in ("information", *NARROW):
        _made(case, by, kind)


def _made(case: Case, by: User, kind: str = "information") -> OfficialDocument:
    attachment = Attachment(
        person=case.person, kind="official_document", media_type="application/pdf", size=1, is_scanned=False,
        attached_by=by,
    )  # fmt: skip
    content = sealing.seal_file(attachment, b"x", "x.pdf")
    case.person.save(update_fields=["wrapped_key", "key_version"])
    with transaction.atomic():
        attachment.save(force_insert=True)
        content.save(force_insert=True)
    return OfficialDocument.objects.create(
        case=case, kind=kind, language="tr", layout="information/1/test", content_sha256="0" * 64,
        sha256="0" * 64, attachment=attachment, made_by=by,
    )  # fmt: skip


def allowed(user: User) -> dict[type[Any], set[int]]:
    """Those of one's cases."""
    return {OfficialDocument: set(documents.visible(user).values_list("pk", flat=True))}


def _named(case: Case, page: Page) -> dict[str, Any]:
    document = _made(case, make_user(Role.FRONTLINE_OFFICER, case.institution))
    return {"reference": case.reference, "document": document.reference}


named: dict[Kind, Callable[[Case, Page], dict[str, Any]]] = {Kind.OFFICIAL: _named}
reaches: dict[Kind, Callable[[User, Page, bool], bool]] = {}
