"""Reference data: what may be answered, how much an answer weighs, and which law says so."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kalkan.vocabulary.language import said


class Labelled(models.Model):
    """A row with a Turkish and an English label."""

    label_tr = models.CharField(max_length=300)
    label_en = models.CharField(max_length=300)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return said(self, "label")


class CodeList(Labelled):
    """One list with its source; the version rises with every load that changed something."""

    class Holds(models.TextChoices):
        """What stands in the list: codes, or the rows of a table of their own."""

        CODES = "codes", _("Codes")
        PROVINCES = "provinces", _("Provinces")
        INDICATORS = "indicators", _("Indicators")
        WEIGHTS = "weights", _("Weights of indicators")
        PROVISIONS = "provisions", _("Legal provisions")
        DAYS = "days", _("Closed days")

    code = models.CharField(max_length=60, primary_key=True)
    holds = models.CharField(max_length=20, choices=Holds.choices, default=Holds.CODES)
    parent_list = models.CharField(max_length=60, blank=True, help_text="The list in which the codes' parents stand")
    source = models.CharField(max_length=300)
    version = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    loaded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["code"]


class Code(Labelled):
    """One answer of a list. A code is retired by a date, never deleted, so that old records keep their words."""

    code_list = models.ForeignKey(CodeList, on_delete=models.PROTECT, related_name="codes")
    code = models.CharField(max_length=60)
    hint_tr = models.CharField(max_length=500, blank=True)
    hint_en = models.CharField(max_length=500, blank=True)
    parent = models.CharField(max_length=60, blank=True)
    aliases = ArrayField(
        models.CharField(max_length=120), default=list, blank=True, help_text="Other codes and spellings in files"
    )
    position = models.PositiveIntegerField(default=0)
    valid_from = models.DateField(null=True, blank=True)
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["code_list", "position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["code_list", "code"], name="code_stands_once_in_its_list"),
            models.CheckConstraint(
                name="code_is_not_retired_before_it_was_valid",
                condition=Q(valid_from=None) | Q(retired_on=None) | Q(retired_on__gte=models.F("valid_from")),
            ),
        ]

    @property
    def hint(self) -> str:
        return said(self, "hint")

    def holds_on(self, day: date) -> bool:
        """True if the code may be chosen on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.retired_on is None or day < self.retired_on
        )


class Province(models.Model):
    """One of the 81 provinces (ISO 3166-2:TR): its statistical region, its place on the tile map, its centre."""

    code = models.CharField(max_length=6, primary_key=True, help_text="ISO 3166-2, for example TR-06")
    name = models.CharField(max_length=60, unique=True)
    region = models.CharField(max_length=4, help_text="NUTS 1 code, for example TR5")
    tile_row = models.PositiveSmallIntegerField()
    tile_column = models.PositiveSmallIntegerField()
    latitude = models.FloatField(null=True, help_text="Of the province's centre, in degrees north; null until loaded")
    longitude = models.FloatField(null=True, help_text="Of the province's centre, in degrees east; null until loaded")
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["tile_row", "tile_column"],
                name="tile_belongs_to_one_province",
                deferrable=models.Deferrable.DEFERRED,  # two provinces may change places in one load
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Dimension(models.TextChoices):
    """The six dimensions of the ILO operational indicators."""

    DECEPTIVE_RECRUITMENT = "deceptive_recruitment", _("Deceptive recruitment")
    COERCIVE_RECRUITMENT = "coercive_recruitment", _("Coercive recruitment")
    RECRUITMENT_BY_ABUSE = "recruitment_by_abuse_of_vulnerability", _("Recruitment by abuse of vulnerability")
    EXPLOITATION = "exploitation", _("Exploitation")
    COERCION_AT_DESTINATION = "coercion_at_destination", _("Coercion at destination")
    ABUSE_AT_DESTINATION = "abuse_of_vulnerability_at_destination", _("Abuse of vulnerability at destination")


class Weight(models.TextChoices):
    STRONG = "strong", _("strong")
    MEDIUM = "medium", _("medium")
    WEAK = "weak", _("weak")


class Profile(models.TextChoices):
    """Adult or child, labour or sexual exploitation: an indicator weighs differently for each."""

    ADULT_LABOUR = "adult_labour", _("Adult, labour exploitation")
    ADULT_SEXUAL = "adult_sexual", _("Adult, sexual exploitation")
    CHILD_LABOUR = "child_labour", _("Child, labour exploitation")
    CHILD_SEXUAL = "child_sexual", _("Child, sexual exploitation")


class Indicator(Labelled):
    """One sign of trafficking, put as a question to the officer."""

    code = models.CharField(max_length=20, primary_key=True)
    dimension = models.CharField(max_length=60, choices=Dimension.choices)
    question_tr = models.CharField(max_length=500)
    question_en = models.CharField(max_length=500)
    position = models.PositiveIntegerField(default=0)
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["position"]

    @property
    def question(self) -> str:
        return said(self, "question")


class Verification(models.TextChoices):
    """How sure a weight is."""

    PRIMARY = "primary", _("read in the original table")
    SECONDARY = "secondary", _("from a secondary source")
    UNVERIFIED = "unverified", _("not verified")
    DERIVED = "derived", _("derived, not published")


class IndicatorWeight(models.Model):
    """How much an indicator weighs for a profile, and how sure that is."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="weights")
    profile = models.CharField(max_length=20, choices=Profile.choices)
    weight = models.CharField(max_length=10, choices=Weight.choices)
    verification = models.CharField(max_length=20, choices=Verification.choices)
    note_tr = models.CharField(max_length=300, blank=True)
    note_en = models.CharField(max_length=300, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="The first day on which it no longer holds")

    class Meta:
        ordering = ["indicator", "profile", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "profile", "valid_from"], name="weight_is_set_once_a_day_for_a_profile"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.profile} {self.weight}"

    @property
    def note(self) -> str:
        return said(self, "note")

    @property
    def is_sure(self) -> bool:
        """True if a published source was read for this weight."""
        return self.verification in {Verification.PRIMARY, Verification.SECONDARY}


class ClosedDay(Labelled):
    """A day that the public calendar does not know: administrative leave, or a holiday that is worked."""

    day = models.DateField(primary_key=True)
    is_working = models.BooleanField(default=False)
    citation = models.CharField(max_length=300)
    is_verified = models.BooleanField(default=False)
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["day"]


class Provision(models.Model):
    """A rule of law for a span of days. A change of law is a new row; old cases keep the rule of their day."""

    class Kind(models.TextChoices):
        DEADLINE = "deadline", _("Deadline")
        GROUND = "ground", _("Ground")
        RULE = "rule", _("Rule")

    class Unit(models.TextChoices):
        HOURS = "hours", _("hours")
        DAYS = "days", _("days")
        WORKING_DAYS = "working_days", _("working days")
        MONTHS = "months", _("months")
        YEARS = "years", _("years")

    code = models.CharField(max_length=60, help_text="For example reflection_period")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    citation_tr = models.CharField(max_length=300)
    citation_en = models.CharField(max_length=300)
    text_tr = models.TextField()
    text_en = models.TextField()
    amount = models.PositiveIntegerField(null=True, blank=True)
    unit = models.CharField(max_length=15, choices=Unit.choices, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="The first day on which it no longer holds")
    is_verified = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="provision_changes_once_a_day"),
            models.CheckConstraint(
                name="provision_ends_after_it_begins",
                condition=Q(valid_to=None) | Q(valid_to__gt=models.F("valid_from")),
            ),
            models.CheckConstraint(
                name="deadline_has_a_term", condition=~Q(kind="deadline") | (Q(amount__gt=0) & ~Q(unit=""))
            ),
        ]

    def __str__(self) -> str:
        return self.citation

    @property
    def citation(self) -> str:
        return said(self, "citation")

    @property
    def text(self) -> str:
        return said(self, "text")
