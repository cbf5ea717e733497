"""The steps of a referral once it is sent: accept, decline, ask, answer, return, complete, withdraw, write."""

from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from kalkan.access.concurrency import claim
from kalkan.access.models import User
from kalkan.access.policy import has
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.lifecycle import referrals as lifecycle
from kalkan.assistance.lifecycle.referrals import ANSWER, ELSEWHERE, FEEDBACK, LIVE, REPLY, Side, why_not
from kalkan.assistance.models import Referral, ReferralMessage, ReferralMove
from kalkan.assistance.policy import referrals as policy
from kalkan.assistance.selectors.referrals import has_account, holds, is_refused
from kalkan.assistance.services import packages
from kalkan.assistance.services.promises import drop, keep
from kalkan.assistance.services.referrals import owe
from kalkan.audit.events import Event
from kalkan.audit.services import build, record, record_many
from kalkan.cases import policy as cases_policy
from kalkan.persons import parcels
from kalkan.persons.models import Consent
from kalkan.vocabulary import selectors as vocabulary

PARTIES = (Permission.REFERRALS_ANSWER, Permission.REFERRALS_SEND)


def accept(reference: UUID, *, by: User, version: int) -> Referral:
    """The receiver takes the person on, and owes a report from now on."""
    return _go(reference, "accept", by=by, version=version)


def decline(reference: UUID, *, by: User, version: int, reason: str) -> Referral:
    """The receiver cannot help; the sender must find somebody else."""
    return _go(reference, "decline", by=by, version=version, reason=reason)


def ask(reference: UUID, *, by: User, version: int, text: str) -> Referral:
    """The receiver asks before it answers; the sender owes the reply."""
    return _go(reference, "ask", by=by, version=version, text=text)


def answer(reference: UUID, *, by: User, version: int, text: str) -> Referral:
    """The sender replies; the receiver's term begins anew."""
    return _go(reference, "answer", by=by, version=version, text=text)


def give_back(reference: UUID, *, by: User, version: int, reason: str) -> Referral:
    """The receiver hands the person back before the work is done."""
    return _go(reference, "return", by=by, version=version, reason=reason)


def complete(reference: UUID, *, by: User, version: int, reason: str, text: str) -> Referral:
    """The receiver is done and reports to the sender: the outcome as a code, and in words."""
    return _go(reference, "complete", by=by, version=version, reason=reason, text=text)


def withdraw(reference: UUID, *, by: User, version: int, reason: str) -> Referral:
    """The sender takes the referral back: the receiver sees nothing of it any more."""
    return _go(reference, "withdraw", by=by, version=version, reason=reason)


@transaction.atomic
def write_note(reference: UUID, *, by: User, text: str) -> ReferralMessage:
    """Either party writes to the other while the referral lives."""
    referral = policy.referrals.fetch(by, lock=True, reference=reference)
    cases_policy.require_any(by, PARTIES)
    if not (answers_for_receiver(by, referral) or policy.is_sender(by, referral)):
        raise why_not("note", "receiver")
    if referral.status not in LIVE:
        raise why_not("note", "live")
    if not holds(referral):
        raise why_not("note", "basis")
    if not text.strip():
        raise why_not("note", "text")
    return _write(referral, ReferralMessage.Kind.NOTE, text.strip(), by=by)


@transaction.atomic
def see_to(reference: UUID, *, by: User) -> Referral:
    """The sender has found other help for whom nobody took on, or it is not needed any more.

    Raises NotPossible where nothing of that kind is owed.
    """
    referral = policy.referrals.fetch(by, lock=True, reference=reference)
    cases_policy.require_any(by, PARTIES)
    if not policy.is_sender(by, referral):
        raise why_not("see_to", "sender")
    if not is_refused(referral):
        raise why_not("see_to", "nothing_owed")

    with beyond_reach(Task.RECEIVING):
        keep(referral.reference, ELSEWHERE)
    record(Event.REFERRAL_MOVED, referral, by=by, facts={"move": "see_to", "status": str(referral.status)})
    return referral


def end_without_consent(consent: Consent | None = None, *, by: User | None) -> list[UUID]:
    """End at once what rests on this consent, or on any, that was withdrawn or has run out. Returns the referrals.

    One pass inside the database, which ends nothing that still holds: called in the transaction of a withdrawal, and
    by the daily clock. Packages are shut to receivers as soon as a consent ends, whether this has run or not.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT referral, move FROM assistance_referrals_end(%s)", [None if consent is None else consent.pk]
        )
        ended = cursor.fetchall()
        record_many([build(Event.REFERRAL_MOVED, referral, by=by, facts={"move": move}) for referral, move in ended])
    return [referral for referral, _move in ended]


def answers_for_receiver(by: User, referral: Referral) -> bool:
    """The receiver's officers answer; for a receiver without an account, the sender writes down what it said."""
    if policy.is_receiver(by, referral):
        return has(by, Permission.REFERRALS_ANSWER)
    return policy.is_sender(by, referral) and not has_account(referral.receiver_id)


def open_moves(referral: Referral, by: User) -> tuple[lifecycle.Move, ...]:
    """The steps that this user can take now, in the order of the table."""
    if not any(has(by, one) for one in PARTIES):
        return ()
    sides = [
        side
        for side, is_theirs in (
            (Side.RECEIVER, answers_for_receiver(by, referral)),
            (Side.SENDER, policy.is_sender(by, referral)),
        )
        if is_theirs
    ]
    is_held = holds(referral)
    found = lifecycle.moves_from(referral.status, *sides)
    return tuple(move for move in found if is_held or "basis" not in move.needs)


@transaction.atomic
def _go(reference: UUID, name: str, *, by: User, version: int, reason: str = "", text: str = "") -> Referral:
    referral = policy.referrals.fetch(by, lock=True, reference=reference)
    cases_policy.require_any(by, PARTIES)
    code_list = lifecycle.REASONS.get(name, "")
    facts = {
        "receiver": answers_for_receiver(by, referral),
        "sender": policy.is_sender(by, referral),
        "basis": holds(referral),
        "reason": bool(reason) and vocabulary.is_known(code_list, reason, on=timezone.localdate()),
        "text": bool(text.strip()),
    }
    move = lifecycle.check(name, status=referral.status, facts=facts)
    claim(referral, version)

    if name in lifecycle.MESSAGES:  # written first: once the referral has ended, its receiver writes no more
        _write(referral, lifecycle.MESSAGES[name], text.strip(), by=by)
    ReferralMove.objects.create(
        referral=referral, move=name, source=referral.status, target=move.target, reason=reason, by=by
    )
    referral.status = move.target
    referral.ended_at = None if move.target in LIVE else timezone.now()
    referral.save(update_fields=["status", "ended_at", "version"])
    _follow_promises(referral, name)
    facts_of_event = {"move": name, "status": str(move.target), **({"reason": reason} if reason else {})}
    record(Event.REFERRAL_MOVED, referral, by=by, facts=facts_of_event)
    return referral


def _follow_promises(referral: Referral, name: str) -> None:
    subject = referral.reference
    with beyond_reach(Task.RECEIVING):
        match name:
            case "accept" | "decline":
                keep(subject, ANSWER)
                drop(subject, REPLY)
            case "ask":
                drop(subject, ANSWER)
            case "answer":
                keep(subject, REPLY)
            case "return" | "complete":
                keep(subject, FEEDBACK)
            case "withdraw":
                drop(subject)
    if name in ("decline", "return"):
        owe(referral, ELSEWHERE, institution=referral.sender, code=ELSEWHERE)
    match name:
        case "accept":
            owe(referral, FEEDBACK, institution=referral.receiver, code=FEEDBACK)
        case "ask":
            owe(referral, REPLY, institution=referral.sender, code=REPLY)
        case "answer":
            owe(referral, ANSWER, institution=referral.receiver, code=ANSWER)
    if referral.ended_at is not None:
        referral.codes.filter(used_at=None, withdrawn_at=None).update(withdrawn_at=referral.ended_at)


def _write(referral: Referral, kind: str, text: str, *, by: User) -> ReferralMessage:
    lock = packages.lock_for(referral, by=by)
    if lock is None:
        raise why_not("note", "basis")
    message = ReferralMessage(referral=referral, kind=kind, by=by)
    message.sealed = parcels.close(lock, packages.place_of(message), text)
    message.save(force_insert=True)
    record(Event.REFERRAL_WRITTEN, referral, lock.person, by=by, facts={"kind": str(kind)})
    return message
