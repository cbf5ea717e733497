"""What came in, when, and what it became."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ImportRun(models.Model):
    """One file on its way in. The file lies sealed on disk until the run ends; its name is never kept."""

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked, not yet imported")
        RUNNING = "running", _("Being imported")
        DONE = "done", _("Imported")
        REFUSED = "refused", _("Nothing imported")
        INTERRUPTED = "interrupted", _("Interrupted, can be continued")
        DISCARDED = "discarded", _("Discarded")

    class Mode(models.TextChoices):
        ALL = "all", _("All or nothing: one wrong row and no row is imported")
        GOOD = "good", _("Keep the good rows, list the others")

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey("access.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=40, help_text="Name of a shipped mapping, or “own”")
    mapping = models.TextField(blank=True, help_text="The user's own mapping, as TOML")
    source = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.CHECKING)
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.ALL)
    file = models.CharField(max_length=64, blank=True, help_text="Random name of the sealed file, while it is kept")
    rows = models.PositiveIntegerField(null=True)
    rows_done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    notices = models.JSONField(default=list)
    seconds = models.FloatField(default=0)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    beat_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["institution", "-id"], name="import_run_institution")]

    def __str__(self) -> str:
        return str(self.reference)

    @property
    def is_busy(self) -> bool:
        return self.state in {self.State.CHECKING, self.State.RUNNING}


class ImportProblem(models.Model):
    """One thing wrong in a file, by code and place. The value as given is sealed; it may be somebody's name."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="problems")
    row = models.PositiveIntegerField(null=True)
    column = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    sealed_value = models.BinaryField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.code} {self.row} {self.column}"


class ImportedRecord(models.Model):
    """Which record of which collection became which case. Key and digest are keyed fingerprints, not the values."""

    source = models.CharField(max_length=40)
    institution = models.ForeignKey("access.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.UUIDField(help_text="Of the record's own key, or of its content and its place among equals")
    digest = models.UUIDField(help_text="Of what the record says")
    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    case_version = models.PositiveIntegerField(help_text="Version of the case as the import left it")
    person_version = models.PositiveIntegerField(help_text="Version of its person as the import left it")
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "institution", "key"], name="record_is_imported_once"),
            models.CheckConstraint(name="record_comes_from_elsewhere", condition=~Q(source="kalkan")),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.case_id}"


class ErasedRecord(models.Model):
    """A record of a collection whose person was erased: the same file must not bring the person back.

    A keyed fingerprint and nothing else: neither whose it was nor which case it became.
    """

    source = models.CharField(max_length=40)
    institution = models.ForeignKey("access.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "institution", "key"], name="record_is_erased_once"),
        ]

    def __str__(self) -> str:
        return self.source
