"""What somebody owes a person by a moment. Every topic of the room makes its promises here, so that none is lost."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kalkan.assistance.lifecycle.promises import GATE

_USER = settings.AUTH_USER_MODEL


class Promise(models.Model):
    """An answer, a review, an extension, a follow-up: owed by one institution, at times by one officer, by a moment.

    Holds codes and references only: whoever owes it need not see the case.
    """

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40, help_text="Of `lifecycle.promises.KINDS`")
    subject = models.UUIDField(help_text="Reference of the referral, stay, permit … that it is about")
    case = models.ForeignKey(
        "cases.Case", null=True, on_delete=models.PROTECT, related_name="promises",
        help_text="Only a person whom nobody found at the gate has none",
    )  # fmt: skip
    institution = models.ForeignKey("access.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    province = models.ForeignKey(
        "vocabulary.Province", null=True, to_field="code", on_delete=models.PROTECT, related_name="+", db_index=False,
        help_text="That of the case, whose authority watches over it; without a case that of the institution",
    )  # fmt: skip
    owner = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    provision = models.ForeignKey("vocabulary.Provision", null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(help_text="A term in days ends with its last day, in the time of the country")
    kept_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True, help_text="No longer owed: revoked, ended, replaced")
    escalated_at = models.DateTimeField(null=True, help_text="When the centre was told that it is overdue")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "kind"],
                condition=Q(kept_at=None, dropped_at=None),
                name="promise_of_a_kind_is_open_once",
            ),
            models.CheckConstraint(
                name="promise_without_a_case_is_of_the_gate", condition=Q(case__isnull=False) | Q(kind=GATE)
            ),
            models.CheckConstraint(name="promise_is_kept_or_dropped", condition=Q(kept_at=None) | Q(dropped_at=None)),
            models.CheckConstraint(name="promise_is_due_after_it_is_made", condition=Q(due_at__gte=F("made_at"))),
        ]
        indexes = [
            models.Index(
                fields=["institution", "due_at"],
                name="promise_institution_due",
                condition=Q(kept_at=None, dropped_at=None),
            ),
            models.Index(
                fields=["province", "due_at"], name="promise_province_due", condition=Q(kept_at=None, dropped_at=None)
            ),
            models.Index(
                fields=["owner", "due_at"], name="promise_owner_due", condition=Q(kept_at=None, dropped_at=None)
            ),
            models.Index(fields=["due_at"], name="promise_due", condition=Q(kept_at=None, dropped_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Reminder(models.Model):
    """That the owner was warned so many days before, or told that it is overdue. Once each, however often asked."""

    promise = models.ForeignKey(Promise, on_delete=models.CASCADE, related_name="reminders")
    days = models.SmallIntegerField(help_text="Days before the promise is due; -1: overdue")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["promise", "days"], name="reminder_is_given_once")]

    def __str__(self) -> str:
        return f"{self.promise_id} {self.days}"
