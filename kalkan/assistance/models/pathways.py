"""The needs of a person: several at once, each with its owner and its clock, none of them twice."""

from functools import reduce
from operator import or_
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kalkan.assistance.lifecycle.pathways import LIVE, MOVES, Status

_USER = settings.AUTH_USER_MODEL


def _moves() -> Q:
    each = (Q(move=one.name, source__in=[str(name) for name in one.sources], target=str(one.target)) for one in MOVES)
    return reduce(or_, each)


class Pathway(models.Model):
    """One need of one person, and who takes care of it. Its promise says until when the next step is taken.

    Holds codes and references only: the institution that takes care of it need not see the case.
    """

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="pathways")
    person = models.ForeignKey(
        "persons.Person", on_delete=models.PROTECT, related_name="pathways",
        help_text="That of the case, held so by a trigger: a need is open once, in whichever case",
    )  # fmt: skip
    province = models.ForeignKey(
        "vocabulary.Province", null=True, to_field="code", on_delete=models.PROTECT, related_name="+", db_index=False,
        help_text="That of the case when the need was opened",
    )  # fmt: skip
    need = models.CharField(max_length=40, help_text="code list `need`")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    institution = models.ForeignKey("access.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(
        _USER, null=True, on_delete=models.PROTECT, related_name="+", help_text="Null until somebody takes it up"
    )
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    outcome = models.CharField(max_length=40, blank=True, help_text="code list `pathway_outcome`")
    provision = models.ForeignKey("vocabulary.Provision", null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "need"],
                condition=Q(status__in=[str(one) for one in LIVE]),
                name="person_has_each_need_open_once",
            ),
            models.CheckConstraint(
                name="closed_need_has_a_day_and_an_outcome",
                condition=Q(status=Status.CLOSED, closed_on__gte=F("opened_on")) & ~Q(outcome="")
                | ~Q(status=Status.CLOSED) & Q(closed_on=None, outcome=""),
            ),
            models.CheckConstraint(
                name="need_in_hand_has_an_owner", condition=~Q(status=Status.OPEN) | Q(owner__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["institution", "status"], name="pathway_institution")]

    def __str__(self) -> str:
        return f"{self.need} {self.reference}"

    @property
    def is_live(self) -> bool:
        """True until it is closed."""
        return self.status in LIVE


class PathwayStep(models.Model):
    """One move of one need: who, when, on which day, from whom to whom. Never changed."""

    pathway = models.ForeignKey(Pathway, on_delete=models.PROTECT, related_name="steps")
    move = models.CharField(max_length=20)
    source = models.CharField(max_length=12, blank=True)
    target = models.CharField(max_length=12)
    institution = models.ForeignKey(
        "access.Institution", on_delete=models.PROTECT, related_name="+", help_text="With whom it lies after the move"
    )
    on = models.DateField(help_text="The day on which it happened")
    note = models.ForeignKey("persons.SealedText", null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="pathway_step_is_a_move_of_the_table", condition=_moves()),
        ]

    def __str__(self) -> str:
        return f"{self.move} {self.pathway_id}"
