"""Where those begin who have no work list of cases: one door for each thing that the role may do."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kalkan.access.models import User
from kalkan.access.policy import has
from kalkan.access.roles import Permission


class Door(NamedTuple):
    """One place to begin: its address, what it is for, and the permission that opens it."""

    name: str
    title: str | Promise
    text: str | Promise
    icon: str
    needs: Permission


class Start(NamedTuple):
    url: str
    title: str | Promise
    text: str | Promise
    icon: str


DOORS = (
    Door(
        "cases:oversight",
        _("Deadlines by province"),
        _("Open and overdue cases of every province, without names."),
        icon="clock",
        needs=Permission.CASES_OVERSEE,
    ),
    Door(
        "assistance:ageing",
        _("Age of promises"),
        _("How long answers, reviews and follow-ups have waited, by province and institution, without names."),
        icon="hourglass",
        needs=Permission.CASES_OVERSEE,
    ),
    Door(
        "web:work",
        _("All open cases"),
        _("The work list of the whole country, by number."),
        icon="list-details",
        needs=Permission.CASES_VIEW,
    ),
    Door(
        "assistance:papers_to_examine",
        _("Documents to examine"),
        _("Doubtful travel documents that were sent to your unit, the one due first on top."),
        icon="id",
        needs=Permission.PAPERS_EXAMINE,
    ),
    Door(
        "persons:matches",
        _("Possible same persons"),
        _("Judge whether two records are one person, so that one victim is counted once."),
        icon="users",
        needs=Permission.MATCHES_JUDGE,
    ),
    Door(
        "statistics:home",
        _("National statistics"),
        _("Screened, interviewed, referred and identified, by year, province, sex, age and form."),
        icon="chart-bar",
        needs=Permission.STATISTICS_NATIONAL,
    ),
    Door(
        "statistics:home",
        _("Statistics of the province"),
        _("The figures of your province, with the table behind every chart."),
        icon="chart-bar",
        needs=Permission.STATISTICS_PROVINCE,
    ),
    Door(
        "exchange:imports",
        _("Import files"),
        _("Bring in records of other institutions: a trial run first, then the import."),
        icon="file-import",
        needs=Permission.IMPORT_RUN,
    ),
    Door(
        "web:reading",
        _("Who read what"),
        _("Who saw a person, what an account saw, and what is unusual about it."),
        icon="eye-search",
        needs=Permission.AUDIT_VIEW,
    ),
    Door(
        "web:emergencies",
        _("Emergencies"),
        _("Records opened beyond an officer's reach: who, when, on what ground, and what was read."),
        icon="urgent",
        needs=Permission.EMERGENCY_REVIEW,
    ),
    Door(
        "audit:events",
        _("Audit log"),
        _("Who looked at what, who changed what, and every refusal."),
        icon="history",
        needs=Permission.AUDIT_VIEW,
    ),
    Door(
        "access:accounts",
        _("Accounts"),
        _("Open an account, change a role, close an account."),
        icon="id-badge-2",
        needs=Permission.ACCOUNTS_MANAGE,
    ),
    Door(
        "vocabulary:lists",
        _("Code lists"),
        _("What may be answered, which signs weigh how much, and which provision says so."),
        icon="book",
        needs=Permission.CODES_VIEW,
    ),
    Door(
        "access:matrix",
        _("Permissions"),
        _("What each role may do."),
        icon="table",
        needs=Permission.MATRIX_VIEW,
    ),
)


def starts_for(user: User) -> list[Start]:
    """The doors open to `user`, each address once."""
    starts: dict[str, Start] = {}
    for door in DOORS:
        if has(user, door.needs):
            url = reverse(door.name)
            starts.setdefault(url, Start(url, door.title, door.text, door.icon))
    return list(starts.values())
