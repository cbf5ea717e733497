"""What is owed to a person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from kalkan.access.models import User
from kalkan.assistance.lifecycle.promises import GATE
from kalkan.assistance.models import Promise, Reminder
from kalkan.assistance.policy.promises import promises
from kalkan.cases.models import Case
from kalkan.web.doors import Kind, Page


def fill(case: Case, by: User) -> None:
    """One promise of the case's institution, reminded of once; and one about a person whom its gate did not find."""
    promise = Promise.objects.create(
        kind="test", subject=uuid4(), case=case, institution=case.institution, province_id=case.province_id,
        due_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    nobody = Promise.objects.create(
        kind=GATE, subject=uuid4(), institution=case.institution, province_id=case.institution.province_id,
        due_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    Reminder.objects.bulk_create(Reminder(promise=one, days=1) for one in (promise, nobody))


def allowed(user: User) -> dict[type[Any], set[int]]:
    """The promises of the own institution and of the cases that exist, and their reminders."""
    seen = set(promises.visible(user).values_list("pk", flat=True))
    return {Promise: seen, Reminder: set(Reminder.objects.filter(promise__in=seen).values_list("pk", flat=True))}


named: dict[Kind, Callable[[Case, Page], dict[str, Any]]] = {}
reaches: dict[Kind, Callable[[User, Page, bool], bool]] = {}
