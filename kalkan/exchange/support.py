"""The lists of what persons receive and of what is owed to them: numbers of cases and referrals, codes and days.

No list tells whom it is about, nor where a shelter is. What kind of service a person was given, and what came of it,
is a fact of health, which no export holds (`access.sensitivity`).
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.assistance.lifecycle.promises import BY_CODE
from kalkan.assistance.models import Referral, Service
from kalkan.assistance.policy.permits import WORKING as PERMIT_WORK
from kalkan.assistance.policy.programmes import READING
from kalkan.assistance.policy.returns import WORKING as RETURN_WORK
from kalkan.assistance.selectors import directory, permits_and_returns, programmes, promises, referrals, shelters
from kalkan.assistance.selectors.promises import Age
from kalkan.exchange.columns import Column, ExportList, Filters, Rows
from kalkan.exchange.writing import Value
from kalkan.vocabulary import selectors as vocabulary

CENSUS_NIGHTS = 92  # a quarter, where no other days are asked for


def _label(code_list: str, read: Callable[[Any], str]) -> Callable[[Any], Value]:
    return lambda row: vocabulary.label(code_list, read(row)) if read(row) else ""


def _labels(code_list: str, read: Callable[[Any], list[str]]) -> Callable[[Any], Value]:
    return lambda row: ", ".join(vocabulary.labels(code_list, read(row)))


def _yes_no(read: Callable[[Any], bool]) -> Callable[[Any], Value]:
    return lambda row: now("yes") if read(row) else now("no")


# --- what is owed ------------------------------------------------------------------------------------------------

_PROMISE_COLUMNS = (
    Column(_("What is owed"), lambda one: str(BY_CODE[one.kind].label)),
    Column(_("Due"), lambda one: one.due_at),
    Column(_("Case number"), lambda one: one.case_number or ""),
    Column(_("By whom"), lambda one: str(one.institution)),
    Column(_("Province"), lambda one: str(one.province) if one.province_id else ""),
    Column(_("Provision"), lambda one: one.provision.citation if one.provision_id else ""),
)
_AGE_COLUMNS = (
    Column(_("Open"), lambda age: age.open),
    Column(_("Overdue"), lambda age: age.overdue),
    Column(_("Median age, days"), lambda age: age.median),
    Column(_("90th percentile, days"), lambda age: age.ninth),
    Column(_("Oldest, days"), lambda age: age.oldest),
)


def _owed(user: User, filters: Filters) -> Rows:
    whose = filters.get("view", "institution")
    kind = filters.get("kind", "")
    return promises.open_promises(
        user, whose if whose in promises.WHOSE else "institution", kind=kind if kind in BY_CODE else ""
    )


def _province(age: Age) -> str:
    return age.province.name if age.province else ""


# --- referrals ---------------------------------------------------------------------------------------------------


def _hours_to_answer(one: Any) -> Value:
    return None if one.answered_at is None else round((one.answered_at - one.sent_at).total_seconds() / 3600, 1)


def _basis(one: Referral) -> Value:
    return one.provision.citation if one.provision else now("Consent")


_REFERRAL_COLUMNS = (
    Column(_("Referral"), lambda one: one.number),
    Column(_("Service"), _label("service_category", lambda one: one.category)),
    Column(_("Purpose"), _label("consent_purpose", lambda one: one.purpose)),
    Column(_("Sender"), lambda one: str(one.sender)),
    Column(_("Receiver"), lambda one: str(one.receiver)),
    Column(_("Where it stands"), lambda one: one.get_status_display()),
    Column(_("Sent"), lambda one: one.sent_at),
    Column(_("Answer due"), lambda one: one.answer_due_at),
    Column(_("Answered"), lambda one: one.answered_at),
    Column(_("Hours to answer"), _hours_to_answer),
    Column(_("Ended"), lambda one: one.ended_at),
    Column(_("Urgent"), _yes_no(lambda one: one.is_urgent)),
    Column(_("Basis"), _basis),
)

# --- permits and returns -----------------------------------------------------------------------------------------

_PERMIT_COLUMNS = (
    Column(_("Case number"), lambda one: one.case.number),
    Column(_("Kind"), lambda one: one.get_kind_display()),
    Column(_("From"), lambda one: one.starts_on),
    Column(_("Until"), lambda one: one.until),
    Column(_("State"), lambda one: one.get_state_display()),
    Column(_("Asked for on"), lambda one: one.requested_on),
    Column(_("Decided on"), lambda one: one.decided_on),
    Column(_("Days left"), permits_and_returns.days_left),
)
_RETURN_COLUMNS = (
    Column(_("Case number"), lambda one: one.case.number),
    Column(_("Stage"), lambda one: one.get_stage_display()),
    Column(_("Offered on"), lambda one: one.offered_on),
    Column(_("Decided on"), lambda one: one.decided_on),
    Column(_("Departed on"), lambda one: one.departed_on),
    Column(_("Arrived on"), lambda one: one.arrived_on),
    Column(_("Next follow-up"), lambda one: one.follow_up_at),
)

# --- shelters ----------------------------------------------------------------------------------------------------

_OCCUPANCY_COLUMNS = (
    Column(_("Shelter"), lambda row: str(row.shelter)),
    Column(_("Takes"), _labels("shelter_profile", lambda row: row.shelter.profiles)),
    Column(_("Beds"), lambda row: row.beds),
    Column(_("Free beds"), lambda row: row.free),
    Column(_("Taken"), lambda row: row.taken),
    Column(_("Out of service"), lambda row: row.closed),
    Column(_("Asking or waiting"), lambda row: row.waiting),
)
_CENSUS_COLUMNS = (
    Column(_("Night"), lambda night: night.day),
    Column(_("Shelter"), lambda night: str(night.shelter)),
    Column(_("Residents"), lambda night: night.residents),
    Column(_("Of these, away"), lambda night: night.away),
)


def _census(user: User, filters: Filters) -> Rows:
    last = _day(filters.get("last"), timezone.localdate())
    return shelters.census(user, first=_day(filters.get("first"), last - timedelta(days=CENSUS_NIGHTS)), last=last)


def _day(text: str | None, default: date) -> date:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return default
    return day if 1900 < day.year < 9999 else default


# --- services ----------------------------------------------------------------------------------------------------


def _delivered(user: User, filters: Filters) -> Rows | None:
    text = filters.get("programme", "")
    try:
        return programmes.delivered(user, UUID(text) if text else None)
    except ValueError:
        return None


_DELIVERED_COLUMNS = (
    Column(_("Institution"), lambda one: str(one.institution)),
    Column(_("Began on"), lambda one: one.began_on),
    Column(_("Ended on"), lambda one: one.ended_on),
    Column(_("Quantity"), lambda one: None if one.quantity is None else float(one.quantity)),
    Column(_("Unit"), _label("service_unit", lambda one: one.unit)),
    Column(_("Cost"), lambda one: None if one.cost is None else float(one.cost)),
    Column(_("Currency"), lambda one: one.currency),
)


def _service_province(one: Service) -> Value:
    return str(one.province) if one.province_id else ""


_OWN_SERVICE_COLUMNS = (
    Column(_("Institution"), lambda one: str(one.institution)),
    Column(_("Service"), _label("service_category", lambda one: one.category)),
    Column(_("Name"), lambda one: one.name),
    Column(_("Province"), _service_province),
    Column(_("Languages"), _labels("language", lambda one: one.languages)),
    Column(_("Persons at a time"), lambda one: one.capacity),
    Column(_("Cost"), _label("service_cost", lambda one: one.cost)),
    Column(_("Verified"), lambda one: one.verified_on),
    Column(_("Still offered"), _yes_no(lambda one: one.is_active)),
)

LISTS = (
    ExportList("promises", _("Promises"), (Permission.CASES_VIEW,), _owed, _PROMISE_COLUMNS),
    ExportList(
        "ages-province",
        _("Age of promises by province"),
        (Permission.CASES_OVERSEE,),
        lambda user, _filters: promises.ages_by_province(user),
        (Column(_("Province"), _province), *_AGE_COLUMNS),
    ),
    ExportList(
        "ages-institution",
        _("Age of promises by institution"),
        (Permission.CASES_OVERSEE,),
        lambda user, _filters: promises.ages_by_institution(user),
        (Column(_("Institution"), lambda age: str(age.institution)), *_AGE_COLUMNS),
    ),
    ExportList(
        "referrals",
        _("Referrals"),
        (Permission.REFERRALS_VIEW,),
        lambda user, filters: referrals.in_box(user, filters.get("view", "")),
        _REFERRAL_COLUMNS,
    ),
    ExportList(
        "permits",
        _("Residence permits"),
        PERMIT_WORK,
        lambda user, filters: permits_and_returns.permits_in(user, filters.get("view", "")),
        _PERMIT_COLUMNS,
    ),
    ExportList(
        "returns",
        _("Returns"),
        RETURN_WORK,
        lambda user, filters: permits_and_returns.returns_in(user, filters.get("view", ""), filters.get("stage", "")),
        _RETURN_COLUMNS,
    ),
    ExportList(
        "occupancy",
        _("Shelters"),
        (Permission.OCCUPANCY_VIEW,),
        lambda user, _filters: shelters.occupancy(user),
        _OCCUPANCY_COLUMNS,
    ),
    ExportList("census", _("Shelters, night by night"), (Permission.OCCUPANCY_VIEW,), _census, _CENSUS_COLUMNS),
    ExportList("services-delivered", _("Services delivered"), READING, _delivered, _DELIVERED_COLUMNS),
    ExportList(
        "own-services",
        _("Services that you keep"),
        (Permission.DIRECTORY_MANAGE,),
        lambda user, _filters: directory.kept(user),
        _OWN_SERVICE_COLUMNS,
    ),
)
