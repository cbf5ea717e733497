"""What a support plan asks of one institution, as far as that institution must know it, and what it answers."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from kalkan.assistance.lifecycle.duties import Answer

_USER = settings.AUTH_USER_MODEL


class Duty(models.Model):
    """The narrow side of a goal or of a conference's decision: area, day (of the promise), asker and answer.

    Whoever owes it sees this row and its promise: no case, no person, no words. One for each promise, so that a goal
    that is opened again is asked for anew. That it is answered once is a trigger of migration 0090.
    """

    promise = models.OneToOneField("assistance.Promise", on_delete=models.PROTECT, related_name="duty")
    goal = models.ForeignKey("assistance.Goal", null=True, on_delete=models.PROTECT, related_name="duties")
    decision = models.ForeignKey(
        "assistance.ConferenceDecision", null=True, on_delete=models.PROTECT, related_name="duties"
    )
    area = models.CharField(max_length=40, blank=True, help_text="code list `need_area`; empty for a decision")
    asked_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+", help_text="Protection officer")
    answer = models.CharField(max_length=10, blank=True, choices=Answer.choices)
    done_on = models.DateField(null=True)
    reason = models.CharField(max_length=40, blank=True, help_text="code list `duty_refusal`")
    answered_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="duty_is_of_a_goal_or_of_a_decision",
                condition=Q(goal__isnull=False, decision=None) | Q(goal=None, decision__isnull=False),
            ),
            models.CheckConstraint(
                name="answered_duty_has_a_hand_and_a_moment",
                condition=Q(answer="", answered_by=None, answered_at=None)
                | (~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="duty_is_done_on_a_day_or_refused_for_a_reason",
                condition=Q(answer="", done_on=None, reason="")
                | Q(answer=Answer.DONE, done_on__isnull=False, reason="")
                | (Q(answer=Answer.CANNOT, done_on=None) & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.promise_id)

    @property
    def is_owed(self) -> bool:
        """True until it is answered, or settled by whoever asked."""
        return not self.answer and self.promise.kept_at is None and self.promise.dropped_at is None
