"""What is known of a person's permits: the days granted, the rules that hold for them, and what could still follow."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from kalkan.access.models import User
from kalkan.access.policy import has
from kalkan.access.roles import Permission
from kalkan.assistance.lifecycle import permits as arithmetic
from kalkan.assistance.lifecycle.permit_moves import REPORTED_AS, WHY_NOT, State
from kalkan.assistance.lifecycle.permits import EXTENSION, FIRST, Period, Term, Terms
from kalkan.assistance.lifecycle.programmes import ReportState, Verdict
from kalkan.assistance.models import EvaluationReport, Permit, Programme
from kalkan.assistance.policy.permits import WORKING
from kalkan.assistance.policy.permits import permits as rows
from kalkan.assistance.selectors.section import Section
from kalkan.cases import policy as cases
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from kalkan.persons.models import Person
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Provision

PERMITTED = frozenset({Stage.RECOGNISED, Stage.PROTECTION})
HELD = (State.GRANTED, State.CANCELLED)


class Days(NamedTuple):
    """The days of every permit that a person ever got, and whether a request waits. Names no case and no officer."""

    granted: list[Period]
    is_request_open: bool


def days_of(person: Person) -> Days:
    """The person's permits over the whole nation: a maximum counts also what another province granted.

    Asked through a function of the database that tells days alone (migration 0062), past the row policies.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, starts_on, ends_on, cancelled_on FROM assistance_permit_days(%s)", [person.pk])
        rows = cursor.fetchall()
    granted = [Period(*days) for state, *days in rows if state in HELD]
    return Days(granted, any(state == State.REQUESTED for state, *_days in rows))


def rule(kind: str, on: date) -> Provision:
    """The provision of one permit of that kind that begins on that day. Raises NoProvision."""
    return vocabulary.provision(f"permit_{kind}", on=on)


def maximum(granted: Iterable[Period], on: date) -> Provision:
    """The legal maximum: as it stood on the first day of the person's first permit, or on `on` where there is none.

    A change of law leaves what began before it to the rule of its day. Raises NoProvision.
    """
    return vocabulary.provision("permit_total", on=min([on, *(period.starts_on for period in granted)]))


def terms(granted: Iterable[Period], on: date) -> Terms:
    """The rules for what begins on `on` or later: of each day its own, and the maximum of the person."""
    return Terms(_by_day(FIRST), _by_day(EXTENSION), partial(calendar.due_on, maximum(granted, on)))


def _by_day(kind: str) -> Term:
    return lambda begins: calendar.due_on(rule(kind, begins), begins)


@dataclass(frozen=True)
class Outlook:
    """A person's permits today: which one holds, what can be asked for, and how far it can go on."""

    case: Case
    permits: list[Permit]
    days: Days
    today: date

    @property
    def granted(self) -> list[Period]:
        return self.days.granted

    @property
    def is_citizen(self) -> bool:
        return "TR" in self.case.person.citizenships

    @property
    def open_request(self) -> Permit | None:
        return next((one for one in self.permits if one.state == State.REQUESTED), None)

    @property
    def live(self) -> Permit | None:
        """The permit that holds today."""
        held = [one for one in self.permits if one.state in HELD and one.period.holds_on(self.today)]
        return held[-1] if held else None

    @property
    def last(self) -> Permit | None:
        """The last permit that was granted, unless another was asked for since."""
        held = [one for one in self.permits if one.state in HELD]
        return held[-1] if held and self.open_request is None else None

    @property
    def until(self) -> date | None:
        """The last day of the last permit that was granted and is not over."""
        return max((one.until for one in self.granted if one.until >= self.today), default=None)

    @cached_property
    def extension_starts_on(self) -> date | None:
        """The day on which an extension would begin; none where there is nothing to extend, or it is over for good."""
        starts_on = arithmetic.next_start(self.granted)
        if starts_on is None or not self._reaches_beyond_today(EXTENSION, starts_on):
            return None
        return starts_on

    @cached_property
    def kind(self) -> str:
        """What can be asked for now: an extension of the last permit, or a first one."""
        return EXTENSION if self.extension_starts_on is not None else FIRST

    @cached_property
    def chain(self) -> list[Period]:
        """The longest extensions that could still follow, one after another; from a first permit if there is none."""
        if self.is_citizen or self.case.stage not in PERMITTED:
            return []
        known = list(self.granted)
        try:
            rules = terms(known, self.today)
            if self.extension_starts_on is not None:
                return arithmetic.chain(known, rules)
            last = arithmetic.longest(FIRST, known, self.today, rules)
            if last <= self.today or any(period.days and period.until > self.today for period in known):
                return []
            first = Period(self.today, last)
            return [first, *arithmetic.chain([*known, first], rules)]
        except vocabulary.NoProvision:
            return []

    @property
    def goes_on_until(self) -> date | None:
        """The last day that the law allows at all, if everything is extended in time."""
        return self.chain[-1].ends_on if self.chain else self.until

    @property
    def hindrance(self) -> str:
        """Why nothing can be asked for now, in a sentence; empty where something can."""
        if self.is_citizen:
            why = "citizen"
        elif self.case.stage not in PERMITTED:
            why = "stage"
        elif self.days.is_request_open:
            why = "open_request"
        elif any(period.starts_on > self.today and period.days for period in self.granted):
            why = "too_early"
        else:
            why = "" if self.chain else "total_reached"
        return str(WHY_NOT[why]) if why else ""

    @cached_property
    def is_report_missing(self) -> bool:
        """Whether an extension can be asked for now, and cannot be granted before a report is approved."""
        starts_on = self.extension_starts_on
        return (
            has_programme(self.case)
            and starts_on is not None
            and not self.hindrance
            and report_to_extend(self.case, self.granted, starts_on) is None
        )

    def _reaches_beyond_today(self, kind: str, starts_on: date) -> bool:
        try:
            last = arithmetic.longest(kind, self.granted, starts_on, terms(self.granted, starts_on))
        except vocabulary.NoProvision:
            return False
        # At the maximum there is nothing left to extend, but also no first permit: the chain says so by being empty.
        return last > self.today or last <= starts_on


def has_programme(case: Case) -> bool:
    """Whether support ever began in this case: from then on an evaluation report stands behind its permits."""
    return Programme.objects.filter(case=case).exists()


def report_to_extend(case: Case, granted: Iterable[Period], starts_on: date) -> EvaluationReport | None:
    """The latest approved report that says to extend, answered since the permit before `starts_on` began."""
    since = max((period.starts_on for period in granted if period.starts_on < starts_on), default=starts_on)
    found = _approved(case).filter(verdict=Verdict.EXTEND_PERMIT, answered_on__gte=since)
    return found.order_by("-answered_on", "-id").first()


def report_to_cancel(case: Case, ground: str) -> EvaluationReport | None:
    """The latest approved report that cancels the permit, or ended the support, on the same ground."""
    against = _approved(case).filter(verdict__in=[Verdict.CANCEL_PERMIT, Verdict.END], ground=REPORTED_AS[ground])
    return against.order_by("-answered_on", "-id").first()


def _approved(case: Case) -> QuerySet[EvaluationReport]:
    return EvaluationReport.objects.filter(programme__case=case, state=ReportState.APPROVED)


def outlook(case: Case, user: User) -> Outlook:
    """The permits of the case's person as this user sees them, and the days of all of them. Two queries."""
    found = rows.visible(user).filter(person=case.person_id)
    found = found.select_related(
        "requested_by__institution", "decided_by__institution", "cancelled_by__institution", "provision", "number",
        "reasons", "case", "report", "cancel_report", "left_by",
    )  # fmt: skip
    return Outlook(case, list(found.order_by("starts_on", "id")), days_of(case.person), timezone.localdate())


def section(case: Case, user: User) -> Section | None:
    """The part of the page of support that tells of the permits."""
    if not any(has(user, permission) for permission in WORKING):
        return None
    own = cases.cases.is_own(user, case)
    shown = {
        "case": case,
        "outlook": outlook(case, user),
        "may_request": own and has(user, Permission.PERMITS_REQUEST),
        "may_decide": own and has(user, Permission.PERMITS_DECIDE),
        "user": user,
    }
    return Section("permits", _("Residence permit"), "assistance/hub/permits.html", shown)
