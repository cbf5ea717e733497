"""The daily round over every promise: who is reminded, and what goes to the centre because nobody kept it.

One set-based pass in one transaction. Run twice, or again after it was cut short, it reminds nobody twice: what it
did stands in the rows.
"""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.lifecycle.promises import KINDS
from kalkan.assistance.services.referral_moves import end_without_consent
from kalkan.audit.events import Event
from kalkan.audit.services import record

OVERDUE = -1

# Of the days on which a kind warns, the nearest that has come: a clock that stood still for a week reminds once.
_REMIND = """
INSERT INTO assistance_reminder (promise_id, days, at)
SELECT p.id, CASE WHEN p.due_at < now() THEN -1 ELSE min(warn.days) END, now()
FROM assistance_promise p
JOIN unnest(%s::text[], %s::smallint[]) AS warn (kind, days) ON warn.kind = p.kind
WHERE p.kept_at IS NULL AND p.dropped_at IS NULL
  AND (p.due_at AT TIME ZONE %s)::date - (now() AT TIME ZONE %s)::date <= warn.days
GROUP BY p.id, p.due_at
ON CONFLICT (promise_id, days) DO NOTHING
"""
_ESCALATE = """
UPDATE assistance_promise SET escalated_at = now()
WHERE kept_at IS NULL AND dropped_at IS NULL AND escalated_at IS NULL AND due_at < now() AND kind = ANY (%s)
"""


class Round(NamedTuple):
    """What one round did."""

    reminded: int
    escalated: int


@beyond_reach(Task.CLOCK)
@transaction.atomic
def go_round() -> Round:
    """Remind whoever owes something, on the days that its kind names, and tell the centre what is overdue."""
    warn = [(kind.code, days) for kind in KINDS for days in (*kind.warn_days, OVERDUE + 1)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('assistance.clock'))")
        end_without_consent(by=None)  # so that nobody is reminded of what no consent carries any more
        zone = settings.TIME_ZONE
        cursor.execute(_REMIND, [[code for code, _days in warn], [days for _code, days in warn], zone, zone])
        reminded = cursor.rowcount
        cursor.execute(_ESCALATE, [[kind.code for kind in KINDS if kind.escalates]])
        escalated = cursor.rowcount
    record(Event.CLOCK_WENT_ROUND, by=None, facts={"reminded": reminded, "escalated": escalated})
    return Round(reminded, escalated)


def moment() -> datetime:
    """That of the running transaction: what a round in it writes beside each reminder."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        found: datetime = cursor.fetchone()[0]
    return found
