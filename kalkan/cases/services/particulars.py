"""What came to light in a case: exploitation, roles of those who did it, other cases that belong to it."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access import concurrency
from kalkan.access.models import User
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import lifecycle, policy
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import AllegedPerpetrator, Case, CaseLink, Episode
from kalkan.cases.services.screening import follow_childhood
from kalkan.cases.services.steps import check_codes, check_province
from kalkan.persons import services as persons
from kalkan.persons.details import RoughDate
from kalkan.persons.models import Precision


@transaction.atomic
def record_episode(
    reference: UUID,
    *,
    by: User,
    forms: Iterable[str],
    sub_forms: Iterable[str] = (),
    sector: str = "",
    means: Iterable[str] = (),
    recruitment: Iterable[str] = (),
    recruiter_relation: str = "",
    countries: Iterable[str] = (),
    province: str | None = None,
    place: str = "",
    began_on: date | None = None,
    began_precision: str = Precision.DAY,
    ended_on: date | None = None,
    ended_precision: str = Precision.DAY,
    request_key: UUID | None = None,
) -> Episode:
    """Record one spell of exploitation. In a child's case `means` stay empty: they are never asked."""
    made = concurrency.already_made(Episode.objects.filter(by=by), request_key)
    if made is not None:
        return made
    case = _open_case(reference, by)
    check_province("record_episode", province)
    lists = {
        "exploitation_form": list(forms),
        "exploitation_sub_form": list(sub_forms),
        "sector": [sector] if sector else [],
        "means_of_control": list(means),
        "recruitment": list(recruitment),
        "relation": [recruiter_relation] if recruiter_relation else [],
        "country": list(countries),
    }
    for code_list, codes in lists.items():
        check_codes("record_episode", code_list, codes)
    if case.is_child and lists["means_of_control"]:
        message = _("This is a child's case: the means are never asked.")
        raise NotPossible("record_episode", message, missing="means")
    if not lists["exploitation_form"]:
        raise NotPossible("record_episode", _("Choose at least one form of exploitation."), missing="forms")
    began = RoughDate(began_on, began_precision) if began_on else None
    ended = RoughDate(ended_on, ended_precision) if ended_on else None
    if began and ended and ended.latest < began.earliest:
        raise NotPossible("record_episode", _("The end lies before the beginning."), missing="ended_on")
    if any(day and day > timezone.localdate() for day in (began_on, ended_on)):
        raise NotPossible("record_episode", _("This day has not come yet."), missing="began_on")

    episode = Episode.objects.create(
        case=case,
        forms=lists["exploitation_form"],
        sub_forms=lists["exploitation_sub_form"],
        sector=sector,
        means=lists["means_of_control"],
        recruitment=lists["recruitment"],
        recruiter_relation=recruiter_relation,
        countries=lists["country"],
        province_id=province,
        place=persons.seal_text(case.person, "place", place.strip(), by=by) if place.strip() else None,
        began_on=began_on,
        began_precision=began_precision if began_on else "",
        ended_on=ended_on,
        ended_precision=ended_precision if ended_on else "",
        by=by,
        request_key=request_key,
    )
    facts = {"episode": str(episode.reference), "forms": episode.forms}
    record(Event.CASE_CHANGED, case, case.person, by=by, facts=facts)
    return episode


@transaction.atomic
def record_alleged_perpetrator(
    reference: UUID,
    *,
    by: User,
    role: str,
    relation: str = "",
    sex: str = "",
    citizenship: str = "",
    request_key: UUID | None = None,
) -> AllegedPerpetrator:
    """Record a role in the crime. There is no place for a name: Kalkan is not a database of suspects."""
    made = concurrency.already_made(AllegedPerpetrator.objects.filter(by=by), request_key)
    if made is not None:
        return made
    case = _open_case(reference, by)
    given = (("perpetrator_role", role), ("relation", relation), ("sex", sex), ("country", citizenship))
    for code_list, code in given:
        if code or code_list == "perpetrator_role":
            check_codes("record_alleged_perpetrator", code_list, [code])

    perpetrator = AllegedPerpetrator.objects.create(
        case=case, role=role, relation=relation, sex=sex, citizenship=citizenship, by=by, request_key=request_key
    )
    record(Event.CASE_CHANGED, case, case.person, by=by, facts={"perpetrator": str(perpetrator.reference)})
    return perpetrator


@transaction.atomic
def link_cases(reference: UUID, other: UUID, *, kind: str, by: User) -> CaseLink:
    """Say that two cases, both visible to `by`, are of one family or one event. The same link twice is one link."""
    policy.require_any(by, policy.RECORDING)
    pair = [policy.cases.fetch(by, own=True, reference=one) for one in (reference, other)]
    first, second = sorted(pair, key=lambda case: case.pk)
    if first == second:
        raise NotPossible("link_cases", _("A case is not linked to itself. Give the number of another."))
    check_codes("link_cases", "case_link", [kind])

    link, is_new = CaseLink.objects.get_or_create(case=first, other=second, kind=kind, defaults={"by": by})
    if is_new:
        record(Event.CASES_LINKED, first, second, by=by, facts={"kind": kind})
    return link


def _open_case(reference: UUID, by: User) -> Case:
    case = policy.cases.fetch(by, lock=True, reference=reference)
    policy.require_any(by, policy.RECORDING)
    if case.stage not in lifecycle.OPEN:
        raise NotPossible("record", _("The case is closed. Nothing in it can be changed."))
    follow_childhood(case)
    return case
