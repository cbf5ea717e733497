"""Beginning a support programme and working in it: information, needs, goals, services, reviews."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kalkan.access import concurrency
from kalkan.access.models import Institution, User
from kalkan.access.roles import Permission
from kalkan.assistance import sheets
from kalkan.assistance.lifecycle.programmes import GOALS, GoalState, NeedLevel, check, refusal
from kalkan.assistance.models import (
    Goal,
    InformationGiven,
    NeedsAssessment,
    NeedScore,
    Programme,
    ProgrammeReview,
    ServiceDelivered,
)
from kalkan.assistance.policy import programmes as policy
from kalkan.assistance.selectors.programmes import is_in_programme, support_consent
from kalkan.assistance.services.duties import ask_for, hand_duties, settled
from kalkan.assistance.services.promises import drop, end_of, keep, promise
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy as cases
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from kalkan.cases.services.steps import check_codes, check_past
from kalkan.persons import services as persons
from kalkan.persons.models import SealedText
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary


@transaction.atomic
def give_information(
    reference: UUID, *, by: User, sheet: str, language: str, form: str, on: date, request_key: UUID | None = None
) -> InformationGiven:
    """Record that a sheet was explained to the person of a case, in the version that stands today."""
    case = cases.cases.fetch(by, own=True, reference=reference)
    policy.require(by, Permission.CONSENT_RECORD)
    made = concurrency.already_made(InformationGiven.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    check_past("give_information", on)
    check_codes("give_information", "information_form", [form])
    try:
        version = sheets.sheet(sheet, language).text.version
    except KeyError as unknown:
        raise refusal("give_information", "sheet") from unknown

    given = InformationGiven.objects.create(
        case=case,
        sheet=sheet,
        sheet_version=version,
        language=language,
        form=form,
        given_on=on,
        recorded_by=by,
        request_key=request_key,
    )
    facts = {"sheet": sheet, "version": version, "language": language}
    record(Event.INFORMATION_GIVEN, case, case.person, by=by, facts=facts)
    return given


@transaction.atomic
def begin_programme(reference: UUID, *, by: User, on: date, request_key: UUID | None = None) -> Programme:
    """Begin the support programme of a case under protection, on the consent that holds on that day."""
    case = cases.cases.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.PROGRAMME_WORK)
    made = concurrency.already_made(Programme.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    if case.stage != Stage.PROTECTION:
        raise refusal("begin_programme", "protection")
    if is_in_programme(case):
        raise refusal("begin_programme", "one_programme")
    check_past("begin_programme", on)
    consent = support_consent(case.person, on=on)
    if consent is None:
        raise refusal("begin_programme", "consent")

    programme = Programme.objects.create(
        case=case,
        institution=by.institution,
        officer=by,
        consent=consent,
        begun_on=on,
        recorded_by=by,
        request_key=request_key,
    )
    _owe_review(programme, after=on)
    facts = {"programme": str(programme.reference), "consent": str(consent.reference)}
    record(Event.PROGRAMME_BEGUN, case, case.person, by=by, facts=facts)
    return programme


@transaction.atomic
def assess_needs(
    reference: UUID,
    *,
    by: User,
    on: date,
    levels: Mapping[str, int],
    note: str = "",
    request_key: UUID | None = None,
) -> NeedsAssessment:
    """Say how much help each area of life needs on a day: 0 none to 4 urgent. Areas not spoken of stay out."""
    programme = running(reference, by)
    made = concurrency.already_made(NeedsAssessment.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    check_within("assess_needs", programme, on)
    check_codes("assess_needs", "need_area", levels)
    if not levels or not set(levels.values()) <= set(NeedLevel.values):
        raise refusal("assess_needs", "levels")

    assessment = NeedsAssessment.objects.create(
        programme=programme,
        assessed_on=on,
        note=seal(programme, "needs", note, by),
        recorded_by=by,
        request_key=request_key,
    )
    NeedScore.objects.bulk_create(
        NeedScore(assessment=assessment, area=area, level=level) for area, level in levels.items()
    )
    changed(programme, "needs", assessment.reference, by=by)
    return assessment


@transaction.atomic
def set_goal(
    reference: UUID,
    *,
    by: User,
    area: str,
    wording: str,
    target_on: date,
    institution: Institution,
    owner: User | None = None,
    request_key: UUID | None = None,
) -> Goal:
    """Put a goal into the plan. Whoever answers for it owes it by its day."""
    programme = running(reference, by)
    made = concurrency.already_made(Goal.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    check_codes("set_goal", "need_area", [area])
    _check_ahead("set_goal", target_on)

    goal = Goal.objects.create(
        programme=programme,
        area=area,
        wording=seal(programme, "goal", wording, by),
        institution=institution,
        owner=owner,
        set_on=timezone.localdate(),
        target_on=target_on,
        recorded_by=by,
        request_key=request_key,
    )
    _owe_goal(goal)
    changed(programme, "goal", goal.reference, by=by)
    return goal


@transaction.atomic
def settle_goal(
    reference: UUID, *, by: User, move: str, version: int, reason: str = "", target_on: date | None = None
) -> Goal:
    """Reach, drop or open a goal again, as the table of goals has it. A goal opened again gets a new day."""
    goal = policy.goals.fetch(by, lock=True, reference=reference)
    programme = running(goal.programme.reference, by)
    found = check(GOALS, move, state=goal.state, facts={"reason": reason.strip(), "target": target_on})
    concurrency.claim(goal, version)

    goal.state = found.target
    goal.settled_on = None if found.target == GoalState.OPEN else timezone.localdate()
    if reason.strip():
        goal.reason = seal(programme, "goal", reason, by)
    if target_on is not None and found.target == GoalState.OPEN:
        _check_ahead(move, target_on)
        goal.target_on = target_on
    goal.save()
    if found.target == GoalState.OPEN:
        _owe_goal(goal)
    elif found.target == GoalState.REACHED:
        keep(goal.reference, "goal")
    else:
        drop(goal.reference, "goal")
    settled(goal)
    changed(programme, "goal", goal.reference, by=by, state=str(goal.state))
    return goal


@transaction.atomic
def record_service(
    reference: UUID,
    *,
    by: User,
    category: str,
    institution: Institution,
    began_on: date,
    ended_on: date | None = None,
    quantity: Decimal | None = None,
    unit: str = "",
    cost: Decimal | None = None,
    currency: str = "",
    outcome: str = "",
    request_key: UUID | None = None,
) -> ServiceDelivered:
    """Record one service that the person received; without `ended_on` it goes on."""
    programme = running(reference, by)
    made = concurrency.already_made(ServiceDelivered.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    check_within("record_service", programme, began_on)
    check_codes("record_service", "service_category", [category])
    check_codes("record_service", "service_unit", [unit] if quantity is not None else [])
    check_codes("record_service", "currency", [currency] if cost is not None else [])
    _check_end("record_service", began_on, ended_on, outcome)
    if support_consent(programme.case.person, on=began_on) is None:
        raise refusal("record_service", "consent")

    service = ServiceDelivered.objects.create(
        programme=programme,
        category=category,
        institution=institution,
        began_on=began_on,
        ended_on=ended_on,
        quantity=quantity,
        unit=unit if quantity is not None else "",
        cost=cost,
        currency=currency if cost is not None else "",
        outcome=outcome,
        recorded_by=by,
        request_key=request_key,
    )
    changed(programme, "service", service.reference, by=by)
    return service


@transaction.atomic
def end_service(reference: UUID, *, by: User, on: date, outcome: str, version: int) -> ServiceDelivered:
    """Say when a service ended and what came of it."""
    service = policy.services.fetch(by, lock=True, reference=reference)
    programme = running(service.programme.reference, by)
    if service.ended_on is not None:
        raise refusal("end_service", "done")
    _check_end("end_service", service.began_on, on, outcome)
    concurrency.claim(service, version)

    service.ended_on, service.outcome = on, outcome
    service.save()
    changed(programme, "service", service.reference, by=by)
    return service


@transaction.atomic
def hold_review(
    reference: UUID, *, by: User, on: date, still_wanted: bool, note: str, request_key: UUID | None = None
) -> ProgrammeReview:
    """Look back at needs and plan with the person; the next review is owed from this day on."""
    programme = running(reference, by)
    made = concurrency.already_made(ProgrammeReview.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    check_within("hold_review", programme, on)

    keep(programme.reference, "programme_review")
    review = ProgrammeReview.objects.create(
        programme=programme,
        held_on=on,
        still_wanted=still_wanted,
        note=seal(programme, "review", note, by),
        next_due_on=_owe_review(programme, after=on),
        recorded_by=by,
        request_key=request_key,
    )
    changed(programme, "review", review.reference, by=by)
    return review


@transaction.atomic
def hand_programme(reference: UUID, *, by: User, to: User, version: int) -> Programme:
    """Another protection officer looks after the programme, and owes its reviews from now on."""
    programme = running(reference, by)
    if not policy.programmes.own(to).filter(pk=programme.pk).exists() or not _runs_programmes(to):
        raise refusal("hand_programme", "officer")
    concurrency.claim(programme, version)

    programme.officer, programme.institution = to, to.institution
    programme.save()
    programme.case.promises.filter(subject=programme.reference, kept_at=None, dropped_at=None).update(
        owner=to, institution=to.institution
    )
    hand_duties(programme, to=to)
    changed(programme, "officer", to.reference, by=by)
    return programme


def running(reference: UUID, by: User) -> Programme:
    """The programme, locked, for whoever works in it. Raises Http404, Refused, and NotPossible once it has ended."""
    programme = policy.programmes.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.PROGRAMME_WORK)
    if programme.ended_on is not None:
        raise refusal("work", "running")
    return programme


def seal(programme: Programme, topic: str, words: str, by: User) -> SealedText | None:
    """The words sealed under the person's key; none where nothing was written."""
    words = words.strip()
    return persons.seal_text(programme.case.person, topic, words, by=by) if words else None


def changed(programme: Programme, part: str, row: UUID, *, by: User, **facts: str) -> None:
    """Remember that a part of the programme was added or changed."""
    case: Case = programme.case
    named = {"programme": str(programme.reference), "part": part, "row": str(row), **facts}
    record(Event.PROGRAMME_CHANGED, case, case.person, by=by, facts=named)


def check_within(act: str, programme: Programme, on: date) -> None:
    """Raises NotPossible for a day to come or one before the programme began."""
    check_past(act, on)
    if on < programme.begun_on:
        raise refusal(act, "before")


def _check_ahead(act: str, day: date) -> None:
    if day < timezone.localdate():
        raise refusal(act, "ahead")


def _check_end(act: str, began_on: date, ended_on: date | None, outcome: str) -> None:
    check_codes(act, "service_outcome", [outcome] if outcome else [])
    if ended_on is None:
        return
    check_past(act, ended_on)
    if ended_on < began_on:
        raise refusal(act, "order")
    if not outcome:
        raise refusal(act, "outcome")


def _owe_review(programme: Programme, *, after: date) -> date:
    provision = vocabulary.provision("programme_review", on=after)
    due_on = calendar.due_on(provision, after)
    promise(
        programme.case,
        "programme_review",
        subject=programme.reference,
        institution=programme.institution,
        owner=programme.officer,
        due_at=end_of(due_on),
        provision=provision,
    )
    return due_on


def _owe_goal(goal: Goal) -> None:
    owed = promise(
        goal.programme.case,
        "goal",
        subject=goal.reference,
        institution=goal.institution,
        owner=goal.owner,
        due_at=end_of(goal.target_on),
    )
    ask_for(owed, goal, asked_by=goal.programme.officer)


def _runs_programmes(user: User) -> bool:
    return user.is_active and Permission.PROGRAMME_WORK in user.permissions
