"""Shelters, their beds, and who stays in them. Where a shelter is stands in none of these tables.

What a CHECK cannot reach (a bed out of service) is a trigger, and what two rows may not share (a bed, a person) an
exclusion constraint: migration 0051.
"""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kalkan.assistance.lifecycle.shelters import Part, Severity, Status

_USER = settings.AUTH_USER_MODEL
_ADMITTED = [Status.ADMITTED.value, Status.LEFT.value]


def _codes(code_list: str) -> ArrayField:
    return ArrayField(models.CharField(max_length=40), default=list, blank=True, help_text=f"code list `{code_list}`")


class Shelter(models.Model):
    """What a shelter offers. Spoken of by the code of its institution, never by name or place."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    institution = models.OneToOneField("access.Institution", on_delete=models.PROTECT, related_name="shelter")
    profiles = _codes("shelter_profile")
    is_accessible = models.BooleanField(default=False, help_text="Step-free from the door to a bed")
    residents_per_staff = models.PositiveSmallIntegerField(
        default=8, help_text="At most so many residents for each of the staff on a shift"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["institution__code"]
        constraints = [
            models.CheckConstraint(name="shelter_takes_somebody", condition=Q(profiles__len__gt=0)),
            models.CheckConstraint(name="shelter_has_a_ratio_of_staff", condition=Q(residents_per_staff__gt=0)),
        ]

    def __str__(self) -> str:
        return str(self.institution)


class Bed(models.Model):
    """One bed of one room."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    shelter = models.ForeignKey(Shelter, on_delete=models.PROTECT, related_name="beds")
    room = models.CharField(max_length=12, help_text="As the house counts its rooms")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=40, help_text="code list `bed_kind`")
    retired_on = models.DateField(null=True, help_text="The first day on which it is not there any more")
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["room", "number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["shelter", "room", "number"], name="bed_stands_once_in_its_room"),
        ]

    def __str__(self) -> str:
        return f"{self.room}/{self.number}"


class BedClosure(models.Model):
    """Days on which a bed is out of service, the first included and the last not; open where nobody knows the end."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    bed = models.ForeignKey(Bed, on_delete=models.PROTECT, related_name="closures")
    first_on = models.DateField()
    until_on = models.DateField(null=True, help_text="The first day on which it is in service again")
    reason = models.CharField(max_length=40, help_text="code list `bed_closure`")
    by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["first_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="closure_ends_after_it_begins", condition=Q(until_on=None) | Q(until_on__gte=F("first_on"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)


class Stay(models.Model):
    """A person in a shelter: asked for, waiting, admitted, gone.

    What the staff must know to say yes or no stands here as codes of the day of the request, so that they need to see
    neither case nor person. Two shelters may be asked; a person can be in one (see `BedUse`).
    """

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="stays")
    shelter = models.ForeignKey(Shelter, on_delete=models.PROTECT, related_name="stays", db_index=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.REQUESTED)
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by",
        help_text="The stay elsewhere that ends on the day on which this one begins",
    )  # fmt: skip
    urgency = models.CharField(max_length=40, help_text="code list `stay_urgency`")
    wanted_on = models.DateField()
    sex = models.CharField(max_length=20, help_text="code list `sex`")
    age_band = models.CharField(max_length=20, help_text="code list `age_band`")
    is_child = models.BooleanField(default=False)
    languages = _codes("language")
    children = models.PositiveSmallIntegerField(default=0, help_text="How many children come along")
    needs = _codes("stay_need")
    risks = _codes("stay_risk")
    requested_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    answers = models.JSONField(default=dict, blank=True, help_text="Code of `stay_safety` → yes, no, unknown")
    is_high_risk = models.BooleanField(default=False)
    misfits = ArrayField(models.CharField(max_length=10), default=list, blank=True, help_text="Where it does not fit")
    ground = models.CharField(max_length=40, blank=True, help_text="code list `stay_exception`")
    assessed_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    assessed_at = models.DateTimeField(null=True)
    admitted_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    admitted_on = models.DateField(null=True)
    left_on = models.DateField(null=True, help_text="The first day on which the person is not there any more")
    reason = models.CharField(max_length=40, blank=True, help_text="Why declined, withdrawn or left: by its code list")
    answered_at = models.DateTimeField(null=True, help_text="When the shelter first answered")
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "shelter"],
                condition=Q(status__in=["requested", "waiting"]),
                name="shelter_is_asked_once_for_a_case",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(status="admitted"), name="case_has_one_stay_at_a_time"
            ),
            models.CheckConstraint(
                name="admitted_stay_was_assessed",
                condition=~Q(status__in=_ADMITTED)
                | Q(assessed_by__isnull=False, admitted_by__isnull=False, admitted_on__isnull=False),
            ),
            models.CheckConstraint(
                name="admission_against_the_assessment_has_a_ground_and_two_hands",
                condition=~Q(status__in=_ADMITTED)
                | Q(is_high_risk=False, misfits__len=0)
                | (~Q(ground="") & ~Q(admitted_by=F("assessed_by"))),
            ),
            models.CheckConstraint(
                name="ended_stay_has_a_reason",
                condition=~Q(status__in=["left", "declined", "withdrawn"]) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="stay_ends_after_it_begins",
                condition=Q(left_on=None) | Q(admitted_on__isnull=False, left_on__gte=F("admitted_on")),
            ),
            models.CheckConstraint(
                name="stay_has_left_with_a_day", condition=Q(status="left", left_on__isnull=False) | (
                    ~Q(status="left") & Q(left_on=None)
                ),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["shelter", "status"], name="stay_shelter_status"),
        ]

    def __str__(self) -> str:
        return self.short_reference

    @property
    def short_reference(self) -> str:
        """How shelter and authority speak of a stay; it says nothing of case or person."""
        return self.reference.hex[:8].upper()

    @property
    def is_exception(self) -> bool:
        """True where admitting would go against the assessment."""
        return self.is_high_risk or bool(self.misfits)


class BedUse(models.Model):
    """One person in one bed from one day until another. A stay has one after the other, without a gap.

    No two of one bed, and no two of one person, share a night: `bed_is_given_once` and `person_is_in_one_bed`.
    """

    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="bed_uses")
    bed = models.ForeignKey(Bed, on_delete=models.PROTECT, related_name="uses", db_index=False)
    person = models.ForeignKey("persons.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    first_on = models.DateField()
    until_on = models.DateField(null=True, help_text="The first night in which the bed is free again")

    class Meta:
        ordering = ["first_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="bed_use_ends_after_it_begins", condition=Q(until_on=None) | Q(until_on__gte=F("first_on"))
            ),
            models.UniqueConstraint(fields=["stay"], condition=Q(until_on=None), name="stay_is_in_one_bed"),
        ]
        indexes = [models.Index(fields=["until_on"], name="bed_use_until")]  # the census: who had not left yet

    def __str__(self) -> str:
        return f"{self.stay_id} {self.bed_id}"


class Absence(models.Model):
    """Days or hours in which a resident is away; the bed stays theirs."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="absences")
    is_planned = models.BooleanField()
    reason = models.CharField(max_length=40, help_text="code list `absence_reason`")
    since_on = models.DateField()
    expected_on = models.DateField(null=True)
    returned_on = models.DateField(null=True)
    by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["-since_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["stay"], condition=Q(returned_on=None), name="resident_is_away_once"),
            models.CheckConstraint(
                name="absence_ends_after_it_begins", condition=Q(returned_on=None) | Q(returned_on__gte=F("since_on"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)


class Incident(models.Model):
    """What happened in or around a shelter, in codes. What is told of it is sealed with the person's record."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    shelter = models.ForeignKey(Shelter, on_delete=models.PROTECT, related_name="incidents")
    stay = models.ForeignKey(Stay, null=True, on_delete=models.PROTECT, related_name="incidents")
    kind = models.CharField(max_length=40, help_text="code list `incident_kind`")
    severity = models.CharField(max_length=10, choices=Severity.choices)
    happened_on = models.DateField()
    police_informed = models.BooleanField()
    account = models.ForeignKey(
        "persons.SealedText", null=True, on_delete=models.SET_NULL, related_name="+", help_text="What was found"
    )
    followed_up_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    followed_up_on = models.DateField(null=True)
    by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["-happened_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="follow_up_of_an_incident_is_whole",
                condition=Q(followed_up_by=None, followed_up_on=None)
                | Q(followed_up_by__isnull=False, followed_up_on__isnull=False),
            ),
            models.CheckConstraint(
                name="incident_is_followed_up_after_it_happened",
                condition=Q(followed_up_on=None) | Q(followed_up_on__gte=F("happened_on")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)


class Shift(models.Model):
    """How many of the staff are on one shift of one day."""

    shelter = models.ForeignKey(Shelter, on_delete=models.CASCADE, related_name="shifts")
    day = models.DateField()
    part = models.CharField(max_length=10, choices=Part.choices)
    staff = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["day", "id"]
        constraints = [models.UniqueConstraint(fields=["shelter", "day", "part"], name="shift_is_planned_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.part}"


class CensusDay(models.Model):
    """That the census of a day was taken. From then on its rows stand as they are."""

    day = models.DateField(unique=True)
    taken_at = models.DateTimeField(default=timezone.now)
    residents = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.day}"


class CensusRow(models.Model):
    """One resident in the night of one day. Frozen: a later correction of a stay does not reach it."""

    day = models.ForeignKey(CensusDay, to_field="day", on_delete=models.PROTECT, related_name="rows", db_index=False)
    shelter = models.ForeignKey(Shelter, on_delete=models.PROTECT, related_name="+")
    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="+")
    bed = models.ForeignKey(Bed, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_away = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "stay"], name="resident_is_counted_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day_id} {self.stay_id}"
