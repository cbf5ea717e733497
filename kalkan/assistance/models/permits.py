"""Residence permits of victims. What a CHECK cannot reach, because it looks at other rows, is a trigger (0061)."""

from datetime import date
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kalkan.assistance.lifecycle.permit_moves import State
from kalkan.assistance.lifecycle.permits import Period

_USER = settings.AUTH_USER_MODEL


def _text(topic: str) -> models.ForeignKey:
    """A pointer to sealed text of the case's person."""
    return models.ForeignKey(
        "persons.SealedText", null=True, on_delete=models.PROTECT, related_name="+", help_text=topic
    )


class Permit(models.Model):
    """A residence permit that one officer asked for and another decided on; each keeps the rule of its own day."""

    class Kind(models.TextChoices):
        FIRST = "first", _("First permit")
        EXTENSION = "extension", _("Extension")

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="permits")
    person = models.ForeignKey(
        "persons.Person",
        on_delete=models.PROTECT,
        related_name="+",
        help_text="That of the case: maxima are a person's",
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    ground = models.CharField(max_length=40, blank=True, help_text="code list `permit_ground`, for an extension")
    starts_on = models.DateField(help_text="That of the last permit's end, for an extension")
    ends_on = models.DateField(help_text="The last day")
    provision = models.ForeignKey(
        "vocabulary.Provision", on_delete=models.PROTECT, related_name="+", help_text="As it stood on the first day"
    )
    total_provision = models.ForeignKey(
        "vocabulary.Provision", on_delete=models.PROTECT, related_name="+",
        help_text="The legal maximum as it stood on the first day of the person's first permit",
    )  # fmt: skip
    requested_on = models.DateField()
    requested_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    decided_on = models.DateField(null=True)
    decided_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    reasons = _text("Why it was refused")
    number = _text("Number of the permit")
    cancelled_on = models.DateField(null=True)
    cancelled_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    cancel_ground = models.CharField(max_length=40, blank=True, help_text="code list `permit_cancellation`")
    cancel_provision = models.ForeignKey("vocabulary.Provision", null=True, on_delete=models.PROTECT, related_name="+")
    was_forced = models.BooleanField(null=True, help_text="Done under force, threat, violence or intimidation")
    report = models.ForeignKey(
        "assistance.EvaluationReport", null=True, on_delete=models.PROTECT, related_name="+",
        help_text="Behind an extension, wherever support has begun",
    )  # fmt: skip
    cancel_report = models.ForeignKey(
        "assistance.EvaluationReport", null=True, on_delete=models.PROTECT, related_name="+",
        help_text="Behind a cancellation, wherever support has begun",
    )  # fmt: skip
    left_on = models.DateField(null=True, help_text="The day on which it was said that no extension is wanted")
    left_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    left_reason = models.CharField(max_length=40, blank=True, help_text="code list `permit_left`")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["starts_on", "id"]
        constraints = [
            models.CheckConstraint(name="permit_ends_after_it_begins", condition=Q(ends_on__gt=F("starts_on"))),
            models.CheckConstraint(name="extension_has_a_ground", condition=~Q(kind="extension") | ~Q(ground="")),
            models.CheckConstraint(
                name="permit_is_not_decided_by_its_requester",
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="decided_permit_has_an_officer_and_a_day",
                condition=Q(state="requested", decided_by=None, decided_on=None)
                | (~Q(state="requested") & Q(decided_by__isnull=False, decided_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="granted_permit_has_a_number",
                condition=~Q(state__in=["granted", "cancelled"]) | Q(number__isnull=False),
            ),
            models.CheckConstraint(
                name="refused_permit_has_reasons", condition=~Q(state="refused") | Q(reasons__isnull=False)
            ),
            models.CheckConstraint(
                name="cancelled_permit_has_a_ground_that_was_not_forced",
                condition=Q(cancelled_on=None, cancelled_by=None, cancel_ground="", cancel_provision=None)
                & ~Q(state="cancelled")
                | Q(
                    state="cancelled",
                    cancelled_on__isnull=False,
                    cancelled_by__isnull=False,
                    cancel_provision__isnull=False,
                    was_forced=False,
                )
                & ~Q(cancel_ground=""),
            ),
            models.CheckConstraint(
                name="permit_that_is_left_to_end_was_granted_and_says_why",
                condition=Q(left_on=None, left_by=None, left_reason="")
                | Q(left_on__isnull=False, left_by__isnull=False, state__in=["granted", "cancelled"])
                & ~Q(left_reason=""),
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(state="requested"), name="person_has_one_open_request_for_a_permit"
            ),
        ]
        indexes = [models.Index(fields=["person", "starts_on"], name="permit_person_starts")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"

    @property
    def period(self) -> Period:
        """Its days, for the arithmetic."""
        return Period(self.starts_on, self.ends_on, self.cancelled_on)

    @property
    def until(self) -> date:
        """The last day on which it holds."""
        return self.period.until
