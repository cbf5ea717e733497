"""The log of what was done or seen."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kalkan.audit.events import Event


class Channel(models.TextChoices):
    PAGE = "page", _("Page")
    COMMAND = "command", _("Command line")
    JOB = "job", _("Background job")


class AuditEvent(models.Model):
    """One thing that one actor did or saw. Never changed, never deleted: a database trigger refuses both.

    Holds codes and references only, never a name, a number or free text.
    """

    id = models.BigAutoField(primary_key=True)
    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    action = models.CharField(
        max_length=40, help_text="One of `Event`; no choices, so that a new event needs no migration"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=True
    )
    subjects = ArrayField(models.UUIDField(), default=list, blank=True, help_text="References of persons and cases")
    facts = models.JSONField(default=dict, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.COMMAND)
    request = models.UUIDField(null=True, help_text="Ties together the events of one page request or run")

    class Meta:
        ordering = ["-id"]
        indexes = [
            GinIndex(fields=["subjects"], name="audit_event_subjects"),
            models.Index(fields=["actor", "-id"], name="audit_event_actor"),
            models.Index(fields=["action", "-id"], name="audit_event_action"),
            BrinIndex(fields=["at"], pages_per_range=32, name="audit_event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.reference}"

    @property
    def words(self) -> str:
        """What was done, in the reader's language; the code itself for an event that is no longer known."""
        return str(Event(self.action).label) if self.action in Event.values else self.action


class Batch(models.Model):
    """Events sealed together: a signed head over their Merkle root, chained to the head before. Append-only too.

    `entries` repeats number, reference and hash of every event, so that a check can name the one that was touched;
    they prove nothing by themselves: they count only where they lead to the signed root.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    last = models.BigIntegerField(unique=True, help_text="Number of its last event")
    head = models.TextField(help_text="The text that is signed")
    signature = models.BinaryField()
    entries = models.BinaryField(help_text="For each event: number (8 bytes), reference (16), leaf hash (32)")

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"batch {self.number}"
