"""The work list, and what comes next in a case in words."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kalkan.access.models import User
from kalkan.access.policy import has
from kalkan.access.roles import MATRIX, Permission, Scope
from kalkan.cases import lifecycle, policy
from kalkan.cases.lifecycle import Move, Outcome, Stage
from kalkan.cases.models import Case, Decision, Interview, Screening

Words = str | Promise
WORK = frozenset(
    {Permission.CASES_SCREEN, Permission.CASES_IDENTIFY, Permission.CASES_DECIDE, Permission.CASES_PROTECT}
)
ORDERS: dict[str, tuple[Any, ...]] = {
    "due": (F("next_due_on").asc(nulls_last=True), "id"),
    "opened": ("-opened_on", "-id"),
    "number": ("number",),
    "stage": ("stage", F("next_due_on").asc(nulls_last=True), "id"),
}


class Step(NamedTuple):
    """The next thing to do in a case: what, why, where, until when, and whether it is for this user to do."""

    name: str
    title: Words
    hint: Words
    page: str
    reference: UUID
    due_on: date | None
    is_yours: bool

    @property
    def url(self) -> str:
        return reverse(self.page, args=[self.reference])

    @property
    def is_overdue(self) -> bool:
        return self.due_on is not None and self.due_on < timezone.localdate()


def work_list(
    user: User,
    *,
    stage: str = "",
    order: str = "due",
    mine: bool = False,
    overdue: bool = False,
    urgent: bool = False,
    number: str = "",
) -> QuerySet[Case]:
    """Open cases that exist for `user`, overdue ones first, each ready for `next_step` without another query."""
    found = _with_progress(policy.cases.own(user).filter(stage__in=sorted(lifecycle.OPEN)), user)
    return _narrowed(found, user, stage, order, mine=mine, overdue=overdue, urgent=urgent, number=number)


def all_cases(user: User, *, stage: str = "", order: str = "opened", number: str = "") -> QuerySet[Case]:
    """Every case that exists for `user`, closed ones too, newest first."""
    found = _with_progress(policy.cases.own(user), user)
    return _narrowed(found, user, stage, order, number=number)


def linked_cases(case: Case, user: User) -> list[tuple[str, Case]]:
    """Kind of link and other case, of those that exist for `user`."""
    links = [*case.links.values_list("kind", "other_id"), *case.links_from.values_list("kind", "case_id")]
    rows = policy.cases.visible(user).select_related("person", "province")
    seen = {row.pk: row for row in rows.filter(pk__in=[pk for _kind, pk in links])}
    return [(kind, seen[pk]) for kind, pk in sorted(links) if pk in seen]


def officers_for(case: Case, by: User) -> QuerySet[User]:
    """The officers into whose hands `by` may put the case: those who work on cases and can see this one."""
    working = [role for role, (_scope, permissions) in MATRIX.items() if permissions & WORK]
    provincial = [role for role in working if MATRIX[role][0] is Scope.PROVINCE]
    reach = Q(institution=case.institution_id)
    if case.is_with_authority:
        here = Q(institution__province=case.province_id) | Q(institution__province=None)
        reach |= Q(role__in=provincial) & here
    found = User.objects.filter(reach, is_active=True, role__in=working).select_related("institution")
    return found.filter(Q(institution=by.institution_id) | Q(role__in=provincial)).order_by("full_name")


def next_step(case: Case, user: User) -> Step | None:
    """What comes next in the case, in words for `user`; None when nothing is left to do."""
    if not hasattr(case, "is_being_screened"):
        case = _with_progress(policy.cases.visible(user).filter(pk=case.pk), user).get()
    return _STEPS[Stage(case.stage)](case, user)


def possible_moves(case: Case, user: User) -> list[Move]:
    """The moves that the table has from here and whose permission `user` holds."""
    return [move for move in lifecycle.moves_from(case.stage) if has(user, move.permission)]


def _narrowed(
    found: QuerySet[Case],
    user: User,
    stage: str,
    order: str,
    *,
    number: str,
    mine: bool = False,
    overdue: bool = False,
    urgent: bool = False,
) -> QuerySet[Case]:
    if stage:
        found = found.filter(stage=stage)
    if mine:
        found = found.filter(assigned_to=user)
    if overdue:
        found = found.filter(next_due_on__lt=timezone.localdate())
    if urgent:
        found = found.filter(is_urgent=True)
    if number:
        found = found.filter(number__startswith=number)
    return found.order_by(*ORDERS.get(order, ORDERS["due"]))


def _with_progress(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    interviews = Interview.objects.filter(case=OuterRef("pk"))
    screenings = Screening.objects.filter(case=OuterRef("pk"))
    decisions = Decision.objects.filter(case=OuterRef("pk"))
    return cases.select_related("person", "province", "institution", "assigned_to").annotate(
        is_being_screened=Exists(screenings.filter(conclusion="")),
        is_screened=Exists(screenings.filter(~Q(conclusion=""))),
        is_heard=Exists(interviews.filter(kind=Interview.Kind.PRELIMINARY)),
        is_heard_by_authority=Exists(interviews.filter(kind=Interview.Kind.IDENTIFICATION)),
        # Who wrote the draft or heard the person does not decide; who refused does not reconsider.
        has_written=Exists(decisions.filter(decided_by=None, drafted_by=user))
        | Exists(interviews.filter(kind=Interview.Kind.IDENTIFICATION, by=user)),
        has_refused=Exists(decisions.filter(Q(drafted_by=user) | Q(decided_by=user), outcome=Outcome.NOT_RECOGNISED)),
    )


def _step(case: Case, user: User, permission: Permission, name: str, title: Words, hint: Words) -> Step:
    return Step(name, title, hint, f"cases:{name}", case.reference, case.next_due_on, has(user, permission))


def _screening(case: Any, user: User) -> Step:
    if case.is_being_screened:
        hint: Words = _("The answers so far are saved.")
        return _step(case, user, Permission.CASES_SCREEN, "screening", _("Go on with the screening"), hint)
    if case.is_screened:
        hint = _("No signs were found. Close the case, or screen again if something new came up.")
        return _step(case, user, Permission.CASES_SCREEN, "close", _("Close without signs"), hint)
    hint = _("Danger first, then the signs. About ten minutes.")
    return _step(case, user, Permission.CASES_SCREEN, "screening", _("Start the screening"), hint)


def _preliminary(case: Any, user: User) -> Step:
    if case.is_heard:
        hint: Words = _("Hand the case to the provincial directorate.")
        return _step(case, user, Permission.CASES_REFER, "refer", _("Refer for identification"), hint)
    hint = _("Hear the person in a safe place and in their language, then refer.")
    return _step(
        case, user, Permission.CASES_SCREEN, "preliminary_interview", _("Hold the preliminary interview"), hint
    )


def _referred(case: Any, user: User) -> Step:
    hint = _("An identification expert takes up the case.")
    return _step(case, user, Permission.CASES_IDENTIFY, "begin_identification", _("Begin identification"), hint)


def _identification(case: Any, user: User) -> Step:
    if case.is_heard_by_authority:
        hint: Words = _("Weigh what is known. Another officer decides on the draft.")
        step = _step(case, user, Permission.CASES_IDENTIFY, "draft", _("Draft the decision"), hint)
        if case.has_refused:
            return step._replace(is_yours=False, hint=_("Another officer drafts: you had a hand in the refusal."))
        return step
    hint = _("Hear the person before drafting.")
    title = _("Hold the identification interview")
    return _step(case, user, Permission.CASES_IDENTIFY, "identification_interview", title, hint)


def _drafted(case: Any, user: User) -> Step:
    step = _step(
        case, user, Permission.CASES_DECIDE, "decide", _("Decide on the draft"), _("Read the draft and decide.")
    )
    if case.has_written or case.has_refused:
        return step._replace(is_yours=False, hint=_("Another officer decides: you had a hand in it."))
    return step


def _recognised(case: Any, user: User) -> Step:
    hint = _("Support rests on consent: record the person's consent, then begin.")
    return _step(case, user, Permission.CASES_PROTECT, "begin_protection", _("Begin protection"), hint)


def _protection(case: Any, user: User) -> Step:
    hint = _("Close the case when support has ended.")
    return _step(case, user, Permission.CASES_PROTECT, "close", _("Support the person"), hint)


def _nothing(case: Any, user: User) -> None:
    return None


_STEPS = {
    Stage.SCREENING: _screening,
    Stage.PRELIMINARY: _preliminary,
    Stage.REFERRED: _referred,
    Stage.IDENTIFICATION: _identification,
    Stage.DRAFTED: _drafted,
    Stage.RECOGNISED: _recognised,
    Stage.NOT_RECOGNISED: _nothing,
    Stage.PROTECTION: _protection,
    Stage.CLOSED: _nothing,
}
