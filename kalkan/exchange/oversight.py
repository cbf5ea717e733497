"""The lists of those who check reading: who saw a person, what an account saw, what is unusual, emergencies."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from kalkan.access import policy
from kalkan.access.models import Emergency, User
from kalkan.access.roles import Permission, Role
from kalkan.audit import reading
from kalkan.audit.models import AuditEvent
from kalkan.audit.reading import Oddity, Unusual
from kalkan.cases.selectors import whom
from kalkan.exchange.columns import Column, ExportList, Filters, Rows
from kalkan.exchange.writing import Value
from kalkan.vocabulary import selectors as vocabulary

# Duties that work round the clock: reading at night is their work.
ROUND_THE_CLOCK = (Role.HELPLINE_OPERATOR, Role.FRONTLINE_OFFICER, Role.SHELTER_STAFF)
PERIODS = (1, 7, 30)
_ODD = {
    Oddity.BULK: _("Many records within an hour"),
    Oddity.OUTSIDE_HOURS: _("Outside working hours"),
    Oddity.ELSEWHERE: _("Outside the own province"),
    Oddity.IN_VAIN: _("Searches in vain"),
    Oddity.GATE_IN_VAIN: _("Gate asked in vain"),
}


def unusual(days: int) -> list[tuple[str, list[Unusual]]]:
    """What was unusual since that many days ago: kind in words, and the accounts."""
    since = reading.days_back(days)
    found = {
        Oddity.BULK: reading.bulk(since),
        Oddity.OUTSIDE_HOURS: reading.outside_hours(since, except_roles=ROUND_THE_CLOCK),
        Oddity.ELSEWHERE: whom.read_elsewhere(since),
        Oddity.IN_VAIN: reading.in_vain(since),
        Oddity.GATE_IN_VAIN: reading.gate_in_vain(since),
    }
    return [(str(_ODD[oddity]), rows) for oddity, rows in found.items()]


def period(text: str | None) -> int:
    """How many days back, out of `PERIODS`."""
    return next((days for days in PERIODS if str(days) == text), 7)


def purpose_of(event: AuditEvent) -> str:
    """The purpose that was stated, in words; empty where none is asked."""
    code = event.facts.get("purpose", "")
    for code_list in ("reveal_purpose", "consent_purpose"):
        if isinstance(code, str) and code and vocabulary.is_known(code_list, code):
            return vocabulary.label(code_list, code)
    return ""


def _reference(filters: Filters, name: str) -> UUID | None:
    try:
        return UUID(filters.get(name, ""))
    except ValueError:
        return None


def _of_person(find: Callable[[list[UUID]], Rows]) -> Callable[[User, Filters], Rows | None]:
    def rows(_user: User, filters: Filters) -> Rows | None:
        person = _reference(filters, "person")
        return None if person is None else find(whom.records_of(person))

    return rows


def _reads_by(_user: User, filters: Filters) -> Rows | None:
    user = _reference(filters, "who")
    return None if user is None else reading.reads_by(user).order_by("-id")


def _unusual(_user: User, filters: Filters) -> Rows:
    return [(title, one) for title, rows in unusual(period(filters.get("days"))) for one in rows]


def _emergencies(user: User, _filters: Filters) -> Rows:
    return policy.emergencies.visible(user).select_related("user__institution", "reviewed_by")


def _subjects(event: AuditEvent) -> Value:
    return " ".join(map(str, event.subjects))


def _verdict(one: Emergency) -> Value:
    return str(Emergency.Verdict(one.verdict).label) if one.verdict else ""


def _in_emergency(event: AuditEvent) -> Value:
    return now("yes") if event.facts.get("emergency") else now("no")


def _body(event: Any) -> Value:
    return str(event.actor.institution) if event.actor_id else now("the system")


LISTS = (
    ExportList(
        "readers",
        _("Who saw this person"),
        (Permission.AUDIT_VIEW,),
        _of_person(reading.readers),
        (
            Column(_("Account"), lambda one: one.user.email),
            Column(_("Institution"), lambda one: str(one.user.institution)),
            Column(_("Times"), lambda one: one.times),
            Column(_("Of these, identity or text"), lambda one: one.revealed),
            Column(_("First"), lambda one: one.first),
            Column(_("Last"), lambda one: one.last),
        ),
    ),
    ExportList(
        "reads",
        _("What this account saw"),
        (Permission.AUDIT_VIEW,),
        _reads_by,
        (
            Column(_("When"), lambda event: event.at),
            Column(_("What"), lambda event: event.words),
            Column(_("On whom or what"), _subjects),
            Column(_("Purpose"), purpose_of),
            Column(_("In an emergency"), _in_emergency),
        ),
    ),
    ExportList(
        "unusual",
        _("Unusual reading"),
        (Permission.AUDIT_VIEW,),
        _unusual,
        (
            Column(_("What is unusual"), lambda row: row[0]),
            Column(_("Account"), lambda row: row[1].user.email),
            Column(_("Institution"), lambda row: str(row[1].user.institution)),
            Column(_("When"), lambda row: row[1].when),
            Column(_("Count"), lambda row: row[1].times),
            Column(_("Limit"), lambda row: row[1].limit.value),
        ),
    ),
    ExportList(
        "access-report",
        _("Who had access to this person's data"),
        (Permission.ACCESS_REPORT,),
        _of_person(reading.access_to),
        (
            Column(_("When"), lambda event: event.at),
            Column(_("Institution"), _body),
            Column(_("What was done"), lambda event: event.words),
            Column(_("Purpose"), purpose_of),
            Column(_("In an emergency"), _in_emergency),
        ),
    ),
    ExportList(
        "emergencies",
        _("Emergencies"),
        (Permission.EMERGENCY_REVIEW,),
        _emergencies,
        (
            Column(_("Opened at"), lambda one: one.opened_at),
            Column(_("Ended at"), lambda one: one.closed_at),
            Column(_("Account"), lambda one: one.user.email),
            Column(_("Institution"), lambda one: str(one.user.institution)),
            Column(_("Opened record"), lambda one: one.named),
            Column(_("Ground"), lambda one: vocabulary.label("emergency_ground", one.ground)),
            Column(_("Review due on"), lambda one: one.review_due_on),
            Column(_("Verdict"), _verdict),
            Column(
                _("Finding"), lambda one: vocabulary.label("emergency_finding", one.finding) if one.finding else ""
            ),
        ),
    ),
)
