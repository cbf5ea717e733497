"""Handing a person on: one person, one receiver, one basis; the sender sees first what the receiver will see."""

import secrets
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from kalkan.access.concurrency import already_made
from kalkan.access.models import Institution, User
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.lifecycle import packages as tables
from kalkan.assistance.lifecycle.referrals import ANSWER, BEGINNING, ELSEWHERE, REFUSED, Status, why_not
from kalkan.assistance.models import Referral, ReferralMove
from kalkan.assistance.policy import referrals as policy
from kalkan.assistance.selectors.referrals import grounds_of, holds
from kalkan.assistance.services import packages
from kalkan.assistance.services.promises import keep, promise
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy as cases_policy
from kalkan.cases.lifecycle import OPEN
from kalkan.cases.models import Case
from kalkan.persons import parcels
from kalkan.persons import policy as persons_policy
from kalkan.persons import selectors as persons_selectors
from kalkan.persons import services as persons
from kalkan.persons.parcels import Lock
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Provision

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread on paper or misheard on the telephone


class Basis(NamedTuple):
    """What a referral rests on, who receives it, and the fields that it lets through."""

    receiver: Institution
    purpose: str
    parts: tuple[str, ...]
    categories: tuple[str, ...] = ()
    consent: Any = None
    provision: Provision | None = None
    ground: str = ""

    @property
    def cited(self) -> str:
        """As the signed package names it: codes and references."""
        if self.provision is not None:
            return f"law/{self.provision.code}/{self.provision.valid_from.isoformat()}"
        return f"consent/{self.purpose}"


@transaction.atomic
def preview(
    reference: UUID, *, by: User, category: str, need: str, consent: UUID | None, law: str, receiver: UUID | None
) -> tuple[Basis, dict[str, Any]]:
    """What the receiver would see, before anything is sent. Recorded as a revealing. Raises NotPossible."""
    case = cases_policy.cases.fetch(by, own=True, reference=reference)
    policy.require(by, Permission.REFERRALS_SEND)
    _check(case, category=category, need=need)
    basis = _basis(case, by=by, consent=consent, law=law, receiver=receiver)

    persons.reveal_identity(case.person.reference, by=by, purpose="referral")
    return basis, packages.fields_of(case, basis.parts, by=by, need=need.strip(), on=timezone.localdate())


@transaction.atomic
def refer(
    reference: UUID,
    *,
    by: User,
    category: str,
    need: str,
    is_urgent: bool = False,
    consent: UUID | None = None,
    law: str = "",
    receiver: UUID | None = None,
    request_key: UUID | None = None,
) -> Referral:
    """Refer the person of a case to one institution, under a consent that names it or under a provision (its code).

    Under a consent the receiver is the one it names; under a provision `receiver` says who. Raises NotPossible.
    """
    made = already_made(Referral.objects.filter(sent_by=by), request_key)
    if made is not None:
        return made
    case = cases_policy.cases.fetch(by, own=True, reference=reference)
    policy.require(by, Permission.REFERRALS_SEND)
    _check(case, category=category, need=need)
    basis = _basis(case, by=by, consent=consent, law=law, receiver=receiver, lock=True)
    person = persons_policy.persons.fetch(by, lock=True, pk=case.person_id)

    lock = parcels.give_lock(person)
    fields = packages.fields_of(case, basis.parts, by=by, need=need.strip(), on=timezone.localdate())
    row = Referral(case=case, province_id=case.province_id, category=category, is_urgent=is_urgent)
    referral = _send(row, basis, fields, by=by, lock=lock, request_key=request_key)
    facts = {"referral": str(referral.reference), "parts": sorted(fields), "basis": basis.cited}
    record(Event.REFERRAL_SENT, referral, case, person, by=by, facts=facts)
    return referral


@transaction.atomic
def refer_onward(
    reference: UUID,
    *,
    by: User,
    receiver: UUID,
    category: str,
    need: str,
    is_urgent: bool = False,
    request_key: UUID | None = None,
) -> Referral:
    """Refer on what one accepted: no more than one received, and only where the person agreed to this receiver too.

    A referral under a provision goes on under the same provision, to its minimum. Raises NotPossible.
    """
    made = already_made(Referral.objects.filter(sent_by=by), request_key)
    if made is not None:
        return made
    parent = policy.referrals.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.REFERRALS_ANSWER)
    basis, fields, lock = _onward(parent, by=by, receiver=receiver, category=category, need=need)

    row = Referral(
        case_id=parent.case_id,
        province_id=parent.province_id,
        category=category,
        is_urgent=is_urgent,
        onward_of=parent,
    )
    referral = _send(row, basis, fields, by=by, lock=lock, request_key=request_key)
    facts = {"referral": str(referral.reference), "parts": sorted(fields), "onward_of": str(parent.reference)}
    record(Event.REFERRAL_SENT, referral, parent, lock.person, by=by, facts=facts)
    return referral


@transaction.atomic
def preview_onward(
    reference: UUID, *, by: User, receiver: UUID, category: str, need: str
) -> tuple[Basis, dict[str, Any]]:
    """What the further receiver would see, before anything is sent on. Raises NotPossible."""
    parent = policy.referrals.fetch(by, own=True, reference=reference)
    policy.require(by, Permission.REFERRALS_ANSWER)
    basis, fields, _lock = _onward(parent, by=by, receiver=receiver, category=category, need=need)
    return basis, fields


def owe(referral: Referral, kind: str, *, institution: Institution, code: str) -> None:
    """`institution` owes the next step by the term of provision `code`, of its category or urgency."""
    now = timezone.now()
    terms = {row.code: row for row in vocabulary.provisions(on=timezone.localdate(now))}
    urgent = terms.get(f"{code}_urgent") if referral.is_urgent else None
    term = urgent or terms.get(f"{code}_{referral.category}", terms[code])
    # Who acts may see neither the case nor, as the receiver, what the sender owes.
    case = Case(pk=referral.case_id, province_id=referral.province_id)
    with beyond_reach(Task.RECEIVING):
        promise(
            case,
            kind,
            subject=referral.reference,
            institution=institution,
            due_at=calendar.due_at(term, now),
            provision=term,
        )


def spoken(length: int) -> str:
    """Random signs in groups of four, as they stand in a letter."""
    signs = "".join(secrets.choice(ALPHABET) for _sign in range(length))
    return "-".join(signs[start : start + 4] for start in range(0, length, 4))


def _onward(
    parent: Referral, *, by: User, receiver: UUID, category: str, need: str
) -> tuple[Basis, dict[str, Any], Lock]:
    if not policy.is_receiver(by, parent):
        raise why_not("refer_onward", "receiver")
    if not holds(parent):
        raise why_not("refer_onward", "basis")
    if parent.status != Status.ACCEPTED:
        raise why_not("refer_onward", "accepted")
    _check_words("refer_onward", category=category, need=need)
    basis = _onward_basis(parent, _receiver(receiver, by=by))
    lock = packages.lock_for(parent, by=by)
    inside = packages.look_inside(parent, by=by)
    if lock is None or inside is None or not inside.is_genuine:
        raise why_not("refer_onward", "basis")
    known = {part: inside.fields[part] for part in basis.parts if part in inside.fields}
    return basis, known | {"need": need.strip()}, lock


def _send(
    row: Referral, basis: Basis, fields: dict[str, Any], *, by: User, lock: Lock, request_key: UUID | None
) -> Referral:
    row.number = spoken(12)
    row.sender, row.sent_by, row.receiver = by.institution, by, basis.receiver
    row.purpose, row.provision, row.ground = basis.purpose, basis.provision, basis.ground
    row.consent_id, row.request_key = basis.consent, request_key
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as refused:
        if "person_is_referred_once_for_a_service" in str(refused):
            raise why_not("refer", "once") from refused
        raise
    ReferralMove.objects.create(referral=row, move=BEGINNING, target=Status.SENT, by=by)
    packages.close(row, fields, basis=basis.cited, lock=lock)
    owe(row, ANSWER, institution=row.receiver, code=ANSWER)
    before = Referral.objects.filter(case=row.case_id, category=row.category, sender=row.sender_id, status__in=REFUSED)
    for refused_one in before.values_list("reference", flat=True):  # who was refused is being helped again
        keep(refused_one, ELSEWHERE)
    return row


def _check(case: Case, *, category: str, need: str) -> None:
    if case.stage not in OPEN or case.person.is_erased:
        raise why_not("refer", "case")
    _check_words("refer", category=category, need=need)


def _check_words(act: str, *, category: str, need: str) -> None:
    if not vocabulary.is_known("service_category", category, on=timezone.localdate()):
        raise why_not(act, "category")
    if not need.strip():
        raise why_not(act, "need")


def _receiver(reference: UUID | None, *, by: User) -> Institution:
    found = None if reference is None else Institution.objects.filter(reference=reference, is_active=True).first()
    if found is None:
        raise why_not("refer", "receiver_open")
    if found.pk == by.institution_id:
        raise why_not("refer", "not_self")
    return found


def _basis(
    case: Case, *, by: User, consent: UUID | None, law: str, receiver: UUID | None, lock: bool = False
) -> Basis:
    if bool(law) == (consent is not None):
        raise why_not("refer", "one_basis")
    if law:
        return _basis_in_law(case, law, _receiver(receiver, by=by))
    rows = persons_selectors.live_consents(case.person).filter(reference__in=[consent])
    # Locked until the end: a withdrawal of this moment comes before, or after and then ends this referral too.
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.select_related("recipient").first()
    if found is None:
        raise why_not("refer", "consent")
    if found.purpose not in tables.FIELDS:
        raise why_not("refer", "purpose")
    named = _receiver(found.recipient.reference, by=by)
    if receiver is not None and receiver != named.reference:
        raise why_not("refer", "consent")
    parts = tables.allowed(found.purpose, found.categories)
    return Basis(named, found.purpose, parts, tuple(found.categories), consent=found.pk)


def _basis_in_law(case: Case, code: str, receiver: Institution) -> Basis:
    table = tables.LAW.get(code)
    found = {row.code: row for row in vocabulary.provisions(on=timezone.localdate())}.get(code)
    if table is None or found is None:
        raise why_not("refer", "provision")
    if table.ground not in grounds_of(case):
        raise why_not("refer", table.ground)
    return Basis(receiver, table.purpose, tables.allowed_by_law(code), provision=found, ground=table.ground)


def _onward_basis(parent: Referral, receiver: Institution) -> Basis:
    if parent.provision is not None:
        parts = tables.allowed_by_law(parent.provision.code)
        return Basis(receiver, parent.purpose, parts, provision=parent.provision, ground=parent.ground)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, purpose, categories FROM assistance_referral_onward_consent(%s, %s, %s)",
            [parent.pk, receiver.reference, list(tables.FIELDS)],
        )
        found = cursor.fetchone()
    if found is None:
        raise why_not("refer_onward", "consent")
    return Basis(receiver, found[1], tables.allowed(found[1], found[2]), tuple(found[2]), consent=found[0])
