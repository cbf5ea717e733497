"""What people do with persons: record, correct, hold, reveal, write and read sealed text, consent, judge matches."""

from collections.abc import Collection
from datetime import date
from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access.concurrency import already_made, claim
from kalkan.access.models import Institution, User
from kalkan.access.roles import InstitutionKind, Permission
from kalkan.access.sensitivity import Act, Sensitivity
from kalkan.access.sensitivity import require as require_for
from kalkan.access.session import Task, beyond_reach
from kalkan.audit.events import Event
from kalkan.audit.services import build, record, record_many
from kalkan.persons import blind, codes, keyring, policy, sealing, selectors
from kalkan.persons import details as rules
from kalkan.persons.details import NotValid, PersonDetails, Problem
from kalkan.persons.models import (
    Consent,
    ContactPoint,
    Holding,
    IdentityDocument,
    Person,
    PersonName,
    PossibleSame,
    SealedText,
)
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Province

MOST_MATCHES = 10


def record_person(
    details: PersonDetails,
    *,
    by: User,
    met_on: date | None = None,
    source: str = "kalkan",
    request_key: UUID | None = None,
) -> Person:
    """Record a person, held by the recorder's institution, and note who may be the same among all persons.

    Age and minority are reckoned for `met_on`, the day on which the person was met; today unless told otherwise.
    The same `request_key` gives the person that the first submission made. Raises NotValid.
    """
    require_for(by, Act.EDIT, Sensitivity.IDENTITY)
    return enter_person(
        details, by=by, institution=by.institution, source=source, met_on=met_on, request_key=request_key
    )


@transaction.atomic
def enter_person(
    details: PersonDetails,
    *,
    by: User,
    institution: Institution,
    source: str,
    met_on: date | None = None,
    request_key: UUID | None = None,
) -> Person:
    """What `record_person` does, for callers that asked for a permission of their own. Raises NotValid."""
    made = already_made(Person.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    _check(details)
    _one_at_a_time(details)
    person = Person(source=source, recorded_by=by, request_key=request_key, met_on=met_on or timezone.localdate())
    rows = sealing.put(person, details, on=person.met_on)

    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        made = already_made(Person.objects.filter(recorded_by=by), request_key)  # the other half of a double click
        if made is None:
            raise
        return made
    _save(rows)
    record(Event.PERSON_CREATED, person, by=by, facts={"source": source})
    hold_person(person, institution=institution, province=None, by=by)  # a province comes with a referral
    _note_matches(person, details, by=by)
    return person


def change_person(reference: UUID, details: PersonDetails, *, by: User, version: int) -> Person:
    """Replace what is recorded of a person, seen at `version`. Raises NotValid, and Changed if somebody was faster."""
    policy.persons.fetch(by, own=True, reference=reference)
    require_for(by, Act.EDIT, Sensitivity.IDENTITY)
    return rewrite_person(reference, details, by=by, version=version)


@transaction.atomic
def rewrite_person(reference: UUID, details: PersonDetails, *, by: User, version: int) -> Person:
    """What `change_person` does, for callers that asked for a permission of their own."""
    _check(details)
    _one_at_a_time(details)
    person = policy.persons.fetch(by, lock=True, reference=reference)
    claim(person, version)
    before = identity_of(person)

    _clear(person)
    rows = sealing.put(person, details, on=person.met_on)
    person.save()
    _save(rows)
    changed = [part for part in PersonDetails.__dataclass_fields__ if getattr(before, part) != getattr(details, part)]
    record(Event.PERSON_CHANGED, person, by=by, facts={"parts": changed})
    _note_matches(person, details, by=by)
    return person


@transaction.atomic
def hold_person(person: Person, *, institution: Institution, province: Province | None, by: User) -> Holding:
    """The person belongs to the work of this institution and province from now on; once is enough."""
    with beyond_reach(Task.HANDING_ON):
        holding, is_new = Holding.objects.get_or_create(person=person, institution=institution, province=province)
    if is_new:
        facts: dict[str, str | None] = {"held_by": str(institution.reference)}
        if institution.kind != InstitutionKind.SHELTER:  # the log must not tell where a shelter is
            facts["province"] = holding.province_id
        record(Event.PERSON_CHANGED, person, by=by, facts=facts)
    return holding


@transaction.atomic
def reveal_identity(reference: UUID, *, by: User, purpose: str) -> PersonDetails:
    """Who the person is, for a purpose of code list `reveal_purpose`. Raises vault.Erased where nobody can say."""
    person = policy.persons.fetch(by, reference=reference)
    require_for(by, Act.VIEW, Sensitivity.IDENTITY)
    require_for(by, Act.VIEW, Sensitivity.CONTACT)
    _require_purpose(purpose)
    record(Event.IDENTITY_REVEALED, person, by=by, facts={"purpose": purpose})
    return identity_of(person)


@transaction.atomic
def seal_text(person: Person, topic: str, text: str, *, by: User) -> SealedText:
    """Keep free text about a person under that person's key; only the reference of the row leaves the vault."""
    locked = policy.persons.fetch(by, lock=True, pk=person.pk)
    sealed = _seal(locked, topic, text, by=by)
    person.wrapped_key, person.key_version = locked.wrapped_key, locked.key_version
    return sealed


@transaction.atomic
def enter_text(person: Person, topic: str, text: str, *, by: User) -> SealedText:
    """What `seal_text` does, for callers that asked for a permission of their own, inside `beyond_reach`."""
    return _seal(Person.objects.select_for_update().get(pk=person.pk), topic, text, by=by)


@transaction.atomic
def read_text(sealed: SealedText, *, by: User, purpose: str) -> str:
    """The words of a sealed text, for a purpose of code list `reveal_purpose`. Raises vault.Erased."""
    sealed.person = policy.persons.fetch(by, pk=sealed.person_id)
    require_for(by, Act.VIEW, Sensitivity.NARRATIVE)
    _require_purpose(purpose)
    facts = {"text": str(sealed.reference), "topic": sealed.topic, "purpose": purpose}
    record(Event.TEXT_READ, sealed.person, by=by, facts=facts)
    return sealing.read(sealed)


@transaction.atomic
def give_consent(
    reference: UUID,
    *,
    by: User,
    purpose: str,
    recipient: Institution,
    categories: Collection[str],
    language: str,
    given_how: str,
    given_on: date,
    expires_on: date | None = None,
    guardian_agreed: bool | None = None,
    request_key: UUID | None = None,
) -> Consent:
    """Record that the person allowed this recipient these categories for this purpose. Raises NotValid."""
    person = policy.persons.fetch(by, lock=True, reference=reference)
    policy.persons.require(by, Permission.CONSENT_RECORD)
    made = already_made(person.consents.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    found = [
        codes.unknown(field, list_code, code)
        for field, list_code, code in (
            ("purpose", "consent_purpose", purpose),
            ("language", "language", language),
            ("given_how", "consent_form", given_how),
            *(("categories", "data_category", category) for category in categories),
        )
        if not vocabulary.is_known(list_code, code)
    ]
    if not categories:
        found.append(Problem("categories", _("Choose at least one category of data.")))
    if given_on > timezone.localdate():
        found.append(Problem("given_on", _("Consent cannot be given in the future.")))
    if expires_on is not None and expires_on < given_on:
        found.append(Problem("expires_on", _("The consent would end before it was given.")))
    if person.is_child and guardian_agreed is not True:
        found.append(
            Problem("guardian_agreed", _("For a child, the guardian or the appointed representative must agree too."))
        )
    if found:
        raise NotValid(found)

    consent = Consent.objects.create(
        person=person,
        purpose=purpose,
        recipient=recipient,
        categories=sorted(set(categories)),
        language=language,
        given_how=given_how,
        guardian_agreed=guardian_agreed if person.is_child else None,
        given_on=given_on,
        expires_on=expires_on,
        recorded_by=by,
        request_key=request_key,
    )
    facts = {"consent": str(consent.reference), "purpose": purpose, "recipient": str(recipient.reference)}
    record(Event.CONSENT_GIVEN, person, by=by, facts=facts)
    return consent


@transaction.atomic
def withdraw_consent(reference: UUID, *, by: User) -> Consent:
    """The person takes the consent back: it stops to hold at once. Withdrawing again changes nothing."""
    consent = policy.consents.fetch(by, lock=True, reference=reference)
    policy.consents.require(by, Permission.CONSENT_RECORD)
    if consent.withdrawn_at is None:
        consent.withdrawn_at = timezone.now()
        consent.save(update_fields=["withdrawn_at"])
        facts = {"consent": str(consent.reference), "purpose": consent.purpose}
        record(Event.CONSENT_WITHDRAWN, consent.person, by=by, facts=facts)
        for name in settings.CONSENT_ENDERS:  # each has `withdrawn(consent, by=by)`, in this transaction
            import_module(name).withdrawn(consent, by=by)
    return consent


@transaction.atomic
def judge_match(reference: UUID, *, by: User, verdict: str) -> PossibleSame:
    """Say whether two records are one person. A verdict can be taken back: each one is in the log."""
    match = policy.matches.fetch(by, lock=True, reference=reference)
    policy.matches.require(by, Permission.MATCHES_JUDGE)
    is_open = verdict == PossibleSame.Verdict.OPEN

    match.verdict = PossibleSame.Verdict(verdict)
    match.judged_by, match.judged_at = (None, None) if is_open else (by, timezone.now())
    match.save(update_fields=["verdict", "judged_by", "judged_at"])
    record(Event.MATCH_JUDGED, match.person, match.other, by=by, facts={"verdict": verdict})
    return match


def identity_of(person: Person) -> PersonDetails:
    """Everything recorded of a person, opened. For services: a page goes through `reveal_identity`."""
    return sealing.opened(
        person,
        names=person.names.order_by("pk"),
        documents=person.documents.order_by("pk"),
        contacts=person.contact_points.order_by("pk"),
    )


def _check(details: PersonDetails) -> None:
    found = [*rules.problems(details, today=timezone.localdate()), *codes.problems(details)]
    if found:
        raise NotValid(found)


def _one_at_a_time(details: PersonDetails) -> None:
    """Two officers who record the same person at the same moment wait for each other, so that one sees the other."""
    with blind.under(keyring.blind_versions()[0]):  # the oldest: both have it, also while a newer one comes in
        keys = sorted(blind.meeting_keys(details))  # always in this order, so that two never wait for each other
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


def _seal(locked: Person, topic: str, text: str, *, by: User) -> SealedText:
    sealed = SealedText(person=locked, topic=topic, written_by=by)
    had_key = locked.wrapped_key is not None
    sealing.seal(sealed, text)

    if not had_key:
        locked.save(update_fields=["wrapped_key", "key_version"])
    sealed.save(force_insert=True)
    record(Event.TEXT_SEALED, locked, by=by, facts={"text": str(sealed.reference), "topic": topic})
    return sealed


def _require_purpose(purpose: str) -> None:
    if not vocabulary.is_known("reveal_purpose", purpose):
        raise NotValid([codes.unknown("purpose", "reveal_purpose", purpose)])


def _save(rows: sealing.IdentityRows) -> None:
    PersonName.objects.bulk_create(rows.names)
    IdentityDocument.objects.bulk_create(rows.documents)
    ContactPoint.objects.bulk_create(rows.contacts)


def _clear(person: Person) -> None:
    person.names.all().delete()
    person.documents.all().delete()
    person.contact_points.all().delete()


def _note_matches(person: Person, details: PersonDetails, *, by: User) -> None:
    """Store who may be the same, for the centre to judge: everybody is compared, whoever may see them."""
    with beyond_reach(Task.MATCHING):
        _note_matches_among_all(person, details, by=by)


def _note_matches_among_all(person: Person, details: PersonDetails, *, by: User) -> None:
    known = PossibleSame.objects.filter(person=person).values("other")
    known_from = PossibleSame.objects.filter(other=person).values("person")
    others = Person.objects.exclude(pk=person.pk).exclude(pk__in=known).exclude(pk__in=known_from)
    found = selectors.same_as(details, among=others)[:MOST_MATCHES]
    PossibleSame.objects.bulk_create(
        PossibleSame(person=person, other=match.person, score=match.score, reasons=list(match.reasons))
        for match in found
    )
    record_many(
        [
            build(Event.MATCH_FOUND, person, match.person, by=by, facts={"reasons": list(match.reasons)})
            for match in found
        ]
    )
