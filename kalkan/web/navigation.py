"""The way through the system, for each role only what it may use."""

from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kalkan.access.policy import has
from kalkan.access.roles import Permission


class Entry(NamedTuple):
    """One place, and the permissions of which one opens it."""

    name: str
    label: str | Promise
    icon: str
    needs: tuple[Permission, ...] = ()


class Item(NamedTuple):
    url: str
    label: str | Promise
    icon: str
    is_current: bool


# In the order in which they are used.
ENTRIES = (
    Entry("web:home", _("Home"), icon="home"),
    Entry("persons:search", _("Persons"), icon="search", needs=(Permission.PERSONS_SEARCH,)),
    Entry("assistance:referrals", _("Referrals"), icon="arrows-exchange", needs=(Permission.REFERRALS_VIEW,)),
    Entry("assistance:shelter", _("Your shelter"), icon="home-heart", needs=(Permission.STAYS_MANAGE,)),
    Entry("assistance:occupancy", _("Shelters"), icon="bed", needs=(Permission.OCCUPANCY_VIEW,)),
    Entry("assistance:promises", _("Promises"), icon="calendar-due", needs=(Permission.CASES_VIEW,)),
    Entry(
        "assistance:all_permits",
        _("Permits and returns"),
        icon="id",
        needs=(Permission.PERMITS_REQUEST, Permission.PERMITS_DECIDE),
    ),
    Entry("assistance:gate", _("Gate"), icon="barrier-block", needs=(Permission.GATE_ASK,)),
    Entry("persons:matches", _("Possible same persons"), icon="users", needs=(Permission.MATCHES_JUDGE,)),
    Entry("assistance:directory", _("Services"), icon="address-book", needs=(Permission.DIRECTORY_VIEW,)),
    Entry(
        "statistics:home",
        _("Statistics"),
        icon="chart-bar",
        needs=(Permission.STATISTICS_NATIONAL, Permission.STATISTICS_PROVINCE),
    ),
    Entry("exchange:imports", _("Imports"), icon="file-import", needs=(Permission.IMPORT_RUN,)),
    Entry("persons:erasures", _("Erasure"), icon="eraser", needs=(Permission.PERSONS_ERASE,)),
    Entry(
        "web:emergencies",
        _("Emergencies"),
        icon="urgent",
        needs=(Permission.EMERGENCY_OPEN, Permission.EMERGENCY_WATCH, Permission.EMERGENCY_REVIEW),
    ),
    Entry("web:reading", _("Who read what"), icon="eye-search", needs=(Permission.AUDIT_VIEW,)),
    Entry("audit:events", _("Audit log"), icon="history", needs=(Permission.AUDIT_VIEW,)),
    Entry("access:accounts", _("Accounts"), icon="id-badge-2", needs=(Permission.ACCOUNTS_MANAGE,)),
    Entry("vocabulary:lists", _("Code lists"), icon="book", needs=(Permission.CODES_VIEW,)),
    Entry("access:matrix", _("Permissions"), icon="table", needs=(Permission.MATRIX_VIEW,)),
)


MOST = 8  # places that stand side by side on one line of a wide screen


class Navigation(NamedTuple):
    """The places side by side, those used most first, and the rest behind one more click."""

    bar: list[Item]
    more: list[Item]

    @property
    def is_in_more(self) -> bool:
        return any(item.is_current for item in self.more)


def navigation(request: HttpRequest) -> Navigation:
    """The places open to the signed-in user; none before sign-in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Navigation([], [])
    items = []
    for entry in ENTRIES:
        if entry.needs and not any(has(user, permission) for permission in entry.needs):
            continue
        url = reverse(entry.name)
        is_current = request.path == url if url == "/" else request.path.startswith(url)
        items.append(Item(url, entry.label, entry.icon, is_current))
    shown = len(items) if len(items) <= MOST else MOST - 1
    return Navigation(items[:shown], items[shown:])
