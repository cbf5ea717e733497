"""The official series, frozen years with their revisions, and the form under which a case is counted."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kalkan.statistics.tables import Cube
from kalkan.statistics.words import Words


class OfficialFigure(models.Model):
    """One figure that somebody published about one year. Sources contradict each other: each keeps its own row."""

    class Measure(models.TextChoices):
        IDENTIFIED = "identified", _("Victims identified")
        INTERVIEWED = "interviewed", _("Persons interviewed")

    year = models.PositiveSmallIntegerField()
    measure = models.CharField(max_length=20, choices=Measure.choices)
    value = models.PositiveIntegerField()
    source = models.CharField(max_length=120)
    source_tr = models.CharField(max_length=120)
    is_main = models.BooleanField(help_text="The figure shown in the series; the others are shown as contradicting it")
    note_tr = models.CharField(max_length=300, blank=True)
    note_en = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["measure", "year", "-is_main", "source"]
        constraints = [
            models.UniqueConstraint(fields=["year", "measure", "source"], name="source_says_one_figure_a_year"),
            models.UniqueConstraint(
                fields=["year", "measure"], condition=Q(is_main=True), name="series_has_one_main_figure_a_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.year}: {self.value}"

    @property
    def note(self) -> str:
        return str(Words(self.note_tr, self.note_en))

    @property
    def source_name(self) -> str:
        return str(Words(self.source_tr, self.source))


class Frozen(models.Model):
    """What a frozen row holds in common: its counts, who froze them and when. A trigger refuses every change."""

    frozen_at = models.DateTimeField(default=timezone.now, editable=False)
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(help_text="Version of the indicator's definition")
    digest = models.CharField(max_length=64, help_text="SHA-256 over the row and, in a revision, the digest before it")

    class Meta:
        abstract = True


class Snapshot(Frozen):
    """One indicator of one year as it was counted, by every dimension at once: any table of it can be told again."""

    year = models.PositiveSmallIntegerField()
    indicator = models.CharField(max_length=40)
    dimensions = models.JSONField(help_text="Names of the codes in each cell")
    cells = models.JSONField(help_text="Each cell: its codes, then its count")
    total = models.PositiveIntegerField()

    class Meta:
        ordering = ["-year", "indicator"]
        constraints = [
            models.UniqueConstraint(fields=["year", "indicator"], name="year_of_an_indicator_is_frozen_once"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}"

    @property
    def cube(self) -> Cube:
        """The counts as first frozen."""
        return Cube(tuple(self.dimensions), {tuple(codes): count for *codes, count in self.cells})


class Revision(Frozen):
    """A later change of a frozen year: each cell's old and new count, and why. The frozen counts stay as they were."""

    class Reason(models.TextChoices):
        LATE = "late", _("Records that arrived late")
        CORRECTED = "corrected", _("Records that were corrected")
        SAME_PERSON = "same_person", _("Records found to be of one person")
        DEFINITION = "definition", _("A new version of the definition")

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    reason = models.CharField(max_length=20, choices=Reason.choices)
    changes = models.JSONField(help_text="Each changed cell: its codes, then the old and the new count")
    old_total = models.PositiveIntegerField()
    new_total = models.PositiveIntegerField()

    class Meta:
        ordering = ["snapshot", "number"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "number"], name="revisions_are_numbered"),
            models.CheckConstraint(name="revision_number_begins_with_one", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot} revision {self.number}"


class CountedForm(models.Model):
    """The one exploitation form under which a case is counted: a view over its episodes.

    The only form known, or `several`; no row where none is known. A view, so that the count of all cases by form
    is one join over the episodes and nothing has to be kept in step.
    """

    case = models.OneToOneField(
        "cases.Case", primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="counted_form"
    )
    form = models.CharField(max_length=40)

    class Meta:
        managed = False
        db_table = "statistics_counted_form"

    def __str__(self) -> str:
        return f"{self.case_id} {self.form}"
