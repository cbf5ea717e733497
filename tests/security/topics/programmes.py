"""Support programmes and what goes with them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from kalkan.access.models import Institution, User
from kalkan.access.roles import Permission, Role, Scope
from kalkan.assistance import models
from kalkan.assistance.policy import programmes as policy
from kalkan.assistance.policy.duties import duties
from kalkan.cases.models import Case
from kalkan.persons import policy as persons
from kalkan.persons.models import Consent, SealedText
from kalkan.vocabulary.models import Provision
from kalkan.web.doors import Kind, Page
from tests.factories import make_user
from tests.security.topics.words import sealed_words


def fill(case: Case, by: User) -> None:
    """A programme of the case with a row of everything that belongs to one; its decision is owed elsewhere."""
    found = rows(case, by)
    others = Institution.objects.exclude(pk=case.institution_id).order_by("pk")
    _duty(case, by, "conference_decision", others[0], decision=found["conference_decision"])


def rows(case: Case, by: User) -> dict[str, Any]:
    """The rows by the name of the page that asks for one; past the services, at whatever stage the case is."""
    today = timezone.localdate()
    consent = case.person.consents.first() or Consent.objects.create(
        person=case.person, purpose="psychosocial", recipient=case.institution, categories=["health"], language="tr",
        given_how="written", given_on=case.opened_on, recorded_by=by,
    )  # fmt: skip
    programme = models.Programme.objects.create(
        case=case, institution=case.institution, officer=by, consent=consent, begun_on=case.opened_on, recorded_by=by
    )
    of = {"programme": programme, "recorded_by": by}
    text = sealed_words(case, "goal", by)
    care = sealed_words(case, "care", by)
    assessment = models.NeedsAssessment.objects.create(assessed_on=case.opened_on, **of)
    models.NeedScore.objects.create(assessment=assessment, area="health", level=3)
    models.InformationGiven.objects.create(
        case=case, sheet="information", sheet_version="1", language="tr", form="read_together",
        given_on=case.opened_on, recorded_by=by,
    )  # fmt: skip
    aid = models.LegalAid.objects.create(bar_id=case.province_id or "TR-06", asked_on=case.opened_on, **of)
    models.LegalStep.objects.create(legal_aid=aid, step="appointed", taken_on=case.opened_on)
    conference = models.Conference.objects.create(held_on=case.opened_on, **of)
    models.ConferenceSeat.objects.create(conference=conference, institution=case.institution)
    models.CashSupport.objects.create(kind="once", amount=1, currency="TRY", begins_on=case.opened_on, **of)
    models.ProgrammeReview.objects.create(
        held_on=case.opened_on, still_wanted=True, next_due_on=case.opened_on + timedelta(days=1), **of
    )
    goal = models.Goal.objects.create(
        area="health", wording=text, institution=case.institution, set_on=today, target_on=today, **of
    )
    _duty(case, by, "goal", case.institution, goal=goal, area="health")
    interpreter = models.Interpreter.objects.create(code=f"T-{uuid4().hex[:12]}")
    return {
        "programme": programme,
        "text": text,
        "goal": goal,
        "owed": goal,
        "end_service": models.ServiceDelivered.objects.create(
            category="health", institution=case.institution, began_on=case.opened_on, **of
        ),
        "report": models.EvaluationReport.objects.create(
            ground="needs_go_on", verdict="continue", reasoning=text, written_on=today,
            provision=Provision.objects.order_by("pk")[0], **of,
        ),
        "care_note": models.CareNote.objects.create(kind="health", noted_on=case.opened_on, words=care, **of),
        "end_companion": models.Companion.objects.create(relation="child", since=case.opened_on, **of),
        "cancel_booking": models.Booking.objects.create(
            interpreter=interpreter, language="ar", begins_at=timezone.now(),
            ends_at=timezone.now() + timedelta(hours=1), **of,
        ),
        "legal_step": aid,
        "decide_compensation": models.Compensation.objects.create(
            claimed_on=case.opened_on, claimed=1, currency="TRY", **of
        ),
        "conference_decision": models.ConferenceDecision.objects.create(
            conference=conference, institution=case.institution, due_on=today, recorded_by=by
        ),
    }  # fmt: skip


def _duty(case: Case, by: User, kind: str, institution: Institution, **part: Any) -> None:
    """What `institution` owes of a programme of the case."""
    subject = part.get("goal") or part["decision"]
    owed = models.Promise.objects.create(
        kind=kind, subject=subject.reference, case=case, institution=institution, province_id=case.province_id,
        due_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    models.Duty.objects.create(promise=owed, asked_by=by, **part)


_POLICIES: dict[type[Any], Any] = {
    models.Programme: policy.programmes,
    models.InformationGiven: policy.information,
    models.NeedsAssessment: policy.assessments,
    models.NeedScore: policy.scores,
    models.Duty: duties,
    models.Goal: policy.goals,
    models.ServiceDelivered: policy.services,
    models.ProgrammeReview: policy.reviews,
    models.EvaluationReport: policy.reports,
    models.CareNote: policy.care_notes,
    models.Companion: policy.companions,
    models.Interpreter: policy.interpreters,
    models.Booking: policy.bookings,
    models.LegalAid: policy.legal_aid,
    models.LegalStep: policy.legal_steps,
    models.Compensation: policy.compensations,
    models.CashSupport: policy.cash,
    models.Conference: policy.conferences,
    models.ConferenceSeat: policy.seats,
    models.ConferenceDecision: policy.decisions,
}


def allowed(user: User) -> dict[type[Any], set[int]]:
    """What the policies show; of sealed texts, those of care to carers only."""
    texts = SealedText.objects.filter(person__in=persons.persons.visible(user))
    if Permission.CARE_VIEW not in user.permissions:
        texts = texts.exclude(topic="care")
    reveals = Permission.PERSONS_REVEAL in user.permissions
    return {
        SealedText: set(texts.values_list("pk", flat=True)) if reveals else set(),
        **{model: set(rows.visible(user).values_list("pk", flat=True)) for model, rows in _POLICIES.items()},
    }


def _named(case: Case, page: Page) -> dict[str, Any]:
    """The programme of the case, or the row of it that the page is about; made where there is none."""
    by = make_user(Role.PROTECTION_OFFICER, case.institution)
    programme = case.programmes.first()
    found = rows(case, by) if programme is None else _existing(programme)
    name = page.name.rpartition(":")[2]
    arguments = {"reference": found.get(name, found["programme"]).reference}
    if name == "programme_text":
        arguments = {"reference": found["programme"].reference, "text": found["text"].reference}
    return arguments


def _existing(programme: models.Programme) -> dict[str, Any]:
    return {
        "programme": programme,
        "text": programme.goal_set.get().wording,
        "goal": programme.goal_set.get(),
        "owed": programme.goal_set.get(),
        "end_service": programme.servicedelivered_set.get(),
        "report": programme.evaluationreport_set.get(),
        "care_note": programme.carenote_set.get(),
        "end_companion": programme.companion_set.get(),
        "cancel_booking": programme.booking_set.get(),
        "legal_step": programme.legalaid_set.get(),
        "decide_compensation": programme.compensation_set.get(),
        "conference_decision": programme.conference_set.get().decisions.get(),
    }


def _reaches(user: User, _page: Page, is_own: bool) -> bool:
    held = user.permissions
    reads = {Permission.PROGRAMME_WORK, Permission.PROGRAMME_APPROVE, Permission.CASES_OVERSEE} & set(held)
    if not reads or Permission.CASES_VIEW not in held:
        return False
    return user.scope is Scope.NATION or (is_own and user.scope is not Scope.NONE)


def _owes(user: User, _page: Page, is_own: bool) -> bool:
    return Permission.CASES_VIEW in user.permissions and (user.scope is Scope.NATION or is_own)


named: dict[Kind, Callable[[Case, Page], dict[str, Any]]] = {Kind.PROGRAMME: _named, Kind.DUTY: _named}
reaches: dict[Kind, Callable[[User, Page, bool], bool]] = {Kind.PROGRAMME: _reaches, Kind.DUTY: _owes}
