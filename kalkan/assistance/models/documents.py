"""Official documents that were made: which, when, by whom, and the file that was signed."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kalkan.assistance.lifecycle.documents import DocumentKind, Language

_USER = settings.AUTH_USER_MODEL


class OfficialDocument(models.Model):
    """One PDF as it was handed out. The file lies sealed under the person's key; its digest proves it unchanged."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="official_documents")
    kind = models.CharField(max_length=40, choices=DocumentKind.choices)
    language = models.CharField(max_length=8, choices=Language.choices, help_text="Beside Turkish, which comes first")
    layout = models.CharField(max_length=80, help_text="Name, version and digest of the layout")
    content_sha256 = models.CharField(
        max_length=64, help_text="Of what the layout was filled with; its footer shows it"
    )
    sha256 = models.CharField(max_length=64, help_text="Of the PDF")
    attachment = models.OneToOneField("persons.Attachment", on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="document_has_its_digests",
                condition=Q(sha256__regex="^[0-9a-f]{64}$") & Q(content_sha256__regex="^[0-9a-f]{64}$"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
