"""Erasing a person everywhere: asked for by one officer, carried out by another, proven and never undone.

What other rooms hold of a person they remove themselves: each module named in `settings.ERASERS` has `TABLES` (the
tables it answers for), `hindrance(person)` (a sentence, or nothing) and `erase(person)` (a `Part`).
"""

from collections.abc import Iterable
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from kalkan.access.concurrency import already_made
from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.persons import ledger, policy
from kalkan.persons.models import Erasure, LegalHold, Person, PossibleSame
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Provision

KEPT_UNDER = "kept_after_erasure"  # the provision by which a case's skeleton stays
GROUNDS = "erasure_"  # how the codes of provisions begin that allow to erase
TABLES = frozenset(
    {
        *("persons_person", "persons_holding", "persons_personname", "persons_identitydocument"),
        *("persons_contactpoint", "persons_sealedtext", "persons_consent", "persons_possiblesame"),
        *("persons_attachment", "persons_attachmentcontent"),
    }
)


class NotErasable(Exception):
    """The person cannot be erased now, or not by this officer. Carries a sentence."""


class Part(NamedTuple):
    """What one room removed, what it keeps under `KEPT_UNDER`, and the references by which jobs may know it."""

    removed: dict[str, int]
    kept: dict[str, int]
    references: tuple[UUID, ...] = ()


class Outlook(NamedTuple):
    """What erasing would do, told beforehand: nothing of it is done."""

    removed: dict[str, int]
    kept: dict[str, Any]
    hindrances: list[str]
    same_persons: list[UUID]


def grounds() -> list[Provision]:
    """The provisions that allow to erase, as they hold today."""
    today = timezone.localdate()
    return [row for row in vocabulary.provisions(on=today) if row.code.startswith(GROUNDS)]


def hindrances(person: Person) -> list[str]:
    """Why the person cannot be erased now, in sentences; none where nothing stands in the way."""
    found = []
    if LegalHold.objects.filter(person=person.reference, lifted_at=None).exists():
        found.append(_("A legal hold stands: what is recorded must not be destroyed until it is lifted."))
    return [*found, *filter(None, (room.hindrance(person) for room in _rooms()))]


@beyond_reach(Task.ERASURE)
@transaction.atomic
def foresee(reference: UUID, *, by: User) -> Outlook:
    """What erasing this person would remove and keep, and what stands in the way. Recorded as a look, undone."""
    policy.erasable.require(by, Permission.PERSONS_ERASE)
    person = policy.erasable.fetch(by, lock=True, reference=reference)
    same = _judged_same(person)
    found = hindrances(person)
    if person.erased_at is not None:
        return Outlook({}, {}, [_("This person was erased already.")], same)
    with transaction.atomic():
        removed, kept = _remove(person)
        transaction.set_rollback(True)
    record(Event.PERSON_VIEWED, reference, by=by, facts={"list": "erasure"})
    return Outlook(removed, kept, found, same)


@beyond_reach(Task.ERASURE)
@transaction.atomic
def ask(reference: UUID, *, by: User, ground: str, request_key: UUID | None = None) -> Erasure:
    """Ask that a person be erased; another officer carries it out. Raises NotErasable."""
    policy.erasable.require(by, Permission.PERSONS_ERASE)
    made = already_made(Erasure.objects.filter(requested_by=by), request_key)
    if made is not None:
        return made
    person = policy.erasable.fetch(by, lock=True, reference=reference)
    _check(person, ground)
    if Erasure.objects.filter(person=reference, carried_out_at=None, withdrawn_at=None).exists():
        raise NotErasable(_("Erasing this person was asked for already. Another officer can carry it out."))

    erasure = Erasure.objects.create(person=reference, ground=ground, requested_by=by, request_key=request_key)
    record(Event.ERASURE_ASKED, person, by=by, facts={"erasure": str(erasure.reference), "ground": ground})
    return erasure


@transaction.atomic
def withdraw(reference: UUID, *, by: User) -> Erasure:
    """Do not erase after all: either of the two officers can say so. Saying it again changes nothing."""
    erasure = policy.erasures.fetch(by, lock=True, reference=reference)
    policy.erasures.require(by, Permission.PERSONS_ERASE)
    if erasure.carried_out_at is not None:
        raise NotErasable(_("This person was erased already."))
    if erasure.withdrawn_at is None:
        erasure.withdrawn_at = timezone.now()
        erasure.save(update_fields=["withdrawn_at"])
        record(Event.ERASURE_WITHDRAWN, erasure.person, by=by, facts={"erasure": str(reference)})
    return erasure


@beyond_reach(Task.ERASURE)
@transaction.atomic
def carry_out(reference: UUID, *, by: User) -> Erasure:
    """Erase, as another officer asked. Nothing brings the person back. Doing it again changes nothing.

    Raises NotErasable.
    """
    erasure = policy.erasures.fetch(by, lock=True, reference=reference)
    policy.erasures.require(by, Permission.PERSONS_ERASE)
    if erasure.carried_out_at is not None:
        return erasure
    if erasure.withdrawn_at is not None:
        raise NotErasable(_("This request was taken back."))
    if erasure.requested_by_id == by.pk:
        raise NotErasable(_("Two officers erase together: somebody else than who asked for it carries it out."))
    person = policy.erasable.fetch(by, lock=True, reference=erasure.person)
    _check(person, erasure.ground)

    erasure.carried_out_by = by
    return _carry_out(erasure, person)


@beyond_reach(Task.ERASURE)
@transaction.atomic
def carry_out_rule(reference: UUID, *, rule: str, ground: str) -> Erasure:
    """Erase because a retention rule says so; nobody asks, the rule was made beforehand. Raises NotErasable."""
    person = Person.objects.select_for_update().get(reference=reference)
    _check(person, ground, is_rule=True)
    erasure = Erasure.objects.filter(person=reference, carried_out_at=None, withdrawn_at=None).first()
    erasure = erasure or Erasure(person=reference)
    erasure.ground, erasure.rule = ground, rule
    return _carry_out(erasure, person)


@beyond_reach(Task.ERASURE)
def reapply(known: Iterable[ledger.Entry]) -> list[UUID]:
    """Carry out again what the ledger says and this database does not know: after a backup was restored, or after a
    crash between the two. Holds and open cases of the older state do not stand in the way. Returns the persons.
    """
    done = []
    for entry in known:
        with transaction.atomic():
            person = Person.objects.select_for_update().filter(reference=entry.person, erased_at=None).first()
            erasure = Erasure.objects.filter(proof=entry.proof).first()
            if person is None and erasure is not None:
                continue
            if person is not None:
                _remove(person)
                done.append(entry.person)
            if erasure is None:
                _write_down(entry)
            record(Event.PERSON_ERASED, entry.person, by=None, facts={"again": True, "proof": entry.proof})
    return done


def _carry_out(erasure: Erasure, person: Person) -> Erasure:
    removed, kept = _remove(person)
    moment = timezone.now()
    entry = ledger.add(
        {
            "erasure": str(erasure.reference),
            "person": str(person.reference),
            "at": moment.isoformat(),
            "ground": erasure.ground,
            "rule": erasure.rule,
            "requested_by": _who(erasure.requested_by),
            "carried_out_by": _who(erasure.carried_out_by),
            "removed": removed,
            "kept": kept,
        }
    )
    erasure.carried_out_at, erasure.removed, erasure.kept, erasure.proof = moment, removed, kept, entry.proof
    erasure.save()
    facts = {"erasure": str(erasure.reference), "ground": erasure.ground, "rule": erasure.rule, "proof": entry.proof}
    record(Event.PERSON_ERASED, person.reference, by=erasure.carried_out_by, facts={**facts, "removed": removed})
    return erasure


def _remove(person: Person) -> tuple[dict[str, int], dict[str, Any]]:
    """Take everything away that says who the person is; a person without a case goes wholly."""
    removed: dict[str, int] = {}
    kept: dict[str, int] = {}
    references = [person.reference, *person.texts.values_list("reference", flat=True)]
    for room in _rooms():
        part: Part = room.erase(person)
        removed |= part.removed
        kept |= part.kept
        references += part.references
    removed |= {
        "data_key": int(person.wrapped_key is not None),
        "birth": int(person.birth is not None),
        "search_keys": len(person.blind_keys),
        "names": person.names.all().delete()[0],
        "documents": person.documents.all().delete()[0],
        "contacts": person.contact_points.all().delete()[0],
        "texts": person.texts.update(sealed=b""),  # decisions point to them and are never altered: the words go
        "files": person.attachments.filter(removed_at=None).update(removed_at=timezone.now(), removal_reason="erased"),
        "matches": _forget_matches(person, keeps_same=bool(kept)),
        "jobs": _forget_jobs(references),
    }
    consents = person.consents.count()
    if kept:
        # Who held the person is who led the case: without it the skeleton would be nobody's to see.
        kept |= {"holdings": person.holdings.count(), **({"consents": consents} if consents else {})}
        _leave_a_skeleton(person)
    else:
        removed |= {"consents": consents, "holdings": person.holdings.count()}
        person.delete()
    provision = vocabulary.provision(KEPT_UNDER, on=timezone.localdate()) if kept else None
    under = f"{provision.code}/{provision.valid_from.isoformat()}" if provision else ""
    return (
        {kind: number for kind, number in removed.items() if number},
        {kind: {"number": number, "provision": under} for kind, number in kept.items()},
    )


def _leave_a_skeleton(person: Person) -> None:
    """Sex, age band and citizenship stay, as official statistics count them; nothing else that describes anyone."""
    person.wrapped_key, person.birth, person.blind_keys = None, None, []
    person.gender, person.languages, person.contact_rule = "", [], ""
    person.needs_interpreter, person.may_be_called, person.request_key = None, None, None
    person.erased_at = timezone.now()
    person.version += 1
    person.save()


def _forget_matches(person: Person, *, keeps_same: bool) -> int:
    """Pairs with others. That two records were one person stays, for it counts once; why it was so does not."""
    pairs = PossibleSame.objects.filter(Q(person=person) | Q(other=person))
    if keeps_same:
        same = pairs.filter(verdict=PossibleSame.Verdict.SAME)
        same.update(reasons=[], score=0)
        pairs = pairs.exclude(verdict=PossibleSame.Verdict.SAME)
    return pairs.delete()[0]


def _judged_same(person: Person) -> list[UUID]:
    """Other records that were judged to be the same person and are not erased: they want a request of their own."""
    pairs = PossibleSame.objects.filter(verdict=PossibleSame.Verdict.SAME)
    others = Q(pk__in=pairs.filter(person=person).values("other")) | Q(
        pk__in=pairs.filter(other=person).values("person")
    )
    return list(Person.objects.filter(others, erased_at=None).order_by("pk").values_list("reference", flat=True))


def _forget_jobs(references: Iterable[UUID]) -> int:
    with connection.cursor() as cursor:
        patterns = [f"%{reference}%" for reference in references]
        cursor.execute("DELETE FROM procrastinate_jobs WHERE args::text LIKE ANY (%s)", [patterns])
        return cursor.rowcount


def _write_down(entry: ledger.Entry) -> None:
    """The proof of an erasure that this database has forgotten, as the ledger has it."""
    said = {
        "ground": entry.ground,
        "rule": entry.rule,
        "requested_by": _officer(entry.requested_by),
        "carried_out_by": _officer(entry.carried_out_by),
        "carried_out_at": parse_datetime(entry.at),
        "removed": entry.removed,
        "kept": entry.kept,
        "proof": entry.proof,
        "reapplied_at": timezone.now(),
    }
    if said["requested_by"] is None or said["carried_out_by"] is None:
        said["rule"] = said["rule"] or "ledger"  # an account younger than the backup
    Erasure.objects.filter(person=entry.person, carried_out_at=None, withdrawn_at=None).exclude(
        reference=entry.erasure
    ).update(withdrawn_at=timezone.now())
    if not Erasure.objects.filter(person=entry.person, carried_out_at__isnull=False).exists():
        Erasure.objects.update_or_create(reference=entry.erasure, defaults={"person": entry.person, **said})


def _officer(reference: str) -> User | None:
    return User.objects.filter(reference=reference).first() if reference else None


def _who(user: User | None) -> str:
    return str(user.reference) if user else ""


def _check(person: Person, ground: str, *, is_rule: bool = False) -> None:
    if person.erased_at is not None:
        raise NotErasable(_("This person was erased already."))
    if not is_rule and ground not in {row.code for row in grounds()}:
        raise NotErasable(_("Choose the ground on which the person is to be erased."))
    for sentence in hindrances(person):
        raise NotErasable(sentence)


def _rooms() -> list[ModuleType]:
    return [import_module(name) for name in settings.ERASERS]
