"""Break-glass: a record opened beyond one's reach for a short time, seen at once by others, reviewed afterwards."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as jobs

from kalkan.access import policy
from kalkan.access.concurrency import already_made
from kalkan.access.models import Emergency, User
from kalkan.access.roles import MATRIX, Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.audit.services import record
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.calendar import add_working_days
from kalkan.vocabulary.limits import limit


class NotOpened(Exception):
    """The emergency cannot be as asked. Carries a sentence that says why and what to do."""


class Subject(NamedTuple):
    """What an exact number or reference names: the person, the case if it was one, and how people speak of it."""

    person: UUID
    case: UUID | None
    named: str
    is_visible: bool


def open_emergency(
    find: Callable[[], Subject | None], *, by: User, ground: str, request_key: UUID | None = None
) -> Emergency:
    """Open what `find` finds to `by`, to be read until the time of `limits.toml` is over.

    `find` is asked only once it is sure that `by` may open one now. A miss is recorded and counted, because numbers
    can be guessed. Raises NotOpened.
    """
    policy.require(by, Permission.EMERGENCY_OPEN)
    if not vocabulary.is_known("emergency_ground", ground):
        raise NotOpened(_("Choose a ground from the list."))
    with transaction.atomic():
        made = already_made(Emergency.objects.filter(user=by), request_key)
        if made is not None:
            return made
        User.objects.select_for_update().get(pk=by.pk)  # one at a time, so that two cannot both be the last allowed
        _check_limits(by)
        with beyond_reach(Task.EMERGENCY):
            subject = find()
        if subject is not None:
            return _open(subject, by=by, ground=ground, request_key=request_key)
        record(Event.EMERGENCY_MISSED, by=by)
    raise NotOpened(_("There is no such record. Give the whole number, exactly as it was told to you."))


@transaction.atomic
def end_emergency(reference: UUID, *, by: User) -> Emergency:
    """End one's own emergency at once. Ending what has ended already changes nothing."""
    emergency = policy.emergencies.fetch(by, lock=True, reference=reference, user=by)
    if emergency.is_open:
        emergency.ended_at = timezone.now()
        emergency.save(update_fields=["ended_at"])
        record(Event.EMERGENCY_ENDED, *_subjects(emergency), by=by)
    return emergency


@transaction.atomic
def review_emergency(reference: UUID, *, by: User, finding: str) -> Emergency:
    """Say what an emergency that is over was: a code of `emergency_finding`, whose parent is the verdict.

    Raises NotOpened for one that is still open, one's own, or one that was reviewed already.
    """
    policy.require(by, Permission.EMERGENCY_REVIEW)
    emergency = policy.emergencies.fetch(by, lock=True, reference=reference)
    found = next((code for code in vocabulary.codes("emergency_finding") if code.code == finding), None)
    if found is None:
        raise NotOpened(_("Choose a finding from the list."))
    if emergency.reviewed_by_id is not None:
        if (emergency.reviewed_by_id, emergency.finding) == (by.pk, finding):  # the other half of a double click
            return emergency
        raise NotOpened(_("This emergency was reviewed already. A review is not changed."))
    if emergency.is_open:
        raise NotOpened(_("This emergency is still open. Review it when it is over."))
    if emergency.user_id == by.pk:
        raise NotOpened(_("Nobody reviews an emergency of their own."))

    emergency.reviewed_by, emergency.reviewed_at = by, timezone.now()
    emergency.finding, emergency.verdict = finding, Emergency.Verdict(found.parent)
    emergency.save(update_fields=["reviewed_by", "reviewed_at", "finding", "verdict"])
    facts = {"verdict": str(emergency.verdict), "finding": finding}
    record(Event.EMERGENCY_REVIEWED, *_subjects(emergency), by=by, facts=facts)
    return emergency


def unreviewed(user: User) -> QuerySet[Emergency]:
    """The emergencies of others that `user` reviews or watches and that nobody reviewed yet, the oldest first."""
    rows = policy.emergencies.visible(user).filter(reviewed_by=None).exclude(user=user)
    if not (policy.has(user, Permission.EMERGENCY_REVIEW) or policy.has(user, Permission.EMERGENCY_WATCH)):
        rows = rows.none()
    return rows.select_related("user__institution").order_by("review_due_on", "id")


def told(emergency: Emergency) -> QuerySet[User]:
    """Who is told at once: every data protection officer, and the supervisors of whoever opened it.

    Supervisors are those of the opener's province; where there are none, those of the whole country.
    """
    reviewers = [role for role, (_scope, held) in MATRIX.items() if Permission.EMERGENCY_REVIEW in held]
    watchers = [role for role, (_scope, held) in MATRIX.items() if Permission.EMERGENCY_WATCH in held]
    others = User.objects.filter(is_active=True).exclude(pk=emergency.user_id)
    province = emergency.user.institution.province_id
    near = others.filter(role__in=watchers, institution__province=province, institution__province__isnull=False)
    if not near.exists():
        near = others.filter(role__in=watchers, institution__province=None)
    return (others.filter(role__in=reviewers) | near).order_by("pk")


def _open(subject: Subject, *, by: User, ground: str, request_key: UUID | None) -> Emergency:
    if subject.is_visible:
        raise NotOpened(_("This record is open to you already: look for it in the ordinary way."))
    now = timezone.now()
    emergency = Emergency.objects.create(
        user=by,
        person=subject.person,
        case=subject.case,
        named=subject.named,
        ground=ground,
        opened_at=now,
        ends_at=now + timedelta(minutes=limit("emergency_minutes").value),
        review_due_on=add_working_days(timezone.localdate(now), limit("emergency_review").value),
        request_key=request_key,
    )
    policy.open_emergencies(by)  # from here on the log names it
    facts = {"ground": ground, "until": emergency.ends_at.isoformat()}
    record(Event.EMERGENCY_OPENED, *_subjects(emergency), by=by, facts=facts)
    # The job lies in this transaction: it runs once the emergency is committed, and is tried again where mail fails.
    with beyond_reach(Task.QUEUE):
        jobs.configure_task("access.tell", allow_unknown=True).defer(reference=str(emergency.reference))
    return emergency


def _check_limits(by: User) -> None:
    since = timezone.now() - timedelta(hours=1)
    with beyond_reach(Task.EMERGENCY):
        misses = AuditEvent.objects.filter(actor=by, action=Event.EMERGENCY_MISSED, at__gt=since).count()
    if misses >= limit("emergency_misses").value:
        raise NotOpened(_("Too many wrong numbers within an hour. Call the institution that has the record."))
    if len(policy.open_emergencies(by)) >= limit("emergency_at_once").value:
        raise NotOpened(_("You hold as many emergencies open as one person may. End one first."))


def _subjects(emergency: Emergency) -> list[UUID]:
    return [one for one in (emergency.case, emergency.person, emergency.reference) if one is not None]
