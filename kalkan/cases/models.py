"""Cases and what happened in them. Free text lies sealed in the vault; here are codes, dates and references.

What a CHECK cannot reach, because it looks at another row, is a trigger in migration 0002.
"""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kalkan.cases.assessment import Advice
from kalkan.cases.lifecycle import MOVES, OPEN, Outcome, Stage
from kalkan.cases.papers import CaseAttachment as CaseAttachment
from kalkan.vocabulary.models import Profile

_USER = settings.AUTH_USER_MODEL


def _text(topic: str) -> models.ForeignKey:
    """A pointer to sealed text of the case's person."""
    return models.ForeignKey(
        "persons.SealedText", null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text=topic
    )


def _allowed_moves() -> Q:
    allowed = Q(move="open", source="", target=Stage.SCREENING) | Q(move="import", source="")
    for move in MOVES:
        allowed |= Q(move=move.name, source__in=[str(stage) for stage in move.sources], target=str(move.target))
    return allowed


def _open() -> Q:
    return Q(stage__in=sorted(str(stage) for stage in OPEN))


class CaseNumber(models.Model):
    """The last serial given out in a year and province. Its row lock makes two openings wait for each other."""

    year = models.PositiveSmallIntegerField()
    province = models.CharField(max_length=2, help_text="Last part of the province's code; 00 for the whole country")
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "province"], name="serial_runs_per_year_and_province")]

    def __str__(self) -> str:
        return f"{self.year}-{self.province}-{self.last:06d}"


class Case(models.Model):
    """One person's way through the system, spoken of by number."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    number = models.CharField(max_length=20, unique=True, help_text="Year, province and serial: 2026-06-000123")
    person = models.ForeignKey("persons.Person", on_delete=models.PROTECT, related_name="cases")
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.SCREENING)
    institution = models.ForeignKey(
        "access.Institution", on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the indexes below begin with it
    province = models.ForeignKey(
        "vocabulary.Province", null=True, to_field="code", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    is_child = models.BooleanField(default=False, help_text="The rules for children apply: means are never asked")
    is_with_authority = models.BooleanField(
        default=False, help_text="Referred to, or opened by, the migration authority: its province sees the case"
    )
    is_urgent = models.BooleanField(default=False, help_text="Immediate danger was answered with yes")
    source = models.CharField(max_length=40, default="kalkan", help_text="kalkan, or the imported collection")
    signal = models.CharField(max_length=40, blank=True, help_text="code list `signal`: how the case began")
    is_historic = models.BooleanField(default=False)
    opened_on = models.DateField()
    opened_on_precision = models.CharField(max_length=10, default="day")
    opened_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    assigned_to = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    closing_reason = models.CharField(max_length=40, blank=True, help_text="code list `closing_reason`")
    next_due_on = models.DateField(null=True, blank=True, help_text="The earliest deadline not yet met")
    charged_articles = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, help_text="code list `charged_article`"
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="closed_case_has_a_day_and_a_reason",
                condition=~Q(stage=Stage.CLOSED) | (Q(closed_on__isnull=False) & ~Q(closing_reason="")),
            ),
            models.CheckConstraint(
                name="recognised_case_was_decided",
                condition=~Q(stage__in=[Stage.RECOGNISED, Stage.NOT_RECOGNISED, Stage.PROTECTION])
                | (Q(decided_on__isnull=False) & ~Q(outcome="")),
            ),
        ]
        indexes = [
            # The work list: open cases, the earliest deadline first.
            models.Index(fields=["institution", "next_due_on", "id"], name="case_institution_due", condition=_open()),
            models.Index(fields=["province", "next_due_on", "id"], name="case_province_due", condition=_open()),
            models.Index(fields=["assigned_to", "next_due_on", "id"], name="case_assigned_due", condition=_open()),
            models.Index(fields=["next_due_on", "id"], name="case_due", condition=_open()),
            models.Index(fields=["institution", "-id"], name="case_institution"),
            models.Index(fields=["province", "-id"], name="case_province"),
            models.Index(fields=["source", "opened_on"], name="case_source_opened"),
        ]

    def __str__(self) -> str:
        return self.number


class StageChange(models.Model):
    """One move of one case: who, when, on which day. The database holds the same table of moves as the code."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="stage_changes")
    move = models.CharField(max_length=40)
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20)
    by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    on = models.DateField(help_text="The day on which it happened")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    facts = models.JSONField(default=dict, blank=True, help_text="Codes and references only")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="stage_change_is_a_move_of_the_table", condition=_allowed_moves()),
            models.UniqueConstraint(fields=["case"], condition=Q(source=""), name="case_begins_once"),
        ]
        indexes = [models.Index(fields=["target", "on"], name="stage_change_target_on")]

    def __str__(self) -> str:
        return f"{self.move} {self.case_id}"


class Screening(models.Model):
    """One screening interview and its conclusion."""

    class Conclusion(models.TextChoices):
        SIGNS = "signs", _("Signs of trafficking: go on to the preliminary interview")
        NO_SIGNS = "no_signs", _("No signs of trafficking now")

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="screenings")
    profile = models.CharField(max_length=20, choices=Profile.choices)
    held_on = models.DateField()
    held_at_place = models.CharField(max_length=40, blank=True, help_text="code list `screening_place`")
    conclusion = models.CharField(max_length=10, choices=Conclusion.choices, blank=True)
    advice = models.CharField(max_length=10, choices=Advice.choices, blank=True, help_text="What the signs said")
    concluded_on = models.DateField(null=True)
    dissent = _text("Why the officer concludes otherwise than the signs")
    concluded_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    concluded_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="screening_conclusion_has_an_author",
                condition=Q(conclusion="") | (Q(concluded_by__isnull=False) & Q(concluded_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="departing_from_the_signs_is_explained",
                condition=Q(conclusion="")
                | Q(conclusion="signs", advice__in=["signs", "unclear"])
                | Q(conclusion="no_signs", advice="no_signs")
                | Q(dissent__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(conclusion=""), name="case_has_one_running_screening"
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)


class Said(models.TextChoices):
    """The four answers to a sign."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("Not known")
    OBSERVED = "observed", _("Observed, not said")


class Answer(models.Model):
    """The answer to one indicator or one immediate-danger question."""

    screening = models.ForeignKey(Screening, on_delete=models.CASCADE, related_name="answers")
    question = models.CharField(max_length=40, help_text="Indicator code, or code of list `immediate_danger`")
    said = models.CharField(max_length=10, choices=Said.choices)
    by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(help_text="Version of the screening that this answer made")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["screening", "question"], name="question_is_answered_once")]

    def __str__(self) -> str:
        return f"{self.question} {self.said}"


class Interview(models.Model):
    """A preliminary interview by a frontline body, or an identification interview by the migration authority."""

    class Kind(models.TextChoices):
        PRELIMINARY = "preliminary", _("Preliminary interview")
        IDENTIFICATION = "identification", _("Identification interview")

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="interviews")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    held_on = models.DateField()
    language = models.CharField(max_length=8, blank=True)
    interpreter = models.CharField(max_length=40, blank=True, help_text="code list `interpreter`")
    guardian = models.CharField(max_length=40, blank=True, help_text="code list `guardian`, for a child")
    rights_explained = models.BooleanField(default=False)
    narrative = _text("What the person said")
    by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["held_on", "id"]

    def __str__(self) -> str:
        return str(self.reference)


class Decision(models.Model):
    """A draft by one officer and the decision by another."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="decisions")
    is_child = models.BooleanField(default=False)
    act_found = models.BooleanField(null=True)
    means_found = models.BooleanField(null=True, help_text="Never asked in a child's case (Penal Code art. 80/3)")
    purpose_found = models.BooleanField(null=True)
    proposed = models.CharField(max_length=20, choices=Outcome.choices)
    grounds_codes = ArrayField(models.CharField(max_length=40), default=list, help_text="code list `ground`")
    provision = models.ForeignKey("vocabulary.Provision", on_delete=models.PROTECT, related_name="+")
    grounds = _text("Grounds in words")
    drafted_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    drafted_on = models.DateField()
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    reasons = _text("Reasons of the deciding officer")
    decided_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    decided_on = models.DateField(null=True)
    reconsiders = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="reconsidered_by")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="decision_is_not_made_by_its_drafter",
                condition=Q(decided_by=None) | ~Q(decided_by=F("drafted_by")),
            ),
            models.CheckConstraint(
                name="decision_has_an_outcome_a_day_and_grounds",
                condition=Q(decided_by=None)
                | (~Q(outcome="") & Q(decided_on__isnull=False) & Q(grounds_codes__len__gt=0)),
            ),
            models.CheckConstraint(
                name="child_is_never_asked_for_means", condition=Q(is_child=False) | Q(means_found=None)
            ),
            models.CheckConstraint(
                name="proposed_recognition_finds_every_element",
                condition=~Q(proposed=Outcome.RECOGNISED)
                | (Q(act_found=True, purpose_found=True) & (Q(is_child=True) | Q(means_found=True))),
            ),
            models.CheckConstraint(
                name="draft_proposes_an_outcome",
                condition=Q(proposed__in=[Outcome.RECOGNISED, Outcome.NOT_RECOGNISED]),
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(decided_by=None), name="case_has_one_open_draft"),
        ]

    def __str__(self) -> str:
        return str(self.reference)


class Episode(models.Model):
    """One spell of exploitation: when, in which form, where, by which means, how it began."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="episodes")
    forms = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, help_text="code list `exploitation_form`"
    )
    sub_forms = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    sector = models.CharField(max_length=40, blank=True, help_text="code list `sector` (ISIC sections)")
    means = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="code list `means_of_control`"
    )
    recruitment = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="code list `recruitment`"
    )
    recruiter_relation = models.CharField(max_length=60, blank=True, help_text="code list `relation`")
    countries = ArrayField(models.CharField(max_length=3), default=list, blank=True, help_text="Route, in order")
    province = models.ForeignKey(
        "vocabulary.Province", null=True, blank=True, to_field="code", on_delete=models.PROTECT, related_name="+"
    )
    place = _text("Place in words")
    began_on = models.DateField(null=True, blank=True)
    began_precision = models.CharField(max_length=10, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    ended_precision = models.CharField(max_length=10, blank=True)
    by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="episode_ends_after_it_began",
                # A roughly known date stands at its first day, so only two exact days can be compared.
                condition=Q(began_on=None)
                | Q(ended_on=None)
                | ~Q(began_precision="day", ended_precision="day")
                | Q(ended_on__gte=F("began_on")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)


class AllegedPerpetrator(models.Model):
    """A role in the crime, never an identity: Kalkan is not a database of suspects."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="alleged_perpetrators")
    role = models.CharField(max_length=60, help_text="code list `perpetrator_role`")
    relation = models.CharField(max_length=60, blank=True, help_text="code list `relation`")
    sex = models.CharField(max_length=20, blank=True)
    citizenship = models.CharField(max_length=3, blank=True)
    by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.role


class CaseLink(models.Model):
    """Two cases of one family or one event: one row for the pair, the earlier case first."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links")
    other = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links_from")
    kind = models.CharField(max_length=40, help_text="code list `case_link`")
    by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "other", "kind"], name="cases_are_linked_once"),
            models.CheckConstraint(name="linked_pair_stands_once_in_order", condition=Q(case__lt=F("other"))),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.other_id}"


class Deadline(models.Model):
    """A day by which something must have happened, and the provision that says so."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="deadlines")
    kind = models.CharField(max_length=40, help_text="code of the provision")
    provision = models.ForeignKey("vocabulary.Provision", on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    due_on = models.DateField()
    met_on = models.DateField(null=True, blank=True, help_text="The day on which it stopped running")

    class Meta:
        ordering = ["due_on"]
        constraints = [
            models.UniqueConstraint(fields=["case", "kind"], condition=Q(met_on=None), name="deadline_runs_once"),
            models.CheckConstraint(name="deadline_is_due_after_its_start", condition=Q(due_on__gte=F("starts_on"))),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(met_on=None), name="deadline_open_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_on}"
