"""The working-day calendar of Türkiye, and when a term ends."""

import calendar
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.utils import timezone

from kalkan.vocabulary.models import Provision
from kalkan.vocabulary.selectors import closed_days

_SATURDAY = 5


@lru_cache(maxsize=200)
def _public_holidays(year: int) -> frozenset[date]:
    import holidays  # the calendars of all countries: only a process that counts working days loads them

    return frozenset(holidays.country_holidays("TR", years=year))


def is_working_day(day: date) -> bool:
    """True unless `day` is a Saturday, a Sunday, a public holiday or a day closed by announcement.

    The day before a feast is a working day: its morning is. An announcement may also make a holiday a working day.
    """
    announced = closed_days().get(day)
    if announced is not None:
        return announced.is_working
    return day.weekday() < _SATURDAY and day not in _public_holidays(day.year)


def add_working_days(start: date, count: int) -> date:
    """The working day on which `count` working days after `start` have passed; the start itself is not counted."""
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def add_months(start: date, count: int) -> date:
    """The same day `count` months later, or the last day of that month where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def due_on(provision: Provision, start: date) -> date:
    """The last day of the provision's term that began on `start`; the day of the start is not counted.

    A term in days, months or years ends on its day even where that is a holiday: the shorter reading protects. Of a
    term in hours this is the last day that it can reach; `due_at` says the moment.

    Raises ValueError if the provision has no term.
    """
    if provision.amount is None:
        raise ValueError(f"{provision.code} has no term")
    match provision.unit:
        case Provision.Unit.HOURS:
            return start + timedelta(days=-(-provision.amount // 24))
        case Provision.Unit.DAYS:
            return start + timedelta(days=provision.amount)
        case Provision.Unit.WORKING_DAYS:
            return add_working_days(start, provision.amount)
        case Provision.Unit.MONTHS:
            return add_months(start, provision.amount)
        case Provision.Unit.YEARS:
            return add_months(start, 12 * provision.amount)
    raise ValueError(f"{provision.code} has no term")


def due_at(provision: Provision, start: datetime) -> datetime:
    """The moment at which the provision's term that began at `start` ends.

    Hours run day and night, holidays included: what is counted in hours cannot wait. Any other term ends with its last
    day, in the time of the country.

    Raises ValueError if the provision has no term.
    """
    if provision.unit == Provision.Unit.HOURS and provision.amount is not None:
        return start + timedelta(hours=provision.amount)
    last = due_on(provision, timezone.localdate(start))
    return timezone.make_aware(datetime.combine(last, time(23, 59, 59)))
