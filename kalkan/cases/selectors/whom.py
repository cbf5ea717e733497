"""Which records belong to a person, and who read outside their own province: references and counts for oversight.

These look beyond the reach of whoever asks, on purpose: they say nothing of anybody but references and numbers, for
those who check reading and may see no row.
"""

from datetime import datetime
from uuid import UUID

from django.db import connection

from kalkan.access.models import Institution, User
from kalkan.access.session import Task, beyond_reach
from kalkan.audit.models import AuditEvent
from kalkan.audit.reading import OPENS, Oddity, Unusual, accounts
from kalkan.cases.models import Case
from kalkan.persons.models import Person
from kalkan.vocabulary.limits import limit


@beyond_reach(Task.CHECKING)
def person_named(text: str) -> UUID | None:
    """The reference of the person whom an exact case number, or the reference of the person or a case, names."""
    try:
        reference = UUID(text)
    except ValueError:
        return Case.objects.filter(number=text).values_list("person__reference", flat=True).first()
    if Person.objects.filter(reference=reference).exists():
        return reference
    return Case.objects.filter(reference=reference).values_list("person__reference", flat=True).first()


@beyond_reach(Task.CHECKING)
def records_of(person: UUID) -> list[UUID]:
    """References of the person and of all cases of the person: what events name."""
    return [person, *Case.objects.filter(person__reference=person).order_by("id").values_list("reference", flat=True)]


@beyond_reach(Task.CHECKING)
def numbers_of(person: UUID) -> list[str]:
    """The numbers of the person's cases."""
    return list(Case.objects.filter(person__reference=person).order_by("id").values_list("number", flat=True))


@beyond_reach(Task.CHECKING)
def read_elsewhere(since: datetime) -> list[Unusual]:
    """Accounts of a province that opened at least so many different cases of other provinces."""
    events, cases = AuditEvent._meta.db_table, Case._meta.db_table
    users, institutions = User._meta.db_table, Institution._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT e.actor_id, count(DISTINCT c.id) AS found FROM {events} e "
            f"JOIN {users} u ON u.id = e.actor_id JOIN {institutions} i ON i.id = u.institution_id "
            f"JOIN {cases} c ON c.reference = e.subjects[1] "
            "WHERE e.at >= %s AND e.action = ANY(%s) AND i.province_id IS NOT NULL AND c.province_id <> i.province_id "
            "GROUP BY 1 HAVING count(DISTINCT c.id) >= %s ORDER BY found DESC, 1 LIMIT 200",
            [since, [str(event) for event in OPENS], limit("reading_elsewhere").value],
        )
        rows = cursor.fetchall()
    named = accounts(actor for actor, _count in rows)
    return [Unusual(Oddity.ELSEWHERE, named[actor], count, None) for actor, count in rows]
