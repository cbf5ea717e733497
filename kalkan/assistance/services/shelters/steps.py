"""What the verbs share: the refusals of the database in words, the case behind a stay, and what is owed about it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from kalkan.access.models import Institution
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.lifecycle.shelters import not_possible
from kalkan.assistance.models import Promise, Stay
from kalkan.assistance.services.promises import end_of, keep, promise
from kalkan.cases.models import Case
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.limits import limit

# Rule of the database → code of `lifecycle.shelters.WHY_NOT`.
_SENTENCES = {
    "bed_is_given_once": "bed_taken",
    "person_is_in_one_bed": "elsewhere",
    "case_has_one_stay_at_a_time": "elsewhere",
    "bed_in_use_is_in_service": "bed_closed",
    "bed_in_use_is_not_closed": "in_use",
    "bed_is_closed_once": "bed_closed",
    "bed_use_is_of_the_house_and_person_of_its_stay": "other_house",
    "shelter_is_asked_once_for_a_case": "asked_already",
    "bed_use_ends_after_it_begins": "order",
    "stay_ends_after_it_begins": "order",
    "resident_is_away_once": "away",
    "absence_ends_after_it_begins": "before_it_began",
    "closure_ends_after_it_begins": "before_it_began",
    "incident_is_followed_up_after_it_happened": "before_it_began",
}


@contextmanager
def refusing(act: str) -> Iterator[None]:
    """Writes inside a savepoint; a rule of the database that they break becomes NotPossible with its sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as broken:
        rule = getattr(getattr(broken.__cause__, "diag", None), "constraint_name", None)
        if rule not in _SENTENCES:
            raise
        raise not_possible(act, _SENTENCES[rule]) from broken


def check_past(act: str, on: date) -> None:
    """Raises NotPossible for a day to come."""
    if on > timezone.localdate():
        raise not_possible(act, "future")


def case_of(stay: Stay) -> Case:
    """The case of a stay, also for the staff of the shelter, who see no case: its number goes into what is owed, its
    reference into the log, and nothing of it onto a page.
    """
    with beyond_reach(Task.OVERSIGHT):
        return Case.objects.only("id", "reference", "person_id", "province_id", "number").get(pk=stay.case_id)


def cases_of(stays: Collection[Stay]) -> list[UUID]:
    """References of the cases of these stays, for the log: who saw a stay has seen something of the person."""
    with beyond_reach(Task.OVERSIGHT):
        rows = Case.objects.filter(pk__in={stay.case_id for stay in stays})
        return list(rows.order_by("pk").values_list("reference", flat=True))


def owe(
    stay: Stay,
    kind: str,
    *,
    subject: object = None,
    institution: Institution,
    hours: str,
    after: datetime | None = None,
) -> Promise:
    """`institution` owes what `kind` names within the hours of that limit, counted from now or from `after`.

    Written beyond the reach of the staff, who may have to tell another institution what it owes.
    """
    due_at = (after or timezone.now()) + timedelta(hours=limit(hours).value)
    case = case_of(stay)
    with beyond_reach(Task.OVERSIGHT):
        return promise(
            case, kind, subject=getattr(subject, "reference", stay.reference), institution=institution, due_at=due_at
        )


def owe_a_place(stay: Stay) -> Promise:
    """The person has no bed here: whoever asked for one finds it elsewhere, in the hours of the request's urgency."""
    owing = stay.requested_by.institution
    return owe(stay, "stay_elsewhere", institution=owing, hours=f"stay_answer_{stay.urgency}")


def found_a_place(case: int) -> None:
    """The person of this case has a bed, or another shelter was asked: nothing is owed about the refusals before."""
    with beyond_reach(Task.OVERSIGHT):
        for stay in Stay.objects.filter(case=case).values_list("reference", flat=True):
            keep(stay, "stay_elsewhere")


def owe_review(stay: Stay, *, on: date) -> Promise:
    """The shelter reviews the stay again by the term of the provision, counted from `on`."""
    provision = vocabulary.provision("stay_review", on=on)
    due_at = end_of(calendar.due_on(provision, on))
    case, institution = case_of(stay), stay.shelter.institution
    with beyond_reach(Task.OVERSIGHT):
        return promise(
            case, "stay_review", subject=stay.reference, institution=institution, due_at=due_at, provision=provision
        )
