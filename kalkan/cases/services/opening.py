"""Opening a case, saying what it is about, and who looks after it."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kalkan.access import concurrency
from kalkan.access.models import User
from kalkan.access.policy import has
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import lifecycle, policy
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case, CaseNumber, StageChange
from kalkan.cases.services.screening import follow_childhood
from kalkan.cases.services.steps import check_codes, check_past, check_province, follow_terms
from kalkan.persons import policy as persons_policy
from kalkan.persons import services as persons
from kalkan.persons.models import Person


@transaction.atomic
def open_case(
    person: Person,
    *,
    by: User,
    signal: str,
    on: date,
    province: str | None = None,
    request_key: UUID | None = None,
) -> Case:
    """Open a case for a person that `by` may see, in the given province or that of the officer's institution."""
    policy.require(by, Permission.CASES_SCREEN)
    made = concurrency.already_made(Case.objects.filter(opened_by=by), request_key)
    if made is not None:
        return made
    person = persons_policy.persons.fetch(by, own=True, reference=person.reference)
    check_codes("open", "signal", [signal])
    check_province("open", province)
    where = province or by.institution.province_id
    case = Case(
        person=person,
        institution=by.institution,
        province_id=where,
        is_child=person.is_child,
        is_with_authority=policy.is_of_the_authority(by),
        signal=signal,
        opened_on=on,
        opened_by=by,
        assigned_to=by,
        request_key=request_key,
    )
    check_past("open", on)

    case.number = allocate_numbers(on.year, where)[0]
    case.save()
    StageChange.objects.create(case=case, move="open", target=case.stage, by=by, on=on, facts={"signal": signal})
    held_province = case.province if case.is_with_authority else None
    persons.hold_person(person, institution=by.institution, province=held_province, by=by)
    follow_terms(case, on)
    case.save(update_fields=["next_due_on"])
    record(Event.CASE_OPENED, case, person, by=by, facts={"signal": signal})
    return case


def allocate_numbers(year: int, province: str | None, *, count: int = 1) -> list[str]:
    """The next `count` case numbers of a year and province (its code, or None for the whole country).

    The counter's row stays locked until the transaction ends, so no number is given out twice; one that a rolled
    back transaction took is given out again.
    """
    part = province.rpartition("-")[2][-2:].rjust(2, "0") if province else "00"
    table = connection.ops.quote_name(CaseNumber._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (year, province, last) VALUES (%s, %s, %s) "
            f"ON CONFLICT (year, province) DO UPDATE SET last = {table}.last + EXCLUDED.last RETURNING last",
            [year, part, count],
        )
        (last,) = cursor.fetchone()
    return [f"{year}-{part}-{serial:06d}" for serial in range(last - count + 1, last + 1)]


@transaction.atomic
def assign_case(reference: UUID, *, to: User, by: User) -> Case:
    """Put a case into the hands of an officer who can see it."""
    case = policy.cases.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.CASES_ASSIGN)
    if not policy.cases.own(to).filter(pk=case.pk).exists():
        raise NotPossible("assign", _("This officer cannot see the case. Choose another."), missing="to")

    case.assigned_to = to
    case.version += 1
    case.save(update_fields=["assigned_to", "version"])
    record(Event.CASE_ASSIGNED, case, case.person, by=by, facts={"to": str(to.reference)})
    return case


@transaction.atomic
def change_case(
    reference: UUID,
    *,
    by: User,
    version: int,
    signal: str,
    is_urgent: bool,
    is_child: bool,
    charged_articles: Iterable[str],
) -> Case:
    """Correct what the case says of itself. Raises Changed if somebody saved it since it was shown.

    The rules for children stay while the person is, or is presumed to be, a child; they may also hold for an adult
    who was under 18 when exploited.
    """
    case = policy.cases.fetch(by, lock=True, reference=reference)
    policy.require_any(by, policy.RECORDING)
    concurrency.claim(case, version)
    charged = list(dict.fromkeys(charged_articles))
    check_codes("change", "signal", [signal])
    check_codes("change", "charged_article", charged)
    if case.stage not in lifecycle.OPEN:
        raise NotPossible("change", _("The case is closed. Nothing in it can be changed."))
    if case.person.is_child and not is_child:
        message = _("The person is, or is presumed to be, a child. Correct the age of the person first.")
        raise NotPossible("change", message, missing="is_child")
    if case.is_child and not is_child and not has(by, Permission.CASES_IDENTIFY):
        message = _("Only an identification expert takes the rules for children from a case.")
        raise NotPossible("change", message, missing="is_child")

    said = {"signal": signal, "is_urgent": is_urgent, "is_child": is_child, "charged_articles": charged}
    # The log says which parts changed; what a case is charged under stays in the case.
    facts = {"is_child": is_child, "parts": [part for part, value in said.items() if getattr(case, part) != value]}
    case.signal, case.is_urgent, case.is_child, case.charged_articles = signal, is_urgent, is_child, charged
    case.save()
    follow_childhood(case)
    record(Event.CASE_CHANGED, case, case.person, by=by, facts=facts)
    return case
