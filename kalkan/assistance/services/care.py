"""What goes with a programme: care notes, companions, interpreters, and the texts that a programme keeps."""

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from kalkan.access import concurrency
from kalkan.access.models import Institution, User
from kalkan.access.sensitivity import Act, Sensitivity
from kalkan.access.sensitivity import require as require_for
from kalkan.assistance.lifecycle.programmes import CareKind, refusal
from kalkan.assistance.models import Booking, CareNote, Companion, Interpreter, Programme
from kalkan.assistance.policy import programmes as policy
from kalkan.assistance.selectors.texts import keeps
from kalkan.assistance.services.programmes import changed, check_within, running
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.models import Case
from kalkan.cases.services.steps import check_codes, check_past
from kalkan.persons import services as persons
from kalkan.persons.models import SealedText

CARE = "care"  # topic of the sealed texts that migration 0041 closes to all but carers


@transaction.atomic
def write_note(
    reference: UUID, *, by: User, kind: str, on: date, words: str, request_key: UUID | None = None
) -> CareNote:
    """Write a psychosocial or health note. Only those who care for the person can read it or know of it."""
    programme = running(reference, by)
    require_for(by, Act.EDIT, Sensitivity.CARE)
    made = concurrency.already_made(CareNote.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    check_within("write_note", programme, on)
    if kind not in CareKind.values or not words.strip():
        raise refusal("write_note", "words")

    note = CareNote.objects.create(
        programme=programme, kind=kind, noted_on=on, recorded_by=by, request_key=request_key,
        words=persons.seal_text(programme.case.person, CARE, words.strip(), by=by),
    )  # fmt: skip
    facts = {"programme": str(programme.reference), "note": str(note.reference)}
    record(Event.CARE_NOTE_WRITTEN, programme.case, programme.case.person, by=by, facts=facts)
    return note


@transaction.atomic
def read_note(reference: UUID, *, by: User, purpose: str) -> str:
    """The words of a care note, for a purpose of code list `reveal_purpose`. Raises vault.Erased."""
    note = policy.care_notes.fetch(by, reference=reference)
    require_for(by, Act.VIEW, Sensitivity.CARE)
    case = note.programme.case
    record(Event.CARE_NOTE_READ, case, case.person, by=by, facts={"note": str(note.reference), "purpose": purpose})
    return persons.read_text(note.words, by=by, purpose=purpose)


def read_programme_text(reference: UUID, text: UUID, *, by: User, purpose: str) -> str:
    """The words of a sealed text of a programme. Raises Http404 for a text of another, and for a care note."""
    programme = policy.programmes.fetch(by, reference=reference)
    return persons.read_text(text_of(programme, text), by=by, purpose=purpose)


def text_of(programme: Programme, text: UUID) -> SealedText:
    """The sealed text of a programme that a reference names. Raises Http404."""
    sealed = SealedText.objects.filter(person=programme.case.person_id, reference=text).first()
    if sealed is None or not keeps(programme, sealed):
        raise Http404("No text here")
    return sealed


@transaction.atomic
def add_companion(
    reference: UUID,
    *,
    by: User,
    relation: str,
    since: date,
    sex: str = "",
    age_band: str = "",
    other: Case | None = None,
    request_key: UUID | None = None,
) -> Companion:
    """Record who came along: by an own case that `by` sees, or by sex and age band alone."""
    programme = running(reference, by)
    made = concurrency.already_made(Companion.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    check_past("add_companion", since)
    check_codes("add_companion", "companion_relation", [relation])
    check_codes("add_companion", "sex", [sex] if sex else [])
    check_codes("add_companion", "age_band", [age_band] if age_band else [])
    if other is not None and other.person_id == programme.case.person_id:
        raise refusal("add_companion", "self")
    if other is not None and programme.companion_set.filter(case=other, until=None).exists():
        raise refusal("add_companion", "twice")

    companion = Companion.objects.create(
        programme=programme, relation=relation, sex=sex, age_band=age_band, case=other, since=since, recorded_by=by,
        request_key=request_key,
    )  # fmt: skip
    changed(programme, "companion", companion.reference, by=by)
    return companion


@transaction.atomic
def end_companion(reference: UUID, *, by: User, on: date, version: int) -> Companion:
    """Say since when somebody is no longer with the person."""
    companion = policy.companions.fetch(by, lock=True, reference=reference)
    programme = running(companion.programme.reference, by)
    check_past("end_companion", on)
    if companion.until is not None:
        raise refusal("end_companion", "done")
    if on < companion.since:
        raise refusal("end_companion", "order")
    concurrency.claim(companion, version)

    companion.until = on
    companion.save()
    changed(programme, "companion", companion.reference, by=by)
    return companion


@transaction.atomic
def book_interpreter(
    reference: UUID,
    *,
    by: User,
    code: str,
    language: str,
    begins_at: datetime,
    ends_at: datetime,
    agency: Institution | None = None,
    request_key: UUID | None = None,
) -> Booking:
    """Book an interpreter, known by a code. The database books nobody twice at a time, whoever sees the other one."""
    programme = running(reference, by)
    made = concurrency.already_made(Booking.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    check_codes("book_interpreter", "language", [language])
    if ends_at <= begins_at:
        raise refusal("book_interpreter", "order")
    interpreter, _is_new = Interpreter.objects.get_or_create(code=code.upper(), defaults={"agency": agency})

    try:
        with transaction.atomic():
            booking = Booking.objects.create(
                programme=programme, interpreter=interpreter, language=language, begins_at=begins_at, ends_at=ends_at,
                recorded_by=by, request_key=request_key,
            )  # fmt: skip
    except IntegrityError as taken:
        if "interpreter_is_at_one_place_at_a_time" not in str(taken):
            raise
        raise refusal("book_interpreter", "interpreter") from taken
    changed(programme, "booking", booking.reference, by=by)
    return booking


@transaction.atomic
def cancel_booking(reference: UUID, *, by: User) -> Booking:
    """Take a booking back, so that the interpreter is free. Doing it again changes nothing."""
    booking = policy.bookings.fetch(by, lock=True, reference=reference)
    programme = running(booking.programme.reference, by)
    if booking.cancelled_at is None:
        booking.cancelled_at = timezone.now()
        booking.save(update_fields=["cancelled_at"])
        changed(programme, "booking", booking.reference, by=by)
    return booking
