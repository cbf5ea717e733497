"""Every list that can be exported: its name, who may see it, its rows through the policy, its columns.

No column tells who a person is, and one that is more than plain leaves only with those who may take its class out.
A list shown on a page takes the same filters as the page.
"""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from kalkan.access.models import User
from kalkan.access.policy import Refused, has, require
from kalkan.access.roles import Permission
from kalkan.access.sensitivity import Sensitivity
from kalkan.audit import selectors as audit
from kalkan.audit.events import Event
from kalkan.cases.lifecycle import Outcome, Stage
from kalkan.cases.models import Case
from kalkan.cases.selectors import all_cases, work_list
from kalkan.exchange import oversight, policy, store, support
from kalkan.exchange.columns import Column, ExportList, Filters, Rows
from kalkan.exchange.models import ImportProblem
from kalkan.exchange.problems import Problem
from kalkan.exchange.writing import Value
from kalkan.statistics import policy as statistics_policy
from kalkan.statistics import selectors as statistics
from kalkan.statistics.breakdowns import BY_CODE as BREAKDOWNS
from kalkan.statistics.indicators import BY_CODE as INDICATORS
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Code, Provision

# --- cases -------------------------------------------------------------------------------------------------------


def _label(code_list: str, read: Callable[[Any], str]) -> Callable[[Any], Value]:
    return lambda row: vocabulary.label(code_list, read(row)) if read(row) else ""


def _labels(code_list: str, read: Callable[[Any], list[str]]) -> Callable[[Any], Value]:
    return lambda row: ", ".join(vocabulary.labels(code_list, read(row)))


def _opened(case: Case) -> Value:
    """No more exact than it is known: a year stays a year."""
    match case.opened_on_precision:
        case "year":
            return case.opened_on.year
        case "about":
            return f"~{case.opened_on.year}"
        case "month":
            return f"{case.opened_on:%Y-%m}"
    return case.opened_on


def _forms(case: Case) -> list[str]:
    return sorted({form for episode in case.episodes.all() for form in episode.forms})


_CASE_COLUMNS = (
    Column(_("Case number"), lambda case: case.number),
    Column(_("Stage"), lambda case: str(Stage(case.stage).label)),
    Column(_("Institution"), lambda case: str(case.institution)),
    Column(_("Province"), lambda case: str(case.province) if case.province_id else ""),
    Column(_("Opened on"), _opened),
    Column(_("Next deadline"), lambda case: case.next_due_on),
    Column(_("Urgent"), lambda case: now("yes") if case.is_urgent else now("no")),
    Column(_("Rules for children"), lambda case: now("yes") if case.is_child else now("no")),
    Column(_("Sex"), _label("sex", lambda case: case.person.sex)),
    Column(_("Age group"), _label("age_band", lambda case: case.person.age_band)),
    Column(_("Citizenship"), _labels("country", lambda case: case.person.citizenships)),
    Column(_("How the case began"), _label("signal", lambda case: case.signal)),
    Column(_("Form of exploitation"), _labels("exploitation_form", _forms)),
    Column(
        _("Charged under"),
        _labels("charged_article", lambda case: case.charged_articles),
        Sensitivity.CRIMINAL,
    ),
    Column(_("Outcome"), lambda case: str(Outcome(case.outcome).label) if case.outcome else ""),
    Column(_("Decided on"), lambda case: case.decided_on if case.opened_on_precision == "day" else ""),
    Column(_("Closed on"), lambda case: case.closed_on if case.opened_on_precision == "day" else ""),
    Column(_("Reason for closing"), _label("closing_reason", lambda case: case.closing_reason)),
    Column(_("Source"), lambda case: case.source),
)


def _with_episodes(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related("person", "institution", "province").prefetch_related("episodes")


def _work(user: User, filters: Filters) -> Rows:
    found = work_list(
        user,
        stage=filters.get("stage", ""),
        order=filters.get("order", "due"),
        mine=filters.get("view") == "mine",
        overdue=bool(filters.get("overdue")),
        urgent=bool(filters.get("urgent")),
        number=filters.get("number", ""),
    )
    return _with_episodes(_in_province(found, filters))


def _cases(user: User, filters: Filters) -> Rows:
    found = all_cases(
        user,
        stage=filters.get("stage", ""),
        order=filters.get("order", "opened"),
        number=filters.get("number", ""),
    )
    if source := filters.get("source"):
        found = found.filter(source=source)
    return _with_episodes(_in_province(found, filters))


def _in_province(cases: QuerySet[Case], filters: Filters) -> QuerySet[Case]:
    province = filters.get("province")
    return cases.filter(province_id=province) if province else cases


# --- imports -----------------------------------------------------------------------------------------------------


def _problems(user: User, filters: Filters) -> Rows | None:
    reference = _reference(filters.get("run"))
    run = None if reference is None else policy.runs.visible(user).filter(reference=reference).first()
    return None if run is None else run.problems.select_related("run").order_by("id")


def said(problem: ImportProblem) -> Problem:
    """The problem with its sentences, without the value."""
    return Problem(problem.code, problem.row, problem.column, "", problem.facts)


def value_as_given(problem: ImportProblem, *, reader: User) -> str:
    """What stood in the cell, for the person who brought the file; for everybody else nothing."""
    if problem.sealed_value is None or problem.run.by_id != reader.pk:
        return ""
    return store.unseal(problem.sealed_value)


_PROBLEM_COLUMNS = (
    Column(_("Row"), lambda problem: problem.row),
    Column(_("Column"), lambda problem: problem.column),
    Column(_("What is wrong"), lambda problem: said(problem).what),
    Column(_("How to mend it"), lambda problem: said(problem).mend),
)

# --- reference data ----------------------------------------------------------------------------------------------

_CODE_COLUMNS = (
    Column(_("List"), lambda code: code.code_list_id),
    Column(_("Code"), lambda code: code.code),
    Column(_("Turkish"), lambda code: code.label_tr),
    Column(_("English"), lambda code: code.label_en),
    Column(_("Belongs to"), lambda code: code.parent),
    Column(_("Valid from"), lambda code: code.valid_from),
    Column(_("Retired on"), lambda code: code.retired_on),
)
_PROVISION_COLUMNS = (
    Column(_("Code"), lambda provision: provision.code),
    Column(_("Provision"), lambda provision: provision.citation),
    Column(_("Text"), lambda provision: provision.text),
    Column(_("Term"), lambda provision: provision.amount),
    Column(_("Unit"), lambda provision: str(Provision.Unit(provision.unit).label) if provision.unit else ""),
    Column(_("Valid from"), lambda provision: provision.valid_from),
    Column(_("Valid until"), lambda provision: provision.valid_to),
    Column(_("Verified"), lambda provision: now("yes") if provision.is_verified else now("no")),
)


def _codes(_user: User, filters: Filters) -> Rows | None:
    wanted = filters.get("list")
    if not wanted:
        return Code.objects.order_by("code_list_id", "position", "code")
    if wanted not in {one.code for one in vocabulary.lists()}:
        return None
    return vocabulary.find(wanted, filters.get("words", ""))


def _provisions(_user: User, _filters: Filters) -> Rows:
    return Provision.objects.order_by("code", "valid_from")


# --- the log -----------------------------------------------------------------------------------------------------

_EVENT_COLUMNS = (
    Column(_("When"), lambda event: event.at),
    Column(_("What"), lambda event: str(Event(event.action).label) if event.action in Event.values else ""),
    Column(_("Code"), lambda event: event.action),
    Column(_("By"), lambda event: event.actor.email if event.actor_id else now("the system")),
    Column(_("On whom or what"), lambda event: " ".join(map(str, event.subjects))),
    Column(_("Facts"), lambda event: "; ".join(f"{name}: {value}" for name, value in event.facts.items())),
    Column(_("Channel"), lambda event: event.channel),
    Column(_("Reference"), lambda event: str(event.reference)),
)


def _events(_user: User, filters: Filters) -> Rows:
    action = filters.get("action", "")
    asked = audit.Filter(
        actor=_reference(filters.get("who")),
        subject=_reference(filters.get("subject")),
        action=action if action in Event.values else "",
        first=_day(filters.get("first")),
        last=_day(filters.get("last")),
    )
    return audit.fitting(asked).select_related("actor").order_by("-id")


def _reference(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day.year < 9999 else None


# --- figures -----------------------------------------------------------------------------------------------------


def _broken_down(filters: Filters) -> list[str]:
    return [code for code in dict.fromkeys(filters.get("by", "").split(",")) if code in BREAKDOWNS]


def _year(filters: Filters, name: str) -> int | None:
    text = filters.get(name) or filters.get("year", "")
    return int(text) if len(text) == 4 and text.isascii() and text.isdigit() and text != "0000" else None


def _figure(user: User, filters: Filters) -> Rows | None:
    indicator = INDICATORS.get(filters.get("indicator", ""))
    province = filters.get("province", "")
    if indicator is None:
        return None
    if not has(user, Permission.STATISTICS_NATIONAL):
        require(user, Permission.STATISTICS_PROVINCE)
        if not statistics_policy.provinces.visible(user).filter(code=province).exists():
            raise Refused(Permission.STATISTICS_NATIONAL)
    asked = statistics.Filters(
        _year(filters, "first_year"), _year(filters, "last_year"), filters.get("source", ""), province
    )
    try:
        table = statistics.count(indicator, _broken_down(filters), asked)
    except statistics.UnknownBreakdown:
        return None
    whole = [((now("Total"),) + ("",) * (len(table.by) - 1), table.total)] if table.by else [((), table.total)]
    words = [statistics.labels(BREAKDOWNS[code]) for code in table.by]
    rows = [
        (tuple(names.get(code, code) for names, code in zip(words, row.codes, strict=True)), row.count)
        for row in table.rows
    ]
    return rows + whole


def _part(at: int) -> Callable[[Any], Value]:
    return lambda row: row[0][at]


def _figure_columns(filters: Filters) -> tuple[Column, ...]:
    by = _broken_down(filters)
    return (
        *(Column(str(BREAKDOWNS[code].name), _part(at)) for at, code in enumerate(by)),
        Column(_("Count"), lambda row: row[1]),
    )


LISTS: dict[str, ExportList] = {
    one.name: one
    for one in (
        ExportList("worklist", _("Work list"), (Permission.CASES_VIEW,), _work, _CASE_COLUMNS),
        ExportList("cases", _("Cases"), (Permission.CASES_VIEW,), _cases, _CASE_COLUMNS),
        ExportList(
            "import-problems", _("What is wrong in a file"), (Permission.IMPORT_RUN,), _problems, _PROBLEM_COLUMNS
        ),
        ExportList("codes", _("Code lists"), (Permission.CODES_VIEW,), _codes, _CODE_COLUMNS),
        ExportList("provisions", _("Provisions"), (Permission.CODES_VIEW,), _provisions, _PROVISION_COLUMNS),
        ExportList("events", _("Audit log"), (Permission.AUDIT_VIEW,), _events, _EVENT_COLUMNS),
        *oversight.LISTS,
        *support.LISTS,
        ExportList("figure", _("Figures"), (), _figure, _figure_columns),
    )
}
