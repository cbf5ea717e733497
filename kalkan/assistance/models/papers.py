"""Travel documents that were checked. What tells whose they are lies sealed; here are codes, days and references."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kalkan.assistance.lifecycle.mrz import DOUBTFUL, LABELS, Finding
from kalkan.assistance.lifecycle.papers import State, Verdict

_USER = settings.AUTH_USER_MODEL


class PaperCheck(models.Model):
    """One check of one document: what its zone says, which alterations were seen, and what the expert found."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="paper_checks")
    kind = models.CharField(max_length=40, help_text="code list `document_kind`")
    country = models.CharField(max_length=3, blank=True, help_text="code list `country`: the issuing state")
    status = models.CharField(max_length=40, blank=True, help_text="code list `document_status`")
    zone = models.ForeignKey(
        "persons.SealedText", null=True, on_delete=models.PROTECT, related_name="+", help_text="The zone as typed"
    )
    result = models.JSONField(default=dict, help_text="Layout of the zone, and field → finding; never a value")
    alterations = ArrayField(models.CharField(max_length=40), default=list, help_text="code list `alteration`")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    checked_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(default=timezone.now)
    sent_to = models.ForeignKey("access.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    finding = models.CharField(max_length=40, blank=True, help_text="code list `paper_finding`")
    note = models.ForeignKey(
        "persons.SealedText", null=True, on_delete=models.PROTECT, related_name="+", help_text="Words of the expert"
    )
    found_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="doubt_is_sent_to_an_expert",
                condition=Q(verdict=Verdict.CLEAR, sent_to=None) | Q(verdict=Verdict.DOUBT, sent_to__isnull=False),
            ),
            models.CheckConstraint(
                name="altered_document_is_in_doubt", condition=Q(verdict=Verdict.DOUBT) | Q(alterations__len=0)
            ),
            models.CheckConstraint(
                name="finding_has_an_expert_and_a_moment",
                condition=Q(finding="", found_by=None, found_at=None, note=None)
                | (~Q(finding="") & Q(found_by__isnull=False, found_at__isnull=False, sent_to__isnull=False)),
            ),
            models.CheckConstraint(
                name="document_is_not_examined_by_its_checker",
                condition=Q(found_by=None) | ~Q(found_by=F("checked_by")),
            ),
        ]
        indexes = [
            models.Index(fields=["sent_to", "checked_at"], name="paper_waiting", condition=Q(found_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"

    @property
    def state(self) -> State:
        if self.found_at is not None:
            return State.EXAMINED
        return State.SENT if self.sent_to_id is not None else State.CLEAR

    @property
    def layout(self) -> str:
        """The kind of zone, empty where the document has none."""
        return str(self.result.get("layout", ""))

    @property
    def findings(self) -> list[tuple[str, Finding]]:
        """Label and finding of each field, without its value."""
        return [(str(label), Finding(self.result[code])) for code, label in LABELS.items() if code in self.result]

    @property
    def doubtful_findings(self) -> frozenset[Finding]:
        """The findings that put a document in doubt, for the page to mark."""
        return DOUBTFUL
