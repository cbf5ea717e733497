"""The directory: which institution offers what, to whom, where and when. It is about bodies, never about a person."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kalkan.vocabulary.language import said


def _codes(most: int, code_list: str) -> ArrayField:
    return ArrayField(
        models.CharField(max_length=most), default=list, blank=True, help_text=f"code list `{code_list}`"
    )


class Service(models.Model):
    """What an institution offers. An empty list of whom it accepts accepts everybody.

    Of a shelter neither name, place nor contact stands here, because any of them leads there: a trigger holds that.
    """

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    institution = models.ForeignKey("access.Institution", on_delete=models.PROTECT, related_name="services")
    category = models.CharField(max_length=40, help_text="code list `service_category`")
    name_tr = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)
    description_tr = models.CharField(max_length=1000, blank=True)
    description_en = models.CharField(max_length=1000, blank=True)
    province = models.ForeignKey(
        "vocabulary.Province", null=True, blank=True, to_field="code", on_delete=models.PROTECT, related_name="+",
        help_text="Where it is delivered; null: in the whole country, or a shelter's",
    )  # fmt: skip
    languages = _codes(8, "language")
    sexes = _codes(20, "sex")
    citizenships = _codes(3, "country")
    accessibility = _codes(40, "accessibility")
    age_from = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Years, included")
    age_to = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Years, included")
    is_always_open = models.BooleanField(default=False)
    days = ArrayField(
        models.PositiveSmallIntegerField(), default=list, blank=True, help_text="Days of the week, 1: Monday"
    )
    opens_at = models.TimeField(null=True, blank=True)
    closes_at = models.TimeField(null=True, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True, help_text="Persons at a time; null: not limited")
    cost = models.CharField(max_length=40, default="unknown", help_text="code list `service_cost`")
    address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=40, blank=True, help_text="Of the institution, never of a person")
    email = models.EmailField(blank=True, help_text="Of the institution, never of a person")
    web = models.URLField(blank=True)
    verified_on = models.DateField(help_text="When somebody last made sure that all of this is so")
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    is_invented = models.BooleanField(default=False, help_text="Part of the demonstration")
    changed_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="service_accepts_some_age",
                condition=Q(age_from=None) | Q(age_to=None) | Q(age_to__gte=F("age_from")),
            ),
            models.CheckConstraint(
                name="service_opens_before_it_closes",
                condition=Q(is_always_open=True, opens_at=None, closes_at=None, days=[])
                | Q(is_always_open=False, opens_at=None, closes_at=None, days=[])
                | Q(is_always_open=False, closes_at__gt=F("opens_at"), days__len__gt=0),
            ),
            models.CheckConstraint(
                name="days_of_a_service_are_of_the_week", condition=Q(days__contained_by=[1, 2, 3, 4, 5, 6, 7])
            ),
        ]
        indexes = [models.Index(fields=["category", "id"], name="service_category", condition=Q(is_active=True))]

    def __str__(self) -> str:
        return str(self.reference)

    @property
    def name(self) -> str:
        """The name in the active language; a shelter's service has none."""
        return said(self, "name")

    @property
    def description(self) -> str:
        """The description in the active language."""
        return said(self, "description")
