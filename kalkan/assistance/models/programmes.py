"""The support programme of a case: information given, needs, goals, services, reviews, and the report that ends it.

Words lie sealed in the vault; here are codes, days, amounts and references. That a programme ends by an approved
report only, and a case after its programme, are triggers of migration 0041.
"""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kalkan.assistance.lifecycle.programmes import BY_CODE, GoalState, NeedLevel, ReportState, Verdict

_USER = settings.AUTH_USER_MODEL


def sealed_text(topic: str) -> models.ForeignKey:
    """A pointer to sealed text of the case's person."""
    return models.ForeignKey(
        "persons.SealedText", null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text=topic
    )


def institution() -> models.ForeignKey:
    """A pointer to the institution that does or owes it."""
    return models.ForeignKey("access.Institution", on_delete=models.PROTECT, related_name="+")


class Recorded(models.Model):
    """What every row of a programme knows of its making."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    recorded_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.reference)


class Programme(Recorded):
    """One support programme, from the consent it rests on to the report that ends it."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="programmes")
    institution = institution()
    officer = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+", help_text="Protection officer")
    consent = models.ForeignKey("persons.Consent", on_delete=models.PROTECT, related_name="+")
    begun_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    ended_by = models.OneToOneField(
        "assistance.EvaluationReport", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-begun_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_on=None), name="case_has_one_running_programme"
            ),
            models.CheckConstraint(
                name="programme_ends_after_it_began", condition=Q(ended_on=None) | Q(ended_on__gte=F("begun_on"))
            ),
            models.CheckConstraint(
                name="programme_ends_by_a_report",
                condition=Q(ended_on=None, ended_by=None) | Q(ended_on__isnull=False, ended_by__isnull=False),
            ),
        ]


class OfProgramme(Recorded):
    """A row that belongs to one programme."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)

    class Meta:
        abstract = True


class InformationGiven(Recorded):
    """That a sheet was explained to the person: which one, in which version and language, and how."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="information")
    sheet = models.CharField(max_length=40, help_text="Name of the sheet, see data/sheets")
    sheet_version = models.CharField(max_length=20)
    language = models.CharField(max_length=8)
    form = models.CharField(max_length=40, help_text="code list `information_form`")
    given_on = models.DateField()

    class Meta:
        ordering = ["-given_on", "-id"]


class NeedsAssessment(OfProgramme):
    """How much help each area of life needs on one day."""

    assessed_on = models.DateField()
    note = sealed_text("What stands behind the levels")

    class Meta:
        ordering = ["assessed_on", "id"]


class NeedScore(models.Model):
    """The level of one area in one assessment."""

    assessment = models.ForeignKey(NeedsAssessment, on_delete=models.PROTECT, related_name="scores")
    area = models.CharField(max_length=40, help_text="code list `need_area`")
    level = models.PositiveSmallIntegerField(choices=NeedLevel.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "area"], name="area_is_scored_once_in_an_assessment"),
            models.CheckConstraint(name="need_is_scored_0_to_4", condition=Q(level__gte=0, level__lte=4)),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.level}"


class Goal(OfProgramme):
    """One goal of the plan: until when, and who answers for it."""

    area = models.CharField(max_length=40, help_text="code list `need_area`")
    wording = sealed_text("The goal in words")
    institution = institution()
    owner = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    set_on = models.DateField()
    target_on = models.DateField()
    state = models.CharField(max_length=10, choices=GoalState.choices, default=GoalState.OPEN)
    settled_on = models.DateField(null=True, blank=True)
    reason = sealed_text("Why it was dropped")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["target_on", "id"]
        constraints = [
            models.CheckConstraint(name="goal_is_due_after_it_is_set", condition=Q(target_on__gte=F("set_on"))),
            models.CheckConstraint(
                name="settled_goal_has_a_day",
                condition=Q(state=GoalState.OPEN, settled_on=None)
                | (~Q(state=GoalState.OPEN) & Q(settled_on__isnull=False)),
            ),
        ]


class ServiceDelivered(OfProgramme):
    """One service: who gave it, from when to when, how much of it, what it cost and what came of it."""

    category = models.CharField(max_length=40, help_text="code list `service_category`")
    institution = institution()
    began_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    quantity = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True, help_text="code list `service_unit`")
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, help_text="code list `currency` (ISO 4217)")
    outcome = models.CharField(max_length=40, blank=True, help_text="code list `service_outcome`")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-began_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="service_ends_after_it_began", condition=Q(ended_on=None) | Q(ended_on__gte=F("began_on"))
            ),
            models.CheckConstraint(
                name="cost_of_a_service_has_a_currency",
                condition=Q(cost=None, currency="") | (Q(cost__gte=0) & ~Q(currency="")),
            ),
            models.CheckConstraint(
                name="quantity_of_a_service_has_a_unit",
                condition=Q(quantity=None, unit="") | (Q(quantity__gt=0) & ~Q(unit="")),
            ),
        ]


class ProgrammeReview(OfProgramme):
    """One look back at plan and needs with the person, and the day of the next one."""

    held_on = models.DateField()
    still_wanted = models.BooleanField(help_text="The person was asked and still wants the support")
    note = sealed_text("What was found")
    next_due_on = models.DateField()

    class Meta:
        ordering = ["-held_on", "-id"]
        constraints = [
            models.CheckConstraint(name="next_review_lies_ahead", condition=Q(next_due_on__gt=F("held_on"))),
        ]


class EvaluationReport(OfProgramme):
    """The document behind ending support and behind extending or cancelling a permit: written by one, approved by
    another (Regulation 29656)."""

    ground = models.CharField(max_length=40, help_text="code list `evaluation_ground`")
    provision = models.ForeignKey("vocabulary.Provision", on_delete=models.PROTECT, related_name="+")
    under_force = models.BooleanField(null=True, help_text="Asked where art. 49 knows the exception")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    reasoning = sealed_text("Reasoning")
    written_on = models.DateField()
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.WRITTEN)
    answered_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_on = models.DateField(null=True, blank=True)
    remark = sealed_text("Why it was returned")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="report_is_not_approved_by_its_author",
                condition=Q(answered_by=None) | ~Q(answered_by=F("recorded_by")),
            ),
            models.CheckConstraint(
                name="answered_report_has_a_hand_and_a_day",
                condition=Q(state=ReportState.WRITTEN, answered_by=None, answered_on=None)
                | (
                    ~Q(state=ReportState.WRITTEN)
                    & Q(answered_by__isnull=False, answered_on__isnull=False, answered_on__gte=F("written_on"))
                ),
            ),
            models.CheckConstraint(
                name="what_was_done_under_force_is_no_ground",
                condition=~Q(ground__in=sorted(code for code, ground in BY_CODE.items() if ground.asks_force))
                | Q(under_force__isnull=False, under_force=False),  # a CHECK lets through what is not known
            ),
            models.CheckConstraint(name="report_has_a_reasoning", condition=Q(reasoning__isnull=False)),
            models.UniqueConstraint(
                fields=["programme"], condition=Q(state=ReportState.WRITTEN), name="programme_has_one_waiting_report"
            ),
        ]
