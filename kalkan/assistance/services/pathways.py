"""Opening needs, handing them over, taking them up, and closing them. Each verb keeps the clock with the owner."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kalkan.access import concurrency
from kalkan.access.models import Institution, User
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.lifecycle import pathways as lifecycle
from kalkan.assistance.lifecycle.pathways import NotPossible, Status, refusal
from kalkan.assistance.models import Pathway, PathwayStep
from kalkan.assistance.policy import pathways as policy
from kalkan.assistance.services.promises import drop, end_of, keep, promise
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy as cases
from kalkan.cases.models import Case
from kalkan.cases.services.steps import check_codes, check_past
from kalkan.persons import services as persons
from kalkan.persons.models import SealedText
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Provision

PROMISE = "pathway_step"


class Opening(NamedTuple):
    """One need to be opened, and the institution that takes care of it."""

    need: str
    institution: Institution


@transaction.atomic
def open_needs(
    reference: UUID,
    openings: Sequence[Opening],
    *,
    by: User,
    on: date,
    note: str = "",
    request_key: UUID | None = None,
) -> list[Pathway]:
    """Open several needs of the case's person at once, all or none. A closed case does not stand in the way: whoever
    is no victim of trafficking may still need protection.
    """
    case = cases.cases.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.PATHWAYS_WORK)
    keys = {one.need: uuid5(request_key, one.need) if request_key else None for one in openings}
    made = [concurrency.already_made(Pathway.objects.filter(by=by), key) for key in keys.values()]
    if openings and all(made):
        return [one for one in made if one is not None]
    _check_openings(case, openings, on)

    text = _seal(case, note, by)
    opened = [_open(case, one, by=by, on=on, text=text, key=keys[one.need]) for one in openings]
    facts = {"needs": [one.need for one in openings]}
    record(Event.PATHWAY_OPENED, case, case.person, *opened, by=by, facts=facts)
    return opened


@transaction.atomic
def take_up(reference: UUID, *, by: User, on: date, version: int) -> Pathway:
    """Say that the own institution takes care of it from now on; whoever says so becomes its owner."""
    pathway = _fetch(reference, by, "take_up", on)
    _require_own(pathway, by, "take_up")
    concurrency.claim(pathway, version)

    pathway.owner = by
    keep(pathway.reference, PROMISE)
    _move(pathway, "take_up", by=by, on=on)
    _owe(pathway, on)
    return pathway


@transaction.atomic
def take_step(
    reference: UUID, *, by: User, on: date, version: int, note: str = "", request_key: UUID | None = None
) -> Pathway:
    """Say that what was owed was done; the term of the next step begins."""
    made = concurrency.already_made(PathwayStep.objects.filter(by=by), request_key)
    if made is not None:
        return made.pathway
    pathway = _fetch(reference, by, "take_step", on)
    _require_own(pathway, by, "take_step")
    concurrency.claim(pathway, version)
    text = _note(pathway, note, by, "take_step")

    keep(pathway.reference, PROMISE)
    _move(pathway, "take_step", by=by, on=on, text=text, request_key=request_key)
    _owe(pathway, on)
    return pathway


@transaction.atomic
def hand_over(reference: UUID, *, to: Institution, by: User, on: date, version: int, note: str = "") -> Pathway:
    """Give the need to another institution; the promise goes with it, with a term of its own.

    The other institution sees the need and its term, neither case nor person.
    """
    pathway = _fetch(reference, by, "hand_over", on)
    if to.pk == pathway.institution_id:
        raise refusal("hand_over", "elsewhere")
    if not policy.takes_needs(to):
        raise refusal("hand_over", "no_seat")
    concurrency.claim(pathway, version)
    text = _note(pathway, note, by, "hand_over")

    pathway.institution, pathway.owner = to, None
    with beyond_reach(Task.HANDING_ON):
        _move(pathway, "hand_over", by=by, on=on, text=text)
        _owe(pathway, on)
    return pathway


@transaction.atomic
def close_need(reference: UUID, *, outcome: str, by: User, on: date, version: int, note: str = "") -> Pathway:
    """End the need with what came of it."""
    pathway = _fetch(reference, by, "close", on)
    check_codes("close", "pathway_outcome", [outcome])
    concurrency.claim(pathway, version)
    text = _note(pathway, note, by, "close")

    pathway.outcome, pathway.closed_on = outcome, on
    if outcome == "opened_in_error":
        drop(pathway.reference, PROMISE)
    else:
        keep(pathway.reference, PROMISE)
    _move(pathway, "close", by=by, on=on, text=text)
    return pathway


def _check_openings(case: Case, openings: Sequence[Opening], on: date) -> None:
    if not openings:
        raise refusal("open", "nothing")
    if len({one.need for one in openings}) < len(openings):
        raise refusal("open", "twice")
    if case.person.is_erased:
        raise refusal("open", "erased")
    check_codes("open", "need", [one.need for one in openings])
    check_past("open", on)
    if not all(policy.takes_needs(one.institution) for one in openings):
        raise refusal("open", "no_seat")


def _open(case: Case, opening: Opening, *, by: User, on: date, text: SealedText | None, key: UUID | None) -> Pathway:
    is_own = opening.institution.pk == by.institution_id
    name = "open" if is_own else "open_elsewhere"
    pathway = Pathway(
        case=case,
        person=case.person,
        province_id=case.province_id,
        need=opening.need,
        institution=opening.institution,
        owner=by if is_own else None,
        opened_on=on,
        provision=_provision(opening.need, on),
        by=by,
        request_key=key,
        status=lifecycle.BY_NAME[name].target,
    )
    try:
        with transaction.atomic():
            pathway.save(force_insert=True)
    except IntegrityError as twice:  # the other one may lie in a case that `by` does not see
        if "person_has_each_need_open_once" not in str(twice):
            raise
        message = f"{vocabulary.label('need', opening.need)}: {lifecycle.WHY_NOT['open']}"
        raise NotPossible("open", message, missing="need") from twice
    _step(pathway, name, source="", by=by, on=on, text=text)
    _owe(pathway, on)
    return pathway


def _fetch(reference: UUID, by: User, name: str, on: date) -> Pathway:
    pathway = policy.pathways.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.PATHWAYS_WORK)
    lifecycle.check(name, status=pathway.status)
    check_past(name, on)
    latest = pathway.steps.order_by("-id").values_list("on", flat=True).first() or pathway.opened_on
    if on < latest:
        message = _("This day lies before the last step. Give that day or a later one.")
        raise NotPossible(name, message, missing="on")
    return pathway


def _require_own(pathway: Pathway, by: User, name: str) -> None:
    if pathway.institution_id != by.institution_id:
        raise refusal(name, "owner")


def _move(
    pathway: Pathway,
    name: str,
    *,
    by: User,
    on: date,
    text: SealedText | None = None,
    request_key: UUID | None = None,
) -> None:
    source, pathway.status = pathway.status, lifecycle.BY_NAME[name].target
    pathway.save()
    _step(pathway, name, source=source, by=by, on=on, text=text, request_key=request_key)
    facts = {"move": name, "need": pathway.need, "status": str(pathway.status)}
    record(Event.PATHWAY_MOVED, pathway, by=by, facts=facts)


def _step(
    pathway: Pathway,
    name: str,
    *,
    source: str,
    by: User,
    on: date,
    text: SealedText | None,
    request_key: UUID | None = None,
) -> None:
    PathwayStep.objects.create(
        pathway=pathway,
        move=name,
        source=source,
        target=pathway.status,
        institution_id=pathway.institution_id,
        on=on,
        note=text,
        by=by,
        request_key=request_key,
    )


def _owe(pathway: Pathway, on: date) -> None:
    """The institution with which it lies owes the next step. Without a term of that day it owes it that same day."""
    provision = _provision(pathway.need, on)
    # Whoever takes care of a need may not see its case: a promise needs no more of it than this.
    case = Case(pk=pathway.case_id, province_id=pathway.province_id)
    promise(
        case,
        PROMISE,
        subject=pathway.reference,
        institution=pathway.institution,
        owner=pathway.owner if pathway.status == Status.OPEN else None,
        due_at=end_of(calendar.due_on(provision, on) if provision else on),
        provision=provision,
    )


def _provision(need: str, on: date) -> Provision | None:
    try:
        return vocabulary.provision(lifecycle.TERM.format(need=need), on=on)
    except vocabulary.NoProvision:
        return None


def _note(pathway: Pathway, note: str, by: User, name: str) -> SealedText | None:
    """A note is about the person, so only who sees the case writes one."""
    if not note.strip():
        return None
    case = cases.cases.own(by).filter(pk=pathway.case_id).select_related("person").first()
    if case is None:
        raise refusal(name, "note")
    return _seal(case, note, by)


def _seal(case: Case, note: str, by: User) -> SealedText | None:
    return persons.seal_text(case.person, "pathway", note.strip(), by=by) if note.strip() else None
