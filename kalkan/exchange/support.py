"""The lists of what is owed to persons, and of how old it grows."""

from django.utils.translation import gettext_lazy as _

from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.assistance.lifecycle.promises import BY_CODE
from kalkan.assistance.selectors import promises
from kalkan.assistance.selectors.promises import Age
from kalkan.exchange.columns import Column, ExportList, Filters, Rows

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
)
