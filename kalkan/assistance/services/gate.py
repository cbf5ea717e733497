"""The gate: asked of one person before a removal or readmission, it answers with a verdict and reasons.

It looks at the records of the whole nation and tells none of them. Where nobody is found the person is unscreened.
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access import concurrency
from kalkan.access.models import User
from kalkan.access.policy import require
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.lifecycle.gate import Reason, Verdict
from kalkan.assistance.lifecycle.promises import GATE
from kalkan.assistance.models import GateCheck
from kalkan.assistance.policy.gate import checks
from kalkan.assistance.selectors.gate import Meant, meant_by, misses
from kalkan.assistance.selectors.removal import Answer, answer, reasons_for
from kalkan.assistance.services.promises import end_of, keep, promise
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy as cases
from kalkan.cases.lifecycle import OPEN, NotPossible
from kalkan.cases.models import Case
from kalkan.persons.details import PersonDetails
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.limits import limit


def ask_gate(
    details: PersonDetails | None = None, *, by: User, person: UUID | None = None, request_key: UUID | None = None
) -> tuple[Answer, GateCheck]:
    """May this person be removed? By a reference, or by a document number, or by name and birth.

    Who is not found was never screened, and is counted: whoever asks in vain too often is stopped, because names can
    be tried. Raises NotPossible.
    """
    require(by, Permission.GATE_ASK)
    if person is None and (details is None or not (details.documents or (details.names and details.birth))):
        message = _("Give a document number, or a name and the date of birth.")
        raise NotPossible("ask_gate", message, missing="number")
    with transaction.atomic():
        made = concurrency.already_made(GateCheck.objects.filter(asked_by=by), request_key)
        if made is not None:
            return told(made), made
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # one at a time, so that none slips past the count
        if misses(by, timezone.now() - timedelta(hours=1)) < limit("gate_misses").value:
            return _ask(details, by=by, person=person, request_key=request_key)
        record(Event.GATE_REFUSED, by=by)
    raise NotPossible(
        "ask_gate",
        _("Too many persons were asked about in vain within an hour. Call the provincial directorate of migration."),
    )


def _ask(
    details: PersonDetails | None, *, by: User, person: UUID | None, request_key: UUID | None
) -> tuple[Answer, GateCheck]:
    today = timezone.localdate()
    with beyond_reach(Task.GATE):
        meant = meant_by(details, person)
        found = _answer(meant)

    check = GateCheck.objects.create(
        asked_by=by,
        institution=by.institution,
        province_id=by.institution.province_id,
        verdict=found.verdict,
        reasons=[str(reason) for reason in found.reasons],
        is_found=bool(meant.persons) or meant.has_others,
        screen_by=_screen_by() if found.verdict == Verdict.SCREEN_FIRST else None,
        request_key=request_key,
    )
    if check.screen_by is not None:
        _owe_screening(check, meant, check.screen_by, by=by)
    facts = {"verdict": str(found.verdict), "reasons": check.reasons, "found": check.is_found, "on": today.isoformat()}
    record(Event.GATE_ASKED, check, *meant.persons, by=by, facts=facts)
    return found, check


def told(check: GateCheck) -> Answer:
    """The answer that a question was given, with the provisions of that day."""
    return answer([Reason(reason) for reason in check.reasons], timezone.localdate(check.asked_at))


@transaction.atomic
def close_check(reference: UUID, *, by: User, case_number: str) -> GateCheck:
    """Say in which case the screening that the gate asked for was held. Closing it again changes nothing.

    Raises NotPossible unless the case is there for `by` and a screening in it was concluded since.
    """
    check = checks.fetch(by, lock=True, reference=reference)
    require(by, Permission.GATE_ASK)
    if check.verdict != Verdict.SCREEN_FIRST:
        raise NotPossible("close_check", _("This answer asks for no screening."))
    if check.closed_at is not None:
        return check
    asked_on = timezone.localdate(check.asked_at)
    rows = cases.cases.own(by).filter(number=case_number.strip())
    case = rows.filter(screenings__concluded_on__gte=asked_on).exclude(screenings__conclusion="").first()
    if case is None:
        message = _(
            "No case of that number, open to you, has a screening that was concluded since the gate was asked."
        )
        raise NotPossible("close_check", message, missing="case_number")

    check.case, check.closed_at = case, timezone.now()
    check.save(update_fields=["case", "closed_at"])
    keep(check.reference, GATE)
    record(Event.GATE_CLOSED, check, case, case.person, by=by)
    return check


def _answer(meant: Meant) -> Answer:
    today = timezone.localdate()
    reasons = reasons_for(meant.persons, today) if meant.persons else []
    if meant.has_others:
        reasons.append(Reason.ALIKE)
    return answer(reasons or [Reason.NEVER_SCREENED], today)


def _screen_by() -> date:
    today = timezone.localdate()
    return calendar.due_on(vocabulary.provision("gate_screening", on=today), today)


def _owe_screening(check: GateCheck, meant: Meant, day: date, *, by: User) -> None:
    """The asker's institution owes the screening: in an open case of the person, if the asker sees one."""
    found = cases.cases.own(by).filter(person__in=[person.pk for person in meant.persons], stage__in=sorted(OPEN))
    case: Case | None = found.order_by("-id").first()
    promise(
        case,
        GATE,
        subject=check.reference,
        institution=by.institution,
        owner=by,
        due_at=end_of(day),
        provision=vocabulary.provision("gate_screening", on=timezone.localdate()),
    )
