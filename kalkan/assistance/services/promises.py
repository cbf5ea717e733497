"""Making, keeping and dropping promises. Called by the verbs of every topic, inside their transaction."""

from datetime import date, datetime, time
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from kalkan.access.models import Institution, User
from kalkan.assistance.lifecycle.promises import BY_CODE
from kalkan.assistance.models import Promise
from kalkan.cases.models import Case
from kalkan.vocabulary.models import Provision


def promise(
    case: Case | None,
    kind: str,
    *,
    subject: UUID,
    institution: Institution,
    due_at: datetime,
    owner: User | None = None,
    provision: Provision | None = None,
) -> Promise:
    """`institution` owes what `kind` names by `due_at`. An open promise of that kind on that subject is replaced.

    Only what is owed after the gate can be without a case: then it is of the province of the institution.
    """
    drop(subject, BY_CODE[kind].code)
    now = timezone.now()
    return Promise.objects.create(
        case=case,
        kind=kind,
        subject=subject,
        institution=institution,
        province_id=institution.province_id if case is None else case.province_id,
        owner=owner,
        provision=provision,
        made_at=now,
        due_at=max(due_at, now),
    )


def keep(subject: UUID, kind: str) -> None:
    """What was owed is done. Without an open promise of that kind nothing happens."""
    _open(subject, kind).update(kept_at=timezone.now())


def drop(subject: UUID, *kinds: str) -> None:
    """It is no longer owed: revoked, ended, replaced. Without `kinds`, nothing is owed on that subject any more."""
    _open(subject, *kinds).update(dropped_at=timezone.now())


def end_of(day: date) -> datetime:
    """The moment at which a term whose last day is `day` ends."""
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


def _open(subject: UUID, *kinds: str) -> QuerySet[Promise]:
    rows = Promise.objects.filter(subject=subject, kept_at=None, dropped_at=None)
    return rows.filter(kind__in=kinds) if kinds else rows
