"""What an officer holds, and giving it to a colleague: before an account closes, or its owner goes away."""

from collections import Counter

from django.db import transaction
from django.db.models import F, QuerySet

from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.audit.events import Event
from kalkan.audit.services import build, record_many
from kalkan.cases import lifecycle, policy
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case


def held_by(owner: User, *, by: User) -> list[tuple[Stage, int]]:
    """How many open cases an account holds, by stage. Reads beyond the reach of `by`, an administrator who sees no
    case: hence counts, and nothing else.
    """
    policy.require(by, Permission.ACCOUNTS_MANAGE)
    with beyond_reach(Task.HAND_OVER):
        counted = Counter(_open(owner).values_list("stage", flat=True))
    return [(stage, counted[stage]) for stage in Stage if counted[stage]]


@transaction.atomic
def hand_over_cases(owner: User, *, to: User, by: User) -> int:
    """Every open case that `owner` holds goes to `to`, whom the caller has checked; returns how many.

    Reads and writes beyond the reach of `by`. Officers who have one of the cases on their screen find that it changed.
    """
    policy.require(by, Permission.ACCOUNTS_MANAGE)
    with beyond_reach(Task.HAND_OVER):
        cases = list(_open(owner).select_for_update().order_by("pk"))
        Case.objects.filter(pk__in=[case.pk for case in cases]).update(assigned_to=to, version=F("version") + 1)
    facts = {"to": str(to.reference), "from": str(owner.reference)}
    record_many([build(Event.CASE_ASSIGNED, case, by=by, facts=facts) for case in cases])
    return len(cases)


def _open(owner: User) -> QuerySet[Case]:
    return Case.objects.filter(assigned_to=owner, stage__in=sorted(lifecycle.OPEN))
