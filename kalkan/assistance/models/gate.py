"""What was asked of the gate before a removal or readmission. Holds codes, never who was asked about."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kalkan.assistance.lifecycle.gate import Reason, Verdict

_USER = settings.AUTH_USER_MODEL


class GateCheck(models.Model):
    """One question and its answer. An answer that asks for a screening stays open until one was held."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+", db_index=False)
    institution = models.ForeignKey("access.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    province = models.ForeignKey(
        "vocabulary.Province", null=True, to_field="code", on_delete=models.PROTECT, related_name="+",
        help_text="That of the institution: whose authority sees it",
    )  # fmt: skip
    verdict = models.CharField(max_length=15, choices=Verdict.choices)
    reasons = ArrayField(models.CharField(max_length=20, choices=Reason.choices))
    is_found = models.BooleanField(help_text="False where nobody like this is recorded")
    screen_by = models.DateField(null=True, help_text="By when a screening must be held")
    case = models.ForeignKey(
        "cases.Case", null=True, on_delete=models.PROTECT, related_name="+", help_text="In which it was screened"
    )
    closed_at = models.DateTimeField(null=True)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="gate_answer_has_a_day_only_where_a_screening_is_asked_for",
                condition=Q(verdict=Verdict.SCREEN_FIRST, screen_by__isnull=False)
                | (~Q(verdict=Verdict.SCREEN_FIRST) & Q(screen_by=None, closed_at=None)),
            ),
            models.CheckConstraint(
                name="gate_check_is_closed_by_a_screening",
                condition=Q(closed_at=None, case=None) | Q(closed_at__isnull=False, case__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["asked_by", "asked_at"], name="gate_asked"),
            models.Index(fields=["institution", "-asked_at"], name="gate_institution"),
        ]

    def __str__(self) -> str:
        return str(self.reference)

    @property
    def is_open(self) -> bool:
        """True while the screening that it asks for is owed."""
        return self.verdict == Verdict.SCREEN_FIRST and self.closed_at is None
