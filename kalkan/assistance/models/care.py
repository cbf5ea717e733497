"""What goes with a programme: care notes, companions, interpreters, legal aid, compensation, money, conferences."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from kalkan.assistance.lifecycle.programmes import CareKind
from kalkan.assistance.models.programmes import OfProgramme, Recorded, institution, sealed_text


class CareNote(OfProgramme):
    """A psychosocial or health note: in its own class, read only by those who care for the person."""

    kind = models.CharField(max_length=20, choices=CareKind.choices)
    noted_on = models.DateField()
    words = models.ForeignKey("persons.SealedText", on_delete=models.PROTECT, related_name="+", help_text="The note")

    class Meta:
        ordering = ["-noted_on", "-id"]


class Companion(OfProgramme):
    """A child or relative who came along: supported with the person, never counted as a victim by this row."""

    relation = models.CharField(max_length=40, help_text="code list `companion_relation`")
    sex = models.CharField(max_length=20, blank=True, help_text="code list `sex`")
    age_band = models.CharField(max_length=20, blank=True, help_text="code list `age_band`")
    case = models.ForeignKey(
        "cases.Case", null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Its own case"
    )
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="companion_leaves_after_coming", condition=Q(until=None) | Q(until__gte=F("since"))
            ),
            models.UniqueConstraint(
                fields=["programme", "case"], condition=Q(until=None), name="case_accompanies_a_programme_once"
            ),
        ]


class Interpreter(models.Model):
    """An interpreter, known by the code that the agency gave; no name."""

    code = models.CharField(max_length=20, unique=True)
    agency = models.ForeignKey("access.Institution", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.code


class _Moments(Func):
    function = "tstzrange"
    output_field = DateTimeRangeField()


class Booking(OfProgramme):
    """An interpreter for a time. The database books nobody twice."""

    interpreter = models.ForeignKey(Interpreter, on_delete=models.PROTECT, related_name="bookings")
    language = models.CharField(max_length=8)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-begins_at", "-id"]
        constraints = [
            models.CheckConstraint(name="booking_ends_after_it_begins", condition=Q(ends_at__gt=F("begins_at"))),
            # A range of one number overlaps only with itself: equality without an extension (no btree_gist).
            ExclusionConstraint(
                name="interpreter_is_at_one_place_at_a_time",
                expressions=[
                    (
                        Func(F("interpreter"), F("interpreter"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (_Moments(F("begins_at"), F("ends_at")), RangeOperators.OVERLAPS),
                ],
                condition=Q(cancelled_at=None),
            ),
        ]


class LegalAid(OfProgramme):
    """A lawyer asked for at a bar association."""

    bar = models.ForeignKey("vocabulary.Province", to_field="code", on_delete=models.PROTECT, related_name="+")
    asked_on = models.DateField()
    lawyer = sealed_text("The lawyer")

    class Meta:
        ordering = ["-asked_on", "-id"]


class LegalStep(models.Model):
    """One step of legal aid on its day."""

    legal_aid = models.ForeignKey(LegalAid, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=40, help_text="code list `legal_step`")
    taken_on = models.DateField()

    class Meta:
        ordering = ["taken_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["legal_aid", "step", "taken_on"], name="legal_step_is_recorded_once"),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.taken_on}"


class Compensation(OfProgramme):
    """A claim for compensation, and what came of it."""

    claimed_on = models.DateField()
    claimed = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3, help_text="code list `currency` (ISO 4217)")
    court = sealed_text("The court and its file")
    outcome = models.CharField(max_length=40, blank=True, help_text="code list `compensation_outcome`")
    awarded = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-claimed_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="compensation_is_not_negative", condition=Q(claimed__gt=0) & (Q(awarded=None) | Q(awarded__gte=0))
            ),
            models.CheckConstraint(
                name="decided_compensation_has_a_day_and_an_amount",
                condition=Q(outcome="", decided_on=None, awarded=None)
                | (~Q(outcome="") & Q(decided_on__isnull=False, awarded__isnull=False)),
            ),
            models.CheckConstraint(
                name="compensation_is_decided_after_it_is_claimed",
                condition=Q(decided_on=None) | Q(decided_on__gte=F("claimed_on")),
            ),
        ]


class CashSupport(OfProgramme):
    """Money given for a time, and under which conditions."""

    kind = models.CharField(max_length=40, help_text="code list `cash_kind`")
    amount = models.DecimalField(max_digits=14, decimal_places=2, help_text="Of one payment")
    currency = models.CharField(max_length=3, help_text="code list `currency` (ISO 4217)")
    begins_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    conditions = sealed_text("Conditions that were explained")

    class Meta:
        ordering = ["-begins_on", "-id"]
        constraints = [
            models.CheckConstraint(name="cash_is_more_than_nothing", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="cash_ends_after_it_begins", condition=Q(ends_on=None) | Q(ends_on__gte=F("begins_on"))
            ),
        ]


class Conference(OfProgramme):
    """Institutions at one table about one person."""

    held_on = models.DateField()
    note = sealed_text("What was said")

    class Meta:
        ordering = ["-held_on", "-id"]


class ConferenceSeat(models.Model):
    """An institution that took part."""

    conference = models.ForeignKey(Conference, on_delete=models.PROTECT, related_name="seats")
    institution = institution()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conference", "institution"], name="institution_sits_once_at_a_conference"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conference_id} {self.institution_id}"


class ConferenceDecision(Recorded):
    """What a conference decided: who does it, and by when."""

    conference = models.ForeignKey(Conference, on_delete=models.PROTECT, related_name="decisions")
    wording = sealed_text("The decision in words")
    institution = institution()
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    dropped_on = models.DateField(null=True, blank=True)
    reason = sealed_text("Why it was dropped")

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(name="decision_is_done_or_dropped", condition=Q(done_on=None) | Q(dropped_on=None)),
        ]
