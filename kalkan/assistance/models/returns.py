"""Voluntary and safe return: the plan with its steps, and how the person fared afterwards."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kalkan.assistance.lifecycle.returns import FOLLOW_UP_MONTHS, OPEN, Risk, Stage

_USER = settings.AUTH_USER_MODEL
_DECIDED = [
    str(stage) for stage in (Stage.DECIDED, Stage.APPROVED, Stage.DEPARTED, Stage.FOLLOWED_UP, Stage.COMPLETED)
]
_APPROVED = _DECIDED[1:]
_GONE = _DECIDED[2:]


def _text(topic: str) -> models.ForeignKey:
    """A pointer to sealed text of the case's person."""
    return models.ForeignKey(
        "persons.SealedText", null=True, on_delete=models.PROTECT, related_name="+", help_text=topic
    )


def _officer(*, null: bool = True) -> models.ForeignKey:
    return models.ForeignKey(_USER, null=null, on_delete=models.PROTECT, related_name="+")


class ReturnPlan(models.Model):
    """One return, from the offer to the last follow-up. Planned by one officer, approved by another."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="returns")
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.OFFERED)
    moment = models.CharField(max_length=40, help_text="code list `return_moment`")
    provision = models.ForeignKey("vocabulary.Provision", on_delete=models.PROTECT, related_name="+")
    offered_on = models.DateField()
    offered_by = _officer(null=False)
    destination = models.CharField(max_length=3, blank=True, help_text="code list `country`")
    risks = ArrayField(models.CharField(max_length=40), default=list, help_text="code list `return_risk`: found")
    risks_unknown = ArrayField(models.CharField(max_length=40), default=list, help_text="… and what nobody knows yet")
    risk = models.CharField(max_length=10, choices=Risk.choices, blank=True)
    risk_note = _text("What the risks are and how they are met")
    assessed_on = models.DateField(null=True)
    assessed_by = _officer()
    language = models.CharField(max_length=8, blank=True, help_text="code list `language`: of the information given")
    decided_on = models.DateField(null=True, help_text="The day on which the person decided to return")
    decision_recorded_by = _officer()
    cooling_off = models.ForeignKey("vocabulary.Provision", null=True, on_delete=models.PROTECT, related_name="+")
    cooling_off_until = models.DateField(null=True, help_text="The last day of thinking it over")
    papers = models.CharField(max_length=40, blank=True, help_text="code list `return_papers`: ready")
    escort = models.CharField(max_length=40, blank=True, help_text="code list `return_escort`")
    receiver = models.ForeignKey("access.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    receiver_words = _text("Who receives the person, where that is no institution of the list")
    arranged_by = _officer()
    approved_on = models.DateField(null=True)
    approved_by = _officer()
    approval_ground = _text("Why a return of high risk is approved")
    departed_on = models.DateField(null=True)
    arrived_on = models.DateField(null=True, help_text="The day on which the arrival was confirmed")
    ended_on = models.DateField(null=True, help_text="Declined, withdrawn or completed")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(stage__in=sorted(str(stage) for stage in OPEN)),
                name="case_has_one_open_return",
            ),
            models.CheckConstraint(
                name="return_is_approved_by_another_officer",
                condition=Q(approved_by=None)
                | (
                    ~Q(approved_by=F("offered_by"))
                    & ~Q(approved_by=F("assessed_by"))
                    & ~Q(approved_by=F("decision_recorded_by"))
                    & ~Q(approved_by=F("arranged_by"))
                ),
            ),
            models.CheckConstraint(
                name="decided_return_was_assessed_and_informed",
                condition=~Q(stage__in=_DECIDED)
                | (
                    ~Q(risk="")
                    & ~Q(destination="")
                    & ~Q(language="")
                    & Q(
                        assessed_by__isnull=False,
                        decided_on__isnull=False,
                        decision_recorded_by__isnull=False,
                        cooling_off_until__isnull=False,
                    )
                ),
            ),
            models.CheckConstraint(
                name="approved_return_is_arranged",
                condition=~Q(stage__in=_APPROVED)
                | (
                    Q(approved_by__isnull=False, approved_on__isnull=False, arranged_by__isnull=False)
                    & ~Q(papers="")
                    & ~Q(escort="")
                    & (Q(receiver__isnull=False) | Q(receiver_words__isnull=False))
                ),
            ),
            models.CheckConstraint(
                name="return_of_high_risk_has_a_ground",
                condition=~Q(risk=Risk.HIGH) | Q(approved_by=None) | Q(approval_ground__isnull=False),
            ),
            models.CheckConstraint(
                name="return_waits_until_it_was_thought_over",
                condition=Q(approved_on=None) | Q(approved_on__gt=F("cooling_off_until")),
            ),
            models.CheckConstraint(
                name="departed_return_was_approved_before",
                condition=Q(departed_on=None) | Q(departed_on__gte=F("approved_on")),
            ),
            models.CheckConstraint(
                name="departed_return_has_a_day", condition=~Q(stage__in=_GONE) | Q(departed_on__isnull=False)
            ),
            models.CheckConstraint(
                name="arrival_follows_the_departure",
                condition=Q(arrived_on=None) | Q(departed_on__isnull=False, arrived_on__gte=F("departed_on")),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.reference)

    @property
    def is_arranged(self) -> bool:
        """True once papers, escort and receiver are known."""
        return bool(self.papers and self.escort and (self.receiver_id or self.receiver_words_id))


class ReturnFollowUp(models.Model):
    """How the person fares so many months after the departure."""

    plan = models.ForeignKey(ReturnPlan, on_delete=models.PROTECT, related_name="follow_ups")
    months = models.PositiveSmallIntegerField()
    held_on = models.DateField()
    contact = models.CharField(max_length=40, help_text="code list `return_contact`")
    outcome = models.CharField(max_length=40, help_text="code list `return_outcome`")
    note = _text("What was learnt")
    by = _officer(null=False)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["months"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "months"], name="follow_up_is_recorded_once"),
            models.CheckConstraint(
                name="follow_up_is_after_1_3_6_or_12_months", condition=Q(months__in=list(FOLLOW_UP_MONTHS))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.months}"
