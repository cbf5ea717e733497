"""How long a person may stay under a residence permit for victims (Law 6458 arts. 48-49): dates in, dates out.

A period runs from the day on which it begins until its last day. As with every term of the system the day of the
beginning is not counted, so that an extension begins on the last day of what it extends, and a chain of periods has
neither a gap nor a day that counts twice. No database, no clock, no Django: the rules come as functions from the day
on which a term begins to its last day, so that each period keeps the rule of its own day.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

Term = Callable[[date], date]
"""From the day on which a term begins to its last day, by the rule of that first day."""

FIRST, EXTENSION = "first", "extension"
MOST = 100  # extensions that a what-if looks ahead: far beyond three years of months


@dataclass(frozen=True)
class Period:
    """One permit as granted. A cancelled one ends early, but never before it began."""

    starts_on: date
    ends_on: date
    cancelled_on: date | None = None

    @property
    def until(self) -> date:
        """The last day on which it holds.

        >>> Period(date(2026, 1, 1), date(2026, 1, 31), date(2026, 1, 10)).until
        datetime.date(2026, 1, 10)
        """
        if self.cancelled_on is None:
            return self.ends_on
        return max(self.starts_on, min(self.ends_on, self.cancelled_on))

    @property
    def days(self) -> int:
        """How many days it holds; that of the beginning is not counted."""
        return (self.until - self.starts_on).days

    def holds_on(self, day: date) -> bool:
        """True from the day of the beginning to the last day, both included."""
        return self.starts_on <= day <= self.until and (self.cancelled_on is None or day < self.cancelled_on)


@dataclass(frozen=True)
class Terms:
    """How long a first permit, an extension and all of them together may last."""

    first: Term
    extension: Term
    total: Term

    def of(self, kind: str) -> Term:
        """The term of one permit of that kind."""
        return self.first if kind == FIRST else self.extension


def days_used(periods: Iterable[Period], *, before: date) -> int:
    """The days that earlier periods took of the total."""
    return sum(period.days for period in periods if period.starts_on < before)


def last_day(periods: Iterable[Period], starts_on: date, total: Term) -> date:
    """The day beyond which nothing that begins on `starts_on` may go, whatever is granted.

    The total is reckoned as if all earlier periods had been one that ended on `starts_on`: without gaps that is the
    total from the first day of the first permit, and days on which no permit held are not counted.

    >>> first = Period(date(2026, 1, 1), date(2026, 1, 31))
    >>> last_day([first], date(2026, 1, 31), lambda day: day.replace(year=day.year + 3))
    datetime.date(2029, 1, 1)
    """
    return total(starts_on - timedelta(days=days_used(periods, before=starts_on)))


def next_start(periods: Sequence[Period]) -> date | None:
    """The day on which an extension begins: that on which the last permit ends. None where there is none to extend."""
    last = max((period for period in periods if period.days), key=lambda period: period.starts_on, default=None)
    return last.ends_on if last is not None and last.cancelled_on is None else None


def longest(kind: str, periods: Sequence[Period], starts_on: date, terms: Terms) -> date:
    """The latest last day of a permit of that kind: its own term, or what is left of the total."""
    return min(terms.of(kind)(starts_on), last_day(periods, starts_on, terms.total))


def broken_rule(kind: str, periods: Sequence[Period], wanted: Period, terms: Terms) -> str:
    """The code of the first rule that `wanted` would break beside what was granted before; empty if none."""
    if wanted.ends_on <= wanted.starts_on:
        return "ends_before_it_begins"
    if any(period.days and period.until > wanted.starts_on for period in periods):
        return "overlaps"
    if kind == EXTENSION and next_start(periods) != wanted.starts_on:
        return "does_not_follow" if next_start(periods) else "nothing_to_extend"
    if wanted.ends_on > last_day(periods, wanted.starts_on, terms.total):
        return "beyond_total"
    if wanted.ends_on > terms.of(kind)(wanted.starts_on):
        return "beyond_term"
    return ""


def chain(periods: Sequence[Period], terms: Terms) -> list[Period]:
    """What could still follow the last permit: the longest extensions, one after another, up to the legal maximum.

    "If extended today, until when can this go on?" — until the last day of the last one.
    """
    known = list(periods)
    found: list[Period] = []
    while (starts_on := next_start(known)) is not None and len(found) < MOST:
        ends_on = longest(EXTENSION, known, starts_on, terms)
        if ends_on <= starts_on:
            break
        found.append(Period(starts_on, ends_on))
        known.append(found[-1])
    return found


def office_day(day: date, is_working: Callable[[date], bool]) -> date:
    """The last day not after `day` on which an office is open: what a term that ends on a holiday leaves to act."""
    while not is_working(day):
        day -= timedelta(days=1)
    return day
