"""Who is in on a day, counted once and kept as it was."""

from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone

from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.models import CensusDay
from kalkan.audit.events import Event
from kalkan.audit.services import record

# One pass over the uses of beds, through the index of `bed_is_given_once` or all of them as the planner thinks best.
_COUNT = """
WITH counted AS (
    INSERT INTO assistance_censusrow (day_id, shelter_id, stay_id, bed_id, is_away)
    SELECT %(day)s, s.shelter_id, u.stay_id, u.bed_id, EXISTS (
        SELECT 1 FROM assistance_absence a
        WHERE a.stay_id = u.stay_id AND a.since_on <= %(day)s AND (a.returned_on IS NULL OR a.returned_on > %(day)s)
    )
    FROM assistance_beduse u JOIN assistance_stay s ON s.id = u.stay_id
    WHERE u.first_on <= %(day)s AND (u.until_on IS NULL OR u.until_on > %(day)s)
    RETURNING 1
)
SELECT count(*) FROM counted
"""


def take_census(*, until: date | None = None, first: date | None = None) -> dict[date, int]:
    """Count the residents of each night that has none yet, until `until` (default: last night); day → residents.

    The first census ever begins with `first`, or with the last night alone. Each day is one transaction and one
    statement over all shelters; a run that was cut short goes on where it was, and two at once wait for each other.

    Raises ValueError for a night that is not over.
    """
    last_night = timezone.localdate() - timedelta(days=1)
    last = until or last_night
    if last > last_night:
        raise ValueError(f"the night of {last} is not over")
    taken: dict[date, int] = {}
    with beyond_reach(Task.CLOCK):
        day = _next(first or last)
        while day <= last:
            counted = _take(day)
            if counted is not None:
                taken[day] = counted
            day += timedelta(days=1)
    return taken


def _next(first: date) -> date:
    newest = CensusDay.objects.order_by("-day").values_list("day", flat=True).first()
    return first if newest is None else newest + timedelta(days=1)


@transaction.atomic
def _take(day: date) -> int | None:
    """The residents of one night; None where somebody else has just counted them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('assistance census'))")
        if CensusDay.objects.filter(day=day).exists():
            return None
        cursor.execute(_COUNT, {"day": day})  # its rows point to a day that is there when the transaction ends
        counted: int = cursor.fetchone()[0]
    CensusDay.objects.create(day=day, residents=counted)
    record(Event.CENSUS_TAKEN, by=None, facts={"day": day.isoformat(), "residents": counted})
    return counted
